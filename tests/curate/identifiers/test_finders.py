from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.curate.identifiers import Found, Identifiers, find, finders, problems
from bioinstruct.curate.identifiers.openmed import KIND_OF as OPENMED_KINDS
from bioinstruct.curate.identifiers.presidio import KIND_OF as PRESIDIO_KINDS

Install = Callable[..., ModuleType]
TEXT = "Jane Whitfield of Ohio called 212-555-0187."


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a module with some attributes where an import finds it; `None` hides one that may be installed."""

    def put(name: str, present: bool = True, **attributes: Any) -> ModuleType:
        module = ModuleType(name)
        module.__spec__ = ModuleSpec(name, None)
        vars(module).update(attributes)
        monkeypatch.setitem(sys.modules, name, module if present else None)
        return module

    return put


# presidio-analyzer 2.2: the calls that we make, with the parameters that they have there.


class NlpEngineProvider:
    def __init__(self, nlp_engines=None, conf_file=None, nlp_configuration=None) -> None:
        self.configuration = nlp_configuration

    def create_engine(self) -> Any:
        model = self.configuration["models"][0]["model_name"]
        if model == "broken":
            raise OSError("[E050] Can't find model 'broken'")
        return SimpleNamespace(configuration=self.configuration)


class AnalyzerEngine:
    def __init__(
        self,
        registry=None,
        nlp_engine=None,
        app_tracer=None,
        log_decision_process=False,
        default_score_threshold=0,
        supported_languages=None,
    ):
        assert nlp_engine.configuration["nlp_engine_name"] == "spacy"
        assert supported_languages == ["en"]

    def get_supported_entities(self, language: str | None = None) -> list[str]:
        return ["DATE_TIME", "PERSON", "LOCATION", "PHONE_NUMBER", "URL", "EMAIL_ADDRESS"]


class BatchAnalyzerEngine:
    def __init__(self, analyzer_engine=None) -> None:
        self.analyzer_engine = analyzer_engine

    def analyze_iterator(self, texts, language, batch_size=1, n_process=1, **kwargs):
        assert language == "en"
        assert kwargs.keys() == {"entities", "score_threshold"}
        words = {
            "Jane Whitfield": ("PERSON", 0.85),
            "Ohio": ("LOCATION", 0.85),
            "Dayton": ("LOCATION", 0.85),
            "212-555-0187": ("PHONE_NUMBER", 0.4),
        }
        return [
            [
                SimpleNamespace(entity_type=kind, start=text.index(word), end=text.index(word) + len(word), score=score)
                for word, (kind, score) in words.items()
                if word in text and kind in kwargs["entities"] and score >= kwargs["score_threshold"]
            ]
            for text in texts
        ]


@pytest.fixture
def presidio(install: Install) -> None:
    engines = install("presidio_analyzer.nlp_engine", NlpEngineProvider=NlpEngineProvider)
    install("presidio_analyzer", AnalyzerEngine=AnalyzerEngine, BatchAnalyzerEngine=BatchAnalyzerEngine, nlp_engine=engines)
    install("en_core_web_lg")


def test_presidio_finds_names_and_towns_but_no_states(presidio):
    texts = [TEXT, "", "She moved to Dayton."]
    assert finders(["presidio"]).find(texts) == [
        [Found(0, 14, "name", "presidio"), Found(30, 42, "phone", "presidio")],
        [],
        [Found(13, 19, "address", "presidio")],
    ]


def test_presidio_asks_for_what_the_engine_has_and_neither_for_dates_nor_for_what_needs_a_network(presidio):
    from bioinstruct.curate.identifiers.presidio import PresidioFinder

    assert PresidioFinder()._entities == ["PERSON", "LOCATION", "PHONE_NUMBER"]
    assert not {"DATE_TIME", "URL", "EMAIL_ADDRESS"} & set(PRESIDIO_KINDS)


def test_a_model_that_does_not_load_is_told(presidio):
    from bioinstruct.curate.identifiers.presidio import PresidioFinder

    with pytest.raises(InputError, match=r"curate\.finders: got 'presidio'.* model broken: .*E050"):
        PresidioFinder("broken")


def test_presidio_without_its_package_or_model_says_what_to_install(install):
    install("presidio_analyzer", present=False)
    assert [str(one) for one in problems(["presidio"])] == [
        "curate.finders: got 'presidio', but presidio-analyzer is not installed; allowed: pip install presidio-analyzer, "
        "then python -m spacy download en_core_web_lg; or finders without 'presidio'"
    ]
    install("presidio_analyzer")
    install("en_core_web_lg", present=False)
    assert [one.got for one in problems(["patterns", "presidio"])] == ["'presidio', but its spaCy model en_core_web_lg is not installed"]
    with pytest.raises(InputError, match="spacy download en_core_web_lg"):
        finders(["patterns", "presidio"])


# openmed 3.1: extract_pii, normalize_label and ModelLoader, with the parameters that they have there.


@dataclass
class EntityPrediction:
    text: str
    label: str
    confidence: float
    start: int | None = None
    end: int | None = None


class ModelLoader:
    def __init__(self, config=None) -> None:
        pass


def extract_pii(text, model_name="", confidence_threshold=0.5, config=None, use_smart_merging=True, lang="en", *, loader=None):
    assert text.strip(), "Input text cannot be empty."
    assert isinstance(loader, ModelLoader)
    if model_name == "absent":
        raise RuntimeError("verified download could not be completed")
    stripped = text.strip()  # as openmed does: its offsets count from the first character that is no space
    labels = {
        "Jane": "first_name",
        "Whitfield": "last_name",
        "2021": "date",
        "May 3": "date",
        "45": "age",
        "91": "age",
        "Ohio": "state",
        "A-1": "fax_number",
    }
    labels |= {"cough": "symptom", "Dayton": "city"}
    entities = [
        EntityPrediction(word, label, 0.9, stripped.index(word), stripped.index(word) + len(word))
        for word, label in labels.items()
        if word in stripped
    ]
    return SimpleNamespace(text=stripped, entities=entities, model_name=model_name)


def normalize_label(label: str, lang: str = "en") -> str:
    plain = {"state": "LOCATION", "city": "LOCATION", "fax_number": "PHONE"}
    return plain.get(label, label.upper() if label.upper() in OPENMED_KINDS else "OTHER")


@pytest.fixture
def openmed(install: Install) -> None:
    labels = install("openmed.core.labels", normalize_label=normalize_label)
    models = install("openmed.core.models", ModelLoader=ModelLoader)
    core = install("openmed.core", labels=labels, models=models)
    install("openmed", extract_pii=extract_pii, core=core)
    install("transformers")
    install("torch")


def test_openmed_finds_identifiers_but_no_bare_years_ages_up_to_89_or_states(openmed):
    text = "\n  Jane Whitfield, 45, of Ohio and Dayton, had a cough on May 3, in 2021; fax A-1; her mother is 91. \n"
    (found,) = finders(["openmed"]).find([text])
    assert [(one.kind, text[one.start : one.end], one.finder) for one in found] == [
        ("name", "Jane", "openmed"),
        ("name", "Whitfield", "openmed"),
        ("address", "Dayton", "openmed"),
        ("date", "May 3", "openmed"),
        ("fax", "A-1", "openmed"),
        ("age_over_89", "91", "openmed"),
    ]


def test_openmed_is_not_asked_about_blank_texts(openmed):
    assert finders(["openmed"]).find(["", " \n", "nothing"]) == [[], [], []]


def test_openmeds_model_that_cannot_be_had_is_told(openmed, monkeypatch):
    from bioinstruct.curate.identifiers.openmed import OpenMedFinder

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(
        InputError, match=r"model absent does not load \(and HF_HUB_OFFLINE.*could not be completed; allowed: .*hf download absent"
    ):
        OpenMedFinder("absent")


def test_openmed_without_its_packages_says_what_to_install(install):
    for name in ("openmed", "torch"):
        install(name, present=False)
    install("transformers")
    (problem,) = problems(["openmed"])
    assert problem.got == "'openmed', but openmed, torch is not installed"
    assert "pip install 'openmed[hf]'" in problem.allowed


# All together


class Fixed:
    """A finder with the same findings for every text."""

    def __init__(self, name: str, *found: tuple[int, int, str]) -> None:
        self.name = name
        self._found = [Found(start, end, kind, name) for start, end, kind in found]

    def find(self, texts: Sequence[str]) -> list[list[Found]]:
        return [self._found for _ in texts]


def test_several_finders_are_joined_by_length_then_order():
    first, second = Fixed("a", (0, 4, "name"), (20, 25, "date")), Fixed("b", (0, 9, "name"), (20, 25, "phone"), (12, 14, "ip"))
    assert Identifiers([first, second]).find(["x" * 30]) == [
        [Found(0, 9, "name", "b"), Found(12, 14, "ip", "b"), Found(20, 25, "date", "a")]
    ]


def test_patterns_come_before_another_finder_named_later(presidio):
    (found,) = finders(["patterns", "presidio"]).find([TEXT])
    assert [(one.kind, one.finder) for one in found] == [("name", "presidio"), ("phone", "patterns")]
    (found,) = finders(["presidio", "patterns"]).find([TEXT])
    assert [(one.kind, one.finder) for one in found] == [("name", "presidio"), ("phone", "presidio")]


def test_patterns_alone_are_what_find_gives():
    texts = ["Dr. Osei, 03/14/2021", "", "nothing"]
    assert finders(["patterns"]).find(texts) == [find(text) for text in texts]
    assert finders(["patterns"]).find([]) == []


@pytest.mark.parametrize(("names", "got"), [(["spacy"], "[spacy]"), ([], "[]"), (["patterns", "patterns"], "[patterns, patterns]")])
def test_unknown_missing_and_repeated_finders(names, got):
    (problem,) = problems(names)
    assert str(problem) == f"curate.finders: got {got}; allowed: one or more of patterns, presidio, openmed, each once"
    with pytest.raises(InputError, match="allowed: one or more"):
        finders(names)


def test_nothing_stops_the_patterns():
    assert problems(["patterns"]) == []
