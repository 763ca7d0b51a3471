"""BERTScore: the package's figures, what is cut and empty, and what a recipe may not ask for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.recipe import EvaluateSection
from bioinstruct.evaluate.metrics import entries
from bioinstruct.evaluate.metrics.base import Pair
from bioinstruct.evaluate.metrics.bertscore import BertScore, Options, baseline, layer_of

from . import bertscore_expected, encoders
from .bertscore_expected import CASES, FILE, PAIRS

PARTS = ("precision", "recall", "f1")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("encoders")
    return {"bert": encoders.bert(root / "bert"), "roberta": encoders.roberta(root / "roberta")}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "baseline.csv").write_text(bertscore_expected.BASELINE)
    return tmp_path / "baseline.csv"


def scorer(folders: dict[str, Path], case: dict[str, Any], table: Path | None = None) -> BertScore:
    rescaled = str(table) if case.get("baseline") else None
    options = Options(model=str(folders[case["encoder"]]), layer=case["layer"], idf=case.get("idf", False), baseline=rescaled)
    return BertScore("bertscore", options)


def figures(metric: BertScore, pairs: list[tuple[str, list[str]]]) -> list[list[float]]:
    references = [one for _, found in pairs for one in found]
    made = metric.score([Pair(answer, tuple(found)) for answer, found in pairs], references)
    return [[one.values[f"bertscore_{part}"] for part in PARTS] for one in made]


@pytest.mark.parametrize("number", range(len(CASES)))
def test_the_figures_are_those_of_the_package(folders, table, number):
    expected = json.loads(FILE.read_text())[number]
    assert {name: expected[name] for name in CASES[number]} == CASES[number]
    found = figures(scorer(folders, expected, table), PAIRS)
    for pair, ours, theirs in zip(PAIRS, found, expected["scores"], strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5), pair
    assert len({round(row[2], 3) for row in found}) > 6, "the pairs are told apart"


@pytest.mark.filterwarnings("ignore:The given NumPy array is not writable")  # the package's, of its baseline
@pytest.mark.parametrize("case", [case for case in CASES if case["encoder"] == "bert"])
def test_the_figures_are_those_of_the_package_that_is_installed(folders, table, case):
    pytest.importorskip("bert_score", reason="bert_score is not installed; stored values are compared above")
    pairs = [(answer, found) for answer, found in PAIRS if answer.strip()]  # with transformers 5 the package fails on empty texts
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bertscore_expected, "PAIRS", pairs)
        theirs = bertscore_expected.asked(case, folders["bert"], table)
    assert [one for row in figures(scorer(folders, case, table), pairs) for one in row] == pytest.approx(
        [one for row in theirs for one in row], abs=1e-5
    )


def test_a_figure_is_the_same_whatever_is_scored_beside_it(folders):
    case = {"encoder": "roberta", "layer": 2, "idf": False}
    together = figures(scorer(folders, case), PAIRS)
    assert together == [figures(scorer(folders, case), [pair])[0] for pair in reversed(PAIRS)][::-1]


def test_what_is_empty_or_cut_is_counted(folders):
    long = " ".join(["fever"] * (encoders.LIMIT - 1))  # with its two marks one more than is taken
    metric = scorer(folders, {"encoder": "bert", "layer": 2})
    pairs = [
        Pair("", ("fever",)),
        Pair("\u200b", ("fever",)),
        Pair(long, ("fever",)),
        Pair("fever", (long[6:],)),
        Pair("chills", ("chills", long)),
    ]
    found = metric.score(pairs, [])
    assert [one.counts for one in found] == [{"empty": 1}, {"empty": 1}, {"cut": 1}, {}, {"cut": 1}]
    assert [set(one.values.values()) for one in found[:2]] == [{0.0}, {0.0}]
    assert found[2].values == metric.score([Pair(long[6:], ("fever",))], [])[0].values, "the last word is what was cut"


def test_weights_that_are_all_zero_give_zero(folders):
    """Of one reference every token is held by all: idf leaves it no weight (the package gives no number)."""
    metric = scorer(folders, {"encoder": "bert", "layer": 2, "idf": True})
    (found,) = metric.score([Pair("chills", ("fever",))], ["fever"])
    assert found.values["bertscore_recall"] == found.values["bertscore_f1"] == 0.0
    assert found.values["bertscore_precision"] > 0


def test_the_identity_tells_weights_layer_weighting_and_baseline(folders, tmp_path, table):
    def identity(**changes: Any) -> dict[str, Any]:
        options = Options(**{"model": str(folders["bert"]), "layer": 2, **changes})
        return BertScore("bertscore", options).identity(["a", "b"])

    first = identity()
    assert first["model"] == "bert"
    assert str(tmp_path) not in json.dumps(first)
    copy = Path(shutil.copytree(folders["bert"], tmp_path / "bert"))
    assert identity(model=str(copy)) == first, "the same weights elsewhere"
    encoders.save(encoders.fill(_loaded(copy), 0.3), "BertModel", copy)
    others = [identity(model=str(copy)), identity(layer=1), identity(idf=True), identity(baseline=str(table))]
    assert len({json.dumps(one) for one in [first, *others]}) == 5
    idf = BertScore("bertscore", Options(model=str(folders["bert"]), layer=2, idf=True))
    assert idf.identity(["a"]) != idf.identity(["b"]), "idf is of these references"


def _loaded(folder: Path) -> Any:
    from transformers import BertConfig, BertModel

    return BertModel(BertConfig.from_pretrained(folder))


def told(**fields: Any) -> list[str]:
    section = EvaluateSection(tasks=["conv2note_embedded"], metrics=[{"metric": "bertscore", **fields}])
    return [str(one) for one in entries.problems(section)]


def test_what_cannot_be_scored_is_refused_before_anything_is_asked(folders, tmp_path, table):
    bert = str(folders["bert"])
    assert told(model=bert, layer=2) == []
    assert told(model=bert, layer=2, baseline=str(table)) == []
    (line,) = told(model=bert)
    assert line.startswith(f"evaluate.metrics.0.layer: got none for '{bert}'")
    (line,) = told(model=bert, layer=4)
    assert line == f"evaluate.metrics.0.layer: got 4; allowed: 0 to 3, the layers of '{bert}'"
    (line,) = told(model=str(tmp_path / "nowhere"), layer=1)
    assert "no such folder" in line
    (line,) = told(model=bert, layer=2, baseline=str(tmp_path / "none.csv"))
    assert line.startswith("evaluate.metrics.0.baseline")
    assert "no such file" in line
    (line,) = told(model=bert, layers=2)
    assert line == "evaluate.metrics.0: got the field 'layers'; allowed: metric, name, model, layer, idf, baseline"
    (line,) = told(model=bert, layer="two")
    assert line.startswith("evaluate.metrics.0.layer: got 'two'")
    config = json.loads((folders["bert"] / "config.json").read_text())
    odd = Path(shutil.copytree(bert, tmp_path / "odd"))
    (odd / "config.json").write_text(json.dumps({**config, "model_type": "xlnet"}))
    (line,) = told(model=str(odd), layer=1)
    assert "an encoder of the type 'xlnet'" in line
    (odd / "model.safetensors").write_bytes(b"version https://git-lfs")
    (odd / "config.json").write_text(json.dumps(config))
    (line,) = told(model=str(odd), layer=1)
    assert "Git LFS pointer" in line


def test_an_encoder_of_the_hub_that_is_not_there_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    (line,) = told()
    assert line.startswith("evaluate.metrics.0.model: got 'FacebookAI/roberta-large' (")


@pytest.mark.parametrize(
    "text",
    ["LAYER,P,R,F\n1,0.1,0.1,0.1\n", "LAYER,P,R,F\n2,0.1,x,0.1\n", "a\n", "", "LAYER,P,R,F\n2,0.1,1.0,0.1\n", "LAYER,P,R,F\n2,nan,0,0\n"],
)
def test_a_baseline_file_without_the_layer_is_refused(tmp_path, folders, text):
    (tmp_path / "b.csv").write_text(text)
    (line,) = told(model=str(folders["bert"]), layer=2, baseline=str(tmp_path / "b.csv"))
    assert "with a row for layer 2 and values below 1" in line


def test_known_layers_and_baselines(table):
    assert layer_of(Options()) == layer_of(Options(model="roberta-large")) == 17
    assert layer_of(Options(model="FacebookAI/roberta-large", layer=3)) == 3
    assert layer_of(Options(model="someone/encoder")) is None
    assert baseline(table, 2) == {"precision": 0.61, "recall": 0.58, "f1": 0.6}


@pytest.mark.parametrize("kind", ["albert", "deberta-v2", "distilbert", "electra", "modernbert", "mpnet"])
def test_the_layers_of_other_architectures_are_found(kind, tmp_path):
    """The state read is the one that the whole model calls the layer's, with what stands behind the last layer where there is such."""
    import torch
    from transformers import AutoConfig, AutoModel

    from bioinstruct.evaluate.metrics.bertscore import keep_layers

    sizes = {
        "vocab_size": 40,
        "hidden_size": 16,
        "num_attention_heads": 2,
        "intermediate_size": 24,
        "num_hidden_layers": 3,
        "embedding_size": 16,
    }
    if kind == "distilbert":
        sizes = {"vocab_size": 40, "dim": 16, "n_heads": 2, "hidden_dim": 24, "n_layers": 3}
    if kind == "modernbert":
        sizes |= {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2}
    model = encoders.fill(AutoModel.from_config(AutoConfig.for_model(kind, **sizes))).eval()
    ids = torch.tensor([[5, 6, 7, 8, 9]])
    with torch.inference_mode():
        whole = model(input_ids=ids, output_hidden_states=True).hidden_states[2]
        keep_layers(model, 2)
        kept = model(input_ids=ids).last_hidden_state
        if kind == "modernbert":
            whole = model.final_norm(whole)
    assert torch.allclose(kept, whole, atol=1e-6)
