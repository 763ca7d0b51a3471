"""Telephone and fax numbers, electronic mail, web and internet addresses."""

from __future__ import annotations

import ipaddress
import re

from bioinstruct.curate.identifiers.checksums import digits
from bioinstruct.curate.identifiers.pattern import Pattern, each, either

# Telephone numbers
_EXTENSION = r"(?:,?\s*(?i:ext(?:ension|n)?\b\.?|x)\s?\d{1,6}\b)?"
_SHAPED = (
    r"(?:(?:\+?1[-.\s]?)?\(\d{3}\)[-.\s]?\d{3}[-.\s]\d{4}|(?:\+?1[-.\s])?[2-9]\d{2}(?:-\d{3}-|\.\d{3}\.)\d{4}|"
    r"\+?1[-.\s][2-9]\d{2}[-.\s]\d{3}[-.\s]\d{4}|\+1\d{10})"
)
"""Of North America, where the separators leave no doubt."""
_TEN = r"(?:\+?1[-.\s]?)?(?:\(\d{3}\)[-.\s]?|\d{3}[-.\s/])\d{3}[-.\s]\d{4}"
_SEVEN = r"(?:\d{3}[-.]|[2-9]\d{2}\s)\d{4}"
_BARE = r"\+?1?\d{10}"
_NATIONAL = r"(?:\(0\d{1,4}\)\s?\d{5,8}|\(?0\d{1,4}\)?(?:[\s-]?\d{2,4}){2,4})"
_ABROAD = r"(?:\+|00)\d{1,3}(?:[-.\s]?\(?\d{1,4}\)?){2,5}(?<=\d)"
_ANY = rf"(?:{_ABROAD}|{_TEN}|{_BARE}|{_NATIONAL}|{_SEVEN}){_EXTENSION}"
_STARTS = r"(?<![\w.,/+-])"
_ENDS = r"(?!\w|[-./]\d)"
_SAID = (
    r"(?i:\s*(?:"
    + either(
        r"numbers? no\.? # is was at on the her his my our your their me him them us line direct home work cell mobile "
        "office day evening",
        r"daytime contact emergency best reached or by via to for if any questions please of clinic nurse doctor desk front following",
        r"toll[-\s]free back message listed as a with phone telephone fax tel \w{3,12}['’]s secure machine signed form it both "
        r"24[\s/-]?(?:h|hrs?|7)",
    )
    + r"\b|[:.,=#)–—\"'*-]|\((?!\d{2,4}\)))){0,8}\s*"
)
"""What may stand between the word for a telephone and the number."""
_FAX = (
    r"(?:(?i:\b(?:tele|e-?|re-?)?fax(?:ed|es|ing|['’]d)?|\bfacsimile|\bfx)\b|\b[Ff](?=\s?:|\.?\s\(?\d{3}\)?[-. "
    r"]\d{3}[-. ]\d{4})|\(F\))"
)
_PHONE = (
    r"(?i:\b"
    + either(
        "(?:tele|cell)?phones? phoned tel telephoned? call(?:ed|ing|s|back)? cell(?:ular)? mobile contact(?:ed)? reach(?:ed|able)? pager",
        r"paged beeper voice\s?mail message hotline helpline dial(?:led|ed)? tty tdd ring rang text(?:ed)? sms whatsapp landline ph mob",
        r"callback ext(?:ension)? (?:contact|his|her|my|your|their|emergency)\s+number",
    )
    + r"\b)"
)
_NO_PHONE = rf"(?:(?!{_PHONE})[^;\n\d]){{0,60}}"
_DOSED = r"\s*(?i:%|" + either("mg mcg µg ug g ml kg units? iu kcal cells copies patients steps mm cm") + r"\b)"
_NEEDS_PHONE = each(
    "phone message tel call cell mobile contact reach page beeper voice hotline helpline dial tty tdd ring rang text sms whatsapp "
    "landline ph mob ext number"
)


def _telephone(value: str) -> bool:
    """Whether there are digits enough, but not too many, and not all the same."""
    figures = digits(re.split(r"(?i)\s*(?:ext|x)", value)[0])
    return 7 <= len(figures) <= 15 and len(set(figures)) > 1


_PHONES = (
    # Fax: 212-555-0187; F: 212-555-0187; the same with (fax) behind it.
    Pattern("fax", rf"{_FAX}{_SAID}(?<![\w.])(?P<value>{_ANY}){_ENDS}", ("fax", "facsimile", "fx", "f:", "f :"), check=_telephone),
    # Phone/Fax: 212-555-0100 / 212-555-0101; a line with both words over a line with both numbers.
    Pattern(
        "fax",
        rf"(?i:\b(?:ph(?:one)?|tel(?:ephone)?|p|t)\b\.?(?:\s?(?:/|and|&|\||,)\s?|[ \t]{{1,12}})(?:fax|f)\b\.?)(?:[ \t]*[:#][ \t]*|"
        rf"[ \t]*\n[^\n\d]{{0,40}}){_ANY}"
        rf"[ \t]*(?:[/;,|]|and|[ \t])[ \t]*(?P<value>{_ANY}){_ENDS}",
        ("fax", "/f", "/ f", "| f"),
        check=_telephone,
    ),
    # p 701-555-0144, f 701-555-0145: one letter, and a number by its shape.
    Pattern(
        "fax",
        rf"{_STARTS}(?P<value>{_SHAPED}{_EXTENSION}){_ENDS}",
        ("f ", "f. "),
        lead=0,
        reach=32,
        digits=4,
        before=r"(?<![\w'’])[Ff]\.?\s$",
        check=_telephone,
    ),
    # Please fax the records to Dr. Osei at 212-555-0187: no other number and no word for a telephone between.
    Pattern(
        "fax",
        rf"{_STARTS}(?P<value>(?:{_SHAPED}|{_TEN}|{_ABROAD}){_EXTENSION}){_ENDS}",
        ("fax", "facsimile", "fx"),
        lead=0,
        digits=3,
        before=rf"{_FAX}{_NO_PHONE}(?:\n{_NO_PHONE}){{0,2}}$",
        check=_telephone,
    ),
    Pattern(
        "fax",
        rf"{_STARTS}(?P<value>(?:{_TEN}|{_ABROAD}|{_SEVEN}){_EXTENSION})"
        r"(?=\s*(?i:\(\s*(?:fax|facsimile|f)\s*\)|[,-]?\s*(?:fax|facsimile)\b(?!\s*(?:[:#(+\d]|number|no\b|is\b))|"
        r"(?:\s(?:is|was|for)|,|[.?]\s+(?:that|this|it)\s*(?:is|was|['’]s))\s+(?:(?:(?:our|the|my|his|her|their|a|your|for|only|"
        r"clinic['’]?s?|office['’]?s?|"
        r"secure|main|direct|new)\s+){1,4})(?:fax|facsimile)\b(?!(?:\s+(?:number|no\.?|line))?\s*(?:[:#(+\d]|is\b))))",
        ("(f", "( f", "fax", "facsimile"),
        check=_telephone,
    ),
    # (212) 555-0187, 212-555-0187, 212.555.0187, +1 212 555 0187: three, three and four, but for what is dosed or counted.
    Pattern(
        "phone",
        rf"{_STARTS}(?P<value>{_SHAPED}{_EXTENSION}){_ENDS}",
        ("-", ".", "(", "+"),
        lead=16,
        reach=40,
        digits=4,
        unless_after=_DOSED,
        check=_telephone,
    ),
    # +44 20 7946 0958: the plus sign and eight digits or more.
    Pattern(
        "phone",
        rf"{_STARTS}(?P<value>\+(?=(?:[-.\s()]?\d){{8}})\d{{1,3}}(?:[-.\s]?\(?\d{{1,4}}\)?){{2,5}}(?<=\d){_EXTENSION}){_ENDS}",
        ("+",),
        check=_telephone,
    ),
    # Call 555-0187, tel. 020 7946 0958, cell 2125550187: other forms after a word for a telephone.
    Pattern("phone", rf"{_PHONE}{_SAID}(?<![\w.])(?P<value>{_ANY}){_ENDS}", _NEEDS_PHONE, unless_after=_DOSED, check=_telephone),
    # Phone 18005550187 or 2125550187, phone the ward on 0161 496 0187: with other words between.
    Pattern(
        "phone",
        rf"{_STARTS}(?P<value>{_BARE}|{_TEN}|{_NATIONAL}|{_SEVEN}){_ENDS}",
        digits=4,
        before=rf"{_PHONE}[^.;\n]{{0,45}}$",
        unless_after=_DOSED,
        check=_telephone,
    ),
    # P: 612 878 9601; "What is the best number for you? - It's 954 378 0062".
    Pattern("phone", rf"\b[PT]\s?:\s?(?P<value>{_TEN}){_ENDS}", ("p:", "t:", "p :", "t :"), lead=1, reach=40, digits=3, check=_telephone),
    Pattern(
        "phone",
        rf"(?i:\b(?:best|good|better|contact|callback|another|which|what)\b[^\n?]{{0,30}}\bnumber\b[^\n?]{{0,30}}\b(?:reach|you|call|"
        rf"contact)\b[^\n?]{{0,24}}\?)"
        rf"\s{{1,3}}(?:[A-Za-z][\w .]{{0,20}}:)?[^\n\d(+]{{0,24}}(?P<value>{_TEN}){_ENDS}",
        ("number",),
        digits=3,
        check=_telephone,
    ),
    # 1-800-555-HELP: toll-free in letters.
    Pattern(
        "phone",
        r"(?<![\w-])(?P<value>(?:1[-.\s])?\(?8(?:00|33|44|55|66|77|"
        r"88)\)?[-.\s](?=[A-Z0-9-]{0,8}[A-Z]{2})[A-Z0-9]{1,7}(?:-[A-Z0-9]{1,7}){0,3})(?![\w-])",
        ("8",),
        lead=8,
        reach=40,
        check=lambda value: 10 <= sum(map(str.isalnum, value)) <= 13,
    ),
    # Pager 4471, beeper #55218.
    Pattern(
        "phone",
        r"(?i:\b(?:pager|beeper|bleep)(?:\s*(?:number|no\.?|#|is|:|id|at|on))*\s*)(?P<value>#?\d{4,7}|\d{2,3}-\d{3,4})(?![\w-]|[./]\d)",
        ("pager", "beeper", "bleep"),
    ),
)

_SAID_TOP = either("com org net edu gov co io uk ca au de info health us biz me nz example test")
_SAID_NUMBER = either(
    "one two three four five six seven eight nine zero oh ten eleven twelve",
    r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-\w{3,5})?",
)
_EMAILS = (
    # Local part, at sign, host with letters at its end; both bounded as in RFC 5321.
    Pattern(
        "email",
        r"(?<![\w.+%-])_{0,40}(?P<value>[^\W_][\w.+%'-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24})(?![^\W_]|@|-\w)",
        ("@",),
        digits=0,
    ),
    # name [at] host [dot] tld, in brackets only: "at" and "dot" are words.
    Pattern(
        "email",
        r"(?<![\w.+%-])(?P<value>\w[\w.+%-]{0,63}\s?(?i:\[at\]|\(at\)|\{at\})\s?[\w-]{1,63}"
        r"(?:\s?(?i:\.|\[dot\]|\(dot\)|\{dot\})\s?[\w-]{1,63}){1,4})(?!\w)",
        ("[at]", "(at)", "{at}"),
        lead=66,
        digits=0,
    ),
    # margaux dot osei at example dot org, jane underscore w at mail dot example dot co dot uk: as it is said.
    Pattern(
        "email",
        rf"(?<![\w@.])(?P<value>(?i:\w[\w.+'-]{{0,40}}(?:\s(?:dot|underscore|dash|hyphen|point|plus|period|\d{{1,4}}|"
        rf"{_SAID_NUMBER})(?:\s[\w-]{{1,24}}(?<!\bat))?){{0,4}}"
        rf"\s(?:at|@)\s[\w-]{{1,40}}(?:(?:\s(?:dot|point|period)\s|\.)[\w-]{{2,20}}){{0,3}}(?:\s(?:dot|point|"
        rf"period)\s){_SAID_TOP}))(?!\w)",
        (" at ", " @ "),
        lead=96,
        digits=0,
    ),
    # jane @ example.org, jane at example.org, jane%40example.org, "jane w"@example.org.
    Pattern(
        "email",
        rf"(?<![\w.+%-])(?P<value>\w[\w.+%-]{{0,63}}(?:\s?@\s?|%40|\sat\s)(?:[A-Za-z0-9-]{{1,63}}\.){{1,4}}{_SAID_TOP})(?![\w@]|-\w)",
        ("@", "%40", " at "),
        lead=66,
        digits=0,
        unless_before=r"(?i:\b(?:us|me|or|online|available|visit|found|information|website|site|page|call)\s+$)",
        check=lambda value: " at " not in value or "." in value.split(" at ")[0] or "_" in value,
    ),
    Pattern("email", r"(?P<value>\"[\w .+-]{1,40}\"@(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24})(?!\w)", ("@",), digits=0),
    Pattern("email", r"(?<![\w.+%-])(?P<value>\w[\w.+-]{0,63}_at_(?:[A-Za-z0-9-]{1,63}\.){1,4}[A-Za-z]{2,24})(?!\w)", ("_at_",), digits=0),
    Pattern("email", r"(?i:\be-?mail[\s:]{1,3})(?P<value>\w[\w.+-]{0,63}@[A-Za-z0-9-]{2,63})(?![\w@.]|-\w)", ("mail",), digits=0),
)

_TOP = either(
    r"com org net edu gov mil info health clinic care hospital biz (?:ac|co|nhs|org|gov)\.uk gc\.ca (?:com|org|edu|gov)\.au co\.nz "
    r"example test"
)
"""Ends of bare host names; others are words as well (.in, .is, .me)."""
_NEEDS_TOP = each(".com .org .net .edu .gov .mil .info .health .clinic .care .hospital .biz .uk .ca .au .nz .example .test")
_PART = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LAST_PART = r"[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
"""Of a host name, before its end; of two characters at least (e.g.com)."""
_PUBLISHED = (
    r"(?i:(?:www\.)?"
    + either(
        r"(?:dx\.)?doi\.org (?:pubmed\.|pmc\.)?ncbi\.nlm\.nih\.gov pubmed\.gov clinicaltrials\.gov isrctn\.com arxiv\.org",
        r"(?:bio|med)rxiv\.org europepmc\.org orcid\.org",
    )
    + r"\b)"
)
"""Hosts whose addresses name a publication or a trial, and no person."""
_PATH = r"[^\s<>“”„«»\"'{}|\\^`\[\]]"
_PATH_ENDS = r"(?<![.,;:!?)*])"

_URLS = (
    # With its scheme or www; sentence punctuation at the end is none of it.
    Pattern(
        "url",
        rf"(?i:(?<![\w@])(?P<value>(?!(?:https?://)?{_PUBLISHED})(?:(?:https?|s?ftps?)://|www\.){_PATH}{{2,2000}}{_PATH_ENDS}))",
        ("://", "www."),
        lead=8,
        reach=2100,
        digits=0,
    ),
    # Bare host names, with or without a path: portal.example.org/patients/4471.
    Pattern(
        "url",
        rf"(?<![\w@./-])(?P<value>(?!{_PUBLISHED})(?:{_PART}\.){{0,4}}{_LAST_PART}\.{_TOP}\b(?::\d{{2,5}})?"
        rf"(?:/{_PATH}{{0,500}}{_PATH_ENDS})?)(?![\w@-]|\.\w)",
        _NEEDS_TOP,
        lead=256,
        reach=600,
        digits=0,
    ),
)

_VERSIONS = (
    r"(?i:\b"
    + either(
        "v ver versions? release build rev revision firmware software ec sections? sec chapter tables? figures? fig appendix steps?",
        "paragraph clause item spss sas stata driver update patch r windows",
    )
    + r"\.?[\s:#]*$|§\s*$)"
)
_HOSTS = either(
    r"ip(?:v4)? address host server gateway dns router client workstation terminal subnet logged log-?in connected device accessed"
)


def _internet(value: str) -> bool:
    """Whether a host can have this address; "::1", "a::b" and "1::2" are signs of other trades."""
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    groups = [group for group in value.split(":") if group]
    return address.version == 4 or len(groups) >= 3 or (len(groups) == 2 and len(groups[0]) == 4 and any(map(str.isdigit, value)))


_ADDRESSES = (
    # 192.168.10.4: from two digits on in front; versions, sections and enzymes (EC 3.4.21.5) are written likewise.
    Pattern(
        "ip",
        r"(?<![\w.:-])(?P<value>\d{2,3}(?:\.\d{1,3}){3})(?!\w|[.-]\d)",
        (".",),
        lead=4,
        reach=16,
        unless_before=_VERSIONS,
        check=_internet,
    ),
    # IP 8.8.4.4: any valid one after a word for a host.
    Pattern(
        "ip",
        rf"(?i:\b{_HOSTS}\b)[^\n\d]{{0,25}}(?<![\w.])(?P<value>\d{{1,3}}(?:\.\d{{1,3}}){{3}})(?!\w|[.-]\d)",
        each("ip address host server gateway dns router client workstation terminal subnet log connected device accessed"),
        reach=72,
        unless_before=_VERSIONS,
        check=_internet,
    ),
    # 2001:db8::8a2e:370:7334.
    Pattern(
        "ip",
        r"(?<![\w:.*-])(?P<value>[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{2,39}(?:\d{1,3}(?:\.\d{1,3}){3})?)(?![\w:]|\.\d)",
        (":",),
        lead=6,
        reach=64,
        check=_internet,
    ),
)

PATTERNS = (*_EMAILS, *_URLS, *_ADDRESSES, *_PHONES)
