"""Numbers that a label tells: of records, health plans, accounts and licences, and the serial numbers of devices.

A label is followed by its number over a short link ("is", ":", "#", "on file"); the number holds digits enough not to be a count.
Numbers that a check digit or their own shape tells stand in `checked.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bioinstruct.curate.identifiers.checksums import calendar_day, digits
from bioinstruct.curate.identifiers.pattern import Pattern, each, either

NUMBER = either(
    r"numbers?\b no\b\.? nos\b\.? num\b\.? nr\b\.? nbr\b\.? ids?\b i\.d\. identification(?:\s+(?:number|no\.?|code))?\b identifier\b "
    r"code\b # №"
)
NUMBERED = rf"[\s./-]{{0,2}}{NUMBER}"
_MARKED = r"\s*(?=[:#])"
_DIRECTLY = r"\s+(?=(?:[A-Z-]{0,4}\d){5}|(?-i:[A-Z]{1,4}[ -])?\d{3,5}(?:[ -]\d{2,5}){2}|(?-i:[A-Z]{2,5})-\d{4})"
_CODED = r"\s+(?=(?:(?-i:[A-Z]{1,5})-?)?\d{2,}(?:[ -]?\d){3}|(?-i:[A-Z]{1,5})-\d{2})"
"""The same for a word that a number often follows: a number of five digits or more, or with letters and a hyphen."""
LINK = (
    r"(?:\s*[:=#.,()\[\]\"'*–—-]|\s*\b"
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

COUNTED_AFTER = (
    r"\s*(?i:%|"
    + either("mg ml patients subjects cases participants people women men children records beds users employees dollars years days")
    + r"\b)"
)
_COMPACT = r"(?:(?:(?-i:[A-Z]){1,8}[-–/.]?){0,3}|(?-i:[a-z]){1,4}[-_]?(?=\d{4}))\d(?:[-–/.]?[A-Za-z0-9]){2,24}"
_SPACED = (
    # 943 476 5919, ABC 123 456; 12 34 56; W2288 41905; AB 1234567, CA D1234567
    r"(?:(?:(?-i:[A-Z]){1,4}\s)?(?:\d{3,4}(?:\s\d{3,4}){1,4}(?:\s(?:\d(?!\s[a-z])|\d{2})(?![\w/%-]|\.\d|"
    + COUNTED_AFTER
    + r"))?|\d{2}(?:\s\d{2}){2,5})(?![\d-])|"
    r"(?-i:[A-Z]{1,3})\d{2,7}(?:\s\d{2,6}){0,2}\s(?:\d{3,6}|\d{2}(?=[,.;)\n]|$|\s[a-z]{2}))(?![\d-])|(?-i:[A-Z]{1,4}\s[A-Z]?)\d{4,12})"
)
_VALUE = rf"(?<![\w.])(?P<value>{_SPACED}|{_COMPACT}(?:\s0\d(?!\w|[./-]\d|\s[A-Zmg]))?)(?![\w%])"
_DATE = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(?:19|20)\d{2}|\d{1,2}([/.])\d{1,2}\2\d{2}|(?:19|20)\d{2}-\d\d-\d\d")
_NO_NUMBER = re.compile(
    r"(?:19|20)\d{2}(?:[-–/](?:19|20)?\d{2})?|(?i:NCT|ISRCTN|ACTRN|CRD|UMIN|CHICTR|DRKS|CTRI|GSE|PMC|PMID|SRR|SRP)[-/\w]*\d+"
)
"""Years, and the names of trials, data sets and publications."""


def is_number(value: str) -> bool:
    """Whether a value may be an identifier: no date, no year, and no name of a trial, a data set or a publication."""
    return not (_DATE.fullmatch(value) and calendar_day(value)) and not _NO_NUMBER.fullmatch(value)


def _needed(words: str) -> tuple[str, ...]:
    """The words that a pattern needs; an underscore is a space."""
    return tuple(word.replace("_", " ") for word in words.split())


def _labelled(
    kind: str, needs: str, *labels: str, fewest: int = 4, reach: int = 192, check: Callable[[str], bool] | None = None
) -> Pattern:
    """A number of at least `fewest` digits behind one of the labels, of which each holds one of the words that are needed."""

    def holds(value: str) -> bool:
        return len(digits(value)) >= fewest and is_number(value) and (check is None or check(value))

    expression = rf"(?i:(?<![\w-])(?:{'|'.join(labels)}){LINK}{_VALUE})"
    return Pattern(kind, expression, _needed(needs), reach=reach, digits=2, unless_after=COUNTED_AFTER, check=holds)


_RECORDS = (
    # MRN 448-21-93: the label itself says number.
    _labelled(
        "medical_record",
        "mrn m.r.n mr urn csn ehr",
        either(rf"e?mrn m\.r\.n\. mr\s?(?:#|no\.?|number) m\.r\.{NUMBERED} emr{NUMBERED} ehr{NUMBERED} urn csn"),
    ),
    # Medical record number, med rec no, medical record 00-11-22.
    _labelled(
        "medical_record",
        "med",
        rf"med(?:ical|\.)?\s+rec(?:ord)?s?\.?(?:\s+file)?(?:{NUMBERED}|\s*(?=[:#(]|\d|is\b))",
    ),
    # Chart #, hospital number, patient ID, encounter number, specimen no., NHS number.
    _labelled(
        "medical_record",
        "patient pt_ pt. pt# pt- pt' chart hospital unit record case file clinic encounter visit admission specimen sample "
        "requisition subject episode "
        "nhs chi h&c",
        either(
            r"patient pt chart hospital unit health\s+record record case file clinic encounter visit admission specimen sample",
            r"requisition (?:study\s+)?subject episode",
        )
        + rf"(?:['’]s)?[\s./-]{{0,2}}(?:(?:record|file|chart|hospital|unit|case)\s+)?{NUMBER}",
        rf"chart{_MARKED}",
        rf"(?:nhs|chi|h\s?&\s?c)(?:{NUMBERED}|{_MARKED}|{_DIRECTLY})|nhs",
    ),
    # Accession number 21-004471 of a laboratory; letters directly before digits are a sequence or a data set (GSE12345, AF123456).
    _labelled(
        "medical_record",
        "accession",
        rf"accession(?:{NUMBERED}|{_MARKED})",
        check=lambda value: not re.fullmatch(r"[A-Za-z]+\d+", value),
    ),
)

INSURERS = (
    r"blue\s+(?:cross|shield) bcbs(?:\s?[A-Z]{2})? aetna cigna humana united\s?healthcare uhc kaiser anthem medicare medicaid "
    r"medi-cal tricare "
    r"aarp molina wellcare ambetter highmark carefirst healthnet centene bupa champva medigap geisinger"
)
INSURERS_BY_NAME = "|".join(INSURERS.split())
PLAN = either(
    r"health\s+(?:plan|insurance) ins\.? insurance insured insurer member(?:ship)? subscriber recipient beneficiary "
    r"policy(?:\s?holder)? enrol?lee",
    r"group payer plan coverage hmo ppo",
    INSURERS,
)
_PLAN_WORD = rf"(?:['’]s)?,?[\s/-]+(?:{PLAN}|claim|card|contract|id|identification|certificate|health|number|part\s+[abcd])"

_PLANS = (
    # Member ID, policy number, group #, subscriber identification, Aetna ID, insurance policy AB-1234567, Medicaid 12345678.
    _labelled(
        "health_plan",
        "plan insur member subscriber beneficiary policy enrol group payer coverage medicare medicaid medi-cal medigap tricare blue "
        "bcbs aetna "
        "cigna humana united uhc kaiser anthem hmo ppo hic mbi health_card _ins_ ins. aarp molina wellcare ambetter highmark "
        "carefirst centene bupa champva geisinger sponsor "
        "rxgrp rxid rx_ prescription_ dental_ vision_ pharmacy_",
        rf"{PLAN}(?:{_PLAN_WORD}){{0,3}}(?:['’]s)?,?{NUMBERED}",
        either(r"policy(?:\s?holder)? member subscriber beneficiary enrol?lee insured (?:health\s+)?insurance", INSURERS) + _MARKED,
        either(r"policy member subscriber insurance beneficiary insured", INSURERS) + _DIRECTLY,
        rf"(?:{INSURERS_BY_NAME})(?:\s+(?:ppo|hmo|epo|pos|advantage|gold|silver|bronze|plan|card))*[\s,:(–-]{{1,3}}(?:(?:under|as|"
        rf"with|id|no|number)[\s:.#]{{1,2}}){{0,2}}(?=(?-i:[A-Z]{{1,4}}-?)?(?:\d[ -]?){{7}})",
        r"(?:policy|subscriber|member|insured),\s+(?:self|spouse|child|dependent)?,?\s*(?=(?-i:[A-Z]{1,4})-?\d{3})",
        r"subscriber\s*:\s*(?:self|spouse|child|dependent),?",
        r"sponsor(?:['’]s)?\s+(?:id|number|no\b\.?)",
        rf"(?:rx\s?(?:grp|group|id)|rx\s+(?:grp|group))(?:{NUMBERED})?",
        rf"(?:dental|vision|pharmacy|prescription)\s+(?:plan|insurance|card)(?:\s+(?:member|subscriber|group|policy))?(?:{NUMBERED})?",
        either(r"insurance health\s+plan health medical medigap", INSURERS) + r"\s+policy",
        rf"(?:health|insurance)\s+card(?:{NUMBERED})?",
        "hicn?|mbi",
        fewest=5,
    ),
    # Member W229910283, group 0871234-011; PCN MEDDPRIME, ID 884201933: short labels after the words of a plan.
    Pattern(
        "health_plan",
        rf"(?i:\b(?:group|grp|plan|id|suffix|contract)\b(?:{NUMBERED})?[\s:#=.]{{1,3}}{_VALUE})",
        each("group grp plan id suffix contract"),
        before=r"(?i:\b(?:member|subscriber|policy|insured|insurer|insurance|claim|denied|eligib\w+|authori[sz]ation|auth|coverage|"
        r"ppo|hmo|epo|pcn|rx\s?bin|bin|payer|copay|" + "|".join(INSURERS.split()) + r")\b[^\n]{0,48}$)",
        unless_after=COUNTED_AFTER,
        check=lambda value: len(digits(value)) >= 4 and len(value) >= 5 and is_number(value),
    ),
)

_ACCOUNTS = (
    # Account number, acct #, bank account 448812, account ending in 4421.
    _labelled(
        "account",
        "account acct a/c",
        rf"(?:account|acct\.?|a/c)(?:{NUMBERED}|{_MARKED}|{_DIRECTLY}|\s+(?=ending))",
        either(
            r"bank patient billing hospital checking savings guarantor billed\s+to credit her his your my their encounter fsa hsa "
            r"hra collections?"
        )
        + r"\s+(?:account|acct\.?)(?:\s*\((?-i:[A-Z]{2,4})\))?",
        r"(?:acct|a/c)\.?(?:\s+(?:numbers?|nos?\b\.?|ref(?:erence)?))?",
        rf"account\s+(?:holder\s+)?(?:ref(?:erence)?|code)(?:{NUMBERED})?",
        r"har(?:\s*[:#])|fin\s*[:#]",
    ),
    # Claim no, invoice number, routing number, tax ID.
    _labelled(
        "account",
        "claim invoice bill statement receipt transaction routing guarantor order loan payment remittance voucher deposit collection "
        "use_ref quote_ref "
        "fin tax ein employer",
        either(
            r"claim invoice billing bill statement receipt transaction routing guarantor order loan payment financial fin remittance "
            r"voucher deposit",
            r"(?:money\s+)?transfer confirmation(?:\s+of\s+payment)? collections?(?:\s+file)? cheque check(?=\s(?:no|num|\#))",
        )
        + rf"(?:\s+ref(?:erence)?\.?|\s+confirmation|\s+account)?(?:{NUMBERED}|{_MARKED})",
        # With the word alone, what follows must be long or have letters.
        rf"(?:claim|invoice|receipt|transaction|bill|statement|voucher|collections?\s+file|remittance|confirmation\s+of\s+payment|"
        rf"payment\s+confirmation|routing){_CODED}",
        r"(?:payment|billing|invoice|remittance|bank|your|quote|use)\s+ref(?:erence)?(?:\s+(?:number|no\.?|code))?\s*(?:[:#]|is|was|"
        r"(?=[A-Z]{0,4}-?\d{4}))",
        rf"(?:tax|ein|employer)(?:{NUMBERED}|{_MARKED})",
    ),
)

_LICENCES = (
    # Driver's license D1234567, Texas license K1234, licence no., RN license 445566.
    _labelled(
        "licence",
        "licen lic",
        either(
            r"driver['’]?s?['’]? driving medical nursing nurse['’]?s? pharmacy pharmacist state professional physician['’]?s? dental rn",
            r"md practice pilot['’]?s? cdl chauffeur['’]?s? lcsw lmft pt ot do np pa hunting fishing gun firearms? marriage "
            r"operator['’]?s? (?-i:[A-Z][a-z]+)",
        )
        + rf"\s+licen[cs]e(?:{NUMBERED})?",
        rf"licen[cs]e(?:{NUMBERED}|{_MARKED}|{_DIRECTLY}|\s+(?=(?:is|was)\s))",
        rf"licensed\s+(?:under|as)\s+{NUMBER}",
        r"licen[cs]e(?:\s+(?:to\s+practi[cs]e|class\s+\w))?,?\s+(?:(?:in\s+)?(?-i:[A-Z][a-z]+),?\s+)(?=(?-i:[A-Z]{0,3})[ -]?\d{4})",
        r"licen[cs]ed\s+in\s+(?:the\s+state\s+of\s+)?(?-i:[A-Z][a-z]+)(?:\s+(?-i:[A-Z][a-z]+))?[\s,(]{1,3}(?=[A-Z]{0,3}[ -]?\d{2})",
        rf"lic\.?(?:{NUMBERED}|{_MARKED}|\s+(?=(?-i:[A-Z]{{0,3}})[ -]?\d{{5}}))",
        r"(?-i:LCSW|LMFT|LMHC|LPC|RPh|CRNA|APRN)(?:\s*[:#]|\s+(?=\d{4}))",
    ),
    # Certificate number, passport, CLIA number.
    _labelled(
        "licence",
        "dl d.l cert state passport permit credential gmc nmc hcpc clia upin visa registration registered gphc gdc green card regist "
        "national identity",
        rf"certificate{_DIRECTLY}",
        either(
            r"c?d\.?l\.? state\s+id cert(?:\.|ificate|ification)? passport permit credential gmc nmc hcpc gphc gdc clia upin visa "
            r"green\s+card"
        )
        + rf"(?:\s+(?:ref(?:erence)?|registration|pin|card))?(?:{NUMBERED}|{_MARKED})",
        "passport|clia|upin|(?:gmc|nmc|hcpc|gphc|gdc)(?:\\s+(?:pin|ref(?:erence)?|registration|reg\\.?))?",
        # The word alone, where what follows is long or has letters; not the unit in mg/dL 14.
        r"(?<!/)(?-i:C?DL)\s+(?=[A-Z-]{0,4}(?:\d[ -]?){6})",
        rf"(?:state|national|government|identity|photo)\s+id(?:entity)?(?:\s+card)?{_CODED}",
        r"(?:green\s+card|(?:learner['’]?s\s+|physician\s+|carry\s+|work\s+|residence\s+)permit|visa)\s+(?=(?-i:[A-Z]{1,4})-?\d{5})",
        r"(?:nursing|nurse['’]?s?|nurse,|professional|pharmacist['’]?s?|medical|board|teacher['’]?s?|midwife['’]?s?|"
        r"therapist['’]?s?)\s+(?:registration|certification|certificate)"
        rf"(?:{NUMBERED}|{_MARKED}|{_CODED})",
        rf"(?:registered\s+(?:nurse|midwife|pharmacist|dietitian)|licensed\s+\w+),?\s+(?:registration\s+)?{NUMBER}",
    ),
)


_NUMBERED_OR_CODED = rf"(?:{NUMBERED}|{_MARKED}|{_CODED})"


def _serial(value: str) -> bool:
    """Whether a value has enough letters and digits to be a serial number."""
    return len(digits(value)) >= 3 and sum(map(str.isalnum, value)) >= 5


_DEVICE = either(
    "device implant pump pacemaker generator equipment monitor icd valve lead stent sensor meter ventilator defibrillator instrument "
    "prosthesis stimulator neurostimulator transmitter receiver recorder controller accelerometer concentrator wheelchair cpap bipap "
    "transducer "
    r"hearing\s+aid glucometer nebuli[sz]er analy[sz]er scanner watch tracker"
)

_DEVICES = (
    # Serial number PJN654321, S/N: 884-2213, serial no. of the pump 55821-A, device ID; not serial sevens or serial troponins.
    _labelled(
        "device",
        "serial ser. s/n sn: sn_ sn# device implant pump pacemaker generator equipment monitor icd valve lead stent sensor meter "
        "ventilator "
        "defibrillator instrument prosthesis stimulator transmitter receiver recorder controller concentrator wheelchair cpap bipap "
        "transducer hearing nebuli "
        "analyzer analyser scanner watch tracker asset biomed inventory accelerometer glucometer bme property",
        rf"ser(?:ial|\.)(?:{NUMBERED}|{_MARKED}|\s+(?:code|key)|\s+on\s+the\s+(?:back|label|bottom|side|device)|"
        rf"\s+(?:(?:now\s+)?reads|is|was|shows|ends\s+in)\s)",
        r"s/n|sn\s*[:#]|(?-i:SN)\s+(?=[A-Z]{0,4}-?\d{4})",
        rf"(?:asset|inventory|biomed|equipment|bme|property)\s+(?:tag|label|sticker){_NUMBERED_OR_CODED}|(?:asset|inventory|"
        rf"biomed){NUMBERED}",
        rf"{_DEVICE}(?:\s+(?:serial|s/n|sn))?{NUMBERED}",
        rf"{_DEVICE},?\s+(?:serial|s/n|sn)",
        fewest=3,
        check=_serial,
    ),
    # Serial PKL404877H, serial 12345678: without the word number, letters and digits together, or many digits.
    Pattern(
        "device",
        r"(?i:\bserial\s+)(?P<value>(?=[A-Z0-9-]{0,12}[A-Z])(?=[A-Z-]{0,8}\d)[A-Z0-9]{2,10}(?:-[A-Z0-9]{2,10}){0,3}|\d{6,14}|"
        r"\d{3,4}(?:-\d{2,4}){2,3}|[A-Z]{2,4} \d{5,7}(?: ?[A-Z])?)(?![\w-])",
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
