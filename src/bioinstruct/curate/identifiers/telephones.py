"""Telephone numbers beyond the plain forms of `network.py`: other separators and countries, replies, forms, pagers and extensions."""

from __future__ import annotations

import re

from bioinstruct.curate.identifiers.checksums import digits
from bioinstruct.curate.identifiers.pattern import Pattern, each, either

_EXTENSION = r"(?:,?\s*(?i:ext(?:ension|n)?\b\.?|x)\s?#?\d{1,6}\b)?"
_STARTS = r"(?<![\w.,/+$€£-])(?<!\d[ ])"
_ENDS = r"(?!\w|[-./]\d|[ ]\d{3})"
_TEN = r"(?:\+?1[-. ]?)?(?:\([2-9]\d{2}\)\s?|[2-9]\d{2}\s?[-./ ]\s?)[2-9]\d{2}\s?[-. ]\s?\d{4}"
_TEN_JOINED = r"(?:\+?1[-. ]?)?\([2-9]\d{2}\)\s?[2-9]\d{6}"
_SEVEN = r"[2-9]\d{2}[-. ]\d{4}"
_DOMESTIC = (
    r"(?:\(?0\d{4}\)?[ -]\d{6}|\(?0\d{3}\)?[ -]\d{3}[ -]\d{3,4}|\(?0\d{2}\)?[ -]\d{4}[ -]\d{4}|\(?0\d{4}\)?[ -]\d{3}[ "
    r"-]\d{3}|0\d(?:[ .]\d{2}){4}|"
    r"\(0\d\)\s\d{4}\s\d{4}|04\d{2}\s\d{3}\s\d{3}|0\d{1,4}\s?[/-]\s?\d{3,8}(?:[ -]\d{1,5}){0,3})"
)
"""Of the United Kingdom, France, Australia and Germany, as dialled within the country."""
_ABROAD = r"(?:\+|00)[1-9]\d{0,2}[ .-]?(?:\(0\)[ .-]?)?(?:[ /]{0,3}\(?\d{1,5}\)?[-. ]?){1,6}(?<=\d)"
_ANY = rf"(?:{_ABROAD}|{_TEN_JOINED}|{_TEN}|{_DOMESTIC}|\+?1?\d{{10}}|{_SEVEN}){_EXTENSION}"
_COUNTED = r"\s*(?i:%|" + either("mg mcg µg ug g ml kg units? iu kcal cells copies patients steps mm cm records cases") + r"\b)"
_RELATIVE = either(
    "husband wife spouse partner son daughter mother father mom mum dad sister brother niece nephew aunt uncle "
    "friend neighbou?r roommate "
    r"caregiver guardian grandson granddaughter contact emergency ice nok next\s+of\s+kin home work cell mobile office desk unit ward "
    r"nurses?['’]?\s+station front\s+desk reception switchboard scheduling appointments? questions records clinic "
    r"pharmacy on\s+file toll[\s-]free lab answering\s+service "
    r"on-?call room reading\s+room fax\s+or\s+call cb callback vm voicemail lmom lm lvm"
)
_LETTER = r"(?:\((?:[HWCMPTO]|[hwcmpto])\)|(?<![\w.])(?:[HWCMPTO]|[hwcmpto]|ph|pgr|mob|tf|Ph|PH|TEL|Tel|tél|Tél)(?:[#:.]\s?|\s))"


def _telephone(value: str) -> bool:
    figures = digits(re.split(r"(?i)\s*(?:ext|x)", value)[0])
    return 7 <= len(figures) <= 15 and len(set(figures)) > 1 and not re.fullmatch(r"(?:\d+[05]0 ){2}\d+00", value)


def _international(value: str) -> bool:
    return 8 <= len(digits(re.split(r"(?i)\s*(?:ext|x)", value)[0])) <= 15


PHONES = (
    # 212 555 0187, 503/555-2111, 617 555-6698, (212)555-0187, (212) 5550187: area codes and exchanges begin with 2 to 9.
    Pattern(
        "phone",
        rf"{_STARTS}(?P<value>(?:{_TEN}|{_TEN_JOINED}){_EXTENSION}){_ENDS}",
        digits=4,
        unless_before=r"(?i:\b(?:nhs|mrn|medicare|account|acct|a/c|ssn|id|serial|policy|member|health\s+card|no\.|number|"
        r"#)\s*[:#=]?\s*$)",
        unless_after=_COUNTED,
        check=_telephone,
    ),
    # 07700 900802, 020 7946 0871, (02) 5550 1234, 030 / 23125 625, 01 23 45 67 89: a nought in front and the groups of a country.
    Pattern(
        "phone",
        rf"{_STARTS}(?P<value>(?:0\d{{4}} \d{{6}}|\(0\d{{1,4}}\) ?\d{{3,8}}(?: \d{{3,4}})?|0\d{{2,4}} ?/ ?\d{{4,8}}(?: \d{{2,5}}){{0,2}}|"
        rf"0\d{{2}} \d{{4}} \d{{4}}|"
        rf"0\d{{3}} \d{{3}} \d{{4}}|0\d(?: \d{{2}}){{4}}|04\d{{2}} \d{{3}} \d{{3}}){_EXTENSION}){_ENDS}",
        ("0",),
        lead=4,
        reach=32,
        digits=2,
        unless_after=_COUNTED,
        check=_telephone,
    ),
    # +44 (0)20 7946 0871, +49 30 / 901820, 0044 7700 900871.
    Pattern(
        "phone",
        rf"(?<![\w.+/-])(?P<value>\+[1-9]\d{{0,2}}[ .-]?(?:\(0\)[ .-]?)?(?:[ /]{{0,3}}\(?\d{{1,5}}\)?[-. "
        rf"]?){{1,6}}(?<=\d){_EXTENSION}|00[1-9]\d{{0,2}}(?: \d{{2,5}}){{2,4}}){_ENDS}",
        ("+", "00"),
        lead=4,
        reach=48,
        check=_international,
    ),
    # T: 07700 900802; m 07700900871; (H) 212-555-0187; ph (02) 5550 1234; Tel. 030/901820.
    Pattern(
        "phone",
        rf"{_LETTER}(?P<value>{_ANY}){_ENDS}",
        digits=3,
        lead=4,
        unless_before=r"(?:[Ff]ax|/)[\s.:]{0,3}$",
        unless_after=_COUNTED,
        check=_telephone,
    ),
    Pattern(
        "phone",
        r"(?i:\b(?:tel(?:efon|ephone)?|phone|mobile|mob|handy|t[ée]l[ée]phone|t[ée]l|cell|telefono|"
        rf"tel[ée]fono)\b[^\n\d+(;]{{0,24}})(?P<value>{_DOMESTIC}|{_ABROAD}|\d{{5}}[ -]\d{{5,6}}){_ENDS}",
        each("tel phone mob handy cell tél"),
        check=_telephone,
    ),
    # Husband ______ 555-6495; front desk 212 555 0187; lmom @ 5550187; CB# 212-555-0187: somebody or somewhere to call.
    Pattern(
        "phone",
        rf"(?i:\b{_RELATIVE}\b)(?:[\s:_#@.,()–-]|\b(?:is|at|on|number|no|the|a|left|for|please|call|his|her|my|and)\b|"
        rf"(?-i:[A-Z][a-z]+)){{1,9}}?(?<![\w.-])(?P<value>{_ANY}){_ENDS}",
        digits=3,
        unless_after=_COUNTED,
        check=lambda value: (_telephone(value) and not value.isdigit()) or len(value) >= 10,
    ),
    # "Who else can we call? - My husband. 555-6495.": the reply to a question.
    Pattern(
        "phone",
        rf"\?[^\n?]{{0,24}}\n[ \t]{{0,4}}[A-Za-z][\w .'’/-]{{0,20}}:[^\n\d+(]{{0,40}}(?P<value>{_SEVEN}|{_TEN}|\d{{10}}){_ENDS}",
        ("?",),
        lead=2,
        reach=128,
        digits=3,
        before=r"(?i:\b(?:call|reach|phone|number|contact|text|ready|back|best|who|notify|emergency|cell|mobile|message)\b[^\n]{0,60}$)",
        unless_after=_COUNTED,
        check=_telephone,
    ),
    # My number's 212-555-0187, his number: 2125550187, is 5550187 still the best one to reach you on?
    Pattern(
        "phone",
        r"(?i:\b(?:my|his|her|their|our|your|the|best|new|good|this)\s+(?:number|line|cell|mobile|phone|"
        rf"extension)(?:['’]s|\s+is|\s+to\s+call(?:\s+is)?|\s+was|\s+changed\s+to)?[\s:]{{1,3}}(?:now\s+|"
        rf"still\s+)?)(?P<value>{_ANY}){_ENDS}",
        each("number line cell mobile phone extension"),
        digits=3,
        check=_telephone,
    ),
    Pattern(
        "phone",
        rf"{_STARTS}(?P<value>{_ANY})(?=\s(?i:(?:is|was)\s(?:still\s)?(?:(?:the|my|his|her|our|a)\s)?(?:best|right|good|"
        r"correct|cell|phone|mobile|number|home|work|desk|line|one\s+to)|"
        r"to\s+(?:reach|call|schedule|cancel|reschedule)|after\s+hours|\(?(?:cell|home|work|mobile|office|tel|phone|h|w|c|m|o)\b))",
        digits=3,
        unless_after=_COUNTED,
        check=lambda value: _telephone(value) and (not value.isdigit() or len(value) >= 10),
    ),
    # Paged renal at #94353; pgr 62-759; bleep 2291; call x4471; ext. 4471; dial 9-1-212-555-0187.
    Pattern(
        "phone",
        r"(?i:\b(?:pag(?:ed|er|ing)|page(?=\s[a-z])|pgr|beep(?:ed|er)?|bleep(?:ed)?|vocera|spectralink|voalte|ascom|"
        r"dect)\b(?:(?:\s(?!about|for|times|in)[a-z/-]{1,14}){0,4}?\s?(?:at|on|to|via|via|\#|@|:|no\.?|number|id)\s?|"
        r"\s(?:is\s)?))"
        r"(?P<value>#?\d{4,7}|#?\d{2,3}-\d{3,5})(?![\w-]|[./:]\d|\sh\b)",
        each("pag pgr beep bleep vocera spectralink voalte ascom dect"),
    ),
    Pattern(
        "phone",
        r"(?:(?i:\b(?:ext(?:ension|n)?|extension\s+is)\b\.?[\s:#]{0,3})|(?i:\b(?:call|at|on|dial|to|or|desk|number|phone|"
        r"reach)\s+)(?=[xX]\d{4,5})[xX]\s?|(?<![\w])[xX](?=\d{4,5}\s(?:for|with|if|when)\b))"
        r"(?P<value>\d{3,6})(?![\w-]|[.,/]\d)",
        each("ext x"),
        lead=16,
        unless_before=r"(?i:\b(?:hip|knee|leg|arm|lag|degrees?|flexion|lower|upper|rom|tooth|teeth|#\d+)\s*$)",
        unless_after=r"(?i:\s*(?:degrees?|°|mg|ml|mm|cm|lag|\())",
    ),
    Pattern("phone", rf"(?i:\bdial\s)(?P<value>(?:9[-, ]{{1,2}})?{_TEN}){_ENDS}", ("dial",), digits=3, check=_telephone),
)

FAXES = (
    # A fax with a number of its country: Fax 030 / 23125 688, telefax +49 30 901821, f. 916 555 2430.
    Pattern(
        "fax",
        rf"(?i:\b(?:(?:auto|e-?)?fax(?:ed|es|ing)?|telefax|facs(?:imile)?|fx)\b\.?(?:\s\d{{1,2}}/\d{{1,2}})?[^\n\d+;]{{0,32}}?(?<![\d.])"
        rf")(?P<value>{_ABROAD}|{_DOMESTIC}|{_TEN}|{_TEN_JOINED}|{_SEVEN}|\d{{10,11}}){_ENDS}",
        ("fax", "facs", "fx"),
        digits=2,
        unless_before="",
        check=_telephone,
    ),
    Pattern(
        "fax",
        rf"(?:\([Ff]\)\s?|(?<![\w'’.])[Ff][.:#]\s{{0,2}}|(?<=[\s|/])[Ff]\s)(?P<value>(?:{_TEN}|{_ABROAD}|{_DOMESTIC}){_EXTENSION}){_ENDS}",
        ("f", "F"),
        digits=3,
        lead=4,
        reach=48,
        check=_telephone,
    ),
    Pattern(
        "fax",
        rf"{_STARTS}(?P<value>(?:{_TEN}|{_ABROAD}|{_DOMESTIC}|\d{{10}}){_EXTENSION})(?=[,;]?\s?(?i:[\[(]\s?(?:f|fax|"
        r"facsimile)(?:\s(?:number|line|only))?\s?[\])]|(?:by|via)\s+fax|"
        r"for\s+fax(?:es|ing)?\b|-\s?fax\b|fax\s+report|is\s+(?:the|our|my|a|your|their)\s+(?:[a-z]+\s)?fax))",
        ("fax", "(f", "[f", "facs"),
        lead=48,
        reach=24,
        digits=3,
        check=_telephone,
    ),
    # Fax labs every 2 weeks to nephrology at 212 555 0187; fax to 212 555 0187 or 646 555 0120.
    Pattern(
        "fax",
        rf"(?i:\bfax(?:ed|es|ing)?\b[^\n;]{{0,72}}?\b(?:at|to|on|@)\s)(?P<value>{_ABROAD}|{_TEN}|{_TEN_JOINED})"
        rf"(?:\s?(?:or|and|/|,)\s?(?P<value_2>{_TEN}|{_TEN_JOINED}))?{_ENDS}",
        ("fax",),
        reach=140,
        digits=3,
        unless_before=r"(?i:\b(?:call|phone|tel|reach|page)\b[^\n]{0,24}$)",
        check=_telephone,
    ),
    # "Where do I fax this? - To 212 555 0187.": the question before.
    Pattern(
        "fax",
        rf"(?i:\bfax\b)[^\n]{{0,50}}\?[^\n]{{0,24}}\n[ \t]{{0,4}}[A-Za-z][\w "
        rf".'’/-]{{0,20}}:[^\n\d+(]{{0,40}}(?P<value>{_SEVEN}|{_TEN}|{_ABROAD}|\d{{10}}){_ENDS}",
        ("fax",),
        digits=3,
        check=_telephone,
    ),
)
