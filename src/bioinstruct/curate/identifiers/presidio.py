"""Names, places and some numbers through presidio-analyzer and its spaCy model; both are installed by the user.

Asked for are the entities of `KIND_OF` alone. Presidio's dates are not: its model calls "two weeks" and "daily" dates, too. Nor are its
mail and web addresses, which `patterns` finds and for which presidio would fetch the list of public suffixes from the network.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bioinstruct.core.errors import InputError, Problem
from bioinstruct.curate.identifiers.addresses import STATES
from bioinstruct.curate.identifiers.found import Found

NAME = "presidio"
MODEL = "en_core_web_lg"
KIND_OF = {
    "PERSON": "name",
    "LOCATION": "address",
    "PHONE_NUMBER": "phone",
    "US_SSN": "ssn",
    "US_ITIN": "ssn",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "account",
    "MEDICAL_LICENSE": "licence",
}
"""Presidio's entity -> ours."""
MINIMUM_SCORE = 0.4
"""Presidio's own score from which a finding counts: that of a telephone number without context; its guesses lie below."""
_BATCH = 32


def problems() -> list[Problem]:
    """What keeps presidio from being used; nothing is loaded."""
    place = "curate.finders"
    if find_spec("presidio_analyzer") is None:
        allowed = f"pip install presidio-analyzer, then python -m spacy download {MODEL}; or finders without 'presidio'"
        return [Problem(place, "'presidio', but presidio-analyzer is not installed", allowed)]
    if find_spec(MODEL) is None:
        # Presidio would download it into the environment by itself, unasked.
        allowed = f"python -m spacy download {MODEL}; or finders without 'presidio'"
        return [Problem(place, f"'presidio', but its spaCy model {MODEL} is not installed", allowed)]
    return []


class PresidioFinder:
    """presidio-analyzer with one spaCy model, in English.

    Args:
        model: Name of an installed spaCy model, or a folder with one.

    Raises:
        InputError: The engine cannot be made, for example as the model does not fit the installed spaCy.
    """

    name = NAME

    def __init__(self, model: str = MODEL) -> None:
        presidio: Any = import_module("presidio_analyzer")
        engines: Any = import_module("presidio_analyzer.nlp_engine")
        configuration = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": model}]}
        try:
            nlp_engine = engines.NlpEngineProvider(nlp_configuration=configuration).create_engine()
            analyzer = presidio.AnalyzerEngine(nlp_engine=nlp_engine, supported_languages=["en"])
        except (Exception, SystemExit) as error:  # whatever spaCy, its model or a recognizer raises; spaCy leaves where a download fails
            raise InputError(f"curate.finders: got 'presidio', which does not start with the model {model}: {error}") from error
        offered = set(analyzer.get_supported_entities(language="en"))
        self._entities = [entity for entity in KIND_OF if entity in offered]
        self._engine: Any = presidio.BatchAnalyzerEngine(analyzer_engine=analyzer)

    def find(self, texts: Sequence[str]) -> list[list[Found]]:
        """What presidio finds in each text; the name of a state alone is none."""
        batch = self._engine.analyze_iterator(
            list(texts), language="en", batch_size=_BATCH, entities=self._entities, score_threshold=MINIMUM_SCORE
        )
        return [_found(text, results) for text, results in zip(texts, batch, strict=True)]


def _found(text: str, results: Sequence[Any]) -> list[Found]:
    return [
        Found(result.start, result.end, KIND_OF[result.entity_type], NAME)
        for result in results
        if not (result.entity_type == "LOCATION" and text[result.start : result.end] in STATES)
    ]
