"""Days as notes, chats, dictation and other languages write them: short, without their year, with a time behind them, in small letters."""

from __future__ import annotations

from collections.abc import Callable

from bioinstruct.curate.identifiers.checksums import calendar_day
from bioinstruct.curate.identifiers.date_words import (
    CERTAIN,
    CLOSED,
    COUNTED,
    COUNTED_DAY,
    DAY,
    DAYS,
    FREE,
    GENES,
    LONG,
    MEASURED,
    MONTH,
    NEEDS_MONTH,
    ON_WEEKDAY,
    ONES,
    ORDINAL,
    SCORED,
    SHARED,
    SMALL,
    SPELLED,
    SPELLED_YEAR,
    STOPS,
    TEEN,
    TENS,
    WORD,
    YEAR,
)
from bioinstruct.curate.identifiers.pattern import Pattern, each, either


def _date(
    expression: str,
    needs: tuple[str, ...] = NEEDS_MONTH,
    *,
    digits: int = 1,
    before: str = "",
    unless_before: str = "",
    unless_after: str = "",
    check: Callable[[str], bool] | None = None,
) -> Pattern:
    return Pattern("date", expression, needs, 48, 56, digits, before, unless_before, unless_after, check)


def _no_series(value: str) -> bool:
    """Whether three short numbers are a day and no list: no equal steps (10-15-20), and one that tells (03, 25, '49)."""
    first, second, year = (int(part) for part in value.replace("-", " ").replace(".", " ").split())
    telling = "0" in (value[0], value.replace("-", ".").split(".")[1][0]) or first > 12 or second > 12 or year > 31
    return calendar_day(value) and second - first != year - second and telling


def _no_score(value: str) -> bool:
    """Whether a fraction is a day: no share of a usual scale."""
    first, second = (int(part) for part in value.split("/"))
    return (
        value != "24/7"
        and calendar_day(value)
        and (second not in {2, 3, 4, 5, 6, 8, 10, 15, 20, 24, 28, 30} or first > second or "0" in (value[0], value.split("/")[1][0]))
    )


_NO_LIST = (
    rf"{COUNTED}|{SCORED}|(?i:\b(?:v|versions?|sections?|chapters?|tables?|release|cas|ndc|loinc|lot|ref|model|ec|"
    r"suite|leads?|bp|t|c|l)\.?\s*$)"
)
_CLOCK = (
    r"(?:,?\s(?:at|@)\s?\d|,?\s@\s?\w|\s(?:[01]\d|2[0-3])[0-5]\d(?:\s?h(?:rs)?\b|:|,|\.|;|$|\n|\s-|\s(?!m[lL]\b|mg|"
    "mcg|k?cal|units|steps|copies))|"
    r",?\s\d{1,2}:[0-5]\d|,?\s\d{1,2}\s?[ap]\.?m\b)"
)
_THINGS = either(
    "flushed changed pulled drained tapped dialy[sz]ed dispo adm adm['’]d adm[.:] d/?c['’]?d d/c dced lkn lkw labs? "
    "cxr kub tte tee mri ct pet eeg emg ekg cath picc foley "
    "line port drain sutures? staples? cast splint trach peg ng vac dressing rx refill(?:s|ed)? script appt appts? "
    "rtc f/u fu edc lmp edd still last next due by "
    "for thru til till until since from expires? exp refilled mailed faxed called paged texted emailed wrote vaccine "
    "dose shot tdap ppd flu covid hd psa a1c tsh inr "
    "bmp cbc cmp bcx ucx cx culture cultures ua uds path bx biopsy colo egd c-?scope mammo dexa pap scheduled moved "
    "postponed cancell?ed booked seen eval "
    "evaluated reviewed rounded worked off home fell onset started began stopped quit sober clean discharged "
    "readmitted transfer surgery op or procedure "
    "birthday bday anniversary delivery born deceased pronounced withdrawn enrolled randomi[sz]ed consented baseline "
    "screened admit weekend week wk effective eff term "
    "stents? stented cabg pci closed opened signed printed resulted verified collected drawn sent received reported "
    "available preop postop"
)
_BEFORE_SHORT = (
    rf"(?i:(?<![\w-]){_THINGS}(?:\s+(?:on|for|to|from|until|date|by|is|was|of|again|the|out|back|in|over|and))?\s*[(,:@~-]?\s*$)"
)

_NUMERIC = (
    # 0715 6-20-17: up in chair; prior study 8.25.49: one number tells a day from a list.
    _date(
        rf"{FREE}(?P<value>\d{{1,2}}([-.])\d{{1,2}}\2\d{{2}}){CLOSED}",
        ("-", "."),
        unless_before=_NO_LIST,
        unless_after=MEASURED,
        check=_no_series,
    ),
    # 3/14 0715; 3/14 at 2 pm; 3/14 @ 9; 03/14/21 has its year already.
    _date(rf"{FREE}(?P<value>\d{{1,2}}/\d{{1,2}})(?={_CLOCK})", ("/",), unless_before=SCORED, check=calendar_day),
    # 03/14, 7/04: a share or a score has no nought in front.
    _date(
        rf"{FREE}(?P<value>0[1-9]/(?:[0-2]\d|3[01])|(?:1[0-2]|[12]\d|3[01])/0[1-9]|"
        rf"[1-9]/0[1-9])(?:\s?[-–]\s?(?P<value_2>\d{{1,2}}/\d{{1,2}}))?{CLOSED}",
        ("/",),
        unless_before=_NO_LIST,
        unless_after=rf"{MEASURED}|{SHARED}",
        check=calendar_day,
    ),
    # Port flushed 7/26, next due 8/23; LKN 11/25; is my flu shot still 3/16: after what has its day in notes, but for usual scores.
    _date(
        rf"{FREE}(?P<value>\d{{1,2}}/\d{{1,2}})(?:\s?(?:[-–]|to)\s?(?P<value_2>\d{{1,2}}/\d{{1,2}}))?(?:{STOPS}|"
        r"(?=\s(?i:here|so|if|w/|no|not|pls|please|via|per|ok|okay|and|or|a|labs?)\b))",
        ("/",),
        before=_BEFORE_SHORT,
        unless_before=_NO_LIST,
        unless_after=rf"{MEASURED}|{SHARED}",
        check=_no_score,
    ),
    # A line that begins with its day: 3/14 labs, 3/14 - clear, [3/14] seen.
    _date(
        r"(?m:^)[ \t>\[|*-]{0,6}(?P<value>(?!1/2\b|3/4\b|2/2\b|1/4\b|1/3\b|2/3\b)\d{1,2}/\d{1,2})(?=\]|[ \t]?[-–:|][ \t]?|"
        r"[ \t]+(?i:labs?|seen|pt|patient|note|am|pm|day|night|rn|md|called|cxr|ct|mri|"
        r"admitted|discharged|visit|clinic|consult|nurse|ward|ed|er)\b)(?![ \t]?[:–-]?[ \t]?\d+[ \t]?(?:mg|mL|%))",
        ("/",),
        check=_no_score,
    ),
    # R TKA 1/1957, cataracts bilat: month and year, where no share of a thousand is counted.
    _date(
        rf"(?<=[A-Za-z)][ (,])(?P<value>(?:0?[1-9]|1[0-2])/(?:19\d\d|20[0-3]\d)){STOPS}",
        ("/",),
        digits=4,
        unless_before=r"(?i:\b(?:mortality|deaths?|died|rates?|ratio|incidence|prevalence|in|of|positive|total|only|found|occurred|"
        r"responded|events?|cases|failed)\b[^.;\n\d]{0,12}$)",
        unless_after=SHARED,
    ),
    # Pap 4/2004 NILM: behind what has its day in notes.
    _date(
        r"(?<=[ (,])(?P<value>(?:0?[1-9]|1[0-2])/(?:19\d\d|20[0-3]\d))(?![\w/-]|\.\d)",
        ("/",),
        digits=4,
        before=_BEFORE_SHORT,
        unless_after=SHARED,
    ),
    # PRINTED 19550311: a day in one, behind what has one.
    _date(
        r"(?i:\b(?:printed|dated?|dob|born|admit(?:ted)?|discharged?|collected|received|reported|signed|seen|resulted|visit|scanned|"
        r"effective|service|taken|created|updated)\b[^\n\w]{0,12})(?P<value>(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?![\w-])",
        each(
            "printed date dob born admit discharge collected received reported signed seen resulted visit scanned effective service taken "
            "created updated"
        ),
        digits=8,
    ),
    # 14/III/2021, 14-III-2021, 14.III.21: the month in Roman figures.
    _date(rf"{FREE}(?P<value>{DAY}([-/. ])(?:I{{1,3}}|I?V|VI{{1,3}}|I?X|XI{{1,2}})\2(?:{YEAR}|\d\d)){CLOSED}", ("i", "v", "x"), digits=2),
    # 202103140830, 20210314083000: a time stamp.
    _date(
        r"(?<![\w.-])(?P<value>(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)(?![\w-])",
        ("19", "20"),
        digits=10,
    ),
    # Born 07041961, sent 2021-3-14, DOB 7 4 61, d/o/b 7-4-61, b. 7/4/1961 are in `dates.py`; here a two-digit year behind a birth.
    _date(
        r"(?i:\b(?:dob|d\.?o\.?b\.?|d/o/b|date\s+of\s+birth|birth\s?date|birthday|"
        r"born)\b[^\n\d?]{0,16}(?:\?[^\n\d]{0,20}\n[^\n\d:]{1,24}:[^\n\d]{0,24})?)"
        r"(?P<value>\d{1,2}([ ./-])\d{1,2}\2(?:\d{4}|\d{2})|\d{1,2}/\d{1,2})(?![\w/])",
        each("dob d.o.b d/o/b birth born"),
        check=lambda value: calendar_day(value.replace(" ", "/")),
    ),
)

_FOREIGN = either(
    "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre",
    r"janvier f[ée]vrier mars avril mai juin juillet ao[ûu]t septembre octobre novembre d[ée]cembre",
    r"j[aä]nner januar februar m[äa]rz april juni juli august september oktober november dezember",
    "gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre januari februari maart mei augustus",
    r"janeiro fevereiro mar[çc]o abril maio junho julho setembro outubro novembro dezembro",
)
_LOWER = either("jan feb apr jun jul aug sept sep oct nov dec january february april june july august september october november december")
"""Small letters: months whose short forms are no other word; "mar", "march" and "may" are."""
_LOWER_ALL = either("mar march may sep dec", "jan feb apr jun jul aug sept oct nov")
_SAID = rf"(?i:(?:oh[\s-])?(?:{TENS}[\s-]{ONES}|{ONES}|ten|eleven|twelve|{TEEN}|{TENS}))"

_ON_A_LINE = (
    # Date signed ____3/14/2021____: on the line of a form.
    _date(r"(?<=_)(?P<value>\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d\d)|\d{4}-\d\d-\d\d)(?=_|\s|$)", ("_",), check=calendar_day),
)

_WITH_MONTH = (
    # 14 de marzo de 2021, 14. März 2021, le 14 mars 2021, 1er juin 2020.
    _date(
        rf"{FREE}(?P<value>{DAY}(?:\.|er|º|°)?\s(?:de\s)?(?i:{_FOREIGN})(?:,?\s(?:de\s|del\s)?{YEAR}))(?!\w)",
        each(
            "ener febr mar abr may jun jul ago sept oct nov dic janv fév fev avr mai jui ao déc dec jan jän mär okt dez genn "
            "magg giug lugl sett ott aug"
        ),
        digits=1,
    ),
    # Monday 24 Jan, Mon 24 January: a weekday before day and month.
    _date(rf"(?<!\w)(?P<value>{ON_WEEKDAY}(?:the\s+)?{DAYS}\s+(?:of\s+)?(?:{MONTH}|{SMALL}\b))(?![\w-])"),
    _date(
        rf"(?<!\w)(?P<value>(?i:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*),?\s(?:the\s{ORDINAL}|{SMALL}\.?\s{DAYS}))(?![\w-]|"
        r"\s(?:day|digit|percentile))",
        each("mon tue wed thu fri sat sun"),
        digits=1,
    ),
    # 24 Jan, 9.20 am; by 14 Mar.: day and short month before a sign that ends them.
    _date(
        rf"{FREE}(?P<value>{DAY}\s(?:{CERTAIN}|Mar|Jun|Sep|Oct|Dec|JAN|FEB|APR|JUL|AUG|SEPT|NOV)\b\.?)(?=\s*(?:[,;)\n]|"
        r"\.(?!\d)|$)|\s(?:at|@|with|for|and|w/)\s)"
    ),
    # Jul-89, Jun-14: echo; in Sep-22: month and short year.
    _date(
        rf"{WORD}(?P<value>(?:{CERTAIN}|JAN|FEB|APR|JUL|AUG|NOV)[-\s]?['’]?-?(?:[04-9]\d|[12]\d)(?<=-\d\d))(?![\w-]|\.\d)",
        unless_after=GENES,
    ),
    _date(
        rf"(?i:\b(?:in|since|from|until|till|by|of|on|dated?|around|during|and|again)\s)(?P<value>{MONTH}[-']\d\d)(?![\w-]|\.\d)",
        unless_after=GENES,
    ),
    # started it oct 9th; due oct. 12; june 5: small letters.
    _date(
        rf"(?<![\w-])(?P<value>{_LOWER}\.?\s(?:the\s)?(?:{ORDINAL}|{DAY}))(?:\s?(?:-|to|"
        rf"thru)\s?{DAYS})?(?=\s*(?:[,;:)!?\n]|\.(?!\d)|$)|\s[a-z@])(?!\s(?:mg|ml|percent|patients|of\s+\d))",
        unless_after=MEASURED,
    ),
    _date(rf"(?<![\w-])(?P<value>{_LOWER_ALL}\.?\s(?:the\s)?{ORDINAL})(?![\w-])"),
    _date(rf"(?<![\w/-])(?P<value>{ORDINAL}\s(?:of\s{_LOWER_ALL}|{_LOWER}))(?![\w-])"),
    _date(
        r"(?i:\b(?:on|since|until|till|from|by|due|for|seen|last|next|dated?|before|"
        rf"after)\s)(?P<value>{_LOWER_ALL}\.?\s{DAY})(?=\s*(?:[,;:)!?\n]|\.(?!\d)|$)|\s[a-z])",
        unless_after=MEASURED,
    ),
    # march of 2021, sept 2019, may '21.
    _date(rf"(?<![\w-])(?P<value>{SMALL}\.?,?\s(?:of\s)?(?:{YEAR}|['’]\d\d))(?![\w/-])", digits=2, unless_after=MEASURED),
    # 14March2021, March14, 2021, Mar.14,2021: without their spaces.
    _date(rf"{FREE}(?P<value>{DAY}(?:{LONG}|(?i:{SMALL})){YEAR})(?!\w)", digits=4),
    _date(rf"{WORD}(?P<value>{MONTH}{DAYS},?\s?{YEAR})(?!\w)", digits=4),
    # I wrote it down. Dec 17. Reply or sentence of its own.
    _date(
        rf"(?m:^|(?<=[.:?!]\s)|(?<=[Uu]m,\s)|(?<=[Oo]n\s))(?P<value>{MONTH}[ \t]{DAYS})(?=\s*(?:[.,;!?\n]|$)|\s(?:I|we|it|"
        r"at|around|maybe)\b)(?!\.\d)",
    ),
    # week of Mar 3; the weekend of March 13-14; Mar 3 - Mar 9: behind each other.
    _date(rf"{WORD}(?P<value>{MONTH}[ \t]{DAYS})\s?(?:-|–|to|through|thru)\s?(?P<value_2>{MONTH}[ \t]{DAYS})(?![\w%])"),
    # Mar 14 0830, Mar 14 09:12, Mar 14 at 9: a time behind it.
    _date(rf"{WORD}(?P<value>{MONTH}[ \t]{DAYS})(?={_CLOCK})"),
)

_SPOKEN = (
    # DOB? - Seven four sixty-one. Date of procedure oh three fourteen twenty twenty-one: figures as words behind their label.
    _date(
        r"(?i:\b(?:dob|date\s+of\s+\w{4,12}|birth\s?date|birthday|born|"
        r"when\s+were\s+you\s+born)\b[^\n]{0,24}?(?:\?[^\n]{0,20}\n[^\n:]{1,24}:\s?(?:(?:it['’]?s|um|sure|yes|"
        r"on)[,.]?\s)?)?)"
        rf"(?P<value>{_SAID},?[\s/-]{{1,3}}(?:slash\s)?{_SAID},?[\s/-]{{1,3}}(?:slash\s)?(?:{SPELLED_YEAR}|(?:nineteen\s|"
        rf"twenty\s)?{_SAID}))\b",
        each("dob date birth born"),
        digits=0,
    ),
    # March the fourteenth, twenty twenty-one; July fourth, sixty-one; july four nineteen sixty one; fourteen March twenty twenty.
    _date(
        rf"\b(?P<value>(?i:{SMALL})\s(?:the\s)?(?:{SPELLED}|{COUNTED_DAY}|{DAYS}),?\s(?:of\s|in\s)?(?:{SPELLED_YEAR}|"
        rf"(?i:{TENS}[\s-]{ONES}\b)))",
        digits=0,
    ),
    _date(
        rf"\b(?P<value>(?!may\b|march\b)(?i:{SMALL})\s(?:the\s)?{SPELLED})\b(?!\s(?:of|line|time|trimester|degree|grade|"
        r"dose|day|visit|cycle)\b)",
        digits=0,
        unless_before=r"(?i:\b(?:may|march)\s$)",
    ),
    _date(rf"\b(?P<value>(?i:{SPELLED}|{COUNTED_DAY})\s(?:of\s)?(?i:{SMALL}),?\s{SPELLED_YEAR})", digits=0),
    # my appointment is the 14th; see you on the 3rd; until the 21st.
    _date(
        r"(?i:\b(?:appointment|appt|surgery|visit|scan|procedure|class|due|back|came|left|here|see\s+you|"
        rf"period)\b(?:\s+(?:is|was|it|on|until|started|again)){{0,2}}\s)(?P<value>the\s{ORDINAL})"
        r"(?=\s*(?:[.,;)!?\n]|$)|\s(?:at|and|or|i|so|if|but|with|for)\b)",
        ("the ",),
    ),
)


PATTERNS = (*_NUMERIC, *_ON_A_LINE, *_WITH_MONTH, *_SPOKEN)
