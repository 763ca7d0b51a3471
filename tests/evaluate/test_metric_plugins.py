"""BLEURT and UMLS Concept-F1: what loads where weights and licence are there, and what is said where they are not."""

from __future__ import annotations

import json
import shutil
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import InputError, ModelError
from bioinstruct.core.recipe import EvaluateSection
from bioinstruct.evaluate.metrics import bleurt, entries, umls
from bioinstruct.evaluate.metrics.base import Pair

from . import encoders

PAIRS = [
    ("no known drug allergies .", "denies drug allergies"),
    ("follow up in two weeks", "the patient takes lisinopril 10 mg daily ."),
    ("denies fever", "denies fever"),
]
"""Reference and answer."""
EXPECTED = {
    None: [-2.1304008960723877, -2.1211180686950684, -2.106505870819092],
    16: [-0.8727891445159912, -0.6345653533935547, -0.7064189910888672],
}
"""Width of the embeddings (None: that of the layers) -> logits of the port itself (bleurt_pytorch 0.0.1 with transformers 4.57.1) for
`PAIRS`, tokenized as here; its weights were filled by `encoders.fill` under its own names."""


def checkpoint(folder: Path, width: int | None) -> Path:
    """A tiny BLEURT checkpoint as the port writes it, its weights those that gave `EXPECTED`."""
    from transformers import BertConfig, BertForSequenceClassification, RemBertConfig, RemBertForSequenceClassification

    shape = {
        "vocab_size": encoders.wordpiece(folder), "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4,
        "intermediate_size": 48, "max_position_embeddings": encoders.LIMIT,
    }  # fmt: skip
    if width is None:
        model: Any = BertForSequenceClassification(BertConfig(num_labels=1, **shape))
    else:
        model = RemBertForSequenceClassification(RemBertConfig(num_labels=1, input_embedding_size=width, **shape))
    inside = "bert." if width is None else "rembert."
    names = {
        name: name.replace(inside, "bleurt.", 1).replace("embedding_hidden_mapping_in", "embedding_projection")
        for name in model.state_dict()
    }
    weights = encoders.drawn({names[name]: tuple(value.shape) for name, value in model.state_dict().items()})
    encoders.write(weights, {**shape, "embedding_size": width, "model_type": "bleurt", "architectures": [bleurt.ARCHITECTURE]}, folder)
    return folder


@pytest.fixture(scope="module", params=list(EXPECTED))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    return checkpoint(tmp_path_factory.mktemp("bleurt") / "tiny", request.param), EXPECTED[request.param]


def metric(folder: Path) -> bleurt.Bleurt:
    return bleurt.Bleurt("bleurt", bleurt.Options(model=str(folder)))


def told(**entry: Any) -> list[str]:
    return [str(one) for one in entries.problems(EvaluateSection(tasks=["conv2note_embedded"], metrics=[entry]))]


def test_bleurt_gives_the_logits_of_the_port(made):
    folder, expected = made
    assert told(metric="bleurt", model=str(folder)) == []
    found = metric(folder).score([Pair(answer, (reference,)) for reference, answer in PAIRS], [])
    assert [one.values["bleurt"] for one in found] == pytest.approx(expected, abs=1e-5)
    assert [one.counts for one in found] == [{}] * 3


def test_bleurt_takes_the_best_reference_counts_what_is_empty_or_cut_and_does_not_look_at_neighbours(made):
    folder, expected = made
    long = "weight loss " * encoders.LIMIT
    pairs = [Pair("denies fever", ("denies fever", "chills")), Pair("", ("chills",)), Pair(long, ("fever",)), Pair("fever", (long,))]
    found = metric(folder).score(pairs, [])
    single = [metric(folder).score([Pair("denies fever", (one,))], [])[0].values["bleurt"] for one in ("denies fever", "chills")]
    assert found[0].values["bleurt"] == max(single)
    assert single[0] == pytest.approx(expected[2], abs=1e-5)
    assert (found[1].values, found[1].counts) == ({"bleurt": 0.0}, {"empty": 1})
    assert [one.counts for one in found[2:]] == [{"cut": 1}, {"cut": 1}]
    assert found[2].values["bleurt"] != found[3].values["bleurt"]


def test_a_sentencepiece_checkpoint_is_read(tmp_path):
    from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

    (tmp_path / "text").write_text("\n".join(encoders.CORPUS * 20))
    SentencePieceTrainer.Train(
        input=str(tmp_path / "text"), model_prefix=str(tmp_path / "spm"), vocab_size=60, pad_id=0, unk_id=1, bos_id=-1, eos_id=-1,
        pad_piece="[PAD]", unk_piece="[UNK]", control_symbols="[CLS],[SEP],[MASK]", minloglevel=2,
    )  # fmt: skip
    encode, ids = bleurt.tokenizer(tmp_path)
    assert ids == {"[PAD]": 0, "[CLS]": 2, "[SEP]": 3}
    assert encode("denies fever") == SentencePieceProcessor(model_file=str(tmp_path / "spm.model")).Encode("denies fever")


def test_what_is_no_bleurt_checkpoint_is_refused(made, tmp_path):
    folder, _ = made
    (line,) = told(metric="bleurt")
    assert line.startswith("evaluate.metrics.0: got an entry without 'model'; allowed: a folder or hub id of a BLEURT checkpoint")
    (line,) = told(metric="bleurt", model=str(tmp_path / "none"))
    assert "no such folder" in line
    (line,) = told(metric="bleurt", model=str(encoders.bert(tmp_path / "bert")))
    assert "without a config.json of the architecture BleurtForSequenceClassification" in line
    pickled = Path(shutil.copytree(folder, tmp_path / "pickled"))
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    (line,) = told(metric="bleurt", model=str(pickled))
    assert "pytorch_model.bin and no safetensors" in line
    assert "docs/metrics.md says how" in line
    config = json.loads((folder / "config.json").read_text())
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    (other / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))
    with pytest.raises(ModelError, match=r"weights that do not fit at .*layer\.2"):
        metric(other).score([Pair("a", ("b",))], [])


FOUND = {
    "pyrexia": [{"cui": "C1", "semtypes": {"T184"}}],
    "fever": [{"cui": "C1", "semtypes": {"T184"}}],
    "cold": [{"cui": "C2", "semtypes": {"T047"}}, {"cui": "C3", "semtypes": {"T033"}}],
}


class Matcher:
    """Stands for QuickUMLS, by its interface."""

    made: list[dict[str, Any]]

    def __init__(self, folder: str, **settings: Any) -> None:
        if (Path(folder) / "broken").exists():
            raise OSError("no database")
        Matcher.made.append({"folder": folder, **settings})

    def match(self, text: str) -> list[list[dict[str, Any]]]:
        return [FOUND[word] for word in text.split() if word in FOUND]


@pytest.fixture
def vocabulary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as QuickUMLS makes it, with the packages that it needs."""
    folder = tmp_path / "quickumls"
    for name in ("umls-simstring.db", "cui-semtypes.db"):
        (folder / name).mkdir(parents=True)
    (folder / "umls-simstring.db" / "terms").write_text("fever")
    (folder / "language.flag").write_text("ENG")
    Matcher.made = []
    for name in ("quickumls", umls.SPACY_MODEL):
        module = types.ModuleType(name)
        module.__spec__ = types.SimpleNamespace(name=name)  # type: ignore[assignment]
        module.QuickUMLS = Matcher  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(umls, "_has_stopwords", lambda: True)
    monkeypatch.setattr("importlib.metadata.version", lambda name: "1.2.3")
    return folder


def test_umls_concepts_are_sets_of_identifiers(vocabulary):
    assert told(metric="umls_concept_f1", folder=str(vocabulary)) == []
    made = umls.KIND.make("umls_concept", umls.Options(folder=str(vocabulary), threshold=0.8))
    pairs = [Pair("pyrexia and cold", ("fever",)), Pair("well", ("well",)), Pair("", ("fever",))]
    found = made.score(pairs, [])
    assert found[0].values == pytest.approx({"umls_concept_f1": 0.5, "umls_concept_precision": 1 / 3, "umls_concept_recall": 1.0})
    assert found[1].counts == {"undefined": 1}
    assert set(found[2].values.values()) == {0.0}
    (opened,) = Matcher.made
    assert opened["accepted_semtypes"] == umls.TYPES
    assert (opened["threshold"], opened["similarity_name"], opened["window"], opened["overlapping_criteria"]) == (
        0.8,
        "jaccard",
        5,
        "score",
    )


def test_the_semantic_types_are_those_of_the_papers_laboratory():
    assert {name: len(types_) for name, types_ in umls.SEMANTIC_TYPES.items()} == {
        "tests and treatments": 5, "symptoms": 4, "diseases": 8, "drugs": 6, "substances": 18,
    }  # fmt: skip
    assert len(umls.TYPES) == 41
    assert {"T047", "T184", "T121", "T200", "T060"} <= umls.TYPES
    assert "T029" not in umls.TYPES, "parts of the body are not among them"


def test_the_vocabulary_and_its_settings_are_part_of_the_identity(vocabulary, tmp_path):
    first = umls.source(umls.Options(folder=str(vocabulary)))
    assert first["flags"] == {"language": "ENG"}
    assert str(tmp_path) not in json.dumps(first)
    (vocabulary / "umls-simstring.db" / "terms").write_text("chills")
    others = [umls.source(umls.Options(folder=str(vocabulary))), umls.source(umls.Options(folder=str(vocabulary), window=6))]
    assert len({json.dumps(one) for one in [first, *others]}) == 3


def test_without_licence_or_packages_the_steps_are_told(vocabulary, tmp_path, monkeypatch):
    (line,) = told(metric="umls_concept_f1")
    assert "without 'folder'; allowed: a folder made by QuickUMLS: get a UMLS licence (https://uts.nlm.nih.gov" in line
    (line,) = told(metric="umls_concept_f1", folder=str(tmp_path / "none"))
    assert "(no such folder); allowed: a folder made by QuickUMLS: get a UMLS licence" in line
    (line,) = told(metric="umls_concept_f1", folder=str(tmp_path))
    assert "without umls-simstring.db" in line
    (vocabulary / "broken").touch()
    with pytest.raises(InputError, match=r"QuickUMLS cannot open \(OSError: no database\)"):
        umls.KIND.make("x", umls.Options(folder=str(vocabulary))).score([Pair("fever", ("fever",))], [])
    monkeypatch.setattr(umls, "_has_stopwords", lambda: False)
    (line,) = told(metric="umls_concept_f1", folder=str(vocabulary))
    assert line.endswith("got no stop words of NLTK; allowed: python -m nltk.downloader stopwords")
    monkeypatch.delitem(sys.modules, umls.SPACY_MODEL)
    (line,) = told(metric="umls_concept_f1", folder=str(vocabulary))
    assert line.endswith("allowed: python -m spacy download en_core_web_sm")
    monkeypatch.delitem(sys.modules, "quickumls")
    (line,) = told(metric="umls_concept_f1", folder=str(vocabulary))
    assert line.endswith("got no package quickumls; allowed: pip install quickumls")
