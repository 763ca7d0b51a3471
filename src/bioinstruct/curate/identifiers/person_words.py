"""What the patterns of persons' names are built of: words that may be a name, how a name ends, and who people are to one another."""

from __future__ import annotations

from bioinstruct.curate.identifiers import name_words as known
from bioinstruct.curate.identifiers.names import FULL as TWO_WORDS
from bioinstruct.curate.identifiers.names import GIVEN, LOWER, TURNED, UPPER
from bioinstruct.curate.identifiers.names import NO_UNIT as NO_OFFICE
from bioinstruct.curate.identifiers.pattern import Pattern, each, either

_NO_PERSON = either(known.REPLIES, known.AFTER_RELATIVES)
ONE = (
    f"(?=[{UPPER}]['’{LOWER}])(?!{_NO_PERSON}(?![{LOWER}]))(?!(?:Anti|Non|Pre|Post|Type|Factor|Protein|"
    rf"Phase|Grade|Stage|Class|Chapter|Part)\b){GIVEN}"
)
_TWO = rf"(?=[{UPPER}][\w.'’-]{{0,32}},?[ \t](?:[{UPPER}]|van|von|de|der|den|la|le|al|el|bin|del|di|da|du|dos|ter))"
FULL, NO_UNIT = (
    rf"{_TWO}{TWO_WORDS}",
    rf"{_TWO}{NO_OFFICE}(?!(?:\w+[ \t]){{0,2}}(?:Squad|Abstract|Ambulance|Police|Fire|Line|Network|Support|Resources|"
    r"Book|Method|Model|Index)\b)",
)
CAPS = (
    f"(?=[{UPPER}]{{2}})(?!(?i:{either(known.SENTENCE, known.ROLES, known.OFFICES, known.MEDICINE)})(?![A-Z]))[{UPPER}"
    f"]{{2,}}(?:[-'’][{UPPER}]{{2,}})*"
)
CAPITALS = rf"(?:{CAPS},[ \t]?{CAPS}(?:[ \t][{UPPER}]\b\.?)?|{CAPS}[ \t](?:[{UPPER}]\.?[ \t])?{CAPS})"
INITIALS = rf"(?:[{UPPER}]\.[ \t]?){{1,2}}{ONE}|[{UPPER}]{{2}}[ \t](?!(?i:md|rn|np|pa|do)\b){ONE}"
ANY = rf"(?:{TURNED}|{FULL}|{INITIALS})"
SMALL = (
    "(?:[a-z]['’])?(?!(?:the|and|for|her|his|she|was|are|not|you|all|any|that|this|with|from|here|there|who|but|has|"
    "had|still|also|just|very|really|feeling|doing|calling|having|taking|sorry|fine|good|okay|sure|going|worried|"
    r"unable|allergic|diabetic|pregnant|unknown|on|in|at|to|of)\b)[a-zß-öø-ÿ]{2,}(?:['’-][a-zß-öø-ÿ]{2,})*"
)
STOPS = r"(?=[ \t]*(?:[.,;:)\n!?|(\]/]|[–-][ \t]|$)|[ \t]{2,}|[ \t](?:[a-z(\d]|MD|RN|DOB|MRN|NP|PA|DO|AGE|SEX|BAL|REL|III?|IV|Jr|Sr))"
LAST = r"(?=[ \t]*(?:[.,;:)\n!?|(\]]|$)|[ \t]{2,})"
TITLE = r"(?:(?:Dr|Mr|Mrs|Ms|Prof|Miss)\b\.?[ \t])?"


def name(
    expression: str,
    needs: tuple[str, ...],
    *,
    lead: int = 72,
    reach: int = 112,
    before: str = "",
    unless_before: str = "",
    unless_after: str = "",
) -> Pattern:
    """A pattern around a name."""
    return Pattern("name", expression, needs, lead, reach, 0, before, unless_before, unless_after)


RELATION = either(
    "husband wife spouse son daughter mother father sister brother partner grandson granddaughter grandmother "
    "grandfather niece nephew aunt uncle cousin stepson stepdaughter stepmother stepfather",
    "(?:mother|father|sister|brother|son|daughter)-in-law mom mum dad friend roommate neighbou?r caregiver guardian "
    "fiancée? girlfriend boyfriend ex-husband ex-wife dtr boss aide carer grandma grandpa",
    r"nanny godmother godfather foster[ \t](?:mother|father|mom) landlord coworker colleague supervisor teacher "
    r"sponsor twin(?:[ \t]sister|[ \t]brother)?",
)
NEEDS_RELATION = each(
    "husband wife spouse son daughter mother father sister brother partner niece nephew aunt uncle cousin step mom "
    "mum dad friend roommate neighb caregiver guardian fianc dtr boss aide carer "
    "grand nanny god landlord coworker colleague supervisor teacher sponsor twin"
)
