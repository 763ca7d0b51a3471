"""Dates finer than a year."""

from __future__ import annotations

from collections.abc import Callable

from bioinstruct.curate.identifiers.checksums import calendar_day, digits
from bioinstruct.curate.identifiers.date_words import (
    AFTER_EVENT,
    ALONE,
    ANY_YEAR,
    CERTAIN,
    CLOSED,
    COUNTED,
    COUNTED_DAY,
    DAY,
    DAYS,
    FREE,
    FREE_OR_TO,
    GENES,
    HOLIDAY,
    IN_A_MONTH,
    IN_BRACKETS,
    JOINED,
    MEASURED,
    MONTH,
    MONTHS,
    NEEDS_MONTH,
    NO_SHARE,
    ON_A_DAY,
    ON_WEEKDAY,
    ONLY_A_DAY,
    ORDINAL,
    PAST,
    PLAIN,
    SCORED,
    SHARED,
    SHORT,
    SMALL,
    SPELLED,
    SPELLED_YEAR,
    STAY,
    STOPS,
    TO,
    WEEKDAY,
    WORD,
    WRITTEN,
    YEAR,
)
from bioinstruct.curate.identifiers.pattern import Pattern, each, either


def _compact(value: str) -> bool:
    """Whether eight digits are year, month and day, or month or day first."""
    figures = digits(value)
    year_first = figures[:2] in {"19", "20"} and calendar_day(f"{figures[4:6]}/{figures[6:]}")
    return year_first or (figures[4:6] in {"19", "20"} and calendar_day(f"{figures[:2]}/{figures[2:4]}"))


def _spaced(value: str) -> bool:
    """Whether day and month, in either order, stand before the year: 3 14 1958, 031458."""
    figures = value.replace(" ", "")
    return calendar_day(value.replace(" ", "/") if " " in value else f"{figures[:2]}/{figures[2:4]}")


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
    """A date around a month's name or a separator."""
    return Pattern("date", expression, needs, 40, 48, digits, before, unless_before, unless_after, check)


_NUMERIC = (
    # 03/14/2021, 03/14/2021-03/16/2021: four digits of year leave no doubt.
    _date(rf"{FREE_OR_TO}(?P<value>\d{{1,2}}/\d{{1,2}}/{YEAR})(?![\w/])", ("/",), digits=4, check=calendar_day),
    # 14.03.2021, 3-14-2021.
    _date(rf"{FREE}(?P<value>\d{{1,2}}([.-])\d{{1,2}}\2{YEAR}){CLOSED}", (".", "-"), digits=4, check=calendar_day),
    # 2021-03-14, also with a time behind it, which is none of ours.
    _date(rf"{FREE}(?P<value>{YEAR}([-/.])\d{{1,2}}\2\d{{1,2}})(?:(?=T\d)|{CLOSED})", ("/", ".", "-"), digits=4, check=calendar_day),
    # 03/14/21: unless it counts (days 7/14/21) or doses (5/10/20 mg).
    _date(
        rf"{FREE_OR_TO}(?P<value>\d{{1,2}}/\d{{1,2}}/\d{{2}})(?![\w/]|\.\d)",
        ("/",),
        unless_before=COUNTED,
        unless_after=MEASURED,
        check=calendar_day,
    ),
    # 03-14-21, 14.3.21: a range or a version as well, so only after a word for a day.
    _date(
        rf"{FREE}(?P<value>\d{{1,2}}([.-])\d{{1,2}}\2\d{{2}}){CLOSED}",
        ("-", "."),
        before=ON_A_DAY,
        unless_after=MEASURED,
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
        rf"{FREE}(?P<value>(?:0?[1-9]|1[0-2])[/-]{YEAR})(?:{TO}(?P<value_2>(?:0?[1-9]|1[0-2])[/-]{YEAR}))?{CLOSED}",
        ("/", "-"),
        digits=4,
        before=IN_A_MONTH,
        unless_after=SHARED,
    ),
    # 03/2021, 03/2021 to 12/2021: a share has no nought in front.
    _date(rf"{FREE}(?P<value>0[1-9]/{YEAR})(?:{TO}(?P<value_2>(?:0?[1-9]|1[0-2])/{YEAR}))?{CLOSED}", ("/",), digits=4),
    # In 01/08, since 9/93: with a nought in front, or a year of the last century.
    _date(
        rf"(?i:\b(?:in|since|until|till|during)\s+)(?P<value>0[1-9]/\d{{2}}|(?:[1-9]|1[0-2])/[6-9]\d){CLOSED}",
        ("/",),
        unless_after=SHARED,
    ),
    # From 3/2 to 3/16, between 3/2 and 3/16: with equal denominators it is a score that changes.
    _date(
        rf"(?i:\b(?:from|between)\s+)(?P<value>\d{{1,2}}/(\d{{1,2}})){TO}(?P<value_2>\d{{1,2}}/(?!\2\b)\d{{1,2}}){CLOSED}",
        ("/",),
        unless_after=MEASURED,
        check=calendar_day,
    ),
    # DOB 3 14 1958, DOB: 031458: only after the label.
    _date(
        r"(?i:\b(?:dob|d\.o\.b\.?|date\s+of\s+birth|birth\s?date)\b)[\s:=-]{0,4}(?P<value>\d{1,2} \d{1,2} (?:19|20)\d{2}|\d{6})(?![\w/-])",
        ("dob", "d.o.b", "birth"),
        check=_spaced,
    ),
    # Colonoscopy 6/2019, s/p CABG (7/1955), MVA 11/98: a share is not followed by the end of what is said, or its number is no year.
    _date(
        rf"{FREE}(?P<value>(?:0?[1-9]|1[0-2])/(?:19[4-9]\d|20[0-3]\d)){STOPS}",
        ("/",),
        digits=4,
        before=rf"{AFTER_EVENT}|(?i:\b(?:last|next|most\s+recent|repeat|due|since)\b[^.;\d\n]{{0,30}}$)",
        unless_after=SHARED,
    ),
    _date(rf"{FREE}(?P<value>(?:0?[1-9]|1[0-2])/(?:19\d\d|20[0-3]\d))(?=\s*\))", ("/",), digits=4, before=PAST),
    _date(
        rf"{FREE}(?P<value>(?:0?[1-9]|1[0-2])/[6-9]\d){STOPS}",
        ("/",),
        before=rf"{AFTER_EVENT}|{PAST}",
        unless_after=SHARED,
    ),
    # Colonoscopy done 2019-06: a range of years as well.
    _date(rf"{FREE}(?P<value>{YEAR}[-/](?:0[1-9]|1[0-2])){CLOSED}", ("-", "/"), digits=4, before=ONLY_A_DAY + r"|(?i:\bdone\s+$)"),
    # Labs (5/3): normal; hospital course (4/11 - 6/2); hospitalized 2/11-2/19.
    _date(
        rf"{FREE}(?P<value>(?!2/2\b)\d{{1,2}}/\d{{1,2}})(?:{TO}(?P<value_2>\d{{1,2}}/\d{{1,2}}))?(?=\s*[)\]])",
        ("/",),
        before=IN_BRACKETS,
        check=calendar_day,
    ),
    _date(
        rf"{FREE}(?P<value>\d{{1,2}}/(\d{{1,2}}))\s*[-–—]\s*(?P<value_2>\d{{1,2}}/(?!\2\b)\d{{1,2}})(?![\w/%]|[.-]\d)",
        ("/",),
        before=STAY,
        unless_before=SCORED,
        unless_after=MEASURED,
        check=calendar_day,
    ),
    # Extubated 1/9, filled 7/20: after what happens on a day, where nothing that is counted follows.
    _date(
        rf"{FREE}(?P<value>(?!2/2\b)\d{{1,2}}/\d{{1,2}}){STOPS}",
        ("/",),
        before=AFTER_EVENT,
        unless_before=SCORED,
        unless_after=MEASURED,
        check=calendar_day,
    ),
    _date(
        rf"(?i:\b(?:transferred|moved|discharged|admitted)\s+to\s+(?:the\s+)?(?:floor|ward|icu|micu|sicu|ccu|rehab|snf|unit|home|"
        rf"hospice))\s+"
        rf"(?P<value>\d{{1,2}}/\d{{1,2}}){STOPS}",
        ("/",),
        check=calendar_day,
    ),
    # Mon 6/3: a weekday before it.
    _date(rf"(?<!\w)(?P<value>{ON_WEEKDAY}\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?){CLOSED}", ("/",), check=calendar_day),
    # 3/14: extubated: a list of days, each at the beginning of its line.
    _date(
        r"(?m:^)[ \t]{0,4}(?:[-*•][ \t]+)?(?P<value>(?!2/2\b|1/2\b|3/4\b)\d{1,2}/\d{1,2})(?=:[ \t]+[A-Za-z])",
        ("/",),
        check=calendar_day,
    ),
    # On 3/14, DOB 14/03: a share or a score as well (3/5, 20/20), so only directly after a word for a day; 2/2 is "secondary to".
    _date(
        rf"{FREE}(?P<value>(?!2/2\b)\d{{1,2}}/\d{{1,2}})(?:{TO}(?P<value_2>\d{{1,2}}/\d{{1,2}}))?{CLOSED}",
        ("/",),
        before=ONLY_A_DAY,
        unless_before=SCORED,
        unless_after=MEASURED,
        check=calendar_day,
    ),
)

_WITH_YEAR = (
    # March 14, 2021; Mar. 14th '21; March 3-5, 2021.
    _date(
        rf"{WORD}(?P<value>{WEEKDAY}{MONTH}\s+(?:the\s+)?{DAYS}(?:{TO}{DAYS})?(?:,\s*|\s+of\s+|\s+){ANY_YEAR}){NO_SHARE}",
        unless_after=rf"{MEASURED}|:\d",
    ),
    # Mar-14-2021, MAR/14/21.
    _date(rf"{WORD}(?P<value>{MONTH}([-/]){DAY}\2(?:{YEAR}|\d{{2}})){CLOSED}"),
    # march 14, 2021: small letters with a year of four digits.
    _date(rf"{WORD}(?P<value>{SMALL}\.?\s+{DAYS},?\s+{YEAR})(?![\w/])"),
    # 14 March 2021, 14th of March '21, 14-Mar-21, 3-5 March 2021, Monday the 14th of March, 2021.
    _date(
        rf"{FREE}(?P<value>{WEEKDAY}(?:the\s+)?(?:{DAYS}{TO})?{DAYS}(?:\s+day)?(?:\s+of\s+|\s*[-/.]?\s*)"
        rf"(?:{MONTH}|{SMALL}\b)(?:,?\s+(?={YEAR})|,?[ ]|\s?[-/.,]\s?){ANY_YEAR}){NO_SHARE}",
        unless_after=MEASURED,
    ),
    # Mar '21; Christmas Eve 2019: a holiday alone is none.
    _date(rf"{WORD}(?P<value>{MONTH}\s+['’]\d{{2}}){NO_SHARE}"),
    _date(
        rf"(?<!\w)(?P<value>{HOLIDAY}(?:,?\s+(?:of\s+|in\s+)?)?{YEAR})(?![\w/-])",
        each(
            "christmas xmas new easter thanksgiving halloween hanukkah diwali passover ramadan juneteenth whit pentecost eid day "
            "weekend wednesday sunday friday"
        ),
        digits=4,
    ),
    # 14MAR21, 14Mar2021.
    _date(rf"{FREE}(?P<value>\d{{1,2}}{JOINED}(?:{YEAR}|\d\d))(?!\w)"),
    # 2021 Mar 14, 2021-Mar-14, 2021 March: how registers and journals write.
    _date(rf"{FREE}(?P<value>{YEAR}[-\s]{MONTH}(?:[-\s]{DAY}(?![\d%.-]))?)(?!\w|\s+\d)"),
    # March 2021, Mar-2021, March of 2021: a month is finer than a year. Small letters with a word before (in march 2021).
    _date(rf"{WORD}(?P<value>(?:(?:[Mm]id|[Ee]arly|[Ll]ate)-)?{MONTH}(?:,?\s+(?:of\s+)?|-|,){YEAR})(?![\w/]|-\d)", unless_after=MEASURED),
    _date(
        rf"(?i:\b(?:in|since|of|from|until|till|to|by|around|during)\s+)(?P<value>{either(*MONTHS)}\s+(?:of\s+)?{YEAR})(?![\w/])",
        unless_after=MEASURED,
    ),
)

_WITHOUT_YEAR = (
    # March 14, March 14th, March 3-5: a month written out with a capital leaves no doubt, but for what is measured.
    _date(
        rf"{WORD}(?P<value>{WEEKDAY}{WRITTEN}\s+(?:the\s+)?{DAYS}(?:{TO}{DAYS}(?![\d/]))?){ALONE}",
        unless_after=MEASURED,
    ),
    # Mar 14th, OCT 4th: an ordinal.
    _date(rf"{WORD}(?P<value>{WEEKDAY}{MONTH}\s+(?:the\s+)?{ORDINAL})(?!\w)"),
    # Friday, Oct. 3: a weekday.
    _date(rf"{WORD}(?P<value>{ON_WEEKDAY}{MONTH}\s+{DAY}){ALONE}"),
    # Jan 31, Aug 30, Oct. 3: short forms that are no other word, and those with a point.
    _date(
        rf"{WORD}(?P<value>(?:{CERTAIN}\b\.?|(?:Mar|Jun|Sep|Sept|Oct|Dec)\.)[ \t]{{1,2}}{DAY}(?:{TO}{DAY}(?![\d/]))?){ALONE}",
        unless_after=rf"{MEASURED}|{GENES}",
    ),
    # Mar 14, OCT 4, SEP 15: names of genes and methods as well, so after a word for a day.
    _date(
        rf"{WORD}(?P<value>{MONTH}\s+{DAY}){ALONE}",
        before=ON_A_DAY,
        unless_after=rf"{MEASURED}|{GENES}",
    ),
    # 14 March, 14th of March, the 14th of Mar, 3-5 March.
    _date(
        rf"{FREE}(?P<value>{WEEKDAY}(?:the\s+)?(?:{DAYS}{TO})?(?:{DAY}\s+(?:of\s+)?{WRITTEN}|"
        rf"{ORDINAL}\s+(?:day\s+)?(?:of\s+)?(?:{MONTH}|{SMALL})))(?![\w-])",
    ),
    # 14-Mar, 14 Mar: after a word for a day.
    _date(rf"{FREE}(?P<value>{DAY}(?:-{MONTH}|\s{SHORT}))(?![\w-])", before=ON_A_DAY),
    # January 5, small: only the months whose names are no other word.
    _date(rf"{WORD}(?P<value>{PLAIN}\s+(?:the\s+)?{DAYS}){ALONE}", unless_after=MEASURED),
    # March fourteenth; the fifth of May.
    _date(
        rf"\b(?P<value>(?:(?:the\s+)?{SPELLED}\s+(?:day\s+)?of\s+(?:{MONTH}|{SMALL})|(?:{MONTH}|{PLAIN})\s+(?:the\s+)?{SPELLED})\b"
        rf"(?:,?\s+(?:of\s+)?(?:{YEAR}\b|{SPELLED_YEAR}))?)",
        each("first second third fourth fifth sixth eventh eighth ninth tenth twelfth eenth tieth"),
        digits=0,
    ),
    # May five, nineteen sixty; nine September nineteen sixty-one.
    _date(
        rf"\b(?P<value>(?:(?:{MONTH}|{PLAIN})\s+(?:the\s+)?(?:{COUNTED_DAY}|{SPELLED}|{DAYS})|(?:{COUNTED_DAY}|"
        rf"{DAYS})\s+(?:of\s+)?(?:{MONTH}|{PLAIN}))"
        rf",?\s+(?:of\s+|in\s+)?{SPELLED_YEAR})",
        ("thousand", "nineteen", "twenty"),
        digits=0,
    ),
    # July two thousand four; October of nineteen ninety.
    _date(
        rf"{WORD}(?P<value>(?:{MONTH}|{PLAIN}),?\s+(?:of\s+)?{SPELLED_YEAR})",
        ("thousand", "nineteen", "twenty"),
        digits=0,
    ),
    # On the 14th, where nothing that can be counted follows (the 14th day, the 5th digit).
    _date(
        rf"(?i:\b(?:on|until|since|by)\s+{WEEKDAY})(?P<value>the\s+{ORDINAL})"
        r"(?=\s*(?:[.,;)]|$|\s(?:of (?:this|the|last|next) month|she|he|they|we|I|with|because|when)\b))",
        ("the ",),
    ),
)

PATTERNS = (*_NUMERIC, *_WITH_YEAR, *_WITHOUT_YEAR)
