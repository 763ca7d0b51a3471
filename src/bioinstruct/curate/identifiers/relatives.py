"""Names behind or before a relation, an age or a degree: her husband Robert; Kwame Osei, his brother; WHITFIELD, JANE 60F."""

from __future__ import annotations

from bioinstruct.curate.identifiers.names import UPPER
from bioinstruct.curate.identifiers.pattern import each
from bioinstruct.curate.identifiers.person_words import (
    CAPS,
    FULL,
    INITIALS,
    LAST,
    NEEDS_RELATION,
    NO_UNIT,
    ONE,
    RELATION,
    name,
)

_RELATED = (
    # Her husband Robert; dtr Ana called; mother-in-law Jane; wife: Jane; daughter (Ana) at bedside.
    name(
        rf"(?i:(?<![\w-]){RELATION}\b)(?:[ \t]|,[ \t]|:[ \t]|[ \t]?\()(?P<value>{ONE})(?=[ \t]*(?:[.;)!?\n]|$)|,[ "
        r"\t](?!(?:Inc|LLC|MD|[A-Z]))|[ \t](?!(?:et|in-law|cells?|chromatid\w*|study|disease|syndrome|virus|gene|sign|"
        r"test|hospital|program|studies)\b)[a-z(&]|['’]s[ \t])",
        NEEDS_RELATION,
        unless_before=r"(?i:\b(?:of|by|a|an|any|each|every|one|no)[ \t]$)",
    ),
    name(rf"(?i:\b{RELATION}(?:['’]s)?[ \t]name[ \t]is[ \t])(?P<value>{FULL}|{ONE})", ("name is",)),
    name(rf"(?i:(?<![\w-]){RELATION}(?:[ \t](?:is|was)|,)[ \t])(?P<value>{NO_UNIT}{FULL}){LAST}", NEEDS_RELATION),
    # Twins Ana and Theo; children: Ana, Theo and Ruth; mother Jane and father Theo.
    name(
        r"(?i:\b(?:twins|triplets|children|kids|sons|daughters|sisters|brothers|siblings|grandchildren|parents|friends|"
        rf"granddaughters|grandsons)\b)(?:[ \t]|,[ \t]|:[ \t]|[ \t]?\()(?P<value>{ONE})(?:,[ "
        rf"\t](?P<value_2>{ONE}))?(?:,[ \t](?P<value_3>{ONE}))?,?[ \t](?:and|&)[ \t](?P<value_4>{ONE})",
        each("twins triplets children kids sons daughters sisters brothers siblings parents friends"),
    ),
    # BABY BOY WHITFIELD, BG WHITFIELD, B/O WHITFIELD, Baby girl Whitfield.
    name(
        rf"\b(?:BABY(?:[ \t](?:BOY|GIRL))?|BB|BG|B/O|NEWBORN|INFANT|TWIN[ \t][AB])[ \t](?P<value>(?!OF\b)(?:{CAPS}|{ONE})){LAST}",
        each("baby bb bg b/o newborn infant twin"),
    ),
    name(rf"\b[Bb]aby[ \t](?:[Bb]oy|[Gg]irl)[ \t](?P<value>{ONE})", ("baby",)),
    # Jane Whitfield (wife); Kwame Osei, his brother; Jane Whitfield, daughter; Ana Prieto - case manager.
    name(
        rf"(?<![\w-])(?P<value>{NO_UNIT}{FULL})(?=[ \t]?\((?i:(?:his|her|the|patient['’]s|pt['’]s|my)?[ \t]?{RELATION}\b)|"
        rf",[ \t](?i:(?:his|her|my|the[ \t]patient['’]s|pt['’]s)[ \t](?:\w+[ \t])?{RELATION}\b)|,[ "
        rf"\t](?i:{RELATION})(?:[ \t]*[.,;\n(]|$)|[ \t]?[,(–-][ \t]?(?i:rn|case[ \t]manager|social[ \t]worker|interpreter|"
        r"charge[ \t]nurse|pharmacist|medical[ \t]assistant|scheduler|hcp|poa|dpoa|hcpoa|nok|scribe|chaplain|dietitian|"
        r"midwife|physical[ \t]therapist|technologist|office[ \t]manager|receptionist|attending|fellow|resident|intern|"
        r"registrar|consultant)\b)",
        (
            *NEEDS_RELATION,
            *each(
                "rn case worker interpreter charge pharmacist assistant scheduler hcp poa nok scribe chaplain dietitian midwife "
                "therapist technolog manager recept attending fellow resident intern registrar consultant"
            ),
        ),
        lead=80,
        reach=48,
    ),
    # WHITFIELD, JANE 60F; Jane Whitfield, 60 F; Jane Whitfield, 60, was seen; Jane Whitfield | 07/04/1961.
    name(
        rf"(?<![\w-])(?P<value>{CAPS},[ \t]?{CAPS}(?:[ \t][{UPPER}]\b\.?)?)(?=[ \t,(|]{{1,4}}(?:\d{{1,3}}[ \t]?(?:[MF]\b|"
        rf"y)|\d{{1,2}}/\d{{1,2}}/|DOB|MRN|#?\d{{5}}))",
        (",",),
        lead=40,
        reach=48,
    ),
    name(
        rf"(?<![\w-])(?P<value>{NO_UNIT}{FULL})(?=,[ \t]\d{{1,3}}(?:[ \t]?(?:[MF]\b|y/?o|yr|years)|,[ \t][a-z])|[ \t]?\|[ "
        rf"\t]?\d{{1,2}}/\d{{1,2}}/\d{{2,4}}|[ \t]?[|,;][ \t]?(?:DOB|MRN|dob|mrn)\b|[ \t]\((?:DOB|MRN|dob|b\.|born|age)\b)",
        (*(f", {digit}" for digit in range(1, 10)), "| ", "|1", "|0", "(dob", "(mrn", "(b.", "(born", "(age", "dob", "mrn"),
        lead=56,
        reach=20,
    ),
    # Whitfield, RN; Holm, MD: one word before a degree that is no other word.
    name(
        rf"(?<![\w-])(?P<value>(?:{INITIALS}|{ONE}|[{UPPER}]{{4,}}))(?=,[ \t]?(?:M\.D\b|RN\b|R\.N\.|NP\b|PA-C\b|LPN\b|"
        r"PharmD\b|CRNP\b|APRN\b|CRNA\b|FNP\b|LCSW\b|DDS\b|RRT\b|CNA\b|MBBS\b|RDMS\b))",
        (
            ", m.d",
            ", rn",
            ",rn",
            ", r.n",
            ", np",
            ", pa-c",
            ", lpn",
            ", pharmd",
            ", crn",
            ", aprn",
            ", fnp",
            ", lcsw",
            ", dds",
            ", rrt",
            ", cna",
            ", mbbs",
            ", rdms",
        ),
        lead=32,
        reach=16,
        unless_before=r"[A-Za-z][ \t]$",
        unless_after=r",[ \t]?MD[ \t,]{1,2}(?:\d{5}|USA)",
    ),
)


PATTERNS = _RELATED
