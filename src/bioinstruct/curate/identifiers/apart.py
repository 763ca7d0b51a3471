"""Numbers that stand apart from their label: the label behind them, some words before them, or in the question before.

*A1234567 is her policy number*; *the number on her insurance card reads XGH 204 558*; *the account number on it? - It's 9459-97090-8*.
Such a number must look more like a code than one that follows its label directly (`numbers.py`): six digits, or capital letters with four.
"""

from __future__ import annotations

from bioinstruct.curate.identifiers.checksums import dea, digits, npi
from bioinstruct.curate.identifiers.numbers import COUNTED_AFTER, INSURERS, NUMBER, NUMBERED, PLAN, is_number
from bioinstruct.curate.identifiers.pattern import Pattern, each, either

_CODE = (
    r"(?<![\w.,$€£/+-])(?P<value>"
    # XGH 204 558, 9459-97090-8, 334-22-9910-A
    r"(?:[A-Z]{1,4}[ -]?)?\d{2,5}(?:[ -]\d{2,5}){1,3}(?:[ -]?[A-Z0-9]{1,2}(?![A-Za-z0-9 ]))?|"
    # M64553936, D123-4567-8901, A1B2C3D4
    r"[A-Z]{1,5}-?\d{1,7}(?:-?[A-Z]{0,2}\d{1,7}){0,3}(?:-?[A-Z]{1,2}\d{0,2})?|"
    # 882193341-02, 7120098
    r"\d{6,14}(?:-?[A-Z0-9]{1,3})?)"
    r"(?![\w%]|[./,-]\d|-[A-Za-z]{2})"
)
_ARTICLE = r"(?:the|his|her|my|your|our|their|its|a|an|that|this|(?:patient|member|client|nurse|doctor)['’]s|[A-Z][a-z]+['’]s)\s"
_ADJECTIVES = r"(?:[A-Za-z'’-]+\s){0,3}?"
_LINKS_BACK = (
    # ... is her policy number; ..., which is the account number
    rf"(?:,?\s(?:which\s)?(?:is|was|as|being|=)\s(?:still\s|now\s|also\s)?{_ARTICLE}{_ADJECTIVES}|"
    # ... (policy number), ... [serial no.]
    rf"\s?[(\[]\s?(?:{_ARTICLE})?{_ADJECTIVES}|"
    # ..., her member ID, ...
    rf",\s{_ARTICLE}{_ADJECTIVES}|"
    # ... That is the serial number.
    rf"[.?]\s(?:That|This|It)(?:['’]s|\sis|\swas)\s{_ARTICLE}{_ADJECTIVES})"
)
_SPEAKER = r"\n[ \t]{0,4}[A-Za-z][\w .'’]{0,20}:"
_RIVALS = each(
    "phone tel(?:ephone)? fax mobile cell call(?:ed)? mrn chart ssn social npi dea dates? dob born effective invoices? claims? "
    "accounts? acct polic(?:y|ies) members? licen[cs]e serial passport model lot icd cpt zip room orders? amount total version trial "
    "registered grants? awards? pmid doi funded protocol study catalog(?:ue)? mean median patients participants subjects"
)
"""Words between a label and a number that say that the number is another's."""


def _code(value: str) -> bool:
    figures = len(digits(value))
    letters = any(character.isalpha() for character in value)
    return is_number(value) and figures >= (4 if letters else 6) and len(value) >= 6


def _apart(kind: str, needs: str, label: str, own: str, *, fewest: int = 6) -> tuple[Pattern, Pattern]:
    """A code some words behind a label or in the reply to a question with it, and one before it.

    Args:
        kind: Of the number.
        needs: Of which every label holds one.
        label: Of the number itself, as in "policy number".
        own: Rivals that are no rivals of this kind.
        fewest: Digits of a code without letters.
    """
    rivals = either(*(rival for rival in _RIVALS if rival not in own.split()))
    words = rf"(?:(?!\b{rivals}\b)(?:[^\d\n;.?!]|\.(?![\s\d])))"
    reply = rf"(?:[.?!]?[ \t]{{0,2}}{_SPEAKER}|[.?!]\s(?=(?:It|That|This|Mine|The number)\b))"
    said = rf"{words}{{0,40}}?(?:[.!…][ \t]{words}{{0,24}}?)?"

    def holds(value: str) -> bool:
        return _code(value) and (len(digits(value)) >= fewest or any(map(str.isalpha, value)))

    before = Pattern(
        kind,
        rf"(?<![\w-])(?i:{label})(?![\w-])(?i:{words}{{0,60}}?)(?:{reply}(?i:{said}))?{_CODE}",
        each(needs),
        reach=224,
        digits=2,
        unless_after=COUNTED_AFTER,
        check=holds,
    )
    behind = Pattern(
        kind,
        rf"{_CODE}{_LINKS_BACK}(?i:{label})(?![\w-]|\s+plate|\s?[:#=]|\s+(?:is|was|number|no\.?)?\s?[:#]?[A-Z]{{0,3}}\d)",
        each(needs),
        lead=112,
        reach=48,
        digits=2,
        check=holds,
    )
    return before, behind


_NAMED_NUMBER = rf"(?:{NUMBER}|card|identity)"
_PLAN_LABEL = (
    rf"(?:{PLAN})(?:['’]s)?[\s/-]+(?:(?:claim|plan|group|card|contract|health|id)\s+)?(?:{_NAMED_NUMBER}|on\s+file)(?:\s+(?:number|"
    rf"id))?|policy|"
    rf"(?:health|id)\s+card|(?:enrolled|insured|covered|coverage|insurance)\s+(?:is\s+)?(?:in|with|by|under|"
    rf"through)\s+(?:{'|'.join(INSURERS.split())})|"
    r"insurer\s+(?:lists|has|shows)|member\s+services|insurance\s+verification|coverage\s+verification|mbi|hicn|card\s+(?:says|reads|shows)"
)
_ACCOUNT_LABEL = (
    rf"(?:(?:the|your|my|her|his|our|their|this|which|what|bank|patient|billing|hospital|checking|savings|guarantor|fsa|"
    rf"hsa)\s+)+(?:account|acct)\.?"
    rf"(?:{NUMBERED})?|(?:account|acct\.?)(?:\s+ref(?:erence)?)?{NUMBERED}|(?:claim|invoice|receipt|transaction|statement|order|"
    rf"bill)(?:{NUMBERED}|\s+ref(?:erence)?|,\s+number)"
)
_LICENCE_LABEL = (
    rf"(?:driver['’]?s?|driving|nursing|medical|pharmacy|state|professional|physician['’]?s?|dental|rn|md|the|his|her|my|your|our|"
    rf"their)\s+licen[cs]e(?:{NUMBERED})?|"
    rf"licen[cs]e(?:{NUMBERED}|(?=\s?\?))|passport(?:{NUMBERED})?|(?:state|photo)\s+id|(?:nursing|gmc|nmc|professional|board|"
    rf"medical)\s+registration(?:{NUMBERED})?|"
    rf"(?:certificate|certification|permit){NUMBERED}|gmc|nmc"
)
_MACHINE = either(
    r"(?<!proton\s)(?<!efflux\s)(?<!ion\s)pump pacemaker defibrillator (?:loop\s+)?recorder stimulator neurostimulator accelerometer "
    r"lvad cpap bipap",
    r"ventilator hearing\s+aids? transmitter wheelchair concentrator glucometer nebuli[sz]er holter implants? (?-i:ICD(?!-)) "
    r"(?-i:CRT-?D) generator",
)
_DEVICE_LABEL = (
    rf"serial(?:{NUMBERED}|s|\s+code)|(?:the|its|his|her|your|my)\s+serial|serial(?=\s?[?)\]])|s/n|(?-i:SN)|ser\.?\s+no\.?|(?:device|"
    rf"implant){NUMBERED}|asset\s+(?:tag|number|no\.?)|"
    rf"number\s+(?:is\s+)?(?:on|of|from)\s+(?:the|your|her|his)\s+(?:(?:back|bottom|side|label|front|underside)\s+(?:of|on)\s+(?:the|"
    rf"your|her|his)\s+)?(?:\w+\s+)?{_MACHINE}"
)
_RECORD_LABEL = rf"e?mrn|(?:(?:medical|health)\s+record|chart|hospital|patient|record|encounter|visit){NUMBERED}"

_BARE_DEVICE = (
    # Pacemaker: Medtronic Azure XT, RNB882190H; loop recorder (LINQ II, RLB882190S): letters, digits and mostly a letter at the end.
    Pattern(
        "device",
        rf"(?i:\b{_MACHINE}\b)(?:(?!\b(?i:inhibitors?|antagonist|compound|trial|grant|study|nct|model|ref|lot|protocol|registered|"
        rf"cell\s+lines?)\b)[^\n\d;.]|\.\d|(?<=\w)\d(?!\d)){{1,48}}?"
        r"(?<![\w.-])(?P<value>[A-Z]{2,4}\d{5,8}[A-Z]?|[A-Z]{1,3}\d?-\d{4,8}(?:-\d{1,3})?)(?![\w%-]|[./]\d)",
        each(
            "pump pacemaker defibrillator recorder stimulator accelerometer lvad pap ventilator hearing transmitter wheelchair "
            "concentrator glucometer nebuli holter implant icd crt generator"
        ),
        digits=4,
        check=_code,
    ),
    # Accelerometer PJN750920S, transmitter 80PH4T, wheelchair WC-88219: directly behind the thing.
    Pattern(
        "device",
        rf"(?i:\b{_MACHINE})\s+(?P<value>(?=[A-Z-]{{0,5}}\d)(?=[\d-]{{0,8}}[A-Z])[A-Z0-9]{{2,6}}(?:-?[A-Z0-9]{{2,8}}){{1,2}})"
        r"(?![\w%-]|[./]\d)",
        each(
            "pump pacemaker defibrillator recorder stimulator accelerometer lvad pap ventilator hearing transmitter wheelchair "
            "concentrator glucometer nebuli holter implant icd crt generator"
        ),
        check=lambda value: is_number(value) and len(digits(value)) >= 3 and len(value) >= 6,
    ),
)

_CHECKED = (
    # 1245319599 (NPI); FM1234563 is the DEA number; NPI? - It's 1245319599.
    Pattern(
        "licence",
        rf"(?<![\w.])(?P<value>\d{{10}}){_LINKS_BACK}(?i:npi\b|national\s+provider)",
        ("npi", "provider"),
        lead=64,
        reach=24,
        digits=10,
        check=npi,
    ),
    Pattern(
        "licence", rf"(?i:\bnpi\b)[^\n\d]{{0,40}}{_SPEAKER}[^\n\d]{{0,24}}(?P<value>\d{{10}})(?![\w-])", ("npi",), digits=10, check=npi
    ),
    Pattern(
        "licence",
        rf"(?<![\w.])(?P<value>[A-HJ-MPRSTUX][A-Z9]\d{{7}}){_LINKS_BACK}(?i:dea\b)",
        ("dea",),
        lead=64,
        reach=24,
        digits=7,
        check=dea,
    ),
    Pattern(
        "licence",
        rf"(?i:\bdea\b)[^\n\d]{{0,40}}{_SPEAKER}[^\n\d]{{0,24}}?(?P<value>[A-HJ-MPRSTUX][A-Z9]\d{{7}})(?![\w-])",
        ("dea",),
        digits=7,
        check=dea,
    ),
)

PATTERNS = (
    *_CHECKED,
    *_apart(
        "health_plan",
        "insur policy member subscriber beneficiary enrol cover plan card group medicare medicaid mbi hicn",
        _PLAN_LABEL,
        "polic(?:y|ies) members? claims?",
    ),
    *_apart(
        "account",
        "account acct claim invoice receipt transaction statement order bill",
        _ACCOUNT_LABEL,
        "accounts? acct claims? invoices? orders?",
    ),
    *_apart("licence", "licen passport id regist certif permit gmc nmc", _LICENCE_LABEL, "licen[cs]e passport registered"),
    *_apart("device", "serial s/n sn ser device implant asset number", _DEVICE_LABEL, "serial"),
    *_apart("medical_record", "mrn record chart hospital patient encounter visit", _RECORD_LABEL, "mrn chart patients study"),
    *_BARE_DEVICE,
)
