"""Numbers that a label tells: of records, health plans, accounts and licences, and the serial numbers of devices.

A label is followed by its number over a short link ("is", ":", "#", "on file"); the number holds digits enough not to be a count.
Numbers that a check digit or their own shape tells stand in `checked.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bioinstruct.curate.identifiers.checksums import calendar_day, digits
from bioinstruct.curate.identifiers.pattern import Pattern, each, either

_NUMBER = either(
    r"numbers?\b no\b\.? nos\b\.? num\b\.? nr\b\.? nbr\b\.? ids?\b i\.d\. identification(?:\s+(?:number|no\.?|code))?\b identifier\b "
    r"code\b # №"
)
_NUMBERED = rf"[\s./-]{{0,2}}{_NUMBER}"
_MARKED = r"\s*(?=[:#])"
_DIRECTLY = r"\s+(?=(?:[A-Z-]{0,4}\d){5})"
LINK = (
    r"(?:\s*[:=#.,(\[\"'*–—-]|\s*\b"
    + either(
        "numbers? no num nr ids? identifier code is was are of on file the as listed recorded documented assigned noted given under which",
        "that reads? reading in our records? system for this patient shows? card confirmed verified updated to be issued by state ending",
        "your my his her their new old current back label bottom side device pump reference ref now",
    )
    + r"\b){0,7}"
    # A question and the reply to it: "... on the card?", then "Patient: Sure, W123 ..." on the next line.
    r"(?:\s?\??\s{0,2}\n[ \t]{0,4}[A-Z][\w .]{0,20}:\s*(?:"
    + either("sure yes yeah ok okay um uh well it['’]?s that['’]?s it\\s+is i\\s+think here the\\s+one is")
    + r"\b[,.…]*\s*){0,4})?\s*"
)
"""What may stand between a label and its number."""

_COMPACT = r"(?:(?-i:[A-Z]){1,8}[-–/.]?){0,3}\d(?:[-–/.]?[A-Za-z0-9]){2,24}"
_SPACED = (
    # 943 476 5919, ABC 123 456; 12 34 56; W2288 41905; AB 1234567, CA D1234567
    r"(?:(?:(?-i:[A-Z]){1,4}\s)?(?:\d{3,4}(?:\s\d{3,4}){1,4}(?:\s\d{2}(?![\w/.%-]|\s?[mµ]?c?g\b))?|\d{2}(?:\s\d{2}){2,5})(?![\d-])|"
    r"(?-i:[A-Z]{1,3})\d{2,7}(?:\s\d{2,6}){0,2}\s(?:\d{3,6}|\d{2}(?=[,.;)\n]|$|\s[a-z]{2}))(?![\d-])|(?-i:[A-Z]{1,4}\s[A-Z]?)\d{4,12})"
)
_VALUE = rf"(?<![\w.])(?P<value>{_SPACED}|{_COMPACT})(?![\w%])"
_COUNTED_AFTER = (
    r"\s*(?i:%|"
    + either("mg ml patients subjects cases participants people women men children records beds users employees dollars years days")
    + r"\b)"
)
_DATE = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(?:19|20)\d{2}|\d{1,2}([/.])\d{1,2}\2\d{2}|(?:19|20)\d{2}-\d\d-\d\d")
_NO_NUMBER = re.compile(
    r"(?:19|20)\d{2}(?:[-–/](?:19|20)?\d{2})?|(?i:NCT|ISRCTN|ACTRN|CRD|UMIN|CHICTR|DRKS|CTRI|GSE|PMC|PMID|SRR|SRP)[-/\w]*\d+"
)
"""Years, and the names of trials, data sets and publications."""


def _labelled(
    kind: str, needs: str, *labels: str, fewest: int = 4, reach: int = 192, check: Callable[[str], bool] | None = None
) -> Pattern:
    """A number of at least `fewest` digits behind one of the labels, of which each holds one of the words that are needed."""

    def holds(value: str) -> bool:
        date = _DATE.fullmatch(value) and calendar_day(value)
        return len(digits(value)) >= fewest and not date and not _NO_NUMBER.fullmatch(value) and (check is None or check(value))

    expression = rf"(?i:(?<![\w-])(?:{'|'.join(labels)}){LINK}{_VALUE})"
    return Pattern(kind, expression, each(needs), reach=reach, unless_after=_COUNTED_AFTER, check=holds)


_RECORDS = (
    # MRN 448-21-93: the label itself says number.
    _labelled(
        "medical_record",
        "mrn m.r.n mr urn csn ehr",
        either(rf"e?mrn m\.r\.n\. mr\s?(?:#|no\.?|number) m\.r\.{_NUMBERED} emr{_NUMBERED} ehr{_NUMBERED} urn csn"),
    ),
    # Medical record number, med rec no, medical record 00-11-22.
    _labelled(
        "medical_record",
        "med",
        rf"med(?:ical|\.)?\s+rec(?:ord)?s?\.?(?:\s+file)?(?:{_NUMBERED}|\s*(?=[:#(]|\d|is\b))",
    ),
    # Chart #, hospital number, patient ID, encounter number, specimen no., NHS number.
    _labelled(
        "medical_record",
        "patient pt chart hospital unit record case file clinic encounter visit admission specimen sample requisition subject episode "
        "nhs chi h&c",
        either(
            r"patient pt chart hospital unit health\s+record record case file clinic encounter visit admission specimen sample",
            r"requisition (?:study\s+)?subject episode",
        )
        + rf"(?:['’]s)?[\s./-]{{0,2}}(?:(?:record|file|chart|hospital|unit|case)\s+)?{_NUMBER}",
        rf"chart{_MARKED}",
        rf"(?:nhs|chi|h\s?&\s?c)(?:{_NUMBERED}|{_MARKED}|{_DIRECTLY})|nhs",
    ),
    # Accession number 21-004471 of a laboratory; letters directly before digits are a sequence or a data set (GSE12345, AF123456).
    _labelled(
        "medical_record",
        "accession",
        rf"accession(?:{_NUMBERED}|{_MARKED})",
        check=lambda value: not re.fullmatch(r"[A-Za-z]+\d+", value),
    ),
)

_INSURERS = r"blue\s+(?:cross|shield) bcbs aetna cigna humana united\s?healthcare uhc kaiser anthem medicare medicaid medi-cal tricare"
_PLAN = either(
    r"health\s+(?:plan|insurance) ins\.? insurance insured insurer member(?:ship)? subscriber beneficiary policy(?:\s?holder)? enrol?lee",
    r"group payer plan coverage hmo ppo",
    _INSURERS,
)
_PLAN_WORD = rf"(?:['’]s)?,?[\s/-]+(?:{_PLAN}|claim|card|contract|id|identification|certificate|health|number|part\s+[abcd])"

_PLANS = (
    # Member ID, policy number, group #, subscriber identification, Aetna ID, insurance policy AB-1234567, Medicaid 12345678.
    _labelled(
        "health_plan",
        "plan insur member subscriber beneficiary policy enrol group payer coverage medi tricare blue bcbs aetna cigna humana united "
        "uhc kaiser anthem hmo ppo hic mbi health ins",
        rf"{_PLAN}(?:{_PLAN_WORD}){{0,3}}(?:['’]s)?,?{_NUMBERED}",
        either(r"policy member subscriber (?:health\s+)?insurance medicare medicaid") + _MARKED,
        either(r"policy member subscriber insurance beneficiary", _INSURERS) + _DIRECTLY,
        either(r"insurance health\s+plan health medical medigap", _INSURERS) + r"\s+policy",
        rf"(?:health|insurance)\s+card(?:{_NUMBERED})?",
        "hicn?|mbi",
        fewest=5,
    ),
)

_ACCOUNTS = (
    # Account number, acct #, bank account 448812, account ending in 4421.
    _labelled(
        "account",
        "account acct a/c",
        rf"(?:account|acct\.?|a/c)(?:{_NUMBERED}|{_MARKED}|{_DIRECTLY}|\s+(?=ending))",
        either(r"bank patient billing hospital checking savings guarantor billed\s+to credit her his your my their")
        + r"\s+(?:account|acct\.?)",
        r"acct\.?",
    ),
    # Claim no, invoice number, routing number, tax ID.
    _labelled(
        "account",
        "claim invoice billing statement receipt transaction routing guarantor order loan payment fin tax ein employer",
        either(r"claim invoice billing statement receipt transaction routing guarantor order loan payment(?:\s+reference)? financial fin")
        + rf"(?:{_NUMBERED}|{_MARKED})",
        rf"(?:tax|ein|employer)(?:{_NUMBERED}|{_MARKED})",
    ),
)

_LICENCES = (
    # Driver's license D1234567, Texas license K1234, licence no., RN license 445566.
    _labelled(
        "licence",
        "licen lic",
        either(
            r"driver['’]?s?['’]? driving medical nursing nurse['’]?s? pharmacy pharmacist state professional physician['’]?s? dental rn",
            r"md practice (?-i:[A-Z][a-z]+)",
        )
        + rf"\s+licen[cs]e(?:{_NUMBERED})?",
        rf"licen[cs]e(?:{_NUMBERED}|{_MARKED}|{_DIRECTLY}|\s+(?=(?:is|was)\s))",
        rf"licensed\s+(?:under|as)\s+{_NUMBER}",
        rf"lic\.?{_NUMBERED}",
    ),
    # Certificate number, passport, CLIA number.
    _labelled(
        "licence",
        "dl d.l cert state passport permit credential gmc nmc hcpc clia upin visa",
        rf"certificate{_DIRECTLY}",
        either(r"c?d\.?l\.? state\s+id cert(?:\.|ificate|ification)? passport permit credential gmc nmc hcpc clia upin visa")
        + rf"(?:{_NUMBERED}|{_MARKED})",
        "passport|clia|upin|gmc",
    ),
)


def _serial(value: str) -> bool:
    """Whether a value has enough letters and digits to be a serial number."""
    return len(digits(value)) >= 3 and sum(map(str.isalnum, value)) >= 5


_DEVICE = either(
    "device implant pump pacemaker generator equipment monitor icd valve lead stent sensor meter ventilator defibrillator instrument "
    "prosthesis"
)

_DEVICES = (
    # Serial number PJN654321, S/N: 884-2213, serial no. of the pump 55821-A, device ID; not serial sevens or serial troponins.
    _labelled(
        "device",
        "serial s/n sn device implant pump pacemaker generator equipment monitor icd valve lead stent sensor meter ventilator "
        "defibrillator instrument prosthesis",
        rf"serial(?:{_NUMBERED}|{_MARKED}|\s+on\s+the\s+(?:back|label|bottom|side|device))",
        r"s/n|sn\s*[:#]|(?-i:SN)\s+(?=[A-Z]{0,3}-?\d{4})",
        rf"{_DEVICE}(?:\s+(?:serial|s/n|sn))?{_NUMBERED}",
        rf"{_DEVICE},?\s+(?:serial|s/n|sn)",
        fewest=3,
        check=_serial,
    ),
    # Serial PKL404877H, serial 12345678: without the word number, letters and digits together, or many digits.
    Pattern(
        "device",
        r"(?i:\bserial\s+)(?P<value>(?=[A-Z0-9-]{0,12}[A-Z])(?=[A-Z-]{0,8}\d)[A-Z0-9]{2,10}(?:-[A-Z0-9]{2,10}){0,3}|\d{6,14})(?![\w-])",
        needs=("serial",),
        check=_serial,
    ),
    # UDI +H123PARTNO1234567890120/..., UDI-DI 00844588003288: forms that are no GS1, by the label.
    Pattern(
        "device",
        r"(?i:\b(?:udi(?:-[dp]i)?|unique\s+device\s+identifier)\b(?:\s*\((?:udi|di)\))?(?:\s+(?:number|code|is|no\.?))?[\s:#=]{0,3})"
        r"(?P<value>[=+&%$\w][\w/.$+%=-]{8,69}\w)",
        needs=("udi", "unique device"),
        check=_serial,
    ),
)

PATTERNS = (*_DEVICES, *_RECORDS, *_PLANS, *_ACCOUNTS, *_LICENCES)
