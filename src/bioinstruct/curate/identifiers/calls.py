"""Names in calls, handovers and letters: who was spoken to, who answers, who signs and who is greeted."""

from __future__ import annotations

from bioinstruct.curate.identifiers.names import GREETED, LOOKS_DONE, UPPER
from bioinstruct.curate.identifiers.pattern import each
from bioinstruct.curate.identifiers.person_words import (
    ANY,
    CAPITALS,
    FULL,
    INITIALS,
    LAST,
    NO_UNIT,
    ONE,
    RELATION,
    STOPS,
    TITLE,
    name,
)

_DONE_WITH = (
    # Called Jane Whitfield with results; aka Janie Whitfield; baby Ana was born.
    name(
        rf"(?:(?m:^)|(?<=[.;:\n] )|\b(?:I|[Ww]e|and|RN|then|MD|nurse) )[Cc]alled[ \t](?P<value>{NO_UNIT}{FULL}){STOPS}",
        ("called",),
        lead=12,
    ),
    name(
        r"(?i:\b(?:a\.?k\.?a\.?|(?:he|she|patient|pt|who)[ \t](?:is[ \t]|was[ \t])?(?:also[ \t]|better[ \t])?known[ "
        rf"\t]as)[ \t])(?P<value>{NO_UNIT}{FULL}|{ONE}){LAST}",
        ("aka", "a.k.a", "known as"),
        lead=16,
        unless_before=r"(?i:\b(?:disease|syndrome|disorder|condition|deficiency|gene|protein|drug)\b[^.]{0,40}$)",
    ),
    name(
        rf"(?<!\w)(?:baby|newborn|infant)[ \t](?P<value>{ONE})(?=[ \t](?:was|is|had|has|will|did|and)\b|[ \t]*[.,;]|$)",
        ("baby", "newborn", "infant"),
    ),
    # D/w Osei, spoke w/ Jane Whitfield, report given to Jane Whitfield, called Jane Whitfield with results, relieved by, left message for.
    name(
        r"(?i:\b(?:d/w|dw|discussed[ \t](?:case[ \t])?w(?:ith|/)|spoke[ \t](?:to|with|w/)|talked[ \t](?:to|with|w/)|"
        "(?:seen|evaluated|examined|reviewed|staffed|rounded|confirmed|consulted|verified|coordinated|scheduled|met)[ "
        r"\t](?:with|w/|by)|report(?:ed)?[ \t](?:given[ \t])?(?:to|by|from)|hand(?:ed)?[ \t]?off(?:[ \t]given)?[ \t](?:to|"
        r"from)|handed[ \t](?:over[ \t])?to|handover[ \t](?:to|from)|"
        r"sign(?:ed)?[ \t]?out[ \t](?:to|from)|relieved[ \t]by|(?:left|leave|gave|took|got|have)[ \t](?:a[ "
        r"\t])?(?:message|msg|vm|voicemail|note|report)[ \t](?:for|with|from)|message[ \t](?:for|from)|notified|updated|"
        r"informed|contacted|paged|texted|emailed|phoned|reached|accompanied[ \t]by|brought[ \t](?:in[ \t])?by|"
        r"escorted[ \t]by|transported[ \t]by|interpreted[ \t]by|scribed[ \t]by|witnessed[ \t]by|"
        r"assisted[ \t]by|ordered[ \t]by|per|given[ \t]by|administered[ \t]by|drawn[ \t]by|collected[ \t]by|read[ "
        r"\t]back[ \t](?:to|by)|called[ \t]to|results?[ \t](?:called[ \t])?to|endorsed[ \t]to|transferred[ \t](?:care[ "
        r"\t])?to|referred[ \t]by|sent[ \t]by|addressed[ \t]to|written[ \t]by|authored[ \t]by|translated[ \t]by|"
        r"interview(?:ed)?[ \t](?:by|with)|supervised[ \t]by|precepted[ \t]by|care[ \t]of|"
        r"appointment[ \t]with|appt[ \t](?:with|w/)|follow[ \t]?-?up[ \t](?:with|w/)|f/u[ \t](?:with|w/)|visit[ \t]with|"
        r"session[ \t]with|thank[ \t]you,?|thanks,?|regards[ \t]to|signed[ \t]for[ \t]by|signed[ \t]by|picked[ \t]up[ "
        r"\t]by|released[ \t]to|cared[ \t]for[ \t]by))[ \t]+(?:(?:his|her|the|patient['’]s|"
        rf"pt['’]s|my)[ \t])?(?:(?i:(?:nurse[ \t]practitioner|physician[ \t]assistant|nurse|"
        rf"{RELATION}|rn|charge[ \t]nurse|aide|pharmacist|interpreter|resident|fellow|"
        r"attending|chaplain|officer|caseworker|social[ \t]worker|unit[ \t]clerk|on-?call|medic|emt|paramedic|"
        r"therapist))[ \t])?"
        rf"(?P<value>{NO_UNIT}{LOOKS_DONE}(?:{FULL}|{INITIALS}))(?:,?[ \t]and[ \t](?P<value_2>{FULL}))?{STOPS}",
        (
            *each(
                "d/w dw discussed spoke talked evaluated examined reviewed staffed rounded confirmed consulted verified "
                "coordinated scheduled report hand sign relieved"
            ),
            *each(
                "message msg voicemail notified updated informed contacted paged texted emailed phoned called reached "
                "accompanied brought escorted transported interpreted"
            ),
            *each(
                "scribed witnessed assisted ordered drawn collected results endorsed transferred referred written authored "
                "translated interview supervised precepted f/u appt"
            ),
            *(
                "seen ",
                "met ",
                "met w",
                " vm ",
                "note f",
                "note w",
                "per ",
                "given by",
                "administered by",
                "read back",
                "sent by",
                "addressed to",
                "care of",
                "appointment with",
            ),
            *(
                "follow",
                "visit with",
                "session with",
                "thank",
                "regards to",
                "picked up",
                "released to",
                "cared for",
            ),
        ),
        lead=8,
    ),
    name(
        r"(?i:\b(?:d/w|dw|spoke[ \t](?:with|to|w/)|per[ \t](?:pt['’]s[ \t])?(?:rn|nurse)|brought[ \t]in[ \t]by[ \t](?:his|"
        rf"her)[ \t]{RELATION}|accompanied[ \t]by[ \t](?:(?:his|her)[ \t])?{RELATION}))[ \t](?P<value>{ONE}){STOPS}",
        each("d/w dw spoke per brought accompanied"),
    ),
    # RN Osei, nurse Holm; interpreter Ana: one word behind a role in small letters.
    name(
        r"(?<![\w-])(?:RN|LPN|CNA|NP|EMT|MA|PCT|PA-C|interpreter|nurse|medic|caregiver|aide|therapist|chaplain|officer|"
        rf"deputy|detective|sergeant|coach|pastor)[ \t](?P<value>{FULL}|{ONE})(?=[ \t]*(?:[.,;)\n]|$)|[ \t](?:called|notified|at|"
        "present|aware|informed|updated|said|says|reports?|was|is|who|will|came|and|took|gave|assisted|here|helped|call|can|told|asked|"
        r"from)\b)",
        each(
            "rn lpn cna np emt ma pct pa-c interpreter nurse medic caregiver aide therapist chaplain officer deputy "
            "detective sergeant coach pastor"
        ),
    ),
    # I'm Owen, your nurse; this is Jane from the clinic; Jane Whitfield here; Jane speaking.
    name(
        r"(?:\bI['’]m|\bi['’]m|\bI[ \t]am|(?i:\bthis[ \t]is)|(?i:\bit['’]s)|(?i:\bmy[ \t]name[ \t]is))[ \t](?:(?i:dr|"
        rf"nurse|mr|mrs|ms)\.?[ \t])?(?P<value>{ONE}(?:[ \t]{ONE})?)(?=,[ \t](?:your|the|one|from|a|an|and|I|with|"
        r"calling)\b|[ \t](?:from|calling|again|with[ \t]the|at[ \t](?:the|dr))\b|[ \t]*[.!](?:[ \t\n]|$)|[ \t]*$)",
        ("i'm ", "i’m ", "i am ", "this is ", "it's ", "it’s ", "name is "),
        lead=4,
        unless_before=r"(?i:\b(?:think|know|sure|say|says|said|believe|if|that|as)[ \t]$)",
    ),
    name(
        rf"(?m:^|(?<=[.!?:,][ \t]))(?P<value>{FULL}(?=[ \t]here\b)|(?:{FULL}|{ONE})(?=[ \t](?:speaking|calling)\b))[ "
        r"\t](?=(?:here|speaking|calling)\b[ \t]*(?:[.,!\n]|$|from|for|about|again))",
        each("here speaking calling"),
        lead=48,
        reach=16,
    ),
    # "Your name? - Jane Whitfield." "Who is calling? - Jane." "Emergency contact? - My sister, Ana Prieto.": in the reply.
    name(
        r"(?i:\b(?:(?:last|first|full|maiden|your|her|his|the|patient['’]s|legal|middle|birth|whose|and|doctor['’]s)[ "
        r"\t]names?|name,?[ \t]please|^name|who(?:['’]s|[ \t]is|[ \t]am[ \t]I|m|[ \t]are[ \t]you)[ \t](?:calling|this|"
        r"speaking|talking|your|the|her|his|on|there|with|it)|speaking[ \t](?:with|to)|emergency[ \t]contact|next[ \t]of[ "
        rf"\t]kin|call[ \t]you|spell[ \t](?:that|it|your|his|her|the))\b|:[ \t]name\b)[^\n]{{0,40}}\n[ \t]{{0,4}}[A-Za-z][\w "
        rf".'’/-]{{0,20}}:[ \t](?:(?:[Yy]es|[Ss]ure|[Ii]t['’]s|[Ii]t[ \t]is|[Uu]m|[Uu]h|[Oo]h|[Mm]y|[Hh]is|[Hh]er|"
        r"[Tt]hat['’]s|[Tt]his[ \t]is|[Ii]['’]m|[Ii][ \t]am|[Dd]r\.?|[Mm]rs?\.?|[Mm]s\.?|[Ff]irst|[Ll]ast|[Nn]ame|is|of|"
        rf"course|name['’]s|(?i:{RELATION})|would|be|[Pp]lease|call|me)\b[,.]?[ \t]){{0,5}}"
        rf"(?P<value>{FULL}|{ONE}|(?:[A-Z]-){{3,}}[A-Z])(?=[ \t]*(?:[.,;!?\n]|$)|[ \t](?:at|from|with|and|is|was|here)\b)",
        ("name", "who'", "who’", "who is", "who am", "who are", "whom", "speaking", "emergency contact", "kin", "spell", "call you"),
        lead=16,
        reach=160,
    ),
)

_LETTERS = (
    # Best,\nJane W.; Thanks,\nPaloma Thompson; Kind regards,\nMary-Kate Wojcik\nRegistrar; thx, jane; - Jane; xx Jane; Love, Jane.
    name(
        r"(?i:\b(?:best|(?:many[ \t])?thanks(?:[ \t](?:so[ \t]much|again|a[ \t]lot))?|thank[ \t]you(?:[ \t](?:so[ \t]much|"
        r"again|for[ \t]your[ \t]time))?|cheers|(?:with[ \t])?(?:kind(?:est)?|warm(?:est)?|best)?[ \t]?(?:regards|wishes)|"
        r"sincerely(?:[ \t]yours)?|yours(?:[ \t](?:truly|sincerely|faithfully))?|respectfully(?:[ \t](?:submitted|"
        r"yours))?|cordially|warmly|love|take[ \t]care|all[ \t]the[ \t]best|ty|thx|tks|tia|much[ \t]appreciated|"
        rf"gratefully)[ \t]*[,.!–-]?[ \t]*\n{{1,3}}[ \t]*)"
        rf"{TITLE}(?P<value>{ONE}(?:[ \t][{UPPER}]\b\.?)?|{FULL}|{INITIALS}|{CAPITALS})(?=[ \t]*(?:[,(\n]|$|[–-][ \t]))",
        (
            "best\n",
            "best,",
            "best ",
            "thank",
            "cheers",
            "regards",
            "wishes",
            "sincerely",
            "yours",
            "respectfully",
            "cordially",
            "warmly",
            "love,",
            "love\n",
            "take care",
            "ty,",
            "thx",
            "tks",
            "tia,",
            "appreciated",
            "gratefully",
        ),
        lead=2,
        reach=80,
    ),
    name(
        r"(?i:(?:(?m:^)|(?<=[.!?,\n] )|(?<=[.!?,\n]))(?:thx|thanks|love|cheers|best|xo|xx+|xoxo|hugs|regards|thank[ "
        rf"\t]you|ty)\b[,!]?[ \t]+)(?P<value>(?!(?:Dr|Doc|Doctor|Nurse|Team|All|God|You|For|So)\b){ONE}|(?!(?:for|so|"
        "again|you|and|in|to|the|a|all|doc|doctor|everyone|guys|much|very|god|it|that|my|is|i|if|but|this|team|soon|bye|"
        rf"well|dr)\b)(?<=, )[a-z]{{3,10}})(?=[ \t]*(?:\n|$))",
        each("thx thanks love cheers best xo xx hugs regards thank ty"),
        lead=8,
    ),
    name(rf"(?:\n|^)[ \t]{{0,4}}(?:[–—~-]{{1,2}}|xx)[ \t]?(?P<value>{ONE})[ \t]*(?=$)", each("- – — ~ xx"), lead=8, reach=40),
    # Signed Kwame Osei; /es/ KWAME OSEI; e-signed: Kwame Osei; D: Kwame Osei.
    name(
        r"(?i:(?:/e?s/|\be?-?sign(?:ed|ature)(?:[ \t]electronically)?|\belectronically[ \t]signed|\bsgd\.?|"
        rf"(?m:^)[DT](?=:))(?:[ \t]by)?[ \t]*[:;,-]?[ \t]*\n?[ \t]*){TITLE}(?P<value>{CAPITALS}|{ANY})(?=[ "
        rf"\t]*(?:[.,;\n(|]|$)|[ \t]{{1,3}}(?:\d|on\b|MD|M\.D|RN|at\b))",
        ("/s/", "/es/", "-sign", "esign", "electronically s", "sgd", "d:", "t:"),
    ),
    # The first lines of a letter or a statement: a name, and the street below it.
    name(
        rf"(?m:^)[ \t]{{0,4}}{TITLE}(?P<value>{FULL}|{CAPITALS})(?=[ \t]*\n[ \t]*(?:(?i:flat|apt|apartment|unit|p\.?o\.?[ \t]?box)[ \t]|"
        rf"\d{{1,6}}[A-Za-z]?[ \t])"
        r"[^\n]{3,60}\n[^\n]{0,40}(?:[A-Z]{2},?[ \t]+\d{5}|[A-Z]{1,2}\d[A-Z\d]?[ \t]\d[A-Z]{2}\b))",
        ("\n",),
        lead=64,
        reach=128,
    ),
    # Patient: first name Kwame last name Osei.
    name(
        rf"(?i:\b(?:first|last|middle|maiden|given|family)[ \t]name(?:['’]s)?(?:[ \t]is)?)[ \t](?P<value>{ONE})"
        r"(?=[ \t]*(?:[.,;\n]|$)|[ \t](?:and|last|first|d)\b)",
        ("name",),
        lead=8,
    ),
    # "subject": {"display": "Kwame Osei"}: who a resource of FHIR is about.
    name(
        r"(?i:\"(?:subject|patient|performer|author|recorder|requester|participant|individual|asserter|actor|who)\"\s?:\s?[\[{]{1,2}[^}\]\n]{0,60}?"
        rf"\"display\"\s?:\s?\")(?P<value>{FULL})(?=[^\"\n]{{0,12}}\")",
        ('"display"',),
        lead=110,
    ),
    # Hi Jane, Hello Jane! Good morning, Theo. Jane, your results are in.
    name(
        r"(?m:^|(?<=[.!?:][ \t]))(?i:(?:hi|hello|hey|dear|morning|evening|afternoon|good[ \t](?:morning|afternoon|evening|"
        rf"day)|welcome(?:[ \t]back)?),?[ \t]+)(?!{GREETED}\b){TITLE}(?P<value>{ONE}(?:[ \t]{ONE})?)(?=[ "
        r"\t]*[,!.?:–-](?:\s|$)|[ \t]*(?:\n|$))",
        ("hi ", "hi, ", "hello", "hey", "dear ", "morning", "evening", "afternoon", "good day", "welcome"),
        lead=6,
        reach=64,
    ),
)


PATTERNS = (*_DONE_WITH, *_LETTERS)
