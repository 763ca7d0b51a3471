"""Numbers that a check digit or their own shape tells: cards, social security, NPI and DEA, IBAN, MBI, UDI, IMEI, MAC."""

from __future__ import annotations

from bioinstruct.curate.identifiers import checksums
from bioinstruct.curate.identifiers.numbers import LINK
from bioinstruct.curate.identifiers.pattern import Pattern, either

_ENDS = r"(?!\w|[-.]\d)"

_CARDS = (
    # Visa, Mastercard, Amex, Discover, JCB, Diners, UnionPay: grouped as on the card or in one.
    Pattern(
        "card",
        rf"(?<![\w.-])(?<!\d,)(?P<value>\d{{4}}([ -])\d{{4}}\2\d{{4}}\2\d{{4}}(?:\2\d{{3}})?|\d{{4}}([ -])\d{{6}}\3\d{{4,5}}|"
        rf"\d{{13,19}}){_ENDS}",
        digits=4,
        check=checksums.card,
    ),
    # GB82 WEST 1234 5698 7654 32: country, check digits, and modulo 97.
    Pattern(
        "account",
        r"(?<![\w-])(?P<value>[A-Z]{2}\d{2}(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?))(?![\w-])",
        digits=2,
        check=checksums.iban,
    ),
)

_LICENCES = (
    # NPI 1234567893: ten digits alone may be anything, so the label must stand near, and the check digit must be right.
    Pattern(
        "licence",
        rf"(?i:\bn\.?p\.?i\b\.?|\bnational\s+provider\s+id\w*)[^\n\d]{{0,40}}(?P<value>\d{{10}}){_ENDS}",
        needs=("npi", "n.p.i", "provider"),
        check=checksums.npi,
    ),
    # /s/ Jane Whitfield, MD, Hospital Medicine, 1234567893: ten digits in a signature.
    Pattern(
        "licence",
        rf"(?<!\w)(?:M\.?D|D\.?O|NP|PA-C|APRN|PharmD|DDS|DPM|CRNA|CNM)\b[^\d\n]{{0,4}}\n?[^\d\n:]{{0,40}}(?P<value>\d{{10}}){_ENDS}",
        needs=("md", "m.d", "do", "d.o", "np", "pa-c", "aprn", "pharmd", "dds", "dpm", "crna", "cnm"),
        check=checksums.npi,
    ),
    # DEA AB1234563: a registrant's letter, a letter or 9, seven digits; the check digit must be right.
    Pattern(
        "licence",
        r"(?i:\bd\.?e\.?a\b\.?|\bdrug\s+enforcement)[^\n\d]{0,48}?(?<![A-Za-z0-9])"
        r"(?P<value>(?i:[A-HJ-MPRSTUX][A-Z9])[- ]?\d{7})(?!\w)",
        needs=("dea", "d.e.a", "drug enforcement"),
        check=checksums.dea,
    ),
)

_SOCIAL = r"(?:ssn|s\.s\.n\.|ss\s?#|ss\s+(?:no\.?|number)|social\s+security|soc\.?\s+sec\.?)"
_LAST_FOUR = either("number is was ends? ending with in last 4 four digits of the are her his")

_SSN = (
    # 123-45-6789: three, two, four with hyphens is nothing else.
    Pattern(
        "ssn",
        rf"(?<![\w.-])(?P<value>\d{{3}}[-‑–]\d{{2}}[-‑–]\d{{4}}){_ENDS}",
        needs=("-", "‑", "–"),
        lead=4,
        reach=12,
        check=checksums.ssn,
    ),
    # SSN 123456789, social security number 123 45 6789, SSN 123.45.6789.
    Pattern(
        "ssn",
        rf"(?i:\b{_SOCIAL}(?:\s*(?:number|no\.?|num\.?|card|#))*{LINK})(?<![\w.])(?P<value>\d{{3}}[ .-]?\d{{2}}[ .-]?\d{{4}}){_ENDS}",
        needs=("ssn", "s.s.n", "ss", "soc"),
        check=checksums.ssn,
    ),
    # "Your social security number, please? - 219 09 9999": in the reply.
    Pattern(
        "ssn",
        rf"(?i:\b{_SOCIAL}[^\n\d]{{0,40}}\?\s{{0,2}}\n[ \t]{{0,4}}[A-Za-z][\w .]{{0,20}}:[^\n\d]{{0,32}})"
        rf"(?P<value>\d{{3}}[ .-]?\d{{2}}[ .-]?\d{{4}}){_ENDS}",
        needs=("ssn", "s.s.n", "ss", "soc"),
        check=checksums.ssn,
    ),
    # XXX-XX-6789: a part of it is one as well.
    Pattern(
        "ssn",
        rf"(?<![\w*-])(?P<value>(?:[Xx*#•]{{3}}[- ]?[Xx*#•]{{2}}[- ]?)\d{{4}}){_ENDS}",
        needs=("xx", "**", "##", "••"),
        lead=8,
        reach=16,
    ),
    # Last four of SSN 6789, SSN ending in 6789.
    Pattern(
        "ssn",
        rf"(?i:\b(?:ssn|social\s+security(?:\s+number)?|social)\b(?:\s*[\s:,(-]\s*{_LAST_FOUR}\b){{0,7}}[\s:#,(-]{{1,3}}|"
        r"\blast\s+(?:4|four)(?:\s+digits)?\s+(?:of|on)\s+(?:\w+\s+)?(?:ssn|social(?:\s+security(?:\s+number)?)?)(?:\s*(?:is|are|was|"
        r":))?\s*)"
        r"(?P<value>\d{4})(?![\w-]|[.,/]\d)",
        needs=("ssn", "social"),
    ),
    # "The last four of your social? - Sure, 9998."; last four, 9998; mine ends in 9998; L4 SSN 9998; last4 9998 of ssn.
    Pattern(
        "ssn",
        r"(?i:\b(?:ssn|social)\b[^\n\d]{0,40}\?\s{0,2}\n[ \t]{0,4}[A-Za-z][\w .'’]{0,20}:[^\n\d]{0,40}|"
        r"\b(?:ssn|social)\b[^\n]{0,60}\b(?:ends?|ending)\s+(?:in|with)\s+|\bl4\s?(?:of\s+)?(?:ssn|social)[\s:]{1,3}|"
        r"\blast\s?(?:4|four)(?=[^\n]{0,40}\b(?:ssn|social)\b)[\s:,(]{1,3}|\bverif\w+\s+(?:by|with|"
        r"via)\s+(?:the\s+)?last\s+(?:4|four)(?:\s+(?:of\s+)?(?:ssn|social))?[\s:,(]{1,3}|"
        r"\b(?:ssn|social)\b[^\n\d]{0,24}\blast\s?[-]?(?:4|four)\b[^\n\d]{0,12}|\b(?:ssn|social)\s*\(last\s(?:4|four)\)\s*[:#]?\s*)"
        r"(?P<value>\d{4})(?![\w-]|[.,/]\d)",
        needs=("ssn", "social", "last four", "last 4"),
        lead=96,
        reach=144,
    ),
    Pattern(
        "ssn",
        rf"(?i:\b(?:ssn|social|soc\.?\s+sec(?:urity|\.)?|ss)\b[^\n\d]{{0,32}}?(?:\n[ \t]{{0,4}}[A-Za-z][\w .'’]{{0,20}}:[^\n\d]{{0,40}})?)"
        rf"(?P<value>\d{{3}}(?: ?[.-] ?| )\d{{2}}(?: ?[.-] ?| )\d{{4}}|\d{{9}}){_ENDS}",
        needs=("ssn", "soc", "ss"),
        check=checksums.ssn,
    ),
    # XXXXX9998, *****9998.
    Pattern(
        "ssn",
        rf"(?i:\b(?:ssn|social|ss)\b[^\n\d]{{0,20}}?)(?P<value>[Xx*#•]{{1,5}}[- ]?(?:[Xx*#•]{{2}}[- ]?)?\d{{4}}){_ENDS}",
        needs=("ssn", "soc", "ss"),
    ),
    # ITIN 912-70-1234: a taxpayer's number in the same form.
    Pattern(
        "ssn",
        rf"(?i:\b(?:itin|taxpayer\s+(?:id(?:entification)?(?:\s+number)?|number)){LINK})(?P<value>\d{{3}}-?\d{{2}}-?\d{{4}})(?![\w-])",
        needs=("itin", "taxpayer"),
        check=checksums.itin,
    ),
)

_SHAPED = (
    # 1EG4-TE5-MK73: Medicare's MBI has letters at the second, fifth, eighth and ninth place; S, L, O, I, B and Z are not used.
    Pattern(
        "health_plan",
        r"(?<![\w-])(?P<value>[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[- ]?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d[- ]?"
        r"[AC-HJKMNP-RT-Y]{2}\d{2})"
        r"(?![\w-])",
        digits=2,
    ),
    # IMEI of a telephone: fifteen digits with Luhn's.
    Pattern(
        "device",
        r"(?i:\bimei\b)[^\n\d]{0,32}(?P<value>\d{15}|\d{2}[ -]\d{6}[ -]\d{6}[ -]\d)(?!\w)",
        needs=("imei",),
        check=checksums.luhn,
    ),
    # (01)00844588003288(17)141120(10)7654321D(21)10987654d321: a UDI after GS1, its first number with a check digit.
    Pattern(
        "device",
        r"(?P<value>\(01\)\s?\d{14}(?:\s?\(\d{2,3}\)\s?[\w./+-]{1,20}){0,5})",
        needs=("(01)",),
        check=lambda value: checksums.gtin(value[4:19]),
    ),
    # +B261898745/$+736707K: a UDI after HIBC, its first part led by a labeller's letter.
    Pattern(
        "device",
        r"(?<![\w+])(?P<value>\+[A-Z]\d{3}[A-Z0-9]{2,19}/[$A-Z0-9+/]{4,40}[A-Z0-9])(?![\w/])",
        needs=("+",),
        lead=2,
        reach=72,
    ),
    # 00:1B:44:11:3A:B7: the address of a network interface.
    Pattern(
        "device",
        r"(?<![\w:.-])(?P<value>[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\2){4}[0-9A-Fa-f]{2})(?![\w:]|-\w)",
        needs=(":", "-"),
        lead=4,
        reach=18,
    ),
)

PATTERNS = (*_CARDS, *_LICENCES, *_SSN, *_SHAPED)
