"""Outputs in which the teacher does not do the task: it refuses, asks for the material, or speaks of itself."""

from __future__ import annotations

import re

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.curate.rules.rule import Evidence, Rule, is_given, quoted

_HEAD = 400
"""Characters of an output in which a refusal stands: what comes later closes an answer."""

_UNABLE = (
    r"\b(?:i|we)(?:\s+(?:can(?:not|['’]?t|\s+not)|(?:am|are)\s+(?:unable|not\s+(?:able|allowed|permitted))\s+to"
    r"|(?:will|would)\s+not\s+be\s+able\s+to|won['’]t\s+be\s+able\s+to|must\s+decline\s+to|do(?:n['’]t|\s+not)\s+have\s+the\s+ability\s+to)"
    r"|['’](?:m|re)\s+(?:unable|not\s+(?:able|allowed|permitted))\s+to)\s+"
)
_WHICH = r"(?:(?:a|an|any|the|this|that|these|those|your|such|specific|personal|medical|external|attached)\s+){0,3}"
_THIS_REQUEST = r"(?:this|that|the|these|those|your|such|any)\s+(?:\w+\s+)?(?:request|task|question|query|prompt|instruction)s?\b"
_GIVEN = (
    r"(?:advice|diagnos[ie]s|information|assistance|answers?|responses?|summar(?:y|ies)|opinions?|outputs?|guidance|recommendations?"
    r"|content|translations?|analys[ie]s|text|abstract|article|passage)\b"
)
_SOURCE = r"(?:files?|links?|urls?|websites?|internet|web|images?|pictures?|attachments?|videos?|audio|databases?|content)\b"
_REFUSES = re.compile(
    rf"{_UNABLE}(?:(?:assist|help)\s+(?:you\s+)?with\s+(?:that|this|your|the\s+request)\b"
    rf"|(?:fulfill?|complete|process|perform|do|carry\s+out|answer|comply\s+with|respond\s+to)\s+{_THIS_REQUEST}"
    rf"|answer\s+(?:this|that)\b|comply(?=\s*(?:[.,!]|$))"
    rf"|(?:provide|offer|give)\s+(?:you\s+)?(?:with\s+)?{_WHICH}{_GIVEN}"
    rf"|(?:generate|create|produce|write|summari[sz]e|translate|paraphrase|analy[sz]e)\s+{_WHICH}{_GIVEN}"
    rf"|(?:access|view|open|browse|see|retrieve|process|display)\s+{_WHICH}{_SOURCE})"
    rf"|\bi\s+do(?:n['’]t|\s+not)\s+have\s+access\s+to\s+{_WHICH}{_SOURCE}",
    re.IGNORECASE,
)
_MATERIAL = r"(?:input|text|passage|abstract|article|paper|paragraph|sentence|document|transcript|dialogue|conversation|dataset|excerpt)"
_ASKS = re.compile(
    r"(?:^|[.!?]\s)\W*(?:please|kindly|(?:could|can)\s+you\s+(?:please\s+)?)\s*(?:provide|share|supply|paste|include|upload|enter|send)\b"
    r"[^.?!\n]{0,80}\b(?:you(?:['’]d|\s+would)?\s+(?:like|want)\s+me\s+to|so\s+(?:that\s+)?i\s+can|for\s+me\s+to)\b"
    r"|^\W*(?:(?:i['’]m\s+)?sorry,?\s+(?:but\s+)?|unfortunately,?\s+|it\s+(?:seems|appears|looks)\s+(?:like\s+|that\s+)?)?(?:there\s+(?:is|was)\s+)?"
    rf"no\s+(?:\w+\s)?{_MATERIAL}\s+(?:(?:was|is|has\s+been)\s+)?(?:provided|given|supplied|included|attached)\b"
    r"|\byou\s+(?:haven['’]t|have\s+not|didn['’]t|did\s+not)\s+(?:provide|give|include|supply|supplie|attach|share)(?:n|d|ed)?\s+"
    rf"(?:(?:the|any|an?|me|with|specific)\s+){{0,3}}{_MATERIAL}\b",
    re.IGNORECASE,
)
_IN_A_VOICE = re.compile(
    r"\b(?:reply|replies|dialogues?|conversation|role[- ]?play\w*|letter|e-?mail|message|script|monologue|quote|declin\w+|refus\w+"
    r"|first[- ]person|story|diary|poem)\b"
    r"|\brespon(?:d|se)\s+to\s+(?:the|this|a|an)\s+(?:\w+\s)?(?:patient|parent|caller|relative|family|customer|colleague)"
    r"|\bwhat\s+(?:would|should|could|might)\s+(?:you|the\s+\w+)\s+(?:say|tell|answer)\b",
    re.IGNORECASE,
)
"""Tasks whose output speaks in somebody's voice, who may well decline."""

_AI_WORDS = (
    "language model",
    "chatbot",
    "artificial intelligence",
    " ai",
    "training ",
    "knowledge cut",
    "trained by",
    "personal ",
    "real-time",
)
"""One of these stands in whatever `_AS_AN_AI` matches: most outputs hold none, and need no closer look."""
_AS_AN_AI = re.compile(
    r"\bas\s+an?\s+(?:\w+[\s-]){0,2}(?:ai|artificial\s+intelligence)(?:[\s-](?:language\s+model|based\s+\w+|model|assistant|chatbot|system))?,?\s+i\b"
    r"|\b(?:as|since\s+i(?:['’]m|\s+am)|because\s+i(?:['’]m|\s+am))\s+an?\s+(?:large\s+|text-based\s+)?language\s+model\b,?\s+(?:i|my)\b"
    r"|\bi(?:['’]m|\s+am)\s+(?:just\s+|only\s+|merely\s+)?an?\s+(?:(?:large|text-based|helpful|virtual|trained)\s+){0,2}"
    r"(?:ai\b(?!-)|artificial\s+intelligence\b|language\s+model\b|chatbot\b)"
    r"|\bmy\s+(?:training\s+data|knowledge\s+cut-?off|training\s+cut-?off)\b"
    r"|\bi\s+(?:was|am|have\s+been)\s+trained\s+by\s+(?:openai|google|meta|anthropic)\b"
    r"|\bi\s+do(?:n['’]t|\s+not)\s+have\s+(?:personal\s+(?:opinions?|beliefs?|feelings|emotions)|real-time\s+(?:access|data|information))\b",
    re.IGNORECASE,
)


def refusal(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The output's beginning refuses the task or asks for its material: the words, and which of the two.

    Tasks that ask for a reply, a letter, a dialogue or a story are left alone: there somebody else declines.
    """
    head = candidate.output[:_HEAD]
    for how, pattern in (("refuses", _REFUSES), ("asks for the input", _ASKS)):
        match = pattern.search(head)
        if match and not _IN_A_VOICE.search(candidate.instruction) and not is_given(match.group().strip(), candidate):
            return {**quoted("output", match), "how": how}
    return None


def as_an_ai(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """The output speaks as a language model, in words that the task does not hold: these words."""
    lower = candidate.output.lower()
    match = _AS_AN_AI.search(candidate.output) if any(word in lower for word in _AI_WORDS) else None
    return quoted("output", match) if match and not is_given(match.group(), candidate) else None


RULES = (
    Rule(
        "refusal",
        refusal,
        True,
        "an output that refuses the task, or asks for the material that it should work on",
        "It teaches to refuse what can be done. Replies, letters, dialogues and stories are left alone: there somebody else "
        "declines. Switch it off where refusals are written on purpose.",
    ),
    Rule(
        "as_an_ai",
        as_an_ai,
        True,
        "an output that speaks of its author as an AI or a language model, or of its training data",
        "It is the teacher's self-portrait and not the answer, and untrue of the tuned model.",
    ),
)
"""In the order in which they are asked."""
