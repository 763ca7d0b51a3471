"""Addresses beyond the plain forms of `addresses.py`: capitals and small letters, other countries, boxes, farms, corners and replies."""

from __future__ import annotations

from bioinstruct.curate.identifiers.addresses import CANADIAN, CITY, DWELLS, HOUSE, POSTCODE, STATE, STATE_CODES, STATE_NAMES, ZIP
from bioinstruct.curate.identifiers.pattern import Pattern, each, either

_SURE_TYPES = either(
    "street st str avenue ave av road rd boulevard blvd lane ln parkway pkwy terrace ter crescent cres highway hwy turnpike expressway",
)
_TYPES = either(
    "street st str avenue ave av road rd boulevard blvd lane ln drive dr court ct circle cir place pl parkway pkwy "
    "terrace ter crescent cres way "
    "trail trl square sq close gardens gdns mews row walk plaza path run ridge hill grove heights hts crossing xing "
    "bend cove landing highway hwy loop "
    "parade pde quay wharf rise view vale croft strand promenade embankment villas cottages passage chase meadows "
    "orchard wynd pointe knoll hollow glen "
    "estates dale creek bluff alley aly pike turnpike green gate esplanade broadway commons"
)
_NO_STREET = either(
    "minutes? min hours? hrs? days? weeks? wks? months? years? yrs? seconds? sec miles? km kilometers? meters? "
    "metres? feet foot ft inch(?:es)? cm mm steps? blocks? "
    "lbs? pounds? kg mg mcg ml units? tablets? tabs? caps pills? patients? people persons? cases? times? of the and "
    "or a an to in on at for with per from by is was are "
    "day week month year hour minute mile block lanes? lane-?miles? points? lead leads beat beats grade stage type class "
    "phase level degree degrees percent more less other different "
    "small large big long short narrow single double major main-?stem"
)
_WORDS = (
    rf"(?:(?!(?i:{_NO_STREET})\b)(?:[NSEWnsew]\.?|[NSns][EWew]\.?|\d{{1,3}}(?:st|nd|rd|th|ST|ND|RD|TH)|"
    rf"[^\W\d_][\w'’-]{{1,20}}\.?)\s){{1,4}}?"
)
_UNIT = (
    r"(?:,?\s(?i:apartment|apt|suite|ste|unit|room|rm|floor|fl|building|bldg|lot|trlr|trailer|space|spc|flat|\#|"
    r"no\.?)\.?\s?\#?\s?[A-Za-z]?-?\d{0,5}[A-Za-z]?\b|,?\s\#\s?\w{1,6}\b|"
    r",\s\d{1,3}(?:st|nd|rd|th)\s(?i:floor)\b)?"
)
_TOWARDS = r"(?:,?\s(?:[NSEWnsew]{1,2}|(?i:north|south|east|west))\b\.?(?!['’]))?"
_PLACE = r"[A-Z][A-Za-z'’.-]+(?:\s[A-Z][A-Za-z'’.-]+){0,2}"
_TAIL = (
    rf"(?:,?\s(?:{_PLACE}),?\s{STATE}(?:,?\s{ZIP})?|,?\s{STATE},?\s{ZIP}|(?:,\s{_PLACE}){{1,2}},?\s(?:{POSTCODE}|"
    rf"{CANADIAN}|\d{{4,5}}(?!\d))|,?\s(?:\d{{4,5}}\s{_PLACE}|{POSTCODE})|"
    rf",\s{_PLACE}(?=[.\n]|$))?"
)
_COUNTED = r"\s(?:patients|cases|subjects|people|women|men|children|residents|births|deaths|drive|walk|ride|away)\b"
_BEFORE_COUNT = (
    r"(?i:\b(?:phase|day|week|grade|stage|type|table|figure|fig|step|level|vitamin|version|chapter|section|every|age|"
    r"aged|about|approximately|took|took\s+a|lasted)\.?\s*$)"
)
_AREAS = either(
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY "
    "G GL GU HA HD HG HP HR HS HU HX IG IP IV KA KT KW KY L LA "
    "LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP "
    "SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
_ABROAD = either(
    "Africa Argentina Australia Austria Bangladesh Belgium Bolivia Brazil Britain Cameroon Canada Chile China "
    "Colombia Cuba Denmark Ecuador Egypt England Eritrea Ethiopia "
    "Finland France Germany Ghana Greece Guatemala Haiti Honduras Hungary India Indonesia Iran Iraq Ireland Israel "
    "Italy Jamaica Japan Jordan Kenya Korea Kuwait Lebanon Liberia "
    "Malaysia Mexico Morocco Nepal Netherlands Nicaragua Nigeria Norway Pakistan Panama Peru Philippines Poland "
    "Portugal Romania Russia Scotland Senegal Singapore Somalia "
    "Spain Sudan Sweden Switzerland Syria Taiwan Tanzania Thailand Tunisia Turkey Uganda Ukraine Venezuela Vietnam "
    "Wales Zambia Zimbabwe Europe Asia America",
    r"United\sStates United\sKingdom New\sZealand South\sAfrica Saudi\sArabia Sri\sLanka Costa\sRica El\sSalvador "
    r"Puerto\sRico Dominican\sRepublic Hong\sKong US(?:A|\b) UK\b U\.S\. U\.K\.",
    r"(?:Southeast|Central|Western|Eastern|Northern|Southern|South|North|East|West)\s(?:Asia|Africa|America|Europe) "
    r"Quebec Ontario Alberta Manitoba Saskatchewan British\sColumbia Nova\sScotia New\sBrunswick Newfoundland",
)
_NO_TOWN = either(
    "Assisted Independent Nursing Senior Skilled Hospice Home House Apartment Group Memory Rehab Shelter Section "
    "Housing Room Ward Unit Building Floor ICU ED ER OR PACU Bed Clinic The "
    "Um Uh Ah Oh Yes Yeah Yep No Nope Well Sure Actually Right Just Currently Alone Thankfully Absolutely Okay With "
    "In Out Near Over Not Still I We He She They It That This A An His Her Their My Our Spring Summer Fall Winter "
    "January February March April May June July August September October November December Monday Tuesday Wednesday "
    "Thursday Friday Saturday Sunday Hispanic Public Private Denies Married Medicaid Medicare North South East West "
    "Northern Southern Eastern Western Central",
)
_NO_WORDS = [code for code in STATE_CODES if code not in {"ID", "IN", "OR", "ME", "HI", "OK", "MS", "PA", "CO"}]
"""Codes of states that are no word: NO ID 23371."""
_STATES = either(*(name.replace("_", r"\s") for name in STATE_NAMES))


def _address(
    expression: str,
    needs: tuple[str, ...] = (),
    *,
    digits: int = 1,
    before: str = "",
    unless_before: str = "",
    unless_after: str = _COUNTED,
    reach: int = 200,
    lead: int = 64,
) -> Pattern:
    return Pattern(
        "address",
        expression,
        needs,
        lead=lead,
        reach=reach,
        digits=digits,
        before=before,
        unless_before=unless_before,
        unless_after=unless_after,
    )


_TOWNS = (
    rf"(?!(?:{_STATES}|{_ABROAD}|{_NO_TOWN})\b)(?P<value>(?:St\.\s|Fort\s|Mount\s|New\s|San\s|Santa\s|Los\s|Las\s|"
    rf"Port\s|Lake\s|El\s)?[A-Z][a-z]{{2,}}(?:\s[A-Z][a-z]{{2,}})?(?:,\s{STATE}(?!\w))?)"
)

_STREETS = (
    # 12 ELM ST APT 4B, SPRINGFIELD, IL 62704; 853 E. TYLER AVE UNIT 2: in capitals.
    _address(
        rf"(?P<value>{HOUSE}(?:(?:[NSEW]|[NS][EW])\.?\s)?(?:(?!MG|ML|OF|AND|THE|MCG|TABLETS?|DAYS?|HOURS?|"
        rf"WEEKS?)(?:\d{{1,3}}(?:ST|ND|RD|TH)|[A-Z][A-Z'’-]{{1,20}})\s){{1,3}}?(?-i:{_TYPES.upper().replace('(?:', '(?:')})"
        r"\b\.?"
        rf"{_TOWARDS}{_UNIT}{_TAIL})",
        unless_before=_BEFORE_COUNT,
    ),
    # 1011 apple grove lane; 12 elm st apt 4: in small letters a word that is nothing else, or the number of an apartment.
    _address(
        rf"(?P<value>(?!(?:19|20)\d\d\s){HOUSE}{_WORDS}(?i:{_SURE_TYPES})\b\.?{_TOWARDS}{_UNIT}{_TAIL})",
        (
            " street",
            " st",
            " ave",
            " av",
            " road",
            " rd",
            " boul",
            " blvd",
            " lane",
            " ln",
            " park",
            " pkwy",
            " ter",
            " cres",
            " high",
            " hwy",
            " turn",
            " express",
        ),
        reach=120,
        lead=72,
        unless_before=_BEFORE_COUNT,
    ),
    _address(
        rf"(?P<value>{HOUSE}{_WORDS}(?i:{_TYPES})\b\.?{_TOWARDS},?\s(?i:(?:apartment|apt|unit|suite|ste|flat|trlr|"
        rf"lot)\b\.?\s?\#?\s?[A-Za-z]?-?\d{{0,5}}[A-Za-z]?\b|\#\s?\w{{1,6}}\b){_TAIL})",
        each("ap unit su ste flat trlr lot #"),
        unless_before=_BEFORE_COUNT,
    ),
    # 7777 apple grove dr, 8237 quarry trail: a house number of three digits, and nothing behind.
    _address(
        rf"(?P<value>(?<![\w.,/$€£+:-])(?!(?:19|20)\d\d\s)\d{{3,6}}\s{_WORDS}(?:drive|dr|court|ct|trail|trl|circle|cir|"
        r"place|pl|hill|grove|close|gardens|row|walk|loop|square)\b\.?)(?=\s?[,;\n]|\.?\s?$|\.\s|\s(?:and|in|so|if|can|"
        r"now)\b)",
        each("dr c trail trl pl hill grove gardens row walk loop square"),
        unless_before=_BEFORE_COUNT,
    ),
    # 3/6 Larch Parade, 12 Elm Vale: types that the plain forms leave out; Flat 2, 14 Elm Road: the flat in front.
    _address(
        rf"(?P<value>{HOUSE}(?:(?:[NSEW]\.?|\d{{1,3}}(?:st|nd|rd|th)|"
        rf"[A-Z][a-z'’]+)\s){{1,3}}?(?:{_TYPES.title()})\b\.?{_TOWARDS}{_UNIT}{_TAIL})",
        unless_before=_BEFORE_COUNT,
    ),
    _address(
        "(?P<value>(?i:flat|unit|apt|apartment|lot|suite|shop|villa|house|"
        rf"block)\.?\s?#?\d{{0,4}}[A-Za-z]?(?:/\d{{1,4}}[A-Za-z]?\s|"
        rf",\s\d{{1,5}}[A-Za-z]?\s)(?:[A-Z][\w'’]+\s){{1,3}}?(?i:{_TYPES}|county\sroad\s\d{{1,4}})\b\.?{_TAIL})",
        each("flat unit ap lot suite shop villa house block"),
    ),
    # Flat 16, Nelson House, Abbey Road: a house by its name.
    _address(
        r"(?P<value>(?i:flat|apartment|apt|unit)\s\d{1,4}[A-Za-z]?,\s(?:[A-Z][a-z'’]+\s){1,2}"
        r"(?:House|Court|Lodge|Tower|Towers|Mansions|Building|Hall|Heights|Point|Place)"
        rf"(?:,\s(?:[A-Z][a-z'’]+\s){{1,3}}?(?i:{_TYPES})\b)?)",
        each("flat ap unit"),
    ),
    _address(r"(?P<value>(?:Lot|LOT)\s\d{1,4},?\s(?:County|COUNTY|State|STATE)\s(?:Road|ROAD|Route|ROUTE)\s\d{1,4})", ("lot",)),
    # 4471 FM 1960, 4471 Hwy 12, Highway 12, mile 14; 5 The Crescent; 12 rue de Rivoli, 75004 Paris.
    _address(
        rf"(?P<value>{HOUSE}(?:FM|CR|SR|US|I|Farm\sto\sMarket(?:\sRd|\sRoad)?|"
        rf"Co(?:unty)?\sRd|Hwy|HWY|Highway|Route|Rte|State\sRoute|State\sHighway)[ "
        rf"-]?\d{{1,4}}(?:\s(?:[NSEW]|North|South|East|West)\b)?{_UNIT}{_TAIL})",
        unless_before=_BEFORE_COUNT,
    ),
    _address(
        r"(?P<value>(?:Highway|Hwy|Route|Rte\.?|County\sRoad)\s\d{1,4},?\s(?:mile(?:\smarker|post)?|km|MM)\s\d{1,4})",
        ("highway", "hwy", "route", "rte", "county"),
    ),
    _address(
        rf"(?P<value>{HOUSE}The\s(?:Green|Crescent|Avenue|Street|Close|Grove|Square|Terrace|Drive|Mews|Paddock|Orchard|"
        f"Ridings?|Glebe|Parade|Mall|Lane|Limes|Oaks|Beeches){_TAIL})",
        ("the ",),
    ),
    _address(
        rf"(?P<value>{HOUSE}(?i:bis\s|ter\s)?(?:rue|avenue|boulevard|place|chemin|all[ée]e|impasse|quai|cours|Rue|Avenue|"
        rf"Boulevard|Chemin)\s(?:(?:de|du|des|la|le|les|d['’]|l['’])\s?){{0,3}}[A-ZÀ-Þ][\w'’-]+(?:[ "
        rf"-][A-ZÀ-Þ][\w'’-]+){{0,2}}(?:,?\s\d{{5}}\s{_PLACE})?)",
        each("rue ave boul place chem all imp quai cours"),
    ),
    # Gartenstrasse 146, Hauptstr. 14, 10115 Berlin; Via Roma 14; Calle Mayor 14; Rua Augusta 14; Kerkstraat 12.
    _address(
        rf"(?<![\w-])(?P<value>[A-ZÄÖÜ][a-zäöüß-]{{2,20}}(?:stra(?:ß|ss)e|str\.|gasse|weg|allee|platz|ring|damm|ufer|"
        "straat|laan|plein|gracht|steenweg|gatan|vägen|vej|gade|veien|katu|"
        rf"tie)\s\d{{1,4}}\s?[a-z]?(?!\w)(?:,?\s(?:[A-Z]{{1,2}}-)?\d{{4,5}}\s{_PLACE})?)",
        each("stra str. gasse weg allee platz ring damm ufer laan plein gracht gatan vägen vej gade veien katu tie"),
        unless_after=r"\s?(?:mg|ml|mm|cm|patients|%)",
    ),
    _address(
        r"(?<![\w-])(?P<value>(?:[A-ZÄÖÜ][a-zäöüß-]+(?:er)?\s(?:Stra(?:ß|ss)e|Str\.|Weg|Allee|Platz|Gasse|Ring|Damm|Ufer)|"
        r"(?:Via|Viale|Piazza|Corso|Largo|Vicolo|Calle|C/|Avenida|Av\.|Avda\.?|Paseo|Plaza|Camino|Carrera|Rua|Travessa|"
        r"Praça|Estrada|ul\.|Ulica|Jalan|Jl\.|Alameda)\s(?:(?:de|del|della|dei|do|da|dos|las?|los|di|san|"
        rf"santa)\s){{0,2}}[A-ZÀ-Þ]\w+(?:\s[A-ZÀ-Þ]\w+){{0,2}}),?\s(?:n[º°.o]\s?)?\d{{1,4}}[a-z]?(?!\w)(?:,?\s(?:\d{{4,5}}("
        rf"?:-\d{{3}})?\s)?{_PLACE})?)",
        each(
            "stra str. weg allee platz gasse ring damm ufer via piazza corso largo vicolo calle c/ av pas plaz cam carr rua "
            "trav praça estr ul jal jl alam"
        ),
    ),
    # Rose Cottage, Mill Lane; The Old Rectory, Church Lane.
    _address(
        rf"(?<![\w-])(?P<value>(?:The\s)?(?:[A-Z][a-z'’]+\s){{1,2}}(?:Cottage|House|Rectory|Farm|Farmhouse|Lodge|Villa|"
        rf"Barn|Manor|Hall|Grange|Mill|Vicarage|Bungalow),\s(?:[A-Z][a-z'’]+\s){{1,2}}(?:{_TYPES.title()})\b{_TAIL})",
        each("cottage house rect farm lodge villa barn manor hall grange mill vicar bungal"),
        digits=0,
    ),
    # Lives on Elm Street; the corner of Elm and Main Street; off Mill Lane: without its number.
    _address(
        rf"(?i:\b(?:{DWELLS}|corner|intersection|address|house|home|apartment|flat|found|fell|corner\s+of|crash|accident|"
        rf"picked\s+up|street\s+is|parked|stays?|staying)\b(?:\s(?:[a-z]+)){{0,3}}?\s(?:on|of|off|at|along|is|to|in|"
        rf"near)\s(?:the\s)?)(?P<value>[A-Z][\w'’]+(?:\s[A-Z][\w'’]+){{0,2}}?\s(?:{_TYPES.title()})\b\.?)(?:\s(?:and|"
        rf"&)\s(?P<value_2>[A-Z][\w'’]+(?:\s[A-Z][\w'’]+)?(?:\s(?:{_TYPES.title()})\b\.?)?))?",
        digits=0,
        needs=(
            *each("street avenue road lane drive terrace crescent highway parade boulevard square circle trail gardens mews"),
            " st.",
            " st\n",
            " st,",
            " ave",
            " rd",
            " blvd",
            " ln",
        ),
        lead=112,
        reach=40,
    ),
)

_BOXES = (
    # PO BOX 4471 SPRINGFIELD IL 62704, POB 4471, GPO Box 4194, PMB 637, Box 787, Yuma, AZ; RR#2, Box 15; PSC 44 Box 1200, APO AE 09128.
    _address(
        r"(?<!\w)(?P<value>(?i:p\.?\s?o\.?\s?(?:b(?:ox|\.)?|drawer)|g\.?p\.?o\.?\s?box|pmb|post\s?box|postfach|"
        rf"apartado(?:\sde\scorreos)?|casilla|locked\sbag|private\sbag)\s?\#?\s?\d{{1,7}}(?!\w)(?:,?\s(?:RR|R\.R\.|HC|"
        rf"Rural\sRoute)\s?#?\d{{1,4}})?{_TAIL})",
        each("pob p.o.b po drawer box pmb postfach apartado casilla bag"),
        unless_before=r"(?i:\b(?:black|check|tick|text|each|in|the|glove|a|pill|see|form)\s$)",
    ),
    _address(rf"(?<!\w)(?P<value>(?i:box)\s\d{{1,7}},?\s(?:{_PLACE},?\s{STATE}(?:,?\s{ZIP})?|(?i:rr|hc)\s?\#?\d{{1,4}}))", ("box",)),
    _address(
        r"(?i:\b(?:mail(?:ing)?|address|write|send|sent|goes|reach|lives?)\b[^\n\d.]{0,24}\s)(?P<value>(?i:box)\s\d{1,7})(?!\w)", ("box",)
    ),
    _address(
        r"(?<!\w)(?P<value>(?i:rr|r\.r\.|hc|star\sroute|rfd|rural\s(?:route|"
        rf"delivery))\s?\#?\s?\d{{1,4}},?\s(?i:box)\s?\#?\d{{1,6}}{_TAIL})",
        ("box",),
    ),
    _address(
        r"(?<!\w)(?P<value>(?:PSC|Psc|UNIT|Unit|CMR)\s\d{1,5},?\s(?:Box|BOX)\s\d{1,5}(?:,?\s(?:APO|FPO|DPO),?\s(?:AE|AP|"
        r"AA)(?:\s\d{5}(?:-\d{4})?)?)?)",
        ("box",),
    ),
)

_TOWN_AND_CODE = (
    # SPRINGFIELD, IL 62704-1234; Springfield IL 62704: without the comma, in capitals.
    _address(
        rf"(?<![\w-])(?P<value>(?:[A-Z][A-Za-z'’.]+[ -]){{0,2}}[A-Z][A-Za-z'’.]+(?:,\s?{either(*STATE_CODES)}|"
        rf"\s{either(*_NO_WORDS)}),?\s\d{{5}}(?:-\d{{4}})?)(?![\w-]|[.,/]\d)",
        digits=5,
        unless_before=r"(?i:\b(?:in|to|of)\s[A-Z]?$)",
    ),
    _address(
        rf"(?i:\b(?:city|town)[\s:]{{1,4}})(?P<value>[A-Z][A-Za-z'’.]+(?:\s[A-Z][A-Za-z'’.]+)?)(?=[\s,]{{1,6}}(?i:state|st|"
        rf"zip|county)\b)(?:[\s,:]{{1,6}}(?i:state|st)[\s:]{{1,4}}{STATE}[\s,]{{1,6}}(?i:zip)(?:\scode)?[\s:]{{1,4}}(?P<val"
        f"ue_2>{ZIP}))?",
        ("city", "town"),
        digits=0,
    ),
    # Leeds LS1 4AP, ... LS1 4AP; K1A 0B1; Ottawa, ON K1A 0B1.
    _address(
        rf"(?<![\w-])(?P<value>(?:[A-Z][a-z]+,?\s)?(?:{_AREAS})\d[A-Z\d]?\s\d[ABD-HJLNP-UW-Z]{{2}})(?![\w-])",
        digits=1,
        needs=(),
        unless_after=r"\s?(?:cells|mg|%)",
    ),
    _address(
        r"(?<![\w-])(?P<value>(?:[A-Z][a-z]+(?:\s[A-Z][a-z]+)?,?\s)?(?:(?:AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|"
        r"YT),?\s)?[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d)(?![\w-])",
        digits=1,
    ),
    # Zip code? - 62704. What's the postcode? - LS1 4AP. PLZ 10115; Which city? - Springfield.
    _address(
        rf"(?i:\b(?:zip|post(?:al)?\s?code)\b)[^\n]{{0,30}}\n[ \t]{{0,4}}[A-Za-z][\w "
        rf".'’/-]{{0,20}}:[^\n\d]{{0,30}}?(?P<value>\d{{5}}(?:-\d{{4}})?|{POSTCODE}|{CANADIAN})(?!\w)",
        ("zip", "post"),
    ),
    _address(
        rf"(?i:\b(?:plz|c\.?p\.?|code\spostal|c[óo]digo\spostal|cap|postleitzahl)\b[\s:]{{1,3}})(?P<value>\d{{5}})(?!\w|"
        rf"[.,]\d)(?:\s(?P<value_2>{_PLACE}))?",
        each("plz cp code c p postleit"),
        digits=5,
    ),
    _address(
        r"(?i:\b(?:(?:which|what)\s(?:city|town)|where\s(?:do|does|did)\s\w+\s(?:\w+\s)?live|where\s(?:are|"
        rf"is)\s\w+\s(?:from|living|now)|town\sor\scity)\b)[^\n?]{{0,16}}\?[^\n]{{0,12}}\n[ \t]{{0,4}}[A-Za-z][\w "
        rf".'’/-]{{0,20}}:\s?(?:(?:[Ii]n|[Oo]ver\sin|[Uu]m|[Ii]t['’]s|[Oo]ut\sin|[Ww]e['’]re\sin|[Ii]\slive\sin|"
        rf"[Dd]own\sin|[Uu]p\sin),?\s)?{_TOWNS}(?=[.,\n]|$)",
        ("city", "town", "where"),
        digits=0,
    ),
    # Lives in Springfield; moved to Springfield last year; resident of Sangamon County.
    _address(
        r"(?i:\b(?:lives?|living|lived|resid(?:es?|ing)|moved|relocated|born|grew\s+up|raised|hails|native|home\s+is|"
        r"originally)\b(?:\s(?:alone|now|currently|back|here|there|with\s+\w+\s+\w+|and\s+\w+))?\s(?:in|to|from|near|"
        rf"outside|of|outside\s+of))\s{_TOWNS}(?!\w|['’]s|\s[A-Z])",
        each("live living resid moved relocated born grew raised hails native home originally"),
        digits=0,
    ),
    _address(
        rf"(?i:\b(?:{DWELLS}|county\s+of|sheriff|county\s+jail)\b[^.\n]{{0,24}}?\s(?:in|of|from|near|"
        r"to)?\s?)(?P<value>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?\s(?:County|Parish|Borough|Township))(?!\w)",
        ("county", "parish", "borough", "township"),
        digits=0,
        lead=80,
        reach=16,
    ),
    # Works at the mill in Springfield, IL; transferred from a hospital in Springfield, Illinois.
    _address(
        rf"(?P<value>{CITY},\s{STATE})(?!\w)",
        (", ",),
        digits=0,
        lead=56,
        reach=24,
        before=r"(?i:\b(?:works?|working|worked|employed|retired|transfer(?:red|s)?|airlifted|flown|visit(?:ing|ed)?|vacation\w*|"
        r"travel\w*|trip|school|job|farm|house|apartment|cabin|seen|treated|hospital\w*|"
        "clinic|er|ed|snf|rehab|facility|daughter|son|family|mother|father|sister|brother|mill|office|church|jail|prison|"
        r"born|died)\b[^.;\n]{0,40}?\s(?:in|from|near|to|at|of)\s$)",
        unless_before=r"(?i:\b(?:university|institutes?|foundation|association|society|college|press|company|manufactur\w+|inc|study|"
        r"trial|participants|patients|cohort|residents)\b[^.;\n]{0,50}$)",
    ),
)

PATTERNS = (*_STREETS, *_BOXES, *_TOWN_AND_CODE)
