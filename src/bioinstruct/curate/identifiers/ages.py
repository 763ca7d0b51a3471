"""Ages over 89 of one person. The group "90 or older", which Safe Harbor allows, means, bounds and ranges are none."""

from __future__ import annotations

from bioinstruct.curate.identifiers.pattern import Pattern, either

OLD = r"(?P<value>9\d|1[01]\d|12[0-5])"
_UNITS = either("one two three four five six seven eight nine")
SPELLED = rf"(?P<value>(?i:(?:one|a)[ -]hundred(?:[ -](?:and[ -])?(?:{_UNITS}|ten|eleven|twelve))?|ninety(?:[ -]{_UNITS})?)\b)"
_YEARS = r"(?:y(?:ea)?rs?\.?|y)"
MANY = either("people patients adults women men persons individuals those subjects participants population residents")
GROUP = (
    r"(?:[<>≥≤=~]|\d\s*(?:-|–|—|to|and|or)|(?i:\b"
    + either(
        r"over above below under than least most up\s+to until till beyond past reach(?:es|ed|ing)? mean median average maximum minimum",
        r"range ages",
        MANY,
    )
    + r"\s*(?:the )?(?:ages?|aged|who are)?\s*(?:of|was|is|were)?))\s*$"
)
"""Before a number: a bound, a range, a mean or more than one person."""
GROUP_AGED = (
    r"(?i:\b"
    + either(
        "mean median average over above below under than to until beyond past by between reach\\w* before after maximum minimum all", MANY
    )
    + r"\s+(?:(?:the|an?|an? \w+)\s+)?(?:age|aged)\s*(?:of|is|was|[:=])?\s*$|\b(?:gestational|bone)\s+age\b.{0,6}$)"
)
OR_MORE = (
    r"\s*(?:\+|(?i:(?:years?|yrs?)?\s*(?:old|of age)?,?\s*(?:or|and)\s+(?:older|over|above|more|up|beyond|elder|greater)|"
    r"-?\s*(?:to|–|-)\s*\d))"
)
RELATIVE = either(
    "mother father grandmother grandfather great-grandmother great-grandfather husband wife aunt uncle sister brother mom mum mam dad "
    "mama papa",
    "grandma grandpa granny gran nana grandad grandmom neighbou?r mother-in-law father-in-law",
)
_ONE = either("he she patient pt lady woman man gentleman resident", RELATIVE)
SEX = either("male female man woman lady gentleman veteran widow widower nun priest")
_GOES_ON = (
    r"(?i:and (?:lives|living|still|has|had|was|is|very|otherwise|quite|in good|doing|takes|independent|healthy|frail|she|he)|now|"
    r"today|next|last|this|"
    r"in (?:good|fair|poor|great)|in (?:january|february|march|april|may|june|july|august|september|october|november|december)|but|"
    r"with a|who)\b"
)
_AFTER_AGE = (
    rf"(?=\s*(?:[.;!?]\s|[.;!?]?$|,?\s{_GOES_ON}|,\s(?:she|he|her|his|has|lives|and|so|is|was|with|takes|my|very|I)\b|[)\]]|"
    rf"(?i:\s*years\b(?!\s+(?:old|of)))))"
)
"""What follows an age, and no saturation, weight or pulse."""
NOT_MEASURED = (
    r"(?![\w%/°]|[.,-]\d)(?!\s*(?i:days|weeks|months|hours|minutes|degrees|percent|kg|lbs?|cm|mm|mg|mm\s?hg|bpm|%|°|patients|"
    r"on\s+(?:room|ra)\b)\b)"
)
_IS = (
    r"(?:\s+is|['’]s|\s+was|\s+will\s+be|['’]ll\s+be|\s+turn(?:s|ed)|\s+just\s+turned|\s+is\s+turning|\s+would\s+be)(?:\s+(?:now|"
    r"almost|nearly|already|about|just|only))?"
)
_FIRST_WORDS = r"(?:^|[\n:.(\[]\s*|(?i:\b(?:a|an|pt|patient|is|this|elderly|old|frail|pleasant|our|the|white|black|demented)\s+))$"
WARM = r"(?i:\b(?:temp\w*|t|tmax|fever|febrile|thermometer|degrees|warmed|cooled|heated|set)\b[^\n]{0,20}$)"
"""Before a number that is a temperature: 98F."""
_COMING = either(
    r", with w/ who presents? presenting admitted adm p/w c/o s/p h/o hx from in for here found brought bib\w* sent seen transferred "
    r"status dnr full lives living",
    r"resident known pmh\w* on referred bed-?bound c/b a/w nh snf fell complain\w+ being is has was and underwent undergoing y/?o",
)
_SEVERAL = either(
    "patients participants subjects rats mice students controls nurses residents adults donors volunteers cases samples sera veterans "
    "workers donors and or"
)


FIGURES = tuple(str(age) for age in range(90, 126))


def age_pattern(
    expression: str, needs: tuple[str, ...], *, digits: int = 2, before: str = "", unless_before: str = "", unless_after: str = ""
) -> Pattern:
    """A pattern around an age."""
    return Pattern("age_over_89", expression, needs, 72, 48, digits, before, unless_before, unless_after)


def both(
    before_age: str, after_age: str = "", *, before: str = "", unless_before: str = "", unless_after: str = ""
) -> tuple[Pattern, Pattern]:
    """The same with the age in figures and in words."""
    figures = age_pattern(before_age + OLD + after_age, FIGURES, before=before, unless_before=unless_before, unless_after=unless_after)
    spelled = age_pattern(
        before_age + SPELLED + after_age,
        ("ninety", "hundred"),
        digits=0,
        before=before,
        unless_before=unless_before,
        unless_after=unless_after,
    )
    return figures, spelled


PATTERNS = (
    # 92-year-old, 92 year old, 92 yo, 92 y/o, 92 y.o., 92 yrs old, 92 years of age, 92-yr-old, 92 years young.
    age_pattern(
        rf"(?<![\w.,/-]){OLD}(?=[\s-]{{0,2}}(?i:{_YEARS}[\s/-]{{0,2}}(?:o(?:ld|\b)|young)|{_YEARS}\s+of\s+age|yo(?:\b|[mf]\b)|"
        rf"y\.\s?o\.|y/o(?:\b|[mf]\b)))",
        FIGURES,
        unless_before=GROUP,
        unless_after=rf"[\s-]*(?i:{_YEARS})[\s-]*(?i:olds|old{OR_MORE})|\s*(?i:years? of age){OR_MORE}",
    ),
    # 92 yrs. F; 92 y female; 92y/M: sex behind the unit.
    age_pattern(
        rf"(?<![\w.,/-]){OLD}(?=[\s-]?(?i:y(?:rs?|ears?)?)\.?[\s,/-]{{0,2}}(?:[MF]\b|(?i:{SEX})\b))",
        FIGURES,
        unless_before=GROUP,
    ),
    # Age: 92; aged 92; at the age of 92; Age/Sex: 92/F; age (years): 92; aged ninety-four.
    *both(
        r"(?i:\b(?:age|aged)\b(?:\s*/\s*(?:sex|gender))?(?:\s*\((?:in\s+)?(?:y|yrs?|years)\)|,?\s+in\s+years|\s+at\s+(?:death|"
        r"diagnosis|onset|presentation|"
        r"visit|admission|time\s+of\s+\w+))?)(?:\s*[:=–|-]\s*|\s+(?i:of\s+|is\s+|was\s+|about\s+)?)",
        r"(?![\w%]|/(?![MF]\b)|[.,-]\d)",
        unless_before=rf"{GROUP_AGED}|(?i:\b{MANY}\s+\w+\s+$)",
        unless_after=OR_MORE,
    ),
    # She turned 92; her mother is 94 and lives alone; Dad's 90 now; Grandma will be ninety-five in June.
    *both(rf"(?i:\b(?:turn(?:s|ed|ing)|{_ONE}{_IS})\s+)", _AFTER_AGE),
    *both(r"(?i:\bturned\s+)", rf"{NOT_MEASURED}(?=\s(?:in|on|at|when|while|during|yesterday|that|recently)\b)"),
    # I am 93: after a question for the age, or where it begins what is said.
    *both(
        r"(?i:\b(?:how\s+old\b[^\n?]{0,48}|\b(?:age|birthday)\s*)\?\s{1,3}(?:[A-Za-z][\w .'’]{0,20}:\s*)?"
        r"(?:(?:well|oh|um|uh|so|yes|hmm|she|he|i|my|her|his|mother|father|mom|dad)\b[,.…]*\s*){0,4}"
        r"(?:(?:am|is|was|just|turned|now|almost|about|turning|will\s+be|be|i['’]m|she['’]s|he['’]s|(?:she|he|i)['’]ll\s+be|"
        r"it['’]s)\s+){0,4})",
        NOT_MEASURED,
    ),
    *both(
        r"(?:\bI\s+am|\bI['’]m|\bi\s+am|\bi['’]m|\bim)\s+(?:now\s+|almost\s+|already\s+)?",
        r"(?=\s*(?:[.!?]?(?:\n|$)|\s(?:and\s+(?:live|have|still|take|had|my)|years?)\b|,\s(?:and|I|my|so|but|live)\b))",
        unless_after=r"\s*years?\s*(?:old|of)",
    ),
    # Died at 99; died of pneumonia at ninety-seven; lived to 102; alive at 94; passed away at the age of 96.
    *both(
        r"(?i:\b(?:died|passed(?:\s+away)?|expired|deceased|dead)\b(?:\s+(?:of|from|in\s+h(?:is|"
        r"er)\s+sleep)\b(?:\s+[a-z]{1,14}){0,4})?,?\s+at\s+(?:(?:the\s+)?age\s+(?:of\s+)?)?|"
        r"\blived\s+(?:to(?:\s+be)?|until|past)\s+(?:age\s+)?|\balive(?:\s+and\s+well)?,?\s+(?:at\s+)?(?:age\s+)?)",
        NOT_MEASURED,
    ),
    # At 94, he is our oldest patient.
    *both(
        r"\b[Aa]t\s+(?:age\s+)?",
        r"(?=,?\s(?:he|she|my\s+\w+|her\s+mother|his\s+mother|her\s+father|his\s+father|I)\s(?:is|was|"
        r"still|has|had|lives|can|am|does|drives|walks|remains)\b)",
    ),
    # The patient, 92, lives alone; her mother (94); his father 91, alive; Mr. Osei, 93, was seen; a woman, approximately 95 years.
    *both(
        rf"(?i:\b{_ONE},)\s",
        r"(?=,\s[a-z])",
    ),
    *both(
        rf"(?i:\b{RELATIVE})(?:\s*\(|\s)(?:(?i:age|aged|alive|living|healthy|d\.)\s+|d\.\s?)?",
        r"(?=\)|,\s[a-z]|;|\s(?:alive|"
        r"living|healthy|a&w|died|deceased)\b)",
    ),
    *both(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr)\b\.?\s[A-Z][\w'’-]{1,20}(?:\s[A-Z][\w'’-]{1,20})?,\s", r"(?=,\s[a-z])"),
    age_pattern(
        rf"(?i:\b{SEX},?\s+(?:approx(?:\.|imately)?|about|around|roughly|estimated|est\.?|some|~)?\s*){OLD}(?=\s(?:years|"
        rf"yrs)\b(?!\s*(?:of\s+follow|later|after|ago|since)))",
        FIGURES,
    ),
    # A woman of 92; her 92nd birthday.
    *both(r"(?i:\b(?:woman|man|lady|gentleman|widow|widower)\s+of\s+)", NOT_MEASURED),
    age_pattern(rf"(?<![\w.]){OLD}(?=(?:st|nd|rd|th)\s+(?i:birthday|year\s+of\s+life))", ("birthday", "year of life")),
    # 92F with, 94M presenting, 94 F s/p: sex after age, as notes begin.
    age_pattern(
        rf"(?<![\w.,/-]){OLD}(?=\s?(?:[MF]|[WBHA][MF])\b(?i:\s*(?:{_COMING}(?![a-z]))|\s[A-Z]{{2,6}}\b))",
        FIGURES,
        before=_FIRST_WORDS,
        unless_before=WARM,
    ),
    # 94 female from a care home; an elderly 95 man.
    age_pattern(rf"(?<![\w.,/-]){OLD}(?=\s(?i:{SEX})\b(?!\s+{_SEVERAL}|\s*(?:,|and|/)\s*\d))", FIGURES, before=_FIRST_WORDS),
    # Ninety-two-year-old, one hundred and three years old.
    age_pattern(
        rf"(?i:\b{SPELLED}(?=[\s-]+(?:years?|yrs?)[\s-]+(?:old\b|of\s+age|young\b)))",
        ("ninety", "hundred"),
        digits=0,
        unless_before=GROUP,
        unless_after=rf"(?i:[\s-]*years?[\s-]*(?:olds|(?:old|of age){OR_MORE}))",
    ),
    # In her nineties, in his late 90s: of one person; a nonagenarian, the centenarian who ...: not those of a study.
    age_pattern(
        r"(?i:\bin\s+(?:his|her|my)\s+(?:(?:very\s+)?(?:early|mid|middle|late)[ -])?(?P<value>nineties|90['’]?s)\b)",
        ("nineties", "90s", "90's", "90’s"),
        digits=0,
    ),
    age_pattern(
        r"(?i:\b(?:is|was|a|this|another|our)\s+(?:(?!who\b)[a-z-]{1,14}\s+){0,2}(?P<value>(?:nonagenarian|"
        r"(?:super-?)?centenarian)))(?=[.,;]|$|\s(?:man|woman|lady|gentleman|who|with|was|is|from|living|admitted|"
        r"presenting|and\s+(?:has|had|is|was|lives|still))\b)",
        ("nonagenarian", "centenarian"),
        digits=0,
    ),
)
