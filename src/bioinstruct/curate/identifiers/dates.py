"""Dates finer than a year."""

from __future__ import annotations

from collections.abc import Callable

from bioinstruct.curate.identifiers.checksums import calendar_day, digits
from bioinstruct.curate.identifiers.pattern import Pattern, each, either

# Months
_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
_SHORT_MONTHS = [month[:3] for month in _MONTHS if month != "may"]
_LONG = either(*(form for month in _MONTHS for form in (month.capitalize(), month.upper())))
_SHORT = either(*(form for month in (*_SHORT_MONTHS, "sept") for form in (month.capitalize(), month.upper()))) + r"\b\.?"
_JOINED = either(*(form for month in _MONTHS for form in (month[:3].capitalize(), month[:3].upper())))
_MONTH = rf"(?:{_LONG}|{_SHORT})"
_WRITTEN = either(*(month.capitalize() for month in _MONTHS))
"""Written out, not in capitals: MARCH5 is a gene. Short forms are words of other trades: OCT is a tomography, SEP a potential."""
_SMALL = either(*_MONTHS, *_SHORT_MONTHS, "sept")
_PLAIN = either(*(month for month in _MONTHS if month not in {"march", "may"}))
"""Those whose names in small letters are no other word."""
_NEEDS_MONTH = tuple(sorted({month[:3] for month in _MONTHS}))

# Days and years
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_ORDINAL = rf"{_DAY}(?:st|nd|rd|th)"
_DAYS = rf"{_DAY}(?:st|nd|rd|th)?"
_UNITS = "first second third fourth fifth sixth seventh eighth ninth"
_TEENS = "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
_ONES = either("one two three four five six seven eight nine")
_TEEN = either("thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
_TENS = either("twenty thirty forty fifty sixty seventy eighty ninety")
_SPELLED = rf"(?i:(?:(?:twenty|thirty)[- ])?{either(_UNITS)}|{either(_TEENS)})"
_SPELLED_YEAR = (
    rf"(?i:two\s+thousand(?:\s+and)?(?:\s+(?:{_ONES}|ten|eleven|twelve|{_TEEN}))?\b|"
    rf"(?:nineteen|twenty)\s+(?:ten|eleven|twelve|{_TEEN}|{_TENS}(?:[\s-]{_ONES})?)\b)"
)
_YEAR = r"(?:19|20)\d{2}"
_ANY_YEAR = rf"(?:{_YEAR}|['’]?\d{{2}})"
_ON_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Tues|Thurs|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b\.?,?\s+)"
_WEEKDAY = rf"{_ON_WEEKDAY}?"
_TO = r"\s*(?:-|–|—|to|through|until|and|&)\s*"

# What stands around
_FREE = r"(?<![\w/.$€£*+-])"
"""A number begins here: no part of a longer one, of a code or of a price."""
_FREE_OR_TO = r"(?<![\w/.$€£*+])"
"""The same behind a hyphen, too: the end of a range."""
_CLOSED = r"(?![\w/]|[.-]\d)"
_WORD = r"(?<!\w)(?<![A-Za-z]-)"
_NO_SHARE = r"(?!\d|[-/.:]\d|\s*%)"
_ALONE = r"(?![\d/]|[.,-]\d|\w|\s*%)"
_COUNTED = (
    r"(?i:\b"
    + either(
        "days? weeks? months? years? hours? hrs? minutes? ages? aged grades? stages? phases? types? class cycles? doses? levels? scores?",
        "ratios? visits? lots? versions? v sections? chapters? figures? tables? pages? pp? items? questions? visions? bp",
    )
    + r"\.?\s*$)"
)
"""What stands before numbers that are counted, dosed or scored."""
_MEASURED = (
    r"\s*(?i:"
    + either(
        r"% ‰ ° mg mcg µg μg ug ng pg kg g\b gm\b m[lL]\b dl\b l\b mm cm m\b km iu\b units?\b meq mmol µmol mol kcal cal hz bpm cc\b gy\b",
        r"tab(?:let)?s?\b caps?(?:ules?)?\b puffs?\b drops?\b doses?\b pills?\b days?\b weeks?\b months?\b years?\b yrs?\b hours?\b",
        r"hrs?\b h\b minutes?\b min\b seconds?\b times\b patients?\b subjects?\b cases?\b participants?\b women\b men\b children\b",
        r"people\b persons\b individuals\b strength\b systolic diastolic murmur half\b normal\s+saline ns\b points?\b scale\b",
        r"quadrants?\b limbs?\b extremit\w+ occasions?\b lobes?\b vision\b of\s+(?:the|a|an|all|these|those|our|them|cases|patients)\b",
        r"scores?\b pain\b or\s+(?:more|less|higher|lower)\b in\s+severity intensity attempts?\b lines?\b",
    )
    + ")"
)
"""What follows a number that is a dose, a share, a score or a length of time."""
_ON_A_DAY = (
    r"(?i:\b"
    + either(
        r"on dated? d\.?o\.?b\.? d\.?o\.?[ads]\.? birth born birthday seen since until till before after by starting beginning effective",
        r"ending due scheduled(?:\s+for)? rescheduled(?:\s+for|\s+to)? appointment follow-?up visit visited admi(?:tted|ssion)",
        r"discharged? surgery performed done collected drawn received reported signed dictated transcribed expired died deceased death",
        r"passed\s+away mi service exam examined last next of to through from between around about approximately circa as\s+of note today",
        r"yesterday tomorrow again clinic",
    )
    + r"\b(?:\s+date|\s+on)?\s*[:=(,-]{0,2}\s*(?:the\s+)?$)"
)
"""Words before a value that say that it is a day."""
_IN_A_MONTH = rf"{_ON_A_DAY}|(?i:\b(?:in|during|exp(?:ires|iry)?)\b\.?[\s:]*$)"
_SHARED = (
    rf"{_MEASURED}|\s*\(|\s+(?i:(?:of|live|control)\s+)?"
    + either(
        "births deaths infants newborns samples eyes controls adults students nurses residents hospitals animals mice rats procedures",
        "operations tests specimens visits admissions pregnancies deliveries lesions nodes cells males females boys girls respondents",
    )
    + r"\b"
)
"""What follows a share: what is counted, or its per cent."""
_ONLY_A_DAY = (
    r"(?i:(?:\b"
    + either(
        r"on dated? d\.?o\.?b\.? d\.?o\.?[ads]\.? birth born birthday seen since until till starting beginning effective due",
        r"scheduled(?:\s+for)? rescheduled(?:\s+for|\s+to)? appointment follow-?up visit admi(?:tted|ssion) discharged? surgery performed",
        r"collected drawn signed dictated as\s+of returned? again today yesterday tomorrow week\s+of after before",
        r"(?:mon|tues|wednes|thurs|fri|satur|sun)day",
        r"(?:labs?|results?|imaging|ct|mri|x-?rays?|films?|echo|scan|note|cultures?|study|ultrasound|biopsy|ekg|ecg|visit)(?:\s+\w+)?\s+(?:from|of)",
    )
    + r"\b(?:\s+date|\s+on|\s+for)?)\s*[:=,]?\s*$)"
)
"""The same for a bare 3/14, which may be a share or a score as well: directly after these words alone."""
_SCORED = r"(?i:\b(?:strength|scores?|scored|pain|reflexes|power|vision|acuity|graded?)\s*$)"
_GENES = r"\s*(?i:expression|proteins?|genes?|mrna|levels?|positive|negative|transcription|knock)"


def _compact(value: str) -> bool:
    """Whether eight digits are year, month and day, or month or day first."""
    figures = digits(value)
    year_first = figures[:2] in {"19", "20"} and calendar_day(f"{figures[4:6]}/{figures[6:]}")
    return year_first or (figures[4:6] in {"19", "20"} and calendar_day(f"{figures[:2]}/{figures[2:4]}"))


def _date(
    expression: str,
    needs: tuple[str, ...] = _NEEDS_MONTH,
    *,
    digits: int = 1,
    before: str = "",
    unless_before: str = "",
    unless_after: str = "",
    check: Callable[[str], bool] | None = None,
) -> Pattern:
    """A date around a month's name or a separator."""
    return Pattern("date", expression, needs, 40, 48, digits, before, unless_before, unless_after, check)


_NUMERIC = (
    # 03/14/2021, 03/14/2021-03/16/2021: four digits of year leave no doubt.
    _date(rf"{_FREE_OR_TO}(?P<value>\d{{1,2}}/\d{{1,2}}/{_YEAR})(?![\w/])", ("/",), digits=4, check=calendar_day),
    # 14.03.2021, 3-14-2021.
    _date(rf"{_FREE}(?P<value>\d{{1,2}}([.-])\d{{1,2}}\2{_YEAR}){_CLOSED}", (".", "-"), digits=4, check=calendar_day),
    # 2021-03-14, also with a time behind it, which is none of ours.
    _date(rf"{_FREE}(?P<value>{_YEAR}([-/.])\d{{1,2}}\2\d{{1,2}})(?:(?=T\d)|{_CLOSED})", ("/", ".", "-"), digits=4, check=calendar_day),
    # 03/14/21: unless it counts (days 7/14/21) or doses (5/10/20 mg).
    _date(
        rf"{_FREE_OR_TO}(?P<value>\d{{1,2}}/\d{{1,2}}/\d{{2}})(?![\w/]|\.\d)",
        ("/",),
        unless_before=_COUNTED,
        unless_after=_MEASURED,
        check=calendar_day,
    ),
    # 03-14-21, 14.3.21: a range or a version as well, so only after a word for a day.
    _date(
        rf"{_FREE}(?P<value>\d{{1,2}}([.-])\d{{1,2}}\2\d{{2}}){_CLOSED}",
        ("-", "."),
        before=_ON_A_DAY,
        unless_after=_MEASURED,
        check=calendar_day,
    ),
    # Born 20210314, DOB 03142021: eight digits only after a word for a date.
    _date(
        r"(?i:\b(?:dob|d\.o\.b\.|date of \w{4,12}|birth ?date|born|date|dated|dos)\b)[\s:=on]{0,6}(?P<value>\d{8})(?!\d)",
        ("dob", "d.o.b", "date", "born", "dos"),
        check=_compact,
    ),
    # DOB: 03/2021, in 3/2021; a share of two thousand (12/2000 patients) is followed by what it counts.
    _date(
        rf"{_FREE}(?P<value>(?:0?[1-9]|1[0-2])[/-]{_YEAR})(?:{_TO}(?P<value_2>(?:0?[1-9]|1[0-2])[/-]{_YEAR}))?{_CLOSED}",
        ("/", "-"),
        digits=4,
        before=_IN_A_MONTH,
        unless_after=_SHARED,
    ),
    # 03/2021, 03/2021 to 12/2021: a share has no nought in front.
    _date(rf"{_FREE}(?P<value>0[1-9]/{_YEAR})(?:{_TO}(?P<value_2>(?:0?[1-9]|1[0-2])/{_YEAR}))?{_CLOSED}", ("/",), digits=4),
    # In 01/08, since 9/93: with a nought in front, or a year of the last century.
    _date(
        rf"(?i:\b(?:in|since|until|till|during)\s+)(?P<value>0[1-9]/\d{{2}}|(?:[1-9]|1[0-2])/[6-9]\d){_CLOSED}",
        ("/",),
        unless_after=_SHARED,
    ),
    # From 3/2 to 3/16, between 3/2 and 3/16: with equal denominators it is a score that changes.
    _date(
        rf"(?i:\b(?:from|between)\s+)(?P<value>\d{{1,2}}/(\d{{1,2}})){_TO}(?P<value_2>\d{{1,2}}/(?!\2\b)\d{{1,2}}){_CLOSED}",
        ("/",),
        unless_after=_MEASURED,
        check=calendar_day,
    ),
    # On 3/14, DOB 14/03: a share or a score as well (3/5, 20/20), so only directly after a word for a day; 2/2 is "secondary to".
    _date(
        rf"{_FREE}(?P<value>(?!2/2\b)\d{{1,2}}/\d{{1,2}})(?:{_TO}(?P<value_2>\d{{1,2}}/\d{{1,2}}))?{_CLOSED}",
        ("/",),
        before=_ONLY_A_DAY,
        unless_before=_SCORED,
        unless_after=_MEASURED,
        check=calendar_day,
    ),
)

_WITH_YEAR = (
    # March 14, 2021; Mar. 14th '21; March 3-5, 2021.
    _date(
        rf"{_WORD}(?P<value>{_WEEKDAY}{_MONTH}\s+(?:the\s+)?{_DAYS}(?:{_TO}{_DAYS})?(?:,\s*|\s+of\s+|\s+){_ANY_YEAR}){_NO_SHARE}",
        unless_after=rf"{_MEASURED}|:\d",
    ),
    # Mar-14-2021, MAR/14/21.
    _date(rf"{_WORD}(?P<value>{_MONTH}([-/]){_DAY}\2(?:{_YEAR}|\d{{2}})){_CLOSED}"),
    # march 14, 2021: small letters with a year of four digits.
    _date(rf"{_WORD}(?P<value>{_SMALL}\.?\s+{_DAYS},?\s+{_YEAR})(?![\w/])"),
    # 14 March 2021, 14th of March '21, 14-Mar-21, 3-5 March 2021, Monday the 14th of March, 2021.
    _date(
        rf"{_FREE}(?P<value>{_WEEKDAY}(?:the\s+)?(?:{_DAYS}{_TO})?{_DAYS}(?:\s+day)?(?:\s+of\s+|\s*[-/.]?\s*)"
        rf"(?:{_MONTH}|{_SMALL}\b)(?:,?\s+(?={_YEAR})|,?[ ]|\s?[-/.,]\s?){_ANY_YEAR}){_NO_SHARE}",
        unless_after=_MEASURED,
    ),
    # 14MAR21, 14Mar2021.
    _date(rf"{_FREE}(?P<value>\d{{1,2}}{_JOINED}(?:{_YEAR}|\d\d))(?!\w)"),
    # 2021 Mar 14, 2021-Mar-14, 2021 March: how registers and journals write.
    _date(rf"{_FREE}(?P<value>{_YEAR}[-\s]{_MONTH}(?:[-\s]{_DAY}(?![\d%.-]))?)(?!\w|\s+\d)"),
    # March 2021, Mar-2021, March of 2021: a month is finer than a year. Small letters with a word before (in march 2021).
    _date(
        rf"{_WORD}(?P<value>(?:(?:[Mm]id|[Ee]arly|[Ll]ate)-)?{_MONTH}(?:,?\s+(?:of\s+)?|-|,){_YEAR})(?![\w/]|-\d)", unless_after=_MEASURED
    ),
    _date(
        rf"(?i:\b(?:in|since|of|from|until|till|to|by|around|during)\s+)(?P<value>{either(*_MONTHS)}\s+(?:of\s+)?{_YEAR})(?![\w/])",
        unless_after=_MEASURED,
    ),
)

_WITHOUT_YEAR = (
    # March 14, March 14th, March 3-5: a month written out with a capital leaves no doubt, but for what is measured.
    _date(
        rf"{_WORD}(?P<value>{_WEEKDAY}{_WRITTEN}\s+(?:the\s+)?{_DAYS}(?:{_TO}{_DAYS}(?![\d/]))?){_ALONE}",
        unless_after=_MEASURED,
    ),
    # Mar 14th, OCT 4th: an ordinal.
    _date(rf"{_WORD}(?P<value>{_WEEKDAY}{_MONTH}\s+(?:the\s+)?{_ORDINAL})(?!\w)"),
    # Friday, Oct. 3: a weekday.
    _date(rf"{_WORD}(?P<value>{_ON_WEEKDAY}{_MONTH}\s+{_DAY}){_ALONE}"),
    # Mar 14, OCT 4, SEP 15: names of genes and methods as well, so after a word for a day.
    _date(
        rf"{_WORD}(?P<value>{_MONTH}\s+{_DAY}){_ALONE}",
        before=_ON_A_DAY,
        unless_after=rf"{_MEASURED}|{_GENES}",
    ),
    # 14 March, 14th of March, the 14th of Mar, 3-5 March.
    _date(
        rf"{_FREE}(?P<value>{_WEEKDAY}(?:the\s+)?(?:{_DAYS}{_TO})?(?:{_DAY}\s+(?:of\s+)?{_WRITTEN}|"
        rf"{_ORDINAL}\s+(?:day\s+)?(?:of\s+)?(?:{_MONTH}|{_SMALL})))(?![\w-])",
    ),
    # 14-Mar, 14 Mar: after a word for a day.
    _date(rf"{_FREE}(?P<value>{_DAY}(?:-{_MONTH}|\s{_SHORT}))(?![\w-])", before=_ON_A_DAY),
    # January 5, small: only the months whose names are no other word.
    _date(rf"{_WORD}(?P<value>{_PLAIN}\s+(?:the\s+)?{_DAYS}){_ALONE}", unless_after=_MEASURED),
    # March fourteenth; the fifth of May.
    _date(
        rf"\b(?P<value>(?:(?:the\s+)?{_SPELLED}\s+(?:day\s+)?of\s+(?:{_MONTH}|{_SMALL})|(?:{_MONTH}|{_PLAIN})\s+(?:the\s+)?{_SPELLED})\b"
        rf"(?:,?\s+(?:of\s+)?(?:{_YEAR}\b|{_SPELLED_YEAR}))?)",
        each("first second third fourth fifth sixth eventh eighth ninth tenth twelfth eenth tieth"),
        digits=0,
    ),
    # July two thousand four; October of nineteen ninety.
    _date(
        rf"{_WORD}(?P<value>(?:{_MONTH}|{_PLAIN}),?\s+(?:of\s+)?{_SPELLED_YEAR})",
        ("thousand", "nineteen", "twenty"),
        digits=0,
    ),
    # On the 14th, where nothing that can be counted follows (the 14th day, the 5th digit).
    _date(
        rf"(?i:\b(?:on|until|since|by)\s+{_WEEKDAY})(?P<value>the\s+{_ORDINAL})"
        r"(?=\s*(?:[.,;)]|$|\s(?:of (?:this|the|last|next) month)\b))",
        ("the ",),
    ),
)

PATTERNS = (*_NUMERIC, *_WITH_YEAR, *_WITHOUT_YEAR)
