"""Texts in another language than the recipe's: by their script, else by an identifier where it is sure.

The identifier, py3langid, is imported and reads its model (about a second) when the first text needs it. Most texts do not: they are
short, or English by their function words.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from typing import Any

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.curate.rules.rule import Evidence, Rule

LANGUAGES = (
    "af am an ar as az ba be bg bn br bs ca cs cy da de dz el en eo es et eu fa fi fo fr fy ga gd gl gu ha he "
    "hi hr ht hu hy id ig is it ja jv ka kk km kn ko ku ky la lb lg ln lo lt lv mg mk ml mn mr ms mt my ne nl "
    "nn no oc om or pa pl ps pt qu ro ru rw sa se si sk sl sn so sq sr st sv sw ta te tg th tk tl tr tt ug uk "
    "ur uz vi vo wa xh yo zh zu"
)
"""ISO 639-1 codes that the identifier knows, separated by spaces."""
CODES = frozenset(LANGUAGES.split())
"""The same as a set."""

_SCRIPTS = {
    "ARABIC": {"ar", "az", "fa", "kk", "ku", "ky", "ps", "tg", "ug", "ur"},
    "ARMENIAN": {"hy"},
    "BENGALI": {"as", "bn"},
    "CJK": {"ja", "ko", "zh"},
    "CYRILLIC": {"az", "ba", "be", "bg", "bs", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "tk", "tt", "uk", "uz"},
    "DEVANAGARI": {"hi", "mr", "ne", "sa"},
    "ETHIOPIC": {"am"},
    "GEORGIAN": {"ka"},
    "GREEK": {"el"},
    "GUJARATI": {"gu"},
    "GURMUKHI": {"pa"},
    "HANGUL": {"ko"},
    "HEBREW": {"he"},
    "HIRAGANA": {"ja"},
    "KANNADA": {"kn"},
    "KATAKANA": {"ja"},
    "KHMER": {"km"},
    "LAO": {"lo"},
    "MALAYALAM": {"ml"},
    "MYANMAR": {"my"},
    "ORIYA": {"or"},
    "SINHALA": {"si"},
    "TAMIL": {"ta"},
    "TELUGU": {"te"},
    "THAI": {"th"},
    "TIBETAN": {"dz"},
}
"""First word of a letter's Unicode name -> languages written so."""
_LATIN = "LATIN"
_LATIN_TOO = frozenset({"az", "bs", "kk", "ku", "ky", "mn", "sr", "tg", "tk", "tt", "ug", "uz"})
"""Languages of the table that are written in Latin letters as well."""
_FEWEST_FOREIGN = 8
"""Letters of other scripts from which on they tell a language: a few are symbols and names."""
_FEWEST_LETTERS, _FEWEST_WORDS = 60, 10
"""Shorter texts are not asked about, and fewer Latin letters tell nothing: names of drugs and diseases look like Latin."""
_READ = 600
"""Characters of a text that are looked at."""
_SURE, _RULED_OUT = 0.9, 0.01
"""Probability of another language from which on, and of the recipe's up to which, a text is in the wrong one."""
_NO_LANGUAGE = frozenset({"la", "pcm", "zxx"})
"""What the identifier takes lists of terms, clipped notes and sequences for: Latin, Nigerian Pidgin, no language."""
_ENGLISH = frozenset(
    {
        *(
            "about",
            "after",
            "and",
            "are",
            "because",
            "could",
            "from",
            "has",
            "have",
            "his",
            "how",
            "if",
            "into",
            "its",
            "should",
            "that",
            "the",
        ),
        *("their", "there", "these", "they", "this", "what", "when", "which", "who", "with", "would", "you", "your"),
    }
)
"""Function words of English and of no other language with Latin letters, or hardly."""
_ENGLISH_TOO = frozenset(
    {
        *(
            "a",
            "an",
            "as",
            "at",
            "be",
            "been",
            "by",
            "can",
            "did",
            "do",
            "does",
            "for",
            "had",
            "he",
            "her",
            "in",
            "is",
            "it",
            "may",
            "me",
            "my",
        ),
        *("no", "not", "of", "on", "or", "she", "so", "than", "them", "then", "to", "was", "we", "will"),
    }
)
"""Function words of English and of others."""
_ENGLISH_SHARES = ((2, 0.1), (1, 0.2))
"""Different words of the first kind, and share of both kinds, from which on a text is English without asking."""
_WORD = re.compile(r"[^\W\d_]+")
_SEPARATORS = re.compile(r"[,;:()\[\]|=/\n]")
_WORDS_A_SEPARATOR = 3
"""A text with as many words to a separator, or fewer, is a list of terms."""
_TALKS_OF_LANGUAGES = re.compile(
    r"(?i:translat|transliterat|romani[sz]|bilingual|multilingual|tradu[cz]|übersetz|перев)|翻译|翻訳"
    r"|\b(?i:another|other|different|which|what|foreign|second|native|preferred|target|source|detect\w*\sthe|identify\sthe)\s+language"
    r"|\b(?:Arabic|Bengali|Cantonese|Chinese|Croatian|Czech|Danish|Dutch|English|Farsi|Finnish|French|German|Greek|Hebrew|Hindi|Hungarian"
    r"|Indonesian|Italian|Japanese|Korean|Latin|Malay|Mandarin|Norwegian|Persian|Polish|Portuguese|Punjabi|Romanian|Russian|Serbian|Somali"
    r"|Spanish|Swahili|Swedish|Tagalog|Tamil|Telugu|Thai|Turkish|Ukrainian|Urdu|Vietnamese)\b"
)
"""Tasks whose input or output may be in another language."""


def wrong_language(candidate: Candidate, section: CurateSection) -> Evidence | None:
    """A field is in another language than `section.language`: which field, which script or language, and how sure that is.

    Input and output are left alone where the instruction speaks of languages or translation.
    """
    wanted = section.language
    if wanted is None:
        return None
    fields = [("instruction", candidate.instruction)]
    if not _TALKS_OF_LANGUAGES.search(candidate.instruction):
        fields += [("output", candidate.output), ("input", candidate.input)]
    for field, text in fields:
        found = _other_script(text[:_READ], wanted) or _other_language(text[:_READ], wanted)
        if found is not None:
            return {"field": field, "wanted": wanted, **found}
    return None


def _other_script(text: str, wanted: str) -> Evidence | None:
    """Most letters are of scripts that the language is not written in: the commonest one, and the share of all letters."""
    own = _own_scripts(wanted)
    if text.isascii() and _LATIN in own:
        return None
    letters = Counter(map(_script, filter(str.isalpha, text)))
    foreign = {script: count for script, count in letters.items() if script not in own and (script in _SCRIPTS or script == _LATIN)}
    if not foreign or 2 * sum(foreign.values()) <= letters.total():
        return None
    commonest = max(foreign, key=lambda script: foreign[script])
    if sum(foreign.values()) < (_FEWEST_LETTERS if commonest == _LATIN else _FEWEST_FOREIGN):
        return None
    return {"script": commonest.lower(), "share": round(sum(foreign.values()) / letters.total(), 2)}


@cache
def _own_scripts(language: str) -> frozenset[str]:
    """What a language is written in; Latin letters where the table does not know it."""
    found = frozenset(script for script, languages in _SCRIPTS.items() if language in languages)
    return found | {_LATIN} if not found or language in _LATIN_TOO else found


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    """First word of the letter's Unicode name, such as LATIN or CJK; empty where it has none."""
    return unicodedata.name(letter, "").partition(" ")[0]


def _other_language(text: str, wanted: str) -> Evidence | None:
    """The identifier is sure of another language and rules the wanted one out: the language and its probability."""
    found = _WORD.findall(text.lower())
    if len(found) < _FEWEST_WORDS or sum(map(len, found)) < _FEWEST_LETTERS or (wanted == "en" and _is_english(found)):
        return None
    if len(found) <= _WORDS_A_SEPARATOR * len(_SEPARATORS.findall(text)):
        return None
    ranked = _identifier().rank(text)
    language, probability = ranked[0]
    if language in _NO_LANGUAGE or language == wanted or probability < _SURE or dict(ranked).get(wanted, 0.0) > _RULED_OUT:
        return None
    return {"language": language, "probability": round(probability, 3)}


def _is_english(found: list[str]) -> bool:
    different = len(_ENGLISH.intersection(found))
    share = sum(word in _ENGLISH or word in _ENGLISH_TOO for word in found) / len(found)
    return any(different >= fewest and share >= enough for fewest, enough in _ENGLISH_SHARES)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


RULES = (
    Rule(
        "wrong_language",
        wrong_language,
        True,
        "a field in another language than `language`: by its script, or told so by py3langid with a probability of at least 0.9",
        "The paper's prompt asks for English. Texts under 60 letters or 10 words, and lists of terms, are not judged by py3langid: "
        "names of drugs and diseases look like Latin. Tasks that speak of translation or of a language may use another one.",
        ("language",),
    ),
)
"""In the order in which they are asked."""
