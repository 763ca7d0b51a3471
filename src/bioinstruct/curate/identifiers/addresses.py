"""Geographic subdivisions smaller than a state: streets, post-office boxes, towns and postal codes beside their state."""

from __future__ import annotations

from bioinstruct.curate.identifiers.pattern import Pattern, each, either

STATE_CODES = each(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN "
    "TX UT VT VA WA WV WI WY"
)
STATE_NAMES = each(
    "Alabama Alaska Arizona Arkansas California Colorado Connecticut Delaware District_of_Columbia Florida Georgia Hawaii Idaho Illinois "
    "Indiana Iowa Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Mississippi Missouri Montana Nebraska Nevada "
    "New_Hampshire New_Jersey New_Mexico New_York North_Carolina North_Dakota Ohio Oklahoma Oregon Pennsylvania Puerto_Rico Rhode_Island "
    "South_Carolina South_Dakota Tennessee Texas Utah Vermont Virginia Washington West_Virginia Wisconsin Wyoming"
)
STATES = frozenset(STATE_CODES) | {name.replace("_", " ") for name in STATE_NAMES}
"""Names and codes of states, which Safe Harbor allows."""
_NAMED = either(*(name.replace("_", r"\s") for name in STATE_NAMES))
_SURE = either("AK AZ DC FL GA IA IL KS KY MN NC ND NE NH NJ NM NV NY RI SD TN TX UT VT WA WI WV WY")
"""Codes that are no word and no sign of medicine: ID 83442, IN 10000, MS 12345, PA 12345 need the town before them."""
STATE = rf"(?:{_NAMED}|{either(*STATE_CODES)}|D\.C\.|D\.C)(?!\w)"

ZIP = r"\d{5}(?:-?\d{4})?(?![\w-]|[.,/]\d)"
POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}\b"
"""Of the United Kingdom."""
CANADIAN = r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d\b"
_NAME = r"(?!Floor\b)[A-Z][a-z'’]+"
CITY = rf"(?:(?:St|Ft|Mt)\.?[ ])?{_NAME}(?:[ -](?:{_NAME}|of|the|on|upon|de|la|le))?(?:[ -]{_NAME}){{0,2}}"
_TAIL = (
    rf"(?:(?:,?\s+{CITY})?,?\s+{STATE}(?:,?\s+{ZIP})?|"
    rf",\s+{CITY}(?:,\s+{CITY})?,?\s+(?:{POSTCODE}|(?:[A-Z]{{2}}\s+)?{CANADIAN}|{ZIP})|"
    rf",?\s+(?:{POSTCODE}|{ZIP}))?"
)
"""Town, state and postal code behind a street, as far as they are there."""

_TYPE = either(
    "Street Avenue Road Boulevard Lane Drive Court Circle Way Place Terrace Parkway Highway Square Trail Loop Alley Crescent Close",
    "Gardens Mews Row Walk Plaza Pike Turnpike Path Run Ridge Hill Grove Heights Crossing Bend Cove Landing Commons Expressway Freeway",
    "Causeway Esplanade Broadway Ave Rd Blvd Ln Ct Cir Pl Ter Pkwy Hwy Sq Trl Aly Cres Tpke Xing",
)
_NAME_FOLLOWS = r"\s+[A-Z][a-z]+(?!,?\s+[A-Z]{2}\b)"
_TYPE_OR_TITLE = rf"(?:St|Dr)\b(?:\.(?!{_NAME_FOLLOWS})|(?!\.|{_NAME_FOLLOWS}))"
"""A saint and a doctor where a name follows."""
_SMALL_TYPE = either("street avenue road boulevard lane drive court circle place terrace parkway highway square trail ave rd blvd")
_UNIT = (
    r"(?:,?\s+(?i:apartment|apt|suite|ste|unit|room|rm|floor|fl|building|bldg|no|lot|#)\b\.?\s?#?\s?[A-Za-z]?-?\d{0,5}[A-Za-z]?\b|"
    r",?\s+\d{1,3}(?:st|nd|rd|th)\s+(?i:floor)\b|,?\s+#\s?\w{1,6}\b)?"
)
_TOWARDS = r"(?:,?\s+(?:[NSEW]{1,2}|North|South|East|West)\b\.?)?"
_WORD = rf"(?:{_NAME}|[A-Z]\.?|[A-Z]{{2,}}|Mc{_NAME}|\d{{1,3}}(?:st|nd|rd|th|ST|ND|RD|TH)|of|the|de|la|del|los|las)"
HOUSE = (
    r"(?<![\w.,/$€£+-])(?:\d{1,3}/)?\d{1,6}(?:[A-Za-z]|-\d{1,4}|\s?1/2)?\s+"
    r"(?!(?:Minute|Hour|Day|Week|Month|Year|Second|Meter|Metre|Foot|Mile|Unit|Step|Point|Way|Lead|Patient)s?\b)"
)
"""A number that counts no time, length or patients."""
_STREET = rf"{HOUSE}(?:{_WORD}[.]?\s+){{1,5}}?(?:{_TYPE}\b\.?(?!\s+(?:{_TYPE}|St|Dr)\b)|{_TYPE_OR_TITLE}){_TOWARDS}"
_NUMBERED_ROAD = r"(?:County|State|Farm|Old|US|U\.S\.)?\s?(?:Road|Route|Highway|Hwy|Rte\.?|Rt\.?)\s+\d{1,4}[A-Z]?"
DWELLS = either(
    r"lives? living lived resid(?:es?|ing|ent\s+of) moved relocated hometown home travel(?:s|led|ed) an?\s+native born grew\s+up raised "
    r"drove driving flew"
)


def _address(expression: str, needs: tuple[str, ...] = (), *, reach: int = 256, digits: int = 1, unless_before: str = "") -> Pattern:
    counted = r"\s+(?:patients|cases|subjects|people|women|men|children|residents|births|deaths)\b"
    return Pattern("address", expression, needs, reach=reach, digits=digits, unless_before=unless_before, unless_after=counted)


PATTERNS = (
    # 12 Elm St., Apt 4B, Springfield, IL 62704: number, words with capitals, a word for a way; what follows of the address is part of it.
    _address(
        rf"(?P<value>{_STREET}{_UNIT}{_TAIL})",
        unless_before=r"(?i:\b(?:phase|day|week|grade|stage|type|table|figure|fig|step|level|vitamin|version|chapter|section)\.?\s*$)",
    ),
    # 123 Broadway, 45 Rural Route 2, 8801 County Road 14, 77 Avenue of the Americas: the type stands first.
    _address(
        rf"(?P<value>{HOUSE}(?:[NSEW]\.?\s+)?(?:Broadway|{_NUMBERED_ROAD}|Avenue\s+(?:[A-Z]|"
        rf"of\s+(?:the\s+)?{_NAME}))\b{_TOWARDS}{_UNIT}{_TAIL})",
        ("broadway", "road", "route", "highway", "hwy", "rte", "rt", "avenue"),
    ),
    # Lives at 123 main street: small letters only after a word for a dwelling.
    _address(
        rf"(?i:\b(?:{DWELLS}|address|located|stay(?:s|ing)|mailed|sent|delivered?|ship(?:ped)?)\b"
        r"(?:\s*(?:is|was|at|on|to|of|near|:|,|him|her|them|it|in|currently|now|record|home)){0,5}\s*"
        rf"(?P<value>\d{{1,6}}\s+(?:[a-z]{{2,15}}\s+|\d{{1,3}}(?:st|nd|rd|th)\s+|[nsew]\.?\s+){{1,3}}?{_SMALL_TYPE}\b\.?))",
        each("liv resid moved relocat home travel native born grew raised dr flew address located stay mailed sent deliver ship"),
    ),
    # P.O. Box 4471, Springfield, IL 62704; Rural Route 2 Box 15.
    _address(
        r"\b(?P<value>(?i:(?:p\.?\s?o\.?|post\s+office)\s+box(?:\s+(?:no\.?|number))?\s+#?\d{1,7}|"
        rf"(?:rr|r\.r\.|rural\s+route|hc)\s+#?\d{{1,4}},?\s+box\s+\d{{1,6}})\b{_TAIL})",
        ("box",),
    ),
    # Springfield, IL 62704; IL 62704-1234; Springfield, Illinois 62704: five digits behind a state are a postal code.
    _address(rf"(?<![\w-])(?P<value>{CITY},\s+{STATE},?\s+{ZIP}|(?:{_NAMED}|{_SURE}),?\s+{ZIP})", digits=5),
    # ZIP code 62704, postal code K1A 0B1, postcode SW1A 1AA.
    _address(
        r"(?i:\b(?:zip|zip[- ]?codes?|postal(?:\s+codes?)?|post\s?codes?)\b)"
        r"(?:\s*(?:[:=#(]|\b(?:is|was|of|area|number|in|for|the|code|his|her|residence|home)\b)){0,5}\s*"
        rf"(?P<value>{ZIP}|\d{{5}}(?:-\d{{4}})?(?=\.(?:\s|$))|(?i:{POSTCODE}|{CANADIAN}|[A-Z]{{1,2}}\d[A-Z\d]? \d[A-Z]{{2}}))",
        ("zip", "postal", "postcode", "post code"),
    ),
    # Lives in Springfield, Illinois: a town with its state, after a word for a dwelling (Lee, MD is a doctor).
    _address(
        rf"(?i:\b{DWELLS}\b(?:\s+(?:\w{{2,12}}\s+)?(?:in|from|of|to|near|outside|is)|:)?\s+)(?P<value>{CITY},\s+{STATE})(?!\w)",
        each("live living resid moved relocat home travel native born grew raised drove driving flew"),
        digits=0,
    ),
    # From Duluth, Minnesota: "from" stands before doctors, too, so without the codes that are degrees.
    _address(rf"\bfrom\s+(?P<value>{CITY},\s+(?:{_NAMED}|{_SURE}))(?!\w)", ("from",), digits=0),
)
