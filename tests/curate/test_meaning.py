"""Vectors of records and their comparison: pooling by hand, padding, refused folders, and the greedy rule over every pair."""

from __future__ import annotations

import json
import math
import pickle
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioinstruct.core.errors import InputError, MissingExtra, ModelError
from bioinstruct.curate import meaning
from bioinstruct.curate.contamination import Record
from bioinstruct.curate.duplicates import Duplicate, Duplicates, Fingerprint, Prints
from bioinstruct.curate.meaning import Encoder, cosine, problems
from bioinstruct.models import text_encoder
from bioinstruct.models.checkpoint import quiet

WORDS = [
    "the",
    "patient",
    "takes",
    "metformin",
    "500",
    "mg",
    "daily",
    "for",
    "diabetes",
    "what",
    "is",
    "class",
    "of",
    "drug",
    "aspirin",
    "no",
    "yes",
    "name",
    "it",
]
LETTERS = [chr(place) for place in range(33, 127)]
LONG = 64
"""Tokens that the tiny encoder takes."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a small random BERT with a WordPiece tokenizer."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *(f"##{letter}" for letter in LETTERS), *(w for w in WORDS if len(w) > 1)]
    backend = Tokenizer(models.WordPiece({piece: place for place, piece in enumerate(pieces)}, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer()
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", model_max_length=LONG
    )
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
        max_position_embeddings=LONG, initializer_range=0.3,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("encoder")
    with quiet():
        BertModel(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    """A folder of one's own, to be changed."""
    return Path(shutil.copytree(tiny, tmp_path / "copy"))


def by_hand(folder: Path, text: str, first: bool = False) -> Any:
    """A text's vector, computed alone and without padding."""
    import torch
    from transformers import AutoTokenizer, BertModel

    with quiet():
        tokenizer, model = AutoTokenizer.from_pretrained(folder), BertModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        states = model(torch.tensor([tokenizer(text, truncation=True)["input_ids"]])).last_hidden_state[0].double().numpy()
    pooled = states[0] if first else states.sum(axis=0) / len(states)
    return pooled / math.sqrt((pooled**2).sum())


TEXTS = ["what is the class of metformin", "", "no", "the patient takes aspirin daily " * 5, "metformin " * 200, "Ärzte 中 \x00"]


def test_the_vector_is_the_mean_of_the_states_whatever_stands_beside_it(tiny):
    vectors = Encoder(str(tiny)).vectors(TEXTS)
    assert (vectors.shape, vectors.dtype) == ((len(TEXTS), 32), np.float32)
    for text, vector in zip(TEXTS, vectors, strict=True):
        assert np.abs(vector - by_hand(tiny, text)).max() < 1e-5
    assert np.abs(vectors @ vectors.T - np.eye(len(TEXTS))).max() > 0.01, "the texts are told apart"


def test_no_bit_of_a_vector_depends_on_its_batch(tiny, monkeypatch):
    encoder = Encoder(str(tiny))
    texts = [*TEXTS, *(" ".join(WORDS[: 1 + place % 18]) for place in range(40))]
    together = encoder.vectors(texts)
    assert np.array_equal(together, np.concatenate([encoder.vectors([text]) for text in texts]))
    monkeypatch.setattr(meaning, "BATCH_TOKENS", 200)
    assert np.array_equal(together[::-1], encoder.vectors(texts[::-1]))
    assert encoder.vectors([]).shape == (0, 32)


@pytest.mark.parametrize(
    ("config", "first"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False, "pooling_mode_max_tokens": False}, True),
        ({"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}, False),
        ({"embedding_dimension": 32, "pooling_mode": "cls", "include_prompt": True}, True),
        ({"embedding_dimension": 32, "pooling_mode": ["mean"]}, False),
    ],
)
def test_the_folders_own_pooling_is_honoured(copy, config, first):
    (copy / "1_Pooling").mkdir()
    (copy / "1_Pooling" / "config.json").write_text(json.dumps(config))
    kinds = [("", "models.Transformer"), ("1_Pooling", "models.Pooling"), ("2_Normalize", "models.Normalize")]
    modules = [{"idx": place, "path": path, "type": f"sentence_transformers.{kind}"} for place, (path, kind) in enumerate(kinds)]
    (copy / "modules.json").write_text(json.dumps(modules))
    (copy / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 16}))
    assert problems(str(copy)) == []
    vectors = Encoder(str(copy)).vectors(["name the drug", "what is it " * 30])
    assert np.abs(vectors[0] - by_hand(copy, "name the drug", first)).max() < 1e-5
    assert np.abs(vectors[1] - by_hand(copy, "what is it " * 4 + "what is", first)).max() < 1e-5, "cut at 16 tokens, two of them marks"


@pytest.mark.parametrize(("kind", "most"), [("Bert", 64), ("Roberta", 63)])
def test_a_text_is_cut_where_positions_end(copy, kind, most):
    import transformers

    config = getattr(transformers, f"{kind}Config")(
        vocab_size=300,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
        pad_token_id=0,
    )
    with quiet():
        getattr(transformers, f"{kind}Model")(config).save_pretrained(copy)
    path = copy / "tokenizer_config.json"
    path.write_text(json.dumps({key: value for key, value in json.loads(path.read_text()).items() if key != "model_max_length"}))
    short, cut, longer = Encoder(str(copy)).vectors(["metformin " * (most - 3), "metformin " * (most - 2), "metformin " * 300])
    assert np.array_equal(cut, longer)
    assert not np.array_equal(short, cut)


def spoil_modules(folder: Path) -> None:
    types = ["sentence_transformers.models.Transformer", "sentence_transformers.models.Dense"]
    (folder / "modules.json").write_text(json.dumps([{"idx": n, "path": "", "type": one} for n, one in enumerate(types)]))


def pools(config: object) -> Callable[[Path], object]:
    def write(folder: Path) -> None:
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(config))

    return write


def config(**changes: object) -> Callable[[Path], object]:
    def write(folder: Path) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return write


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "config.json").unlink(), "without config.json; allowed: a folder of an encoder"),
        (lambda folder: (folder / "config.json").write_text("[]"), "config.json that is not a JSON object"),
        (config(architectures=["LlamaForCausalLM"]), "the architecture LlamaForCausalLM; allowed: an encoder"),
        (config(architectures=[], is_encoder_decoder=True), "the architecture an encoder-decoder"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "without a tokenizer; allowed: one of tokenizer.json"),
        (lambda folder: (folder / "model.safetensors").unlink(), "without model.safetensors; allowed: weights as safetensors"),
        (lambda folder: (folder / "tokenizer.json").write_text("[]"), "tokenizer.json that is not a JSON object; allowed: a tokenizer"),
        (lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"), "pytorch_model.bin and no safetensors"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"version https://git-lfs"), "a Git LFS pointer"),
        (lambda folder: (folder / "modules.json").write_text('{"a": 1}'), "modules.json with a list that cannot be read"),
        (spoil_modules, "modules.json with Dense; allowed: Transformer"),
        (pools({"pooling_mode_lasttoken": True}), "with the pooling pooling_mode_lasttoken; allowed: mean or cls"),
        (pools({"pooling_mode": ["mean", "max"]}), r"with the pooling mean \+ max"),
        (pools({"pooling_mode_mean_tokens": False}), "with the pooling of no mode"),
        (pools([]), "of a file that is not a JSON object"),
    ],
)
def test_a_folder_that_will_not_do_is_told_without_weights(copy, spoil, said):
    spoil(copy)
    assert len(problems(str(copy))) == 1
    with pytest.raises(InputError, match=f"^curate.embedder: got .*{said}"):
        Encoder(str(copy))


@pytest.mark.parametrize("name", ["no-such-folder", "/no/such/folder", "a/b/c", "~nobody-here/x", "x" * 5000, "nul\0"])
def test_a_name_that_is_no_place(name):
    assert [problem.place for problem in problems(name)] == ["curate.embedder"]


def test_a_hub_id_is_not_looked_up():
    assert problems("some-org/some-encoder") == []


def test_weights_that_do_not_fit(copy):
    config(num_hidden_layers=3)(copy)
    with pytest.raises(ModelError, match=r"got weights without encoder\.layer\.2"):
        Encoder(str(copy)).vectors(["a"])


def test_a_vector_that_is_not_a_number(copy):
    from safetensors.numpy import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    weights["embeddings.word_embeddings.weight"][:] = np.nan
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match="vectors that are not numbers"):
        Encoder(str(copy)).vectors(["a"])


def test_a_missing_library_is_told_when_the_encoder_is_made(tiny, monkeypatch):
    found = text_encoder.importlib.util.find_spec
    monkeypatch.setattr(text_encoder.importlib.util, "find_spec", lambda name: None if name == "torch" else found(name))
    with pytest.raises(MissingExtra, match=r"'torch' is not installed; run: pip install 'bioinstruct\[local\]'"):
        Encoder(str(tiny))


def test_records_of_one_meaning_are_found_with_an_encoder(tiny):
    encoder = Encoder(str(tiny))
    encoder.vectors(["loaded"])
    prints = pickle.loads(pickle.dumps(Prints(near=False, encoder=encoder)))
    records = [
        Record("name the class of drug", "metformin", "yes"),
        Record("Name the class of drug", "", "metformin\nyes"),
        Record("no", "", "it"),
    ]
    duplicates = Duplicates(similar=0.9999)
    found = duplicates.screen(prints.of(records), ["a", "b", "c"])
    assert found == [None, Duplicate("similar", "a", 1.0), None]


def fingerprints(vectors: np.ndarray) -> list[Fingerprint]:
    return [Fingerprint(str(place).encode().ljust(16), None, vector) for place, vector in enumerate(vectors)]


def directions(seed: int, n: int, width: int) -> np.ndarray:
    """Unit vectors in bunches."""
    dice = np.random.default_rng(seed)
    middle = dice.normal(size=(max(1, n // 4), width))
    vectors = middle[dice.integers(0, len(middle), n)] + dice.normal(size=(n, width)) * dice.choice([0, 0.05, 0.2, 0.5], (n, 1))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@given(st.integers(0, 10**6), st.integers(0, 40), st.lists(st.integers(0, 100), max_size=4), st.sampled_from([0.5, 0.9, 0.99, 1.0]))
@settings(max_examples=60, deadline=None)
def test_similar_is_the_greedy_rule_over_every_pair_however_the_stream_is_cut(seed, n, cuts, threshold):
    vectors = directions(seed, n, 3 + seed % 20)
    expected: list[Duplicate | None] = []
    standing: list[int] = []
    for row in range(n):
        scores = [(cosine(vectors[row], vectors[other]), -other) for other in standing]
        best = max(scores, default=(-1.0, 0))
        expected.append(Duplicate("similar", str(-best[1]), best[0]) if best[0] >= threshold else None)
        if expected[-1] is None:
            standing.append(row)
    duplicates, prints, ids = Duplicates(similar=threshold), fingerprints(vectors), [str(row) for row in range(n)]
    places = sorted({0, n, *(cut % (n + 1) for cut in cuts)})
    assert [one for start, end in pairwise(places) for one in duplicates.screen(prints[start:end], ids[start:end])] == expected


def test_tiles_and_pieces_change_nothing(monkeypatch):
    vectors, ids = directions(1, 300, 16), [str(row) for row in range(300)]
    whole = Duplicates(similar=0.95)
    expected = whole.screen(fingerprints(vectors), ids)
    assert 30 < sum(one is not None for one in expected) < 270
    monkeypatch.setattr(meaning, "ROWS", 7)
    monkeypatch.setattr(meaning, "COLUMNS", 11)
    parts = Duplicates(similar=0.95)
    assert parts.screen(fingerprints(vectors)[:90], ids[:90]) + parts.screen(fingerprints(vectors)[90:], ids[90:]) == expected
    again = Duplicates(similar=0.95)
    again.remember(fingerprints(vectors), ids)
    assert {one and one.how for one in again.screen(fingerprints(vectors)[::-1], ids)} == {"duplicate"}
    assert len(again) == 300


def test_the_first_of_equally_near_ones_is_named():
    vectors = directions(2, 3, 8)
    duplicates = Duplicates(exact=False, similar=0.9)
    duplicates.remember(fingerprints(vectors[[0, 1, 1]]), ["a", "b", "c"])
    assert duplicates.screen(fingerprints(vectors[1:2]), ["x"]) == [Duplicate("similar", "b", 1.0)]


def test_the_cosine_is_rounded_once():
    one = np.array([0.6, 0.8], np.float32)
    assert cosine(one, one) == 1.0
    assert cosine(one, -one) == -1.0
    assert cosine(np.array([1, 1e-7, 0], np.float32), np.array([1, 0, 1e-7], np.float32)) < 1.0


@pytest.mark.parametrize(
    ("vectors", "said"),
    [
        ([np.ones(3), np.ones(4)], "one number of components"),
        ([np.ones(3)], "not 1 long"),
        ([np.array([np.nan, 1.0, 0.0])], "not 1 long"),
        ([np.ones((2, 2))], "one number of components"),
    ],
)
def test_vectors_that_cannot_be_compared_are_refused_and_nothing_is_remembered(vectors, said):
    duplicates = Duplicates(similar=0.9)
    duplicates.screen(fingerprints(np.eye(3, dtype=np.float32)[:1]), ["a"])
    with pytest.raises(InputError, match=said):
        duplicates.screen([Fingerprint(b"x" * 16, None, vector) for vector in vectors], ["x"] * len(vectors))
    assert len(duplicates) == 1
