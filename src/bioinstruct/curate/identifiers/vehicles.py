"""Vehicle identification numbers by their check digit or label, and licence plates by their label or the vehicle before them."""

from __future__ import annotations

import re

from bioinstruct.curate.identifiers import checksums
from bioinstruct.curate.identifiers.pattern import Pattern, each, either

_GROUP = r"(?:[A-Z]{1,4}\d{0,5}[A-Z]{0,3}|\d{1,5}[A-Z]{0,4}\d{0,3})"
_PLATE = rf"(?P<value>(?-i:{_GROUP}(?:[ ]?[·•-][ ]?{_GROUP}|[ ]{_GROUP}){{0,3}}))(?![\w-]|[.,]\d)"
"""ABC 1234, 7ABC123, AB12 CDE, B-AB 1234, 34W-56278."""
FORM = (
    # 7ABC123, ABC-1234, KLM 4521, AB12 CDE, A123 BCD
    r"(?:\d[A-Z]{3}\d{3}|[A-Z]{2,3}[ -]?\d{3,5}|[A-Z]{2}\d{2}[ ]?[A-Z]{3}|[A-Z]\d{1,3}[ -]?[A-Z]{3}|\d{2,4}[ -]?[A-Z]{2,3}|"
    # 34W-56278, UL-476-UA, 76-PFB-6, B-AB 1234, 191-D-12345
    r"\d{2}[A-Z]-\d{5}|[A-Z]{1,2}[ -]\d{2,4}[ -][A-Z]{2}|\d{2}-[A-Z]{2,3}-\d{1,2}|[A-Z]{1,3}-[A-Z]{1,2}[ -]\d{1,4}|"
    r"\d{2,3}-[A-Z]{1,2}-\d{1,6}|"
    # ABC D12, ABC 12D, 1AB 2CD, DV 4471A, 1A2345
    r"[A-Z]{3}[ -]?[A-Z]?\d{2}[A-Z]?|[A-Z]{2,3}[ -]\d{1,2}[A-Z]{1,2}\d{0,2}|\d[A-Z]{2}[ ]?\d[A-Z]{2}|[A-Z]{2}[ "
    r"-]?\d{3,4}[A-Z]{1,2}|\d[A-Z]\d{4})"
)
"""The forms of plates that are those of little else."""
_VALUE = rf"(?P<value>(?-i:{FORM}))(?![\w-]|[.,]\d)"
_SMALL_PLATE = r"(?P<value_2>(?-i:(?=[a-z]{0,4}[ -]?\d|\d{1,4}[a-z])[a-z\d]{1,4}[ -]?[a-z\d]{2,5}(?=[\s,.;?!)]|$)))"
CAR = either(
    r"cruiser bus cars? vehicle truck van minivan sedan suv pickup motorcycle motorbike scooter trailer ambulance taxi cab lorry jeep "
    "hatchback "
    r"estate coupe convertible wagon camper",
    "honda toyota ford chevrolet chevy nissan bmw subaru mazda hyundai kia volkswagen vw audi mercedes lexus dodge gmc buick ram tesla "
    "volvo fiat renault peugeot citroen opel vauxhall skoda seat mitsubishi suzuki acura cadillac chrysler mini",
    "civic accord camry corolla prius focus fiesta golf astra corsa silverado tacoma altima sentra escape explorer outback forester tesla",
)
_DRIVES = either(r"driv(?:es?|ing|en) drove parked parking towed valet tow hit-and-run struck mv[ac] mvc veh vehicle", CAR)
_STATE = (
    "(?-i:AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|"
    "OH|OK|OR|PA|RI|SC|SD|TN|"
    r"TX|UT|VT|VA|WA|WV|WI|WY|[A-Z][a-z]{2,12}(?:\s[A-Z][a-z]{3,9})?)"
)
_LINK = (
    r"(?:\s?[:=#.,(\[\"'/–—-]|\s?\b(?:numbers?|nos?|nr|id|is|was|reads?|read|reading|shows?|showing|of|registered|to|"
    "in|as|on|the|with|state|says?|"
    rf"mine|ends?|ending|my|his|her|their|file|form|listed|given|it|for|under|partial|ca)\b|\s(?:\({_STATE}\)|{_STATE}(?=[\s:,]))"
    r"|\s?\([a-z ]{2,24}\)){0,6}\s{0,3}"
)
_LINK_OR_REPLY = rf"(?:{_LINK}|[^\n?\d]{{0,40}}\?[^\n\d]{{0,30}}\n[ \t]{{0,4}}[A-Za-z][\w .'’]{{0,20}}:[^\n\d]{{0,24}}?(?<![\w-]))"
_SURE_LABEL = (
    r"(?:(?:licen[cs]e|lic\.?|registration|number|vehicle|car|auto(?:mobile)?|truck|van|trailer|motorcycle|temp(?:orary)?|vanity|"
    r"(?:handicap(?:ped)?|disabled)(?:\s+parking)?|parking|index)(?:\s+no\.?)?\s+(?:plates?|tags?|mark)\b|"
    r"plates?\s*(?:numbers?|nos?\b\.?|nr|\#|:|=)|kennzeichen|matr[ií]cula|immatriculation|targa|"
    r"(?:vehicle|car|van|auto|ambulance)\s+(?:registration|reg\b\.?|rego)|registration\s+(?:number\s+|"
    r"no\.?\s+)?(?:of\s+)?(?:the|her|his|my|your)\s+(?:car|van|vehicle)|"
    r"\brego\b|tag\s+(?:number|no\.?|\#))"
)


def _plate(value: str) -> bool:
    """Whether a value has letters and digits as a plate has, and is no number with its unit (12 MG) or name of a road (I 95)."""
    count = sum(map(str.isalnum, value))
    return (
        4 <= count <= 10
        and any(map(str.isdigit, value))
        and any(map(str.isalpha, value))
        and not re.fullmatch(r"\d+\s?[A-Z]{1,2}", value)
        and not re.fullmatch(r"(?:CT|MRI?|ICU|ED|ER|OR|AM|PM|GCS|BP|HR|EMS|MVC|MVA|ISO|COVID|ICD|CPT|PO|IV|LCP|DCP|LC)[ -]?\w*", value)
    )


def _plate_or_number(value: str) -> bool:
    return _plate(value) or bool(re.fullmatch(r"\d{5,7}|[A-Z]{5,8}", value) and value.isdigit())


_VIN = (
    # 1HGCM82633A004352: seventeen characters with the right check digit, wherever they stand.
    Pattern("vehicle", r"(?<![\w-])(?P<value>(?i:[A-HJ-NPR-Z0-9]{17}))(?![\w-])", check=checksums.vin),
    # Chassis no. WVWZZZ1JZ3W386752: those from outside North America (1 to 5) have no check digit, so behind a label.
    Pattern(
        "vehicle",
        r"(?i:\b(?:v\.?i\.?n\b\.?|vehicle\s+id(?:entification|entifier)?|chassis|frame)(?:\s?(?:numbers?|nos?\b\.?|nr\.?|"
        r"\#|id))?[^\n]{0,24}?)"
        r"(?<![\w-])(?P<value>(?=[A-Z0-9 -]{0,16}\d)(?![1-5])(?i:[A-HJ-NPR-Z0-9]{17}|[A-HJ-NPR-Z0-9]{3}[ "
        r"-][A-HJ-NPR-Z0-9]{6}[ -][A-HJ-NPR-Z0-9]{8}))(?![\w-])",
        each("vin v.i.n vehicle chassis frame"),
        check=lambda value: not value.isalpha(),
    ),
    Pattern(
        "vehicle",
        r"(?<![\w-])(?P<value>(?=[A-Z]{0,16}\d)(?![1-5])[A-HJ-NPR-Z0-9]{17})(?=\s?[(,]?\s?(?:is|was|as)?\s?(?i:(?:the|my|"
        r"his|her|a)?\s?(?:vin|chassis)\b))",
        ("vin", "chassis"),
    ),
    # VIN ending 004352, last 8 of VIN 3A004352.
    Pattern(
        "vehicle",
        r"(?i:\bvin\b[^\n\d]{0,12}(?:\(?\s?last\s+(?:\d|four|six|eight)\s?\)?|end(?:s|ing)(?:\s+(?:in|with))?)[\s:]{1,3}|"
        r"\blast\s+(?:\d|four|six|eight)\s+(?:digits\s+|characters\s+)?of\s+(?:the\s+|his\s+|her\s+)?vin[\s:,]{1,3}(?:is\s+|are\s+)?)"
        r"(?P<value>(?=[A-Z]{0,4}\d)[A-Z\d]{4,8})(?!\w)",
        ("vin",),
    ),
)

_PLATES = (
    # License plate 7ABC123 (CA); registration plate AB12 CDE; "Your plate number? - It's ABC 1234"; a state may stand between.
    Pattern(
        "vehicle",
        rf"(?i:(?<![\w-]){_SURE_LABEL}{_LINK_OR_REPLY})(?:{_PLATE}|(?i:{_SMALL_PLATE}))",
        each("plate tag mark reg rego registration kennzeichen matr immatriculation targa"),
        check=lambda value: _plate_or_number(value.upper()),
    ),
    # Plate ABC-1234: a plate is of bone surgery and of laboratories as well, so its form must be that of a vehicle's.
    Pattern(
        "vehicle",
        rf"(?i:\bplates?\b{_LINK_OR_REPLY}){_VALUE}",
        ("plate",),
        unless_before=r"(?i:\b(?:bone|growth|agar|well|volar|locking|compression|tibial|fixation|culture|blood|microtiter|"
        r"elisa)\s+plates?\b.{0,20}$)",
        check=_plate,
    ),
    # A car with tags 7ABC123, registered as AB12 CDE; reg: AB12 CDE.
    Pattern(
        "vehicle",
        r"(?i:\b(?:plates?|tags?|registered(?:\s+as)?|registration|reg\.?|licen[cs]e|index(?=\s(?:no|number|mark)))(?:\s?(?:number|no\.?|"
        rf"\#))?{_LINK})(?P<value>(?-i:{_GROUP}(?:[ ·•-]{_GROUP}){{0,3}}))(?![\w-]|[.,]\d)",
        each("plate regist reg tag licen index"),
        before=rf"(?i:\b{_DRIVES}\b)",
        check=_plate,
    ),
    # Reg no. AB12 CDE; rego ABC 12D; FL tag ABC D12: the plate's own form.
    Pattern(
        "vehicle",
        rf"(?i:\b(?:reg(?:istration)?|rego|index(?=\s(?:no|number|mark))|tags?)\b\.?(?:\s?(?:number|no\.?|\#|mark))?{_LINK_OR_REPLY}){_VALUE}",
        each("reg index tag"),
        unless_before=r"(?i:\b(?:asset|equipment|biomed|property|bme|nursing|nurse|trial|study)\s+(?:reg\w*|tags?)\b.{0,16}$)",
        check=_plate,
    ),
    # MMB 690 as the licence plate; KLM-4521 is his plate number; ABC1234 (plate).
    Pattern(
        "vehicle",
        rf"(?<![\w-]){_PLATE}(?=(?:,?\s(?:as|is|was|for|being|on)\s(?:(?:the|his|her|their|my|its|"
        rf"a)\s)?(?:[a-z'’]+\s){{0,2}}?|\s?[(\[]\s?|\s[-–]\s|,\s(?:the\s)?)"
        r"(?:(?:number|licen[cs]e|registration|vehicle|car|lic)\s){0,2}(?:plates?|tag|reg)\b)",
        ("plate", "tag", "reg"),
        check=_plate,
    ),
    # Blue Honda, ABC 1234; the white van AB12 CDE; towed KLM 4521: a vehicle, and nothing but its look between.
    Pattern(
        "vehicle",
        rf"(?i:\b{CAR}\b(?:,?\s(?:[A-Z]?[a-z]+|(?:19|20)\d\d)){{0,3}}?)(?:[,:(]{{1,2}}\s?|\s[-–]\s|"
        rf"\s|,\s|\s\()(?P<value>\d{{3}}-[A-Z]{{3}}|[A-Z]\d{{2}}-[A-Z]{{3}}|[A-Z]{{2}}-\d{{5}}|"
        rf"\d[A-Z]{{2}}[ -]\d{{3}}|[A-Z]{{3}} \d{{2}}[A-Z]|\d[A-Z]{{5}}\d|"
        rf"[A-Z]{{2,3}}[ -]\d{{3,4}}|[A-Z]{{3}}\d{{3,4}}|\d[A-Z]{{3}}\d{{3}}|[A-Z]{{2}}\d{{2}}[ ]?[A-Z]{{3}}|"
        rf"\d{{2}}[A-Z]-\d{{5}}|[A-Z]{{2}}-\d{{3}}-[A-Z]{{2}})(?![\w-]|[.,]\d)",
        each(
            "car cruiser bus vehicle truck van sedan suv pickup motorcycle motorbike scooter trailer ambulance taxi cab lorry jeep "
            "estate honda toyota ford chev nissan "
            "bmw subaru mazda hyundai kia volkswagen vw audi mercedes lexus dodge tesla volvo civic accord camry corolla "
            "prius focus fiesta golf astra corsa"
        ),
        check=_plate,
    ),
    Pattern(
        "vehicle",
        r"(?i:\b(?:parking(?:\s+permit)?(?:\s+for)?|valet|tow(?:ed)?|parked(?:\s+in\s+[a-z]+(?:\s[a-z])?)?|mvc\s+vs\.?|"
        r"veh(?:icle)?\s?#?\d|hit[- ]and[- ]run|driving|"
        r"drives)(?:,?\s(?:plates?|tag|reg|by|in|a|an|the|with|license|"
        r"[a-z]+)){0,3}?[\s:,]{1,3})(?P<value>[A-Z]{2,3}[ -]\d{3,4}|[A-Z]{3}\d{4}|\d[A-Z]{3}\d{3}|"
        r"[A-Z]{2}\d{2}[ ]?[A-Z]{3})(?![\w-]|[.,]\d)",
        each("parking valet tow parked mvc veh hit driv"),
        check=_plate,
    ),
)

_OTHERS = (
    # License plate 5CKJVH9, lic plate 5850MA, van plate 1PNSVJ2: letters and digits in any order behind what is a vehicle's plate alone.
    Pattern(
        "vehicle",
        r"(?i:\b(?:lic(?:en[cs]e)?|number|registration|reg|van|car|truck|vehicle|unit|trailer|bus|bike)\s+plates?\b(?:\s(?:no|number)\b)?"
        r"|\bshows\s(?:a\s)?plate\b)[\s.:#/(-]{1,4}(?P<value>(?-i:(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{5,8}))(?![\w-])",
        ("plate",),
    ),
    # Air ambulance N1553B, aircraft N6341C: the registration of an aircraft of the United States.
    Pattern(
        "vehicle",
        r"(?i:\b(?:air\s?craft|air\s?ambulance|helicopter|plane|tail(?:\s(?:no\.?|number))?)\b[\s:,#]{1,3})"
        r"(?P<value>N[1-9]\d{1,4}[A-Z]{0,2})(?!\w)",
        ("craft", "ambulance", "helicopter", "plane", "tail"),
    ),
    # Parking hangtag N-67601, placard 8098-88.
    Pattern(
        "vehicle",
        r"(?i:\b(?:hang\s?tag|placard|parking\s(?:tag|decal|sticker|placard))\b(?:\s(?:no\.?|number|\#))?[\s:#]{1,3})"
        r"(?P<value>[A-Z]{0,3}-?\d{4,6}(?:-\d{2})?)(?![\w-])",
        ("tag", "placard", "parking"),
    ),
)

PATTERNS = (*_VIN, *_PLATES, *_OTHERS)
