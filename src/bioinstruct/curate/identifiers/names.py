"""Names of persons, where a title, a label, a signature or a degree makes them sure; no list of names is asked."""

from __future__ import annotations

from bioinstruct.curate.identifiers import name_words as known
from bioinstruct.curate.identifiers.pattern import Pattern, each, either

UPPER, LOWER = "A-ZÀ-ÖØ-Þ", "a-zß-öø-ÿĀ-ſ"
SPACE = r"[ \t]"
_PLACEHOLDER = rf"(?i:{either(known.PLACEHOLDERS)})"
NO_NAME = either(known.SENTENCE, known.ROLES, known.OFFICES, known.MEDICINE, known.DRUGS)
_WORD = (
    rf"(?:(?:[ODL]['’]|Mc|Mac)?[{UPPER}][{LOWER}]+(?:[{UPPER}][{LOWER}]+)?(?:-(?:[ODL]['’]|Mc|Mac)?[{UPPER}][{LOWER}]+|"
    rf"-[{LOWER}]{{2,4}}(?![{LOWER}])){{0,3}}|"
    rf"(?:[ODL]['’])?[{UPPER}]{{3,}}(?:[-'’][{UPPER}]{{3,}})?)(?![{LOWER}{UPPER}\d])"
)
"""Osei, O'Neill, McDonald, Smith-Jones, WHITFIELD."""
_NO_MORE = rf"(?![{LOWER}{UPPER}])"
PART = rf"(?!(?:{NO_NAME}|{_PLACEHOLDER}){_NO_MORE}){_WORD}"
FIRST = rf"(?!(?:{either(known.SENTENCE, known.ROLES)}|{_PLACEHOLDER}){_NO_MORE}){_WORD}"
"""Directly behind a title that is not a word of its own: nearly every word with a capital is a name there."""
_NO_TERM = rf"(?!(?!(?:{either(known.NAMES_THAT_END_SO)})\b)[A-Za-z]+(?i:{either(known.MEDICAL_ENDS)})\b)"
PLAIN = rf"{_NO_TERM}{PART}"
"""A part that does not end like a term of medicine, either."""
_INITIAL = rf"[{UPPER}]\.?(?={SPACE})"
PARTICLE = r"(?:van|von|der|den|de|la|le|du|da|dos|del|di|bin|ibn|al|el|ter|St\.)"
_BEFORE = rf"(?:{_INITIAL}{SPACE}|[{UPPER}]\.[{UPPER}]\.{SPACE}){{0,2}}(?:{PARTICLE}{SPACE}){{0,2}}"
_MIDDLE = rf"(?:(?:{_INITIAL}|{PARTICLE}){SPACE}){{0,3}}"
_SUFFIX = rf"(?:,?{SPACE}(?:Jr|Sr|II|III|IV)\b\.?)?"

TITLED = rf"{_BEFORE}{FIRST}(?:{SPACE}{_MIDDLE}{PART}){{0,2}}{_SUFFIX}"
PERSON = rf"{_BEFORE}{PART}(?:{SPACE}{_MIDDLE}{PART}){{0,2}}{_SUFFIX}"
"""One to three words with initials and particles between them."""
FULL = rf"(?:{_INITIAL}{SPACE}|{PLAIN}{SPACE}){_MIDDLE}{PLAIN}(?:{SPACE}{_MIDDLE}{PLAIN})?{_SUFFIX}"
"""Two words or more, none of them a term of medicine."""
TURNED = (
    rf"(?:(?i:{PARTICLE}){SPACE}){{0,2}}(?:{PLAIN}|(?!MD|RN|DO|PA|NP|PT)[{UPPER}]{{2}})(?:[ -]{PART})?,{SPACE}?(?:{PLAIN}|"
    rf"(?!MD|RN|DO|PA|NP|OT|PT|JR|SR|MS)[{UPPER}]{{2}}\b)(?:{SPACE}[{UPPER}]\b\.?)?"
)
"""Last, First M.; de la Cruz, Elena; LE, ANH."""
GIVEN = rf"(?!{either(known.EPONYMS)}\b){_NO_TERM}{PART}(?<=[{LOWER}])"
"""One word in small letters behind its first: no eponym, no abbreviation."""
LOOKS_DONE = (
    r"(?!(?:[A-Z]\.?[ \t])+(?!Ahmed\b|Moh?ammed\b|Mohamed\b|Reed\b|Saeed\b|Syed\b|Fred\b|Alfred\b|Jared\b|Ted\b|Creed\b)[A-Z][a-z]+ed\b)"
)
"""An initial before what was done is none: "Father M. Handed over"."""
NO_EPONYM = rf"(?!{either(known.EPONYMS)}(?:['’]s|s['’]?)?\s+{either(known.NAMED_FOR)}\b|{either(known.BRANDS)}\b)"

_SHORT_DEGREE = either(r"M\.?D R\.?N Ph\.?D PharmD MBBS DDS CRNP APRN") + r"\b"
DEGREE = (
    either(
        r"M\.?D\.? D\.O\.? DO R\.?N\.? L\.?P\.?N\.? N\.P\.? NP P\.A\.? PA(?:-C)? Ph\.?D\.? Pharm\.?D\.? D\.?D\.?S\.? D\.?M\.?D\.?",
        r"D\.?P\.?[MT]\.? D\.?N\.?P\.? MBBS MBChB FRC[PS] FAC[PS] CRNP CRNA CNM FNP(?:-\w{1,2})? APRN ARNP LCSW RPh Psy\.?D\.? BSN MSN",
        r"LMFT LMHC LMSW LICSW MPH DPT RRT PMHNP CPNP WHNP OTR/L CCC-SLP RDN CPhT FRCP",
    )
    + r"(?!\w)"
)
_DEGREE_STARTS = (
    "md m.d do d.o rn r.n lp l.p np n.p pa p.a ph dd d.d dm d.m dp d.p dn d.n mb fr "
    "fa cr cn fn ap ar lc rp ps bs ms lm li mp rr pm cp wh ot cc rd"
)
_NEEDS_DEGREE = tuple(
    sign + degree
    for sign, degrees in (
        (" ", "md m.d rn r.n phd ph.d pharmd mbbs dds crnp aprn"),
        (",", _DEGREE_STARTS),
        (", ", _DEGREE_STARTS),
    )
    for degree in degrees.split()
)
_TITLE = r"(?:(?:Dr|Mr|Mrs|Ms|Prof)\b\.?[ \t]+)?"
_BEHIND_LABEL = rf"(?:[ \t]*(?:[:=\-–—]|\n)[ \t]*|[ \t]+(?:is|was)[ \t]+){_TITLE}"
_FORM_GOES_ON = rf"(?=[ \t]*(?:[\n;.(|]|$|,?[ \t]*(?:\d|{DEGREE})|[A-Z][A-Za-z ]{{0,15}}[:#]|(?:MRN|DOB|Age|Sex)\b))"
"""What follows a name in a form: a dialogue goes on with small letters."""

FAMILY = either(
    "husband wife spouse son daughter mother father sister brother partner grandson granddaughter grandmother grandfather niece nephew "
    "aunt uncle"
)
NEAR = either(FAMILY, "friend roommate neighbou?r caregiver guardian")
_NEEDS_NEAR = each(
    "husband wife spouse son daughter mother father sister brother partner niece nephew aunt uncle friend roommate neighbo caregiver "
    "guardian"
)
_SUBJECT = either("patient woman man boy girl lady gentleman child baby infant", NEAR)
_PROVIDER = either("physician doctor provider surgeon clinician nurse md")
_CAPACITY = either(
    r"attending referring ordering primary(?:\s+care)? consulting treating admitting requesting responsible "
    "prescribing supervising family"
)
_ROLE = either(
    r"name patient pt client re regarding subject guarantor subscriber insured policy\s?holder emergency\s+contact next\s+of\s+kin nok",
    r"proband poa power\s+of\s+attorney contact(?:\s+person)? pcp gp radiologist pathologist consultant resident fellow intern therapist",
    r"pharmacist technologist operator author prescriber witness(?:ed\s+by)? interpreter social\s+worker "
    r"case\s+manager cc attn attention",
    r"informant historian escort chaperone scribe surrogate proxy responsible\s+party recipient sender investigator coordinator payee "
    r"cardholder",
    r"account\s+holder sales\s+rep(?:resentative)? principal\s+investigator",
    r"from to co-?surgeon (?:first\s+)?assistant(?:\s+surgeon)? an(?:a)?esthesiologist an(?:a)?esthetist",
    NEAR,
    _PROVIDER,
    rf"{_CAPACITY}(?:\s+{_PROVIDER})?(?:\s+of\s+record)?",
)
_OTHER_NAMES = either(
    "drug brand generic trade chemical common scientific test gene file product study disease medicine species compound company hospital",
    "facility clinic pharmacy school employer insurance plan domain user host field table variable protein condition procedure device",
    "medication substance category organi[sz]ation department",
)
_SIGNED = either(
    r"signed dictated transcribed authenticated reported reviewed interpreted verified approved authori[sz]ed prepared written read",
    r"co-?signed entered completed recorded ordered referred examined seen performed prescribed administered accompanied attested",
    r"witnessed assisted evaluated treated collected requested assessed called documented given operated\s+on",
)
_DOES = either("is was has had presents? presented came comes reports? reported underwent denies denied arrived returned called")
_DO = either("were are have both agreed? performed saw discussed evaluated reviewed")
_CLOSING = either(
    r"sincerely regards respectfully yours\s+(?:truly|faithfully) cordially best\s+wishes thank\s+you /s/ e-?signature signature signed"
)


def _name(
    expression: str, needs: tuple[str, ...], *, lead: int = 64, reach: int = 96, before: str = "", unless_before: str = ""
) -> Pattern:
    return Pattern("name", expression, needs, lead, reach, 0, before, unless_before)


NO_UNIT = (
    r"(?!(?:[\w'’&-]+[ \t]){0,3}(?:Department|Dept|Unit|Team|Service|Services|Hospital|Clinic|Center|Centre|Surgery|Medicine|Cross|"
    r"Shield|Parenthood|Control|Bank|Care|Health|Healthcare|Pharmacy|Lab|"
    r"Laboratory|University|College|School|Foundation|Society|Association|Institute|Board|Committee|Guidelines?|Protocol|Policy|"
    r"Criteria|Office|Desk|Insurance|Plan|Program|Group|Home|House|Ward|"
    r"Disease|Diseases|Therapy|Imaging|Radiology|Cardiology|Neurology|Oncology|Psychiatry|Pathology|Counsel|Administration|Study|"
    r"Trial|Journal|County|City|State|States|Act|Law)\b)"
    r"(?!U\.S\.|(?:Infectious|Palliative|Interventional|Vascular|Cardiothoracic|Thoracic|Plastic|Physical|Occupational|Speech|Wound|Poison|"
    r"Planned|Adult|Child|Blue|United|North|South|East|West|New|Saint|St|San|Los|Las|El|"
    r"Johns|Mayo|Cleveland|Kaiser|Risk|Transport|Quality|Human|Medical|Animal|Great|Royal|American|European|British|World|Vital|"
    r"Current|Internal|High|Low)\b)"
)
"""Words of departments, hospitals and places, of which a name has none."""
_NEEDS_SPOKEN = (
    *each("spoke speaking conferred communicated interviewed behalf"),
    *(
        f"{word} from"
        for word in each("message call letter mail fax referral out note history handoff report voicemail request consent was")
    ),
    *(
        "discussed w",
        "discussed b",
        "met with",
        "consulted with",
        "visited with",
        "care of",
        "c/o ",
        "prepared for",
        "introduced to",
        "statement for",
        "paged ",
    ),
    *("notified ", "informed ", " per ", "per dr", "you for "),
)
GREETED = either(
    "Doctors There Everyone All Team Folks Guys Sweetie Sweetheart Honey Buddy Ladies Gentlemen Dear Again Morning "
    "Afternoon Evening Doc World Kitty Mom Dad Grandma Grandpa News Job Idea Luck Question"
)

_BY_TITLE = (
    # Dr. Amara Osei, Mrs Whitfield, Ms. O'Neill-Park, Prof. J. van der Berg; not Mr. X, nor Dr. Parkinson's disease.
    _name(
        rf"\b(?:(?:Drs?|DR|Mrs?|Ms|Mx|Prof)\b(?:\.[ \t]?|[ \t]{{1,2}})|Rev\.[ \t]){NO_EPONYM}(?P<value>{TITLED})"
        rf"(?:,?[ \t](?:and|&)[ \t](?P<value_2>{FIRST})(?=[ \t]+{_DO}\b))?",
        ("dr", "mr", "ms", "mx", "prof", "rev."),
    ),
    # Drs. Osei, Holm and Abara.
    _name(
        rf"\bDrs\b\.?[ \t](?P<value>{TITLED})(?:,[ \t](?P<value_2>{FIRST}))?,?[ \t](?:and|&)[ \t](?P<value_3>{TITLED})",
        ("drs",),
    ),
    # Doctor Osei, Miss Whitfield, Nurse Joy Adams: words of their own, so not behind an article, and not before the words of a heading.
    _name(
        rf"\b(?:Doctor|Professor|Nurse|Mister|Missus|Miss|Reverend)[ \t]{NO_EPONYM}(?P<value>{PERSON})",
        ("doctor", "professor", "nurse", "mister", "miss", "reverend"),
        unless_before=r"(?i:\b(?:a|an|the|your|my|our|his|her|their|any|each|every)[ \t]+\w+[ \t]|"
        r"\b(?:we|you|they|i|not|to|never|or)[ \t]+miss[ \t])$",
    ),
    # MR. WHITFIELD, MRS. OSEI: in capitals with a point, and a name of four letters and more, for MS is a disease and MR an image.
    _name(
        rf"\b(?:MR|MRS|DR)\.[ \t]{{1,2}}(?!(?i:{NO_NAME})\b)(?P<value>[{UPPER}]{{4,}}(?:[ \t][{UPPER}]{{3,}})?)(?!\w)",
        ("mr.", "mrs.", "dr."),
    ),
    # Jane Whitfield, M.D.; Kwame Osei RN: a degree behind two words or more; MD 20892 is a state with a postal code.
    _name(
        rf"(?<![\w-])(?!{either(known.TOWNS)}\b)(?P<value>{FULL})(?=,[ \t]?{DEGREE}|[ \t]{_SHORT_DEGREE})"
        r"(?!,?[ \t]MD\.?,?[ \t]+(?:\d{5}|USA|United))",
        _NEEDS_DEGREE,
        lead=72,
        reach=24,
    ),
)

_BY_LABEL = (
    # Patient name: Osei; pt name - Jane Whitfield; name of patient: the label leaves no doubt, one word is enough.
    _name(
        r"(?i:\b(?:"
        + either(
            "patient pt client full legal maiden mother father spouse guardian guarantor subscriber insured policy\\s?holder physician",
            "provider doctor nurse surgeon child contact employee last first preferred member",
        )
        + r"(?:['’]s?)?[ \t]+name|name[ \t]+of[ \t]+(?:the[ \t]+)?"
        r"(?:patient|pt|client|physician|child|mother|father|guardian|insured|subscriber)|"
        rf"surname|forename)){_BEHIND_LABEL}(?P<value>{TURNED}|{PERSON})",
        ("name",),
    ),
    # My name is Jane; his name is Kwame; a woman named Jane; her son, called Kwame.
    _name(
        r"(?i:\bmy[ \t]+(?:full[ \t]+)?name['’]?s?[ \t]+(?:is[ \t]+)?|\bname['’]s[ \t]+|\b(?:his|her|their)[ \t]+name[ \t]+(?:is|was)[ "
        r"\t]+|"
        rf"\b{_SUBJECT}[ \t]*,?[ \t](?:is[ \t])?(?:named|called)[ \t]+)(?P<value>{PERSON})",
        ("name", "called"),
    ),
    # Name: Jane Whitfield, Patient: WHITFIELD, JANE A: two words, for names of drugs and tests stand there as well.
    _name(
        rf"[:=][ \t]*{_TITLE}(?P<value>{TURNED}{_FORM_GOES_ON}|{FULL})",
        (":", "="),
        lead=0,
        reach=72,
        before=rf"(?i:(?<![\w-]){_ROLE}(?:[ \t]*\(\w[\w /-]{{0,20}}\))?)[ \t]*[:=][ \t]*{_TITLE}$",
        unless_before=rf"(?i:\b{_OTHER_NAMES}[ \t]+name[ \t]*[:=][ \t]*$)",
    ),
    # Patient Jane Whitfield presents; pt. Kwame Osei (MRN ...): two words and what a person does.
    _name(
        rf"\b[Pp](?:atient|t\.?)[ \t](?P<value>{FULL})"
        rf"(?=,?[ \t]\(?(?:{_DOES}|who|aged|a[ \t]\d|an[ \t]\d|\d{{1,3}}[ -]y|DOB|MRN|age)\b)",
        ("patient", "pt"),
    ),
    # Jane Whitfield, born 2 May 1961; Kwame Osei (MRN ...); Ana Prieto, a 45-year-old: two words before what a person has.
    _name(
        rf"(?<![\w-])(?P<value>{FULL}|{TURNED})"
        r"(?=,?[ \t]{1,4}\(?(?:born[ \t]+(?:on[ \t]+)?(?:the[ \t]+)?[\dA-Z]|DOB|D\.O\.B|MRN|(?:is[ \t])?an?[ \t]\d{1,3}[ -]year))",
        ("born", "dob", "d.o.b", "mrn", "-year", " year"),
        lead=88,
        reach=24,
    ),
    # Her husband, Robert Brown: two words behind a relative.
    _name(rf"(?i:\b{NEAR}\b)(?:,?[ \t]\(?|\()(?P<value>{LOOKS_DONE}{FULL})", _NEEDS_NEAR),
    # Her daughter Ana will; his wife (Ngozi): one word behind somebody's relative, and what persons do.
    _name(
        rf"(?i:\b(?:his|her|my|your|their|our|patient['’]s|pt['’]s|the|{NEAR})[ \t](?:\w{{3,9}}[ \t])?{NEAR})(?:,?[ \t]|"
        rf"[ \t]?\()(?P<value>{GIVEN})"
        rf"(?=[ \t]?\)|,[ \t](?:who|aged?|\d)|[ \t](?:who|and[ \t](?:his|her|I)|will|would|can|says?|said|states?|stated|reports?|"
        rf"reported|thinks?|noticed|manages?|helps?|"
        r"lives|called|came|brought|drove|takes|took|gave|gives|told|asked|agrees|agreed|works|stays|cares|wants|visits|"
        r"at[ \t]bedside|is[ \t](?:here|with|present|at|her|his|the)|"
        r"was[ \t](?:here|with|present|at)|has[ \t](?:been|noticed|the)|does|has[ \t]power)\b)",
        _NEEDS_NEAR,
    ),
    _name(rf"^(?i:{NEAR})[ \t]?\((?P<value>{GIVEN})\)", _NEEDS_NEAR),
    # Name Ruth Abara Age 44: a form without colons.
    _name(
        rf"\b(?:Name|NAME)[ \t]{{1,8}}(?P<value>{TURNED}|{FULL})(?=[ \t]{{1,8}}(?:Age|AGE|DOB|MRN|Sex|SEX|Gender|Date|ID|"
        rf"Room)\b)",
        ("name",),
    ),
    # Social worker Dana Whitlock: two words behind an occupation.
    _name(
        rf"\b(?:[Ss]ocial[ \t][Ww]orker|[Cc]ase[ \t][Mm]anager|[Ii]nterpreter|[Cc]haplain|[Mm]idwife|[Tt]herapist|[Pp]harmacist|"
        rf"[Cc]ardiologist|[Oo]ncologist|"
        rf"[Nn]eurologist|[Ss]urgeon|[Dd]ietitian|[Cc]oordinator|[Rr]esident|[Ii]ntern|[Aa]ide|[Nn]urse|[Pp]hysician|[Rr]adiologist|"
        rf"[Cc]ounsel+or|[Pp]sychiatrist|[Pp]aramedic|Officer|Detective)"
        rf",?[ \t](?P<value>{FULL})(?=[ \t]*(?:[.,;:)\n]|$)|[ \t][a-z(])",
        each(
            "worker manager interpreter chaplain midwife therapist pharmacist cardiologist oncologist neurologist surgeon dietitian "
            "coordinator resident intern "
            "aide nurse physician radiologist counsel psychiatrist paramedic officer detective"
        ),
    ),
    # Spoke with Amara Osei; message from Grace Kim; under the care of Priya Raman: two words, and no department.
    _name(
        rf"(?i:\b(?:(?:spoke|spoken|speaking|discussed|met|conferred|communicated|interviewed|consulted|"
        rf"visited)[ \t](?:briefly[ \t])?(?:with|to)|(?:message|call|letter|e-?mail|fax|referral|sign-?out|"
        r"note|history|handoff|report|voicemail|request|consent)[ \t](?:was[ \t])?from|(?:under[ \t](?:the[ \t])?)?care[ \t]of|c/o|"
        r"on[ \t]behalf[ \t]of|prepared[ \t]for|introduced[ \t]to|"
        rf"statement[ \t]for|paged|notified|informed|per|thank[ \t]you[ \t]for[ \t](?:referring|seeing|"
        rf"asking[ \t]us[ \t]to[ \t]see))[ \t]+)(?:(?:[a-z'’]+[ \t]){{0,2}}{NEAR}[ \t])?"
        rf"(?P<value>{NO_UNIT}{FULL})(?=[ \t]*(?:[.,;:)\n?!]|$)|[ \t](?:about|on|at|in|today|who|regarding|re|with|for|to|and|by|"
        rf"this|from|that|is|was|has|who|over|as|\())",
        _NEEDS_SPOKEN,
        lead=24,
    ),
    # This is Theo Lindgren: as callers say it.
    _name(
        rf"(?:(?:^|[.,!?\n:][ \t]*)(?i:(?:hi|hello|hey|good[ \t]\w+|yes)\b[,.!]?[ \t]+)?(?:(?i:it['’]s|this[ \t]is|i[ \t]am|i['’]m)|"
        rf"(?i:my[ \t]name['’]s))[ \t](?P<value>{NO_UNIT}{FULL}))"
        r"(?=[ \t]*(?:[.,;!\n]|$)|[ \t](?:calling|from|and[ \t]I|again|here)\b)",
        ("this is", "i am", "i'm", "i’m", "it's", "it’s"),
        lead=40,
    ),
)

_BY_SIGNATURE = (
    # Signed by Jane Whitfield; dictated by: J. Osei; reviewed by Osei, Kwame.
    _name(
        rf"(?i:\b{_SIGNED}(?:[ \t]+electronically)?[ \t]+by)[ \t]*(?:[:–-][ \t]*)?{_TITLE}(?P<value>{NO_UNIT}(?:{TURNED}|{FULL}))",
        (" by",),
    ),
    # Dear Jane,
    _name(
        rf"(?m:^)[ \t]{{0,4}}(?:(?i:patient|nurse|doctor|caller|clerk):[ \t])?(?:Hi|Hello|Hey|Good[ \t](?:morning|afternoon|"
        rf"evening)),?[ \t]+(?!{GREETED}\b)(?P<value>{GIVEN}(?:[ \t]{GIVEN})?)"
        r"(?=[ \t]*[,!.–-][ \t\n])",
        ("hi", "hello", "hey", "good "),
        lead=16,
    ),
    # hi dr marsh, my rash is back: in small letters between the title and a comma.
    _name(
        r"(?i:\b(?:hi|hello|hey|dear|thanks|thank[ \t]you|good[ \t](?:morning|afternoon|evening)),?[ \t]+(?:dr|mr|mrs|ms|miss|doctor|"
        r"nurse)\.?)[ \t](?!(?:i|can|my|how|the|what|is|it|so|please|yes|no)\b)(?P<value>[a-z]{3,15})(?=[ \t]*[,.!\n])",
        ("dr", "mr", "ms", "miss", "doctor", "nurse"),
    ),
    # Best,\nEmily: one word alone in the last line.
    _name(
        rf"(?i:\b(?:best|(?:many[ \t])?thanks|thank[ \t]you|cheers|(?:kind(?:est)?|warm|best)[ \t]regards|regards|sincerely|yours|"
        rf"warmly|love|take[ \t]care|all[ \t]the[ \t]best)[ \t]*[,.!]?[ \t]*\n{{1,2}}[ \t]*)(?P<value>{GIVEN}|{FULL})(?=[ \t]*(?:\n|$))",
        ("best", "thank", "cheers", "regards", "sincerely", "yours", "warmly", "love", "care"),
    ),
    _name(rf"\bDear[ \t]+(?P<value>{PLAIN}(?:[ \t]{PLAIN})?)(?=[ \t]*[,:\n])", ("dear ",)),
    # Sincerely, and a line with a name; Signature: Jane Whitfield.
    _name(
        rf"(?i:\b{_CLOSING}(?:[ \t]+yours)?|/s/)[ \t]*[,:.]?\s{{0,4}}{_TITLE}(?P<value>{FULL})(?=[ \t]*(?:[,.\n(]|$))",
        ("sincerely", "regards", "respectfully", "yours", "cordially", "wishes", "thank you", "/s/", "sign"),
    ),
)

PATTERNS = (*_BY_TITLE, *_BY_LABEL, *_BY_SIGNATURE)
