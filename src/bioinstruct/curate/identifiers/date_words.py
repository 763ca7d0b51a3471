"""Words and expressions around dates: months, days and years, what stands before a day, and what follows a dose, a share or a score."""

from __future__ import annotations

from bioinstruct.curate.identifiers.pattern import either

# Months
MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
SHORT_MONTHS = [month[:3] for month in MONTHS if month != "may"]
LONG = either(*(form for month in MONTHS for form in (month.capitalize(), month.upper())))
SHORT = either(*(form for month in (*SHORT_MONTHS, "sept") for form in (month.capitalize(), month.upper()))) + r"\b\.?"
JOINED = either(*(form for month in MONTHS for form in (month[:3].capitalize(), month[:3].upper())))
MONTH = rf"(?:{LONG}|{SHORT})"
WRITTEN = either(*(month.capitalize() for month in MONTHS))
"""Written out, not in capitals: MARCH5 is a gene. Short forms are words of other trades: OCT is a tomography, SEP a potential."""
SMALL = either(*MONTHS, *SHORT_MONTHS, "sept")
PLAIN = either(*(month for month in MONTHS if month not in {"march", "may"}))
"""Those whose names in small letters are no other word."""
CERTAIN = either("Jan Feb Apr Jul Aug Sept Nov")
"""Short forms that name nothing else: Mar, Jun, Sep, Oct and Dec are genes and methods."""
NEEDS_MONTH = tuple(sorted({month[:3] for month in MONTHS}))

# Days and years
DAY = r"(?:0?[1-9]|[12]\d|3[01])"
ORDINAL = rf"{DAY}(?:st|nd|rd|th)"
DAYS = rf"{DAY}(?:st|nd|rd|th)?"
UNITS = "first second third fourth fifth sixth seventh eighth ninth"
TEENS = "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth"
ONES = either("one two three four five six seven eight nine")
TEEN = either("thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
TENS = either("twenty thirty forty fifty sixty seventy eighty ninety")
SPELLED = rf"(?i:(?:(?:twenty|thirty)[- ])?{either(UNITS)}|{either(TEENS)})"
SPELLED_YEAR = (
    rf"(?i:two\s+thousand(?:\s+and)?(?:\s+(?:oh[\s-])?(?:{ONES}|ten|eleven|twelve|{TEEN}|{TENS}(?:[\s-]{ONES})?))?\b|"
    rf"(?:nineteen|twenty)\s+(?:oh[\s-]{ONES}|ten|eleven|twelve|{TEEN}|{TENS}(?:[\s-]{ONES})?)\b)"
)
COUNTED_DAY = rf"(?i:(?:twenty|thirty)[- ]{ONES}|{ONES}|ten|eleven|twelve|{TEEN}|twenty|thirty)"
"""Five, in "May five, nineteen sixty": only before a year, for such words count as well."""
YEAR = r"(?:19|20)\d{2}"
ANY_YEAR = rf"(?:{YEAR}|['’]?\d{{2}})"
ON_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Tues|Thurs|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b\.?,?\s+)"
WEEKDAY = rf"{ON_WEEKDAY}?"
TO = r"\s*(?:-|–|—|to|through|until|and|&)\s*"

# What stands around
FREE = r"(?<![\w/.$€£*+-])"
"""A number begins here: no part of a longer one, of a code or of a price."""
FREE_OR_TO = r"(?<![\w/.$€£*+])"
"""The same behind a hyphen, too: the end of a range."""
CLOSED = r"(?![\w/]|[.-]\d)"
WORD = r"(?<!\w)(?<![A-Za-z]-)"
NO_SHARE = r"(?!\d|[-/.:]\d|\s*%)"
ALONE = r"(?![\d/]|[.,-]\d|\w|\s*%)"
COUNTED = (
    r"(?i:\b"
    + either(
        "days? weeks? months? years? hours? hrs? minutes? ages? aged grades? stages? phases? types? class cycles? doses? levels? scores?",
        "ratios? visits? lots? versions? v sections? chapters? figures? tables? pages? pp? items? questions? visions? bp",
    )
    + r"\.?\s*$)"
)
"""What stands before numbers that are counted, dosed or scored."""
MEASURED = (
    r"\s*(?i:"
    + either(
        r"% ‰ ° mg mcg µg μg ug ng pg kg g\b gm\b m[lL]\b dl\b l\b mm cm m\b km iu\b units?\b meq mmol µmol mol kcal cal hz bpm cc\b gy\b",
        r"tab(?:let)?s?\b caps?(?:ules?)?\b puffs?\b drops?\b doses?\b pills?\b days?\b weeks?\b months?\b years?\b yrs?\b hours?\b",
        r"hrs?\b h\b minutes?\b (?-i:min)\b seconds?\b times\b patients?\b subjects?\b cases?\b participants?\b women\b men\b children\b",
        r"people\b persons\b individuals\b strength\b systolic diastolic murmur half\b normal\s+saline ns\b points?\b scale\b",
        r"quadrants?\b limbs?\b extremit\w+ occasions?\b lobes?\b vision\b of\s+(?:the|a|an|all|these|those|our|them|cases|patients)\b",
        r"scores?\b pain\b or\s+(?:more|less|higher|lower)\b in\s+severity intensity attempts?\b lines?\b",
    )
    + ")"
)
"""What follows a number that is a dose, a share, a score or a length of time."""
ON_A_DAY = (
    r"(?i:\b"
    + either(
        r"on dated? d\.?o\.?b\.? d\.?o\.?[ads]\.? birth born birthday seen since until till before after by starting beginning effective",
        r"ending due scheduled(?:\s+for)? rescheduled(?:\s+for|\s+to)? appointment follow-?up visit visited admi(?:tted|ssion)",
        r"discharged? surgery performed done collected drawn received reported signed dictated transcribed expired died deceased death",
        r"passed\s+away lmp edd edc eddc doi dod dos pod\s?#?\d{1,2} (?:it|that|this)\s+(?:was|is|began|happened|started) given mi "
        r"service exam examined last next of to through from between around about approximately circa as\s+of note today",
        r"yesterday tomorrow again clinic",
    )
    + r"\b(?:\s+date|\s+on)?\s*[:=(,-]{0,2}\s*(?:the\s+)?$)"
)
"""Words before a value that say that it is a day."""
IN_A_MONTH = rf"{ON_A_DAY}|(?i:\b(?:in|during|exp(?:ires|iry)?)\b\.?[\s:]*$)"
SHARED = (
    rf"{MEASURED}|\s*\(|\s+(?i:(?:of|live|control)\s+)?"
    + either(
        "births deaths infants newborns samples eyes controls adults students nurses residents hospitals animals mice rats procedures",
        "operations tests specimens visits admissions pregnancies deliveries lesions nodes cells males females boys girls respondents",
    )
    + r"\b"
)
"""What follows a share: what is counted, or its per cent."""
ONLY_A_DAY = (
    r"(?i:(?:\b"
    + either(
        r"on dated? d\.?o\.?b\.? d\.?o\.?[ads]\.? birth born birthday seen since until till starting beginning effective due doi",
        r"lmp lnmp edd edc eddc last\s+(?:menstrual\s+)?period dod doi pod\s?#?\d{1,2} (?:last\s+|was\s+|first\s+)seen expires termination",
        r"scheduled(?:\s+for)? rescheduled(?:\s+for|\s+to)? appointment follow-?up visit admi(?:tted|ssion) discharged? surgery performed",
        r"collected drawn signed dictated as\s+of returned? again today yesterday tomorrow week\s+of after before",
        r"(?:mon|tues|wednes|thurs|fri|satur|sun)day",
        r"(?:labs?|results?|imaging|ct|mri|x-?rays?|films?|echo|scan|note|cultures?|study|ultrasound|biopsy|ekg|ecg|"
        r"visit)(?:\s+\w+)?\s+(?:from|of)",
    )
    + r"\b(?:\s+date|\s+on|\s+for)?)\s*[:=,]?\s*$)"
)
"""The same for a bare 3/14, which may be a share or a score as well: directly after these words alone."""
EVENT = either(
    r"s/p status\s+post mv[ac] mi cva tia cabg pci stent(?:ing|ed|s)? surgery fall accident injury stroke fracture fusion "
    r"repair(?:ed)? transplant(?:ed)?",
    r"diagnos(?:ed|is) dx['’]?d? onset began started stopped resumed completed ended finished held extubated intubated transferred "
    r"placed removed",
    r"implanted inserted replaced operated excised resected biops(?:y|ied) transfused given administered filled refilled written "
    r"prescribed vaccinated",
    r"immuni[sz]ed hospitali[sz]ed delivered fell injured returned arrived left sent faxed mailed called ordered sampled cleared consulted",
    r"colonoscopy mammogram pap dexa echo ekg ecg cxr x-?ray mri ct pet ultrasound us vaccine shot booster tdap influenza covid pneumovax",
    r"\w{4,}(?:ectomy|plasty|otomy|ostomy|oscopy|desis)",
)
"""What happens on a day; a share or a score follows it as well, so that what stands behind the value must not be counted."""
AFTER_EVENT = rf"(?i:(?<![\w-]){EVENT}(?:\s+x\s?\d)?\s*[(,:]?\s*$)"
STOPS = (
    r"(?=\s*(?:[;:)\]\n]|[.,](?!\d)|$)|\s+(?:[–-]\s|w/|(?i:"
    + either("and with for by at due to after because when which then but was showed shows shown revealed normal negative neg came")
    + r"\b)))"
)
IN_BRACKETS = (
    r"(?i:\b"
    + either(
        r"labs? results? imaging ct mri x-?rays? cxr kub films? echo\w* ekg ecg ultrasound us scans? pet dexa mammogram \w{4,}oscopy "
        r"surgery",
        r"procedure operation admission admitted discharged? course stay visit clinic appointment seen note pod\s?\d{1,2} drain \w+ectomy",
        r"\w+plasty yesterday today tomorrow weight vitals cycle\s+\d{1,2} dose\s+\d{1,2} started stopped since from dated? lmp edd",
    )
    + r"\s*[(\[]\s*$)"
)
"""Before a bracket with a day: (3/14) alone is strength or a share of biopsies, too."""
PAST = (
    r"(?i:(?:\b"
    + either(
        r"s/p status\s+post h/o hx history pmh psh last most\s+recent since diagnosed dx placed implanted underwent performed "
        r"done repeat"
    )
    + r"\b)[^.;\n]{0,45}\(\s*$)"
)
STAY = (
    r"(?i:\b"
    + either(
        r"course stay hospitali[sz]\w+ admi\w+ inpatient icu ward rehab snf dates? seen trip travel\w* leave "
        r"visit\w*"
    )
    + r"\b[^.;\n\d]{0,20}$)"
)
HOLIDAY = (
    r"(?:(?:Christmas|Xmas|New\s+Year(?:['’]?s)?|Easter|Thanksgiving|Halloween|Hanukkah|Diwali|Passover|Ramadan|Juneteenth|Whitsun|"
    r"Pentecost|Eid)"
    r"(?:\s+(?:Eve|Day|Sunday|Monday|[Ww]eekend))?|"
    r"(?:Memorial|Labou?r|Independence|Veterans['’]?|Columbus|Presidents['’]?|MLK|Boxing|Australia|Canada|Anzac|Valentine['’]?s|"
    r"Mother['’]?s|"
    r"Father['’]?s|St\.?\s+Patrick['’]?s|Groundhog|Ash|Palm|Good|Black|All\s+(?:Saints|Souls)['’]?)\s+(?:Day|Wednesday|Sunday|Friday|"
    r"[Ww]eekend))"
)
"""Of a known day, or of a few."""
SCORED = r"(?i:\b(?:strength|scores?|scored|pain|reflexes|power|vision|acuity|graded?)\s*$)"
GENES = r"\s*(?i:expression|proteins?|genes?|mrna|levels?|positive|negative|transcription|knock)"
