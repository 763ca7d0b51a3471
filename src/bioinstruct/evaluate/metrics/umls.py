"""UMLS Concept-F1 through QuickUMLS (Soldaini and Goharian 2016): `concepts.py` over the concepts of the UMLS Metathesaurus.

The semantic types are those of the script by the paper's laboratory: tests and treatments, symptoms, diseases, drugs, substances. Of each
place in a text QuickUMLS gives the candidates that agree best with it; all of them count, and types are asked of it alone.

UMLS needs a licence of the US National Library of Medicine, which costs nothing and is given to a person. Nothing of it comes with us.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

from pydantic import Field as field

from bioinstruct.core import runfolder
from bioinstruct.core.errors import InputError, Problem
from bioinstruct.core.sections import Section
from bioinstruct.evaluate.metrics.base import Kind, Metric
from bioinstruct.evaluate.metrics.concepts import ConceptF1

SEMANTIC_TYPES = {
    "tests and treatments": ("T056", "T058", "T059", "T060", "T061"),
    "symptoms": ("T033", "T034", "T037", "T184"),
    "diseases": ("T019", "T020", "T046", "T047", "T048", "T049", "T050", "T191"),
    "drugs": ("T073", "T074", "T075", "T192", "T200", "T203"),
    "substances": (
        "T104", "T109", "T114", "T116", "T120", "T121", "T122", "T123", "T125", "T126", "T127", "T129", "T130", "T131", "T168", "T195",
        "T196", "T197",
    ),
}  # fmt: skip
"""What a type counts as, and the semantic types of UMLS."""
TYPES = frozenset(one for types in SEMANTIC_TYPES.values() for one in types)
STEPS = (
    "a folder made by QuickUMLS: get a UMLS licence (https://uts.nlm.nih.gov/uts/signup-login), download the Metathesaurus, "
    "pip install quickumls, python -m spacy download en_core_web_sm, python -m nltk.downloader stopwords, "
    "python -m quickumls.install META FOLDER"
)
SPACY_MODEL = "en_core_web_sm"
_TERMS, _TYPES = "umls-simstring.db", "cui-semtypes.db"


class Options(Section):
    """Of an entry; what may be left out is as in QuickUMLS."""

    folder: str = field(min_length=1, description=STEPS)
    threshold: float = field(0.7, gt=0, le=1)
    similarity: Literal["jaccard", "dice", "cosine", "overlap"] = "jaccard"
    window: int = field(5, ge=1)
    overlapping: Literal["score", "length"] = "score"


def problems(options: Options, place: str) -> list[Problem]:
    """What would stop the metric: the folder, or a package that QuickUMLS needs."""
    folder = Path(options.folder).expanduser()
    if absent := next((name for name in (_TERMS, _TYPES) if not (folder / name).is_dir()), None):
        what = f"'{options.folder}' without {absent}" if folder.is_dir() else f"'{options.folder}' (no such folder)"
        return [Problem(f"{place}.folder", what, STEPS)]
    if importlib.util.find_spec("quickumls") is None:
        return [Problem(place, "no package quickumls", "pip install quickumls")]
    if importlib.util.find_spec(SPACY_MODEL) is None:
        return [Problem(place, f"no package {SPACY_MODEL}", f"python -m spacy download {SPACY_MODEL}")]
    return [] if _has_stopwords() else [Problem(place, "no stop words of NLTK", "python -m nltk.downloader stopwords")]


def _has_stopwords() -> bool:
    """Whether they are there: QuickUMLS would fetch them unasked."""
    import nltk

    try:
        nltk.data.find("corpora/stopwords")
    except LookupError:
        return False
    return True


class _QuickUmls:
    """A matcher, opened when it is first asked."""

    def __init__(self, options: Options) -> None:
        self._options = options

    @cached_property
    def _matcher(self) -> Any:
        from quickumls import QuickUMLS

        try:
            return QuickUMLS(
                str(Path(self._options.folder).expanduser()),
                overlapping_criteria=self._options.overlapping,
                threshold=self._options.threshold,
                similarity_name=self._options.similarity,
                window=self._options.window,
                accepted_semtypes=set(TYPES),
            )
        except Exception as error:  # of the databases' own kinds, and bare OSError and ValueError
            got = f"'{self._options.folder}', which QuickUMLS cannot open ({type(error).__name__}: {error})"
            raise InputError(f"umls_concept_f1: got {got}; allowed: {STEPS}") from error

    def concepts(self, text: str) -> frozenset[str]:
        """Concept identifiers (CUI) that a text names."""
        if not text.strip():
            return frozenset()
        return frozenset(str(candidate["cui"]) for place in self._matcher.match(text) for candidate in place)


def source(options: Options) -> dict[str, Any]:
    """What tells the vocabulary and the way of matching from others: a digest of its terms and settings, and the packages."""
    folder = Path(options.folder).expanduser()
    flags = {path.stem: path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*.flag"))}
    return {
        "metric": "umls_concept_f1",
        "terms": f"sha256 {runfolder.sha256(folder / _TERMS)}",
        "flags": flags,
        "semantic_types": sorted(TYPES),
        "threshold": options.threshold,
        "similarity": options.similarity,
        "window": options.window,
        "overlapping": options.overlapping,
        **{name: importlib.metadata.version(name) for name in ("quickumls", "spacy", SPACY_MODEL)},
    }


def _make(name: str, options: Options) -> Metric:
    return ConceptF1(name, partial(source, options), _QuickUmls(options).concepts, needs_model=True)


KIND = Kind("umls_concept", Options, problems, _make)
