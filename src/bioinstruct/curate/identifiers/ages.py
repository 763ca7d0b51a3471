"""Ages over 89 of one person. The group "90 or older", which Safe Harbor allows, means, bounds and ranges are none."""

from __future__ import annotations

from bioinstruct.curate.identifiers.pattern import Pattern, either

_OLD = r"(?P<value>9\d|1[01]\d|12[0-5])"
_UNITS = either("one two three four five six seven eight nine")
_SPELLED = rf"(?P<value>(?:one|a)[ -]hundred(?:[ -](?:and[ -])?(?:{_UNITS}|ten|eleven|twelve))?|ninety(?:[ -]{_UNITS})?)"
_YEARS = r"(?:y(?:ea)?rs?\.?|y)"
_MANY = either("people patients adults women men persons individuals those subjects participants population residents")
_GROUP = (
    r"(?:[<>≥≤=~]|\d\s*(?:-|–|—|to|and|or)|(?i:\b"
    + either(
        r"over above below under than least most up\s+to until till beyond past reach(?:es|ed|ing)? mean median average maximum minimum",
        r"range ages",
        _MANY,
    )
    + r"\s*(?:the )?(?:ages?|aged|who are)?\s*(?:of|was|is|were)?))\s*$"
)
"""Before a number: a bound, a range, a mean or more than one person."""
_GROUP_AGED = (
    r"(?i:\b"
    + either(
        "mean median average over above below under than to until beyond past by between reach\\w* before after maximum minimum all", _MANY
    )
    + r"\s+(?:(?:the|an?|an? \w+)\s+)?(?:age|aged)\s*(?:of|is|was|[:=])?\s*$|\b(?:gestational|bone)\s+age\b.{0,6}$)"
)
_OR_MORE = (
    r"\s*(?:\+|(?i:(?:years?|yrs?)?\s*(?:old|of age)?,?\s*(?:or|and)\s+(?:older|over|above|more|up|beyond|elder|greater)|"
    r"-?\s*(?:to|–|-)\s*\d))"
)
_ONE = either("he she patient mother father grandmother grandfather husband wife lady woman man gentleman resident")
_AFTER_AGE = (
    r"(?=\s*(?:[.;]\s|[.;]?$|,?\s(?i:and (?:lives|living|still|has|was|is|very|otherwise|quite|in good)|now\b|today\b|next\b|last\b|this\b|"
    r"in (?:january|february|march|april|may|june|july|august|september|october|november|december))|(?i:\s*years\b(?!\s+(?:old|of)))))"
)
"""What follows an age, and no saturation, weight or pulse."""


def _age(
    expression: str, needs: tuple[str, ...], *, digits: int = 1, before: str = "", unless_before: str = "", unless_after: str = ""
) -> Pattern:
    return Pattern("age_over_89", expression, needs, 48, 48, digits, before, unless_before, unless_after)


PATTERNS = (
    # 92-year-old, 92 year old, 92 yo, 92 y/o, 92 y.o., 92 yrs old, 92 years of age, 92-yr-old.
    _age(
        rf"(?<![\w.,/-]){_OLD}(?=[\s-]{{0,2}}(?i:{_YEARS}[\s/-]{{0,2}}o(?:ld|\b)|{_YEARS}\s+of\s+age|yo\b|y\.\s?o\.|y/o\b))",
        ("y",),
        unless_before=_GROUP,
        unless_after=rf"[\s-]*(?i:{_YEARS})[\s-]*(?i:olds|old{_OR_MORE})|\s*(?i:years? of age){_OR_MORE}",
    ),
    # Age: 92; aged 92; at the age of 92; Age/Sex: 92/F.
    _age(
        rf"(?i:\b(?:age|aged)\b(?:\s*/\s*(?:sex|gender))?)(?:\s*[:=]\s*|\s+(?i:of\s+|is\s+|was\s+)?){_OLD}(?![\w%]|/(?![MF]\b)|[.,-]\d)",
        ("age",),
        unless_before=_GROUP_AGED,
        unless_after=_OR_MORE,
    ),
    # She turned 92; her mother is 94 and lives alone.
    _age(
        rf"(?i:\b(?:turn(?:s|ed|ing)|{_ONE}(?:\s+is|['’]s|\s+was)(?:\s+now)?)\s+){_OLD}{_AFTER_AGE}",
        ("turn", " is ", "'s ", "’s ", " was "),
    ),
    # Her grandmother died at 99; the patient, 92, lives alone.
    _age(rf"(?i:\bdied\s+at\s+(?:age\s+)?){_OLD}(?![\w%/]|[.,-]\d)(?!\s*(?:days|weeks|months|hours))", ("died",)),
    _age(rf"(?i:\b{_ONE}),\s{_OLD}(?=,\s[a-z])", (", ",)),
    # A woman of 92; her 92nd birthday.
    _age(rf"(?i:\b(?:woman|man|lady|gentleman)\s+of\s+){_OLD}(?![\w%/]|[.,-]\d)(?!\s*(?:kg|lb|cm|mg))", (" of ",)),
    _age(rf"(?<![\w.]){_OLD}(?=(?:st|nd|rd|th)\s+birthday)", ("birthday",)),
    # 92F with, 94M presenting: sex after age, as notes begin.
    _age(
        rf"(?<![\w.,/-]){_OLD}"
        r"(?=\s?[MF]\b(?i:\s*(?:,|with|w/|who|presents|presenting|admitted|p/w|c/o|s/p|h/o)))",
        (),
        before=r"(?:^|[\n:.]\s*|(?i:\b(?:a|an|pt|patient|is|this)\s+))$",
    ),
    # Ninety-two-year-old, one hundred and three years old.
    _age(
        rf"(?i:\b{_SPELLED}(?=[\s-]+years?[\s-]+(?:old\b|of\s+age)))",
        ("ninety", "hundred"),
        digits=0,
        unless_before=_GROUP,
        unless_after=rf"(?i:[\s-]*years?[\s-]*(?:olds|(?:old|of age){_OR_MORE}))",
    ),
    # Aged ninety-four, turned ninety-one.
    _age(
        rf"(?i:\b(?:aged|turned|turning|age\s+of)\s+{_SPELLED}\b)",
        ("ninety", "hundred"),
        digits=0,
        unless_before=rf"(?i:\b{_MANY}\s+\w+\s+$)|(?i:\b(?:mean|median|average)\s+age\s+of\s+$)",
        unless_after=_OR_MORE,
    ),
)
