"""Ages over 89 as forms, family histories, chats and triage notes write them: "F/92", "father d. 91", "mum is 94"; see `ages.py`."""

from __future__ import annotations

from bioinstruct.curate.identifiers.ages import (
    FIGURES,
    GROUP,
    GROUP_AGED,
    MANY,
    NOT_MEASURED,
    OLD,
    OR_MORE,
    RELATIVE,
    SEX,
    SPELLED,
    WARM,
    age_pattern,
    both,
)

_FAMILY_AGE = (
    rf"(?i:(?<![\w-])(?:(?:{RELATIVE}|dad|pop|gramps|nan|nanna|oma|opa|abuela|abuelo|pt|patient|client|resident|"
    "veteran|widow|widower)(?:['’]s)?|she['’]?s?|he['’]?s?|i['’]?m))"
)

PATTERNS = (
    # AGE: 96Y; Age....... 94; AGE 94 YRS; age=94; patient's age is 92; her age, 92; age at time of service 92.
    *both(
        r"(?i:\b(?:age|aged)\b(?:\s?['’]?s)?(?:\s(?:at|on|in|of)\s(?:the\s)?(?:time\s(?:of\s)?|"
        r"date\s(?:of\s)?)?[a-z]{4,12})?)(?:[\s:=.,_(|\"~]|\b(?:is|was|now|of|about|approx|approximately|currently|"
        r"given\sas|listed\sas|recorded\sas|years?|yrs?)\b){1,12}",
        r"(?=\s?(?:[yY](?:[rR][sS]?|[eE][aA][rR][sS]?|/[oO]|[oO])?\b|[.,;)\]|\"]|\n|$|\s{2}|\s(?i:sex|gender|male|female|"
        r"years?|yrs?|and|with|dob|m|f)\b|/))(?![.,]\d)",
        unless_before=rf"{GROUP_AGED}|{GROUP}|(?i:\b{MANY}\s+\w+\s+$|\b(?:bone|gestational|mental|developmental|mean|median|average|"
        rf"range|maximum|minimum)\b[^.]{{0,24}}$)",
        unless_after=OR_MORE,
    ),
    # F/92, M, 92; Female, 92 years; (F, 92); Sex: F Age: 92; 92/F; (92, F); (92M); PT: 93 FEMALE; 93 F w/ CHF.
    age_pattern(
        rf"(?<![\w-])(?:[MF]\s?[/,|]\s?|(?i:male|female),\s){OLD}(?=\s?(?i:y(?:rs?|ears?|o)?\b)|\s?[).;,\n|]|$)(?![.,]\d|\)m)", FIGURES
    ),
    age_pattern(
        rf"(?:(?m:^)|(?<=[(\[:;.,\n]\s)|(?<=[(\[:|])|(?i:\b(?:this|pt|patient|a|an)\s)){OLD}(?=\s?(?:/\s?[MF]\b|,\s?[MF]\b|"
        rf"[yY]?[/-]?[MF](?:\)|\s(?:w/|w\b|c/o|s/p|h/o|hx|with|here|in|from|for|admitted|fell|PMH|[A-Z]{{2,6}}\b)|"
        r",\s[A-Za-z])|"
        r"-?yr?[\s-]?(?:[MF]\b|old)|\s(?:MALE|FEMALE)\b|\s?(?:[yY][oO]|y/o|Y/O)\b))",
        FIGURES,
        unless_before=WARM,
    ),
    # 92-y-o, 92 yr old, 92yo f, 92 YO M, 92 yrs. of age, 92 years and 3 months old, 91 years of age.
    age_pattern(
        rf"(?<![\w.,/-]){OLD}(?=[\s-]?(?i:y-o\b|y\.?o\.?\b|yr?s?\.?[\s-]{{0,2}}old\b|yrs?\.\s+of\s+age|"
        rf"years?,?\s+(?:and\s+)?\w{{1,7}}\s+months?\s+old))",
        FIGURES,
        unless_before=GROUP,
        unless_after=r"(?i:[\s-]*(?:years?|yrs?)[\s-]*olds)",
    ),
    # Mum is 94 and a bit deaf; she's 92 now; pt is 92; he'll be 93 in May; who is ninety-three; I'm 94, doctor.
    *both(
        rf"(?:{_FAMILY_AGE}|\b[Ww]ho|\b(?:Mr|Mrs|Ms|Miss|Dr)\.?\s[A-Z][\w'’-]+|\b[A-Z][a-z]{{2,}})(?:\s(?:is|was|will\sbe|"
        r"turns|turned|just\sturned)|['’](?:s|ll\sbe|m))\s(?:(?:now|almost|nearly|already|about|just|only|over|well|"
        r"also)\s)?",
        r"(?=\s*(?:[;!?\n]|[.,](?!\d)|$)|\s(?i:and|but|now|so|with|in\s(?:good|great|poor|frail|may|june|july|august|"
        r"september|october|november|december|january|february|march|april|a\s)|next|this|today|tomorrow|years|yrs|yo|y/o|"
        r"lives|who|already|or\sso)\b)",
        unless_before=r"(?i:\b(?:temp\w*|pulse|sat\w*|spo2|o2|hr|bp|score|weight|sugar|glucose|rate|fever|systolic|saturation|level|hb|"
        r"value|result|it|this|that|pressure|count|dose)\s?$)",
        unless_after=r"\s*(?i:%|on\s(?:room|ra|o2)|percent|kg|lbs?|pounds|degrees|mg)",
    ),
    # The eldest, at 98, walked; our oldest patient is 104; the oldest was 104; aged between is a range.
    *both(
        r"(?i:\b(?:old|eld)est\b(?:\s(?!than\b)[a-z]+){0,4}?,?\s(?:(?:is|was|being|at|aged?|turned|just|now|who\sis|of)\s){0,3})",
        rf"{NOT_MEASURED}(?=\s*(?:[;!?)\n]|[.,](?!\d)|$)|\s(?:years|and|when|at|in|on|who|walked|was|is)\b)",
    ),
    # Given her age of 92, in view of his advanced age (97), at the ripe old age of 101, despite being 94, a spry 92, a nonagenarian of 94.
    *both(
        r"(?i:\b(?:ripe\s+(?:old\s+)?|advanced\s+|great\s+|her\s+|his\s+|my\s+|patient['’]s\s+)age\s*(?:of\s+|\(|,\s?|"
        r"is\s+|at\s+|\s)|\b(?:despite|at|from)\s+being\s+|"
        r"\b(?:an?|our)\s+(?:very\s+|still\s+)?(?:spry|sprightly|fit|frail|active|lively|feisty|independent|sharp|"
        r"vigorous|healthy|young|robust|pleasant|alert|elderly|well-preserved)\s+|\bnonagenarian\s(?:of\s|\()|"
        r"\bcentenarian\s(?:of\s|\())",
        rf"{NOT_MEASURED}(?=\s*(?:[;!?)\n]|[.,](?!\d)|$)|\s(?:years?|and|who|with|she|he|in|at|when|limits|but|the|now)\b|\s?y/?o)",
    ),
    # Mother, 94, alive; mother alive, age 94; father d. 91 MI; mother died age 98; lived to be 101; grandmother died at 102.
    *both(
        rf"(?i:\b{RELATIVE}\b)(?:(?:[\s,:(-]|\b(?:alive|living|well|healthy|deceased|died|dead|passed|passed\saway|expired|"
        r"d\.|d|age|aged|at|is|was|a&w|dec|dec\.|lived|to|be|until|with|in|her|his|sleep|of|old|\()(?![a-z])|"
        f"[-.])){{1,9}}?",
        rf"{NOT_MEASURED}(?=\s*(?:[;)!?\n]|[.,](?!\d)|$)|\s(?:of|with|from|due|MI|CVA|and|old|yrs?|years?|years,|stroke|"
        r"alive|healthy|in|DM|HTN|CAD|when|after)\b|[yY]\b)",
        unless_after=r"\s*(?i:days|weeks|months|%)",
    ),
    *both(
        r"(?i:\b(?:died|deceased|death|passed(?:\s+away)?|survived|living|lived|alive|dead|expired|d\.)\s+(?:(?:at|to|"
        r"until|till|age|aged|the|of|be|past|in|old|ripe)\s+){0,4})",
        rf"{NOT_MEASURED}(?=\s*(?:[;)!?\n]|[.,](?!\d)|$)|\s(?:of|with|from|due|after|in|and|yrs?|years?)\b(?!\s(?:follow|"
        r"after|later|of\sfollow|patients|cases|ago)))",
        unless_after=r"\s*(?i:days|weeks|months|%|hours|of\s(?:the|those|them|\d|patients|cases)|patients|years\s(?:after|later|from|"
        "post|following))",
    ),
    # She will turn 95; turning 100 this spring; his 99th birthday; celebrated her 100th; a resident, 93; subject 12, 91 years.
    *both(
        r"(?i:\b(?:turn(?:s|ed|ing)?|approaching|nearing|pushing|hit|hitting|reached|made\sit\sto)\s+)",
        rf"{NOT_MEASURED}(?=\s*(?:[;!?\n]|[.,](?!\d)|$)|\s(?:this|next|last|in|on|and|years|soon|but|today|tomorrow|"
        r"yesterday|now|with|without)\b)",
        unless_before=r"(?i:\b(?:hr|rate|sats?|spo2|temp|it|bp|pulse|level|glucose|sugar)\s[^.]{0,8}$)",
    ),
    age_pattern(
        rf"(?<![\w.]){OLD}(?=(?:st|nd|rd|th)\s(?i:birthday|bday|b-day|year)|th\s(?:this|next|last|in)\b)",
        FIGURES,
        before=r"(?i:\b(?:his|her|my|their|your|our|a|the|celebrat\w+)\s(?:[a-z]+\s)?$)",
        unless_after=r"(?:st|nd|rd|th)\s(?i:year\s(?:of\s(?:the|its|his\sreign)|anniversary))",
    ),
    *both(
        rf"(?i:\b(?:resident|veteran|widow(?:er)?|{SEX}|patient|pt|subject(?:\s\d{{1,4}})?|case\s\d{{1,3}}:\s(?:woman|man|"
        rf"male|female)|participant(?:\s\d{{1,4}})?)),\s(?:age\s|aged\s)?",
        rf"{NOT_MEASURED}(?=\s*(?:[;)!?\n]|[.,](?!\d)|$)|\s(?:years?|yrs?|yo|y/o|who|with|was|is|from|in)\b)",
        unless_after=OR_MORE,
    ),
    # Can someone of 94 have it; a man of 97.
    *both(
        rf"(?i:\b(?:someone|somebody|anyone|person|adult|gentleman|lady|patient|relative|{SEX})\s+(?:of|aged)\s+)",
        rf"{NOT_MEASURED}(?=\s*(?:[;)!?\n]|[.,](?!\d)|$)|\s(?:years?|and|who|with|was|is|from|in|have|has|had|can|could|"
        r"should|be|take|get)\b)",
        unless_before=r"(?i:\b(?:mean|median|average|patients|group)\b[^.]{0,24}$)",
        unless_after=OR_MORE,
    ),
    # How old is she? - Ninety-two. Your age? - I'll be ninety-three in August.
    *both(
        r"(?i:(?:\bhow\s+old\b|\bage\b|\bbirthday\b)[^\n?]{0,48}\?\s{1,3}(?:[A-Za-z][\w .'’]{0,20}:\s*)?(?:[a-z'’]+[,.…]?\s){0,7}?)",
        rf"{NOT_MEASURED}(?=\s*(?:[;)!?\n]|[.,](?!\d)|$)|\s(?:in|and|next|now|last|this|years|but|so|on|today|come|if|when|"
        r"doctor|young)\b)",
    ),
    # Ninety two year old, ninety-two y/o, age ninety one, 94 year young lady, a hundred and two years old, one hundred year old.
    age_pattern(
        rf"(?i:(?<![\w-]){SPELLED}(?=[\s-]+(?:y/o|y\.?o\.?|years?[\s-]+(?:old|of\s+age|young)|yrs?\b)))",
        ("ninety", "hundred"),
        digits=0,
        unless_before=GROUP,
        unless_after=rf"(?i:[\s-]*years?[\s-]*(?:olds|(?:old|of age){OR_MORE}|survival|history|follow))",
    ),
    # In his nineties, early 90s, mid-nineties.
    age_pattern(
        r"(?i:\b(?:in|into)\s+(?:his|her|my)\s+(?:(?:very\s+)?(?:early|mid|middle|late)[\s-]{1,3})?(?P<value>nineties|['’]?90['’]?s)\b)",
        ("nineties", "90s", "90's", "90’s"),
        digits=0,
    ),
    age_pattern(
        r"(?i:(?:\bs?he['’]s|\bis|\bwas)\s+(?:in\s+)?(?:(?:his|her|my|the)\s+)?(?:early|mid|"
        r"late)[\s-]{1,3}(?P<value>nineties|90['’]?s)\b)",
        ("nineties", "90s", "90's", "90’s"),
        digits=0,
    ),
)
