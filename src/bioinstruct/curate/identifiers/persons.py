"""Names behind titles and labels beyond those of `names.py`: forms, headings, capitals and small letters; no list of names is asked."""

from __future__ import annotations

from bioinstruct.curate.identifiers import name_words as known
from bioinstruct.curate.identifiers.names import TURNED, UPPER
from bioinstruct.curate.identifiers.pattern import each, either
from bioinstruct.curate.identifiers.person_words import (
    ANY,
    CAPITALS,
    CAPS,
    FULL,
    LAST,
    NO_UNIT,
    ONE,
    SMALL,
    STOPS,
    TITLE,
    name,
)

_TITLES = (
    # Pastor Osei, Sgt. Holm, Herr Lindgren, Sra. Prieto, Mme Dupont, Judge Holm, Sister Agnes: titles beyond those of physicians.
    name(
        r"\b(?:Pastor|Rabbi|Imam|Reverend|Deacon|Monsignor|Bishop|Chaplain|Judge|Justice|Officer|Ofc\.|Detective|Det\.|"
        r"Deputy|Sergeant|Sgt\.?|Captain|Capt\.|Lieutenant|Corporal|Cpl\.|Trooper|"
        r"Constable|PC|Coach|Master|Señora?|Señorita|Sra?\.|Srta\.|Herr|Frau|Mme\.?|Madame|Monsieur|Mlle\.?|Signora?|"
        r"Sig\.|Dame|Lady|Lord|Sir|Fr\.|Br\.|Sheikh|Cantor|Councilman|Senator|Mayor|Principal)[ \t](?P<value>(?:van[ \t]|"
        rf"de[ \t]|der[ \t]|la[ \t]|von[ \t])*{ONE}(?:[ \t]{ONE})?)",
        (
            *each(
                "pastor rabbi imam reverend deacon monsignor bishop chaplain judge justice officer ofc. detective det. deputy "
                "sergeant sgt captain capt. lieutenant corporal cpl trooper constable coach madame mlle"
            ),
            *(
                f"{word} "
                for word in each(
                    "pc master señor señora sr. sra. srta. herr frau mme mme. monsieur signor signora sig. dame lady lord sir fr. "
                    "br. sheikh cantor councilman senator mayor principal"
                )
            ),
        ),
        unless_after=rf"(?:['’]s)?[ \t](?:{either(known.NAMED_FOR)}|[Pp]rogram|[Hh]ospital|[Cc]enter|[Cc]lass|[Cc]ity)\b",
    ),
    name(
        r"\b(?:Sister|Brother|Father|Mother|Aunt(?:ie|y)?|Uncle|Tía|Tío|Grandma|Grandpa|Granny|Nana|Papa|Mama|Abuela|"
        rf"Cousin|Nanny|Grandmother|Grandfather)[ \t](?P<value>{ONE})(?![ \t](?:[Ss]tudy|[Pp]rogram|[Cc]hild|[Dd]isease|"
        "[Ss]yndrome|[A-Z]))",
        each("sister brother father mother aunt uncle tía tío grand granny nana papa mama abuela cousin nanny"),
    ),
    # MR. Osei: said by a transcript; this is doctor Kwame Osei dictating: a title in small letters, not behind an article.
    name(rf"(?<!\w)(?:MR|MRS|MS|DR)\.[ \t](?P<value>{ONE}(?:[ \t]{ONE})?)(?=[ \t]*:)", each("mr. mrs. ms. dr.")),
    name(
        rf"(?<!\w)(?:doctor|mister|missus|professor)[ \t](?P<value>{FULL}|{ONE})"
        r"(?![ \t]+(?:[Hh]ospital|[Cc]lin|[Cc]ent|[Uu]niv|[Ss]chool))",
        each("doctor mister missus professor"),
        unless_before=r"(?i:\b(?:a|an|the|your|my|our|his|her|their|any|each|every|another|no|which)[ \t]+(?:\w+[ \t]+)?$)",
    ),
    # MR OSEI, DR OSEI: no image and no disease, for a name of capitals and a sentence follow.
    name(
        rf"\b(?:(?:MRS?|DR)\.?|MS\.)[ \t](?P<value>(?!(?:ANGIO|VENO|IMAG|SCAN|BRAIN|SPINE|ENTERO|CHOLANG|URO|ELASTO)){CAPS}(?:[ "
        rf"\t]{CAPS})?){LAST}",
        each("mr dr ms"),
        unless_before=r"(?i:\b(?:[a-z]+[ \t])?(?:cardiac|contrast|brain|severe|mild|moderate|trace|ct|and|or|with|of|for)[ \t]$)",
    ),
    # dr. osei called; saw dr holm yesterday: in small letters before what doctors do.
    name(
        r"(?<![\w'’])(?:dr|drs|mr|mrs|ms)\b\.?[ \t](?P<value>(?!(?:said|says|told|appt|appointment|office|visit|"
        "prescribed|gave|wants?|asked|thinks?|is|was|about|for|and|or|will|can|to|at|on|if|has|had|does|did|note|notes|"
        "refill|today|here|there|so|but|then|when|that|my|his|her|the|a|an|i|in|it|of|"
        "up|out|down|visits|offices|who|name|again|please|pls|back|still|never|just|also|would|could|should|may|might|"
        "must|be|been|with|by|from|as|not|no|yes|now|me|us|you|he|she|they|we|this|because|cause|since|while|after|"
        "before|until|time|next|last|new|first|referred|ordered|started|put|called|wrote|recommended|suggested|"
        "angiography|imaging|scan|venography|spectroscopy|enterography|cholangiopancreatography|urography|"
        r"elastography)\b)[a-zß-öø-ÿ]{3,15}(?:['’-][a-z]+)?)"
        r"(?=['’]s\b|[ \t]*[.,;?!\n)]|$|[ \t](?:said|says|called|told|wants?|wanted|prescribed|gave|ordered|is|was|and|or|"
        "about|at|on|for|to|office|in|will|has|had|put|started|recommended|suggested|thinks?|referred|saw|increased|"
        r"changed|stopped|please|thanks|again|if|when|that|who|up|would|can)\b)",
        ("dr ", "dr. ", "drs ", "mr ", "mr. ", "mrs", "ms ", "ms. "),
        lead=2,
        reach=48,
    ),
)

_ROLE = either(
    r"patient(?:['’]s)?(?:[ \t]legal|[ \t]full|[ \t]preferred)?[ \t]+name pt[ \t]+name name guarantor(?:[ \t]name)? "
    r"subscriber(?:[ \t]name)? insured(?:[ \t]name)? member[ \t]name nok next[ \t]of[ \t]kin emergency[ \t]contact "
    r"h?cpoa hcp dpoa poa (?:health[ \t]?care[ \t])?proxy",
    r"pcp(?:[ \t]is)? gp attending(?:[ \t]of[ \t]record|[ \t]physician|[ \t]is)? surgeon (?:first[ \t]|second[ "
    r"\t])?assistant co-?surgeon an(?:a)?esthesiologist an(?:a)?esthesia an(?:a)?esthetist scrub(?:[ \t](?:nurse|"
    r"tech))? circulator circulating[ \t]nurse perfusionist",
    r"referring(?:[ \t](?:provider|physician|doctor))? ordering(?:[ \t](?:provider|physician))? provider physician "
    "practitioner clinician author resident fellow intern consultant registrar interpreter translator scribe witness "
    "chaperone",
    "attn attention cc re regarding from to nurse rn lpn cna np therapist technologist tech radiologist pathologist "
    r"pharmacist dietitian midwife doula social[ \t]worker sw lcsw case[ \t]manager caseworker coordinator chaplain",
    "mother father husband wife spouse son daughter sister brother guardian parent parent/guardian caregiver carer "
    r"partner friend neighbou?r contact employee employer[ \t]contact supervisor teacher coach boss lawyer attorney "
    "landlord",
    r"surname forename last[ \t]name first[ \t]name given[ \t]name family[ \t]name maiden[ \t]name middle[ \t]name "
    r"preferred[ \t]name legal[ \t]name signed signature print(?:ed)?[ \t]name dictated[ \t]by transcribed[ \t]by "
    r"read[ \t]by reviewed[ \t]by verified[ \t]by approved[ \t]by entered[ \t]by",
    r"drawn[ \t]by collected[ \t]by performed[ \t]by prepared[ \t]by received[ \t]by called[ \t]to called[ \t]by "
    r"reported[ \t]to reported[ \t]by released[ \t]to informant historian source cardholder payee account[ \t]holder "
    r"policy[ \t]?holder operator driver caller visitor sender recipient investigator sub-?investigator",
    r"principal[ \t]investigator pi subject donor recipient[ \t]name baby infant newborn twin[ \t][ab12] child "
    r"director medical[ \t]director manager oncologist cardiologist neurologist psychiatrist dentist pediatrician "
    "gynecologist urologist nephrologist hospitalist intensivist",
)
_MARK = r"(?:[ \t]{0,4}\([^()\n]{1,24}\))?[ \t]{0,6}(?:[:=#]|\.{3,60}|_{2,60}|[–-](?=[ \t]))[ \t_.]{0,8}"

_LABELLED = (
    # NOK: Jane Whitfield; signature of parent/guardian: declan o'sullivan; ATTENDING ....... OSEI, KWAME.
    name(
        rf"(?:[:=#]|(?<!\.)\.{{3,60}}:?|(?<!_)_{{2,60}}|[ \t][–-](?=[ \t]))[ \t_.]{{0,8}}{TITLE}(?P<value>{CAPITALS}|"
        rf"{ANY})(?=[ \t]*(?:[\n.,;(|/\])]|$)|[ \t]{{2,}}|[ \t](?:\d|[–-]|DOB|MRN|MD|RN|Age|Sex|Date|DO|NP|PA|III?|IV|Jr|"
        "Sr))",
        (":", "=", "#", "...", "__", " - ", " – "),
        lead=0,
        reach=96,
        before=rf"(?i:(?<![\w-]){_ROLE}(?:['’]s)?(?:[ \t]of[ \t](?:record|the[ \t]patient|patient|parent(?:/guardian)?|guardian|"
        rf"witness|physician))?(?:[ \t]*\([^()\n]{{1,24}}\))?)[ \t]{{0,6}}(?:[:=#]|\.{{3,60}}:?|_{{2,60}}|[–-])[ "
        rf"\t_.]{{0,8}}{TITLE}$",
    ),
    # Signature of parent/guardian: declan o'sullivan.
    name(
        r"(?i:\bsignature[ \t]of[ \t](?:the[ \t])?(?:parent|patient|guardian|parent/guardian|witness|legal[ \t]guardian|"
        rf"caregiver|recipient)[ \t]*[:=_]+[ \t]*)(?P<value>{SMALL}[ \t](?:[a-z]\.?[ \t])?{SMALL}(?:[ \t]{SMALL})?)(?=[ "
        rf"\t]*(?:[.,;\n]|$|[ \t]{{2,}}))",
        ("signature of",),
    ),
    name(
        r"(?i:(?<![\w-])(?:(?:first|second)[ \t])?(?:assistant|surgeon|co-?surgeon|anesthesiologist|attending|resident|"
        r"fellow|interpreter|nurse|midwife|pharmacist|social[ \t]worker|wife|husband|son|daughter|mother|father|sister|"
        rf"brother|boss|partner|friend|doctor)),[ \t]{TITLE}(?P<value>{FULL}){LAST}",
        each(
            "assistant surgeon anesthesiologist attending resident fellow interpreter nurse midwife pharmacist worker wife "
            "husband son daughter mother father sister brother boss partner friend doctor"
        ),
    ),
    # Attending: Osei; Last name: Whitfield First name: Jane; LAST WHITFIELD FIRST JANE: one word behind a label that only names follow.
    name(
        r"(?i:(?<![\w-])(?:attending|surgeon|pcp|gp|provider|physician|doctor|referring|ordering|resident|fellow|"
        r"consultant|(?:last|first|given|family|maiden|middle|preferred|legal|birth)[ \t]?names?|surname|forename|"
        "nickname|alias|aka|nurse|rn|md|nok|interpreter|scribe|signed|anesthesiologist|assistant|"
        rf"author)){_MARK}{TITLE}(?P<value>{ONE}|{CAPS})(?=[ \t]*(?:[\n,;|()/]|\.(?!\w)|$)|[ \t]{{2,}}|[ "
        r"\t](?i:(?:first|last|given|middle|family|fore|sur)[ \t]?name|first|dob|mrn|md|rn|do|np))",
        each(
            "attending surgeon pcp gp provider physician doctor referring ordering resident fellow consultant name alias aka "
            "nurse rn md nok interpreter scribe signed anesthes assistant author"
        ),
    ),
    name(
        rf"\b(?:LAST|Last|SURNAME|Surname)(?:[ \t](?:NAME|[Nn]ame))?[ \t]*:?[ \t]+(?P<value>{CAPS}|{ONE})[ \t]+(?:FIRST|"
        rf"First|FORENAME|Forename|GIVEN|Given)(?:[ \t](?:NAME|[Nn]ame))?[ \t]*:?[ \t]+(?P<value_2>{CAPS}|{ONE})(?:[ "
        r"\t]+(?:MI|M\.I\.|MIDDLE|Middle)\b)?",
        each("last surname"),
    ),
    # GUARANTOR NAME BEKELE,SOLVEIG; NOK Jane Whitfield (daughter); PCP Kwame Osei; cc Jane Whitfield, Kwame Osei: without a colon.
    name(
        r"(?i:(?<![\w-])(?:patient(?:['’]s)?(?:[ \t](?:legal|full|preferred))?[ \t]name|pt[ \t]name|guarantor(?:[ "
        r"\t]name)?|subscriber[ \t]name|insured(?:['’]s)?[ \t]name|nok|next[ \t]of[ \t]kin|emergency[ \t]contact|h?cpoa|"
        r"dpoa|poa|pcp(?:[ \t]is)?|attending(?:[ \t]of[ \t]record|[ \t]is|[ \t]physician)?|attn|cc|interpreter|referring[ "
        r"\t](?:provider|physician)|ordering[ \t](?:provider|physician)|seen[ \t]with|d/w|dw|"
        r"scribe|primary[ \t]nurse|charge[ \t]nurse|physician|surgeon|provider|legal[ \t]name|full[ \t]name|account[ "
        r"\t]holder|policy[ \t]?holder|surname[ \t]and[ \t]forename|infant[ \t]of|baby[ \t]of|b/o|newborn[ \t]of))[ "
        rf"\t]+{TITLE}(?P<value>{CAPITALS}|{NO_UNIT}{ANY})(?:,[ \t](?P<value_2>{FULL}))?{STOPS}",
        each(
            "name guarant nok next emergency poa pcp attending attn cc interpreter provider physician d/w dw seen scribe "
            "nurse surgeon holder infant baby b/o newborn"
        ),
    ),
    name(
        r"\b(?:MOTHER|FATHER|GUARANTOR|SPOUSE|WIFE|HUSBAND|NAME|PATIENT|PT|SUBSCRIBER|INSURED|SURGEON|ATTENDING|NOK|RE|"
        rf"ATTN|CC)[ \t]+(?P<value>{CAPS},[ \t]?{CAPS}(?:[ \t][{UPPER}]\b\.?)?)",
        each("mother father guarant spouse wife husband name patient pt subscr insured surgeon attending nok re attn cc"),
    ),
    # Pt Jane Whitfield here for f/u; pt. Whitfield, Jane; Patient Jane Whitfield.
    name(
        rf"(?<![\w-])(?:[Pp]t\b\.?|PT\.?|[Pp]atient|Client|Resident|Subject)[ \t](?P<value>{TURNED}|{NO_UNIT}{FULL}|"
        rf"{CAPITALS})(?=[ \t]*(?:[.,;:)\n(]|$)|[ \t](?:here|seen|in|at|was|is|has|had|to|w/|with|c/o|s/p|on|for|and|came|"
        "comes|called|arrived|admitted|from|DOB|MRN|will|did|does|needs|wants|states|says|reports|denies|presents|"
        r"returned|left|\d))",
        ("pt ", "pt. ", "patient ", "client ", "resident ", "subject "),
        lead=0,
        reach=72,
    ),
    # pt name chloë kovac, here for: in small letters behind a label that only names follow.
    name(
        r"(?i:(?<![\w-])(?:(?:pt|patient|child|baby|client|full|legal|my|his|her|son['’]?s|daughter['’]?s|mom['’]?s|"
        rf"dad['’]?s)[ \t]name(?:[ \t]is)?|signature(?:[ \t]of[ \t][a-z/ ]{{3,20}})?(?=[ \t]?:)|printed?[ \t]name|name[ "
        rf"\t]of[ \t](?:patient|pt|child)))[ \t]*[:=]?[ \t]*(?P<value>{SMALL}[ \t](?:[a-z]\.?[ \t])?{SMALL})(?=[ "
        r"\t]*(?:[.,;!)\n]|$)|[ \t](?:and|dob|mrn|here|i|born|\d))",
        each("name sign"),
    ),
    name(
        rf"(?i:\bmy[ \t]name(?:['’]?s|[ \t]is)[ \t])(?P<value>{SMALL}(?:[ \t]{SMALL})?)(?=[ \t]*[.,!\n]|$|[ \t](?:and|"
        r"i)\b)",
        ("my name",),
    ),
    # Goes by Janie; prefers to be called Janie; née Osei; her name is Jane; a woman named Jane; call me Jane; ask for Jane.
    name(
        r"(?i:\b(?:goes[ \t]by|(?:prefers|likes|wants|asked)[ \t](?:to[ \t]be[ \t]called|the[ \t]name)|née|nee|n[ée]e|"
        r"formerly|answers[ \t]to|whose[ \t]name[ \t](?:is|was)|(?:son|daughter|man|woman|boy|girl|baby|patient|pt|child|"
        r"friend|husband|wife|nurse|doctor|brother|sister|person|caller|someone|somebody),?[ \t](?:is[ \t])?named|names?[ "
        r"\t](?:is|are)|call[ \t]me|ask[ \t]for|asking[ \t]for|prefers|nicknamed|signed|ask[ \t]to[ \t]speak[ \t](?:to|"
        rf"with)))[ \t]+[\"“‘']?(?P<value>{NO_UNIT}{FULL}|{ONE})(?:[ \t]and[ "
        rf"\t](?P<value_2>{ONE}))?(?=[\"”’']?[ \t]*(?:[.,;:)\n!?]|$)|[ \t](?:at|in|on|with|when|and|who|for|from|was|is|"
        r"or|if)\b)",
        each("goes called née nee formerly aka a.k.a known answers name call asking ask nick sign pag prefer"),
        unless_before=r"(?i:\b(?:disease|syndrome|gene|protein|drug|sign|bacteri\w+|virus|condition|is|was|are|also|commonly|condition|"
        r"disorder|company|product|brand|test|a|medicine)[, \t]{1,3}(?:also[ \t])?$)",
    ),
)


PATTERNS = (*_TITLES, *_LABELLED)
