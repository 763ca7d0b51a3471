"""The local model: what it loads and refuses, and that packing and batching change nothing."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import InputError, ModelError
from bioinstruct.core.records import Finish
from bioinstruct.core.template import PAPER
from bioinstruct.models.base import Question
from bioinstruct.models.checkpoint import problems, quiet, resolve, safetensors_fault
from bioinstruct.models.encode import Encoder

torch = pytest.importorskip("torch", reason="the extra 'local' is not installed")

from bioinstruct.models import local  # noqa: E402
from bioinstruct.models.local import LocalModel, context_of, load_tokenizer  # noqa: E402


@pytest.fixture(scope="module")
def model(tiny: Path) -> LocalModel:
    return LocalModel.load(tiny, device="cpu")


def questions(n: int, vocabulary: int, seed: int = 0) -> list[Question]:
    """Questions under two preambles and under none, with options of one to five tokens."""
    rng = random.Random(seed)

    def ids(low: int, high: int) -> tuple[int, ...]:
        return tuple(rng.randrange(3, vocabulary) for _ in range(rng.randint(low, high)))

    openings = [ids(12, 20), ids(12, 20), ()]
    return [Question((opening := rng.choice(openings)) + ids(1, 30), len(opening), tuple(ids(1, 5) for _ in range(4))) for _ in range(n)]


def alone(model: LocalModel, prompt: tuple[int, ...], option: tuple[int, ...]) -> float:
    """The option's log-likelihood from one plain pass over prompt and option."""
    with torch.no_grad():
        output = model.model(input_ids=torch.tensor([prompt + option])).logits[0].float().log_softmax(-1)
    return sum(output[len(prompt) - 1 + place, token].item() for place, token in enumerate(option))


def assert_ranks(model: LocalModel, asked: list[Question], row_tokens: int) -> list[tuple[float, ...]]:
    found = model.rank(asked, row_tokens)
    for question, values in zip(asked, found, strict=True):
        expected = [alone(model, question.prompt, option) for option in question.options]
        assert values == pytest.approx(expected, abs=1e-4)
        assert values.index(max(values)) == expected.index(max(expected))
    return found


@pytest.mark.parametrize("row_tokens", [1, 64, 2048])
def test_packed_log_likelihoods_equal_one_by_one(model: LocalModel, row_tokens: int) -> None:
    assert_ranks(model, questions(12, len(model.tokenizer)), row_tokens)


def test_sharing_a_preamble_changes_nothing(model: LocalModel) -> None:
    asked = questions(10, len(model.tokenizer), seed=3)
    apart = [Question(question.prompt, 0, question.options) for question in asked]
    whole = [Question(question.prompt, len(question.prompt), question.options) for question in asked]
    for one, two, three in zip(*(model.rank(form, 512) for form in (asked, apart, whole)), strict=True):
        assert one == pytest.approx(two, abs=1e-4)
        assert one == pytest.approx(three, abs=1e-4)


def test_ranking_is_the_same_bytes_when_repeated(model: LocalModel) -> None:
    asked = questions(6, len(model.tokenizer))
    assert model.rank(asked, 300) == model.rank(asked, 300)


def test_a_question_beyond_the_context_gives_an_empty_tuple(model: LocalModel) -> None:
    fits = Question((5,) * (model.context - 2), 4, ((6, 7), (8,)))
    beyond = Question((5,) * (model.context - 2), 4, ((6,), (7, 8, 9)))
    assert [len(values) for values in model.rank([beyond, fits], 64)] == [0, 2]
    assert model.rank([beyond], 64) == [()]
    assert model.rank([], 64) == []


@pytest.mark.parametrize(
    "question",
    [Question((), 0, ((1,),)), Question((1,), 0, ((),)), Question((1,), 0, ()), Question((1,), 2, ((1,),))],
)
def test_malformed_questions_are_refused(model: LocalModel, question: Question) -> None:
    with pytest.raises(InputError, match="question 0: got"):
        model.rank([question], 64)


def test_diverged_weights_are_an_error(tiny: Path) -> None:
    broken = LocalModel.load(tiny, device="cpu")
    broken._prefix_fits = False
    with torch.no_grad():
        broken.model.lm_head.weight[0, 0] = float("nan")
    with pytest.raises(ModelError, match="finite numbers"):
        broken.rank(questions(1, 50), 64)


def prompts(n: int, vocabulary: int, longest: int = 40) -> list[list[int]]:
    rng = random.Random(1)
    return [[rng.randrange(3, vocabulary) for _ in range(rng.randint(1, longest))] for _ in range(n)]


def test_batches_equal_one_by_one_and_plain_greedy_decoding(model: LocalModel) -> None:
    asked = prompts(9, len(model.tokenizer))
    end = model.tokenizer.eos_token_id
    together = model.generate(asked, 12, end, batch_tokens=10_000)
    assert together == [model.generate([prompt], 12, end, 1)[0] for prompt in asked]
    assert together == model.generate(asked, 12, end, batch_tokens=70)
    for prompt, found in zip(asked, together, strict=True):
        ids = list(prompt)
        with torch.no_grad():
            while len(ids) < len(prompt) + 12 and ids[-1:] != [end]:
                ids.append(int(model.model(input_ids=torch.tensor([ids])).logits[0, -1].argmax()))
        assert list(found.ids) == [token for token in ids[len(prompt) :] if token != end]
        assert found.finish == (Finish.STOP if ids[-1] == end else Finish.LENGTH)
        assert found.text == Encoder(model.tokenizer, PAPER).decode(found.ids)


def test_the_end_mark_stops_and_is_left_out(model: LocalModel) -> None:
    asked = prompts(6, len(model.tokenizer))
    free = model.generate(asked, 10, model.tokenizer.eos_token_id, 1000)
    end = free[0].ids[4]  # what the first prompt writes anyway now ends it
    ended = model.generate(asked, 10, end, 1000)
    assert ended[0].ids == free[0].ids[: free[0].ids.index(end)]
    assert ended[0].finish == Finish.STOP
    for before, after in zip(free, ended, strict=True):
        assert end not in after.ids
        assert after.finish == (Finish.STOP if end in before.ids else Finish.LENGTH)


def test_overlong_prompts_are_outcomes_and_short_room_is_used(model: LocalModel) -> None:
    context, end = model.context, model.tokenizer.eos_token_id
    over, full, near, short = [5] * (context + 3), [5] * context, [5] * (context - 2), [5] * 4
    found = model.generate([over, short, full, near], 6, end, 10_000)
    assert found[0].finish == found[2].finish == Finish.ERROR
    assert found[0].ids == ()
    assert found[0].text == f"prompt of {context + 3} tokens does not fit the context of {context}"
    assert found[3].finish == Finish.LENGTH
    assert len(found[3].ids) == 2
    assert len(found[1].ids) == 6
    with pytest.raises(InputError, match="prompt 1: got no tokens"):
        model.generate([[5], []], 6, end, 100)
    with pytest.raises(InputError, match="max_new_tokens: got 0"):
        model.generate([[5]], 0, end, 100)
    assert model.generate([], 6, end, 100) == []


def test_batches_keep_to_their_budget() -> None:
    lengths = dict(enumerate([3, 9, 4, 30, 9, 2]))
    batches = list(local._batches(lengths, dict.fromkeys(lengths, 8), 18))
    assert batches == [[3], [1, 4], [2, 0, 5]]
    assert list(local._batches({0: 4, 1: 4}, {0: 8, 1: 2}, 100)) == [[1], [0]]


def test_what_a_checkpoint_suggests_does_not_change_greedy_text(model: LocalModel, tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "suggesting")
    (folder / "generation_config.json").write_text(
        json.dumps({"do_sample": True, "temperature": 3.0, "repetition_penalty": 5.0, "eos_token_id": [1, 9], "max_length": 5})
    )
    other = LocalModel.load(folder, device="cpu")
    asked = prompts(4, len(model.tokenizer))
    assert other.generate(asked, 8, 1, 1000) == model.generate(asked, 8, 1, 1000)
    assert other.end_ids == (1, 9)


@pytest.fixture
def adapter(tiny: Path, tmp_path: Path) -> Path:
    """A LoRA adapter of the tiny base that is not zero."""
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(3)
    with quiet():
        tuned = get_peft_model(LocalModel.load(tiny, device="cpu").model, LoraConfig(r=4, lora_alpha=8, target_modules="all-linear"))
    with torch.no_grad():
        for name, weight in tuned.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.2)
    tuned.save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


def test_an_adapter_changes_the_model_as_peft_does(model: LocalModel, tiny: Path, adapter: Path) -> None:
    from peft import PeftModel

    tuned = LocalModel.load(tiny, adapter, device="cpu")
    with quiet():
        beside = PeftModel.from_pretrained(LocalModel.load(tiny, device="cpu").model, str(adapter))
    ids = torch.tensor([[5, 6, 7, 8]])
    with torch.no_grad():
        torch.testing.assert_close(tuned.model(input_ids=ids).logits, beside(input_ids=ids).logits, rtol=1e-4, atol=1e-4)
        assert (tuned.model(input_ids=ids).logits - model.model(input_ids=ids).logits).abs().max() > 0.1
    asked = questions(5, len(model.tokenizer))
    assert assert_ranks(tuned, asked, 512) != model.rank(asked, 512)
    assert tuned.generate([[5, 6]], 5, 1, 100)[0].finish in (Finish.STOP, Finish.LENGTH)
    half = LocalModel.load(tiny, adapter, dtype="bfloat16", device="cpu")
    assert any("lora_A" in name for name, _ in half.model.named_parameters())
    assert half.rank(asked, 512)[0] == pytest.approx(tuned.rank(asked, 512)[0], rel=0.1, abs=1.0)
    assert len(half.generate([[5, 6]], 5, 1, 100)) == 1


def test_unfit_adapters_are_refused(tiny: Path, adapter: Path, make_model: Any, tokenizer: Any, tmp_path: Path) -> None:
    config = adapter / "adapter_config.json"
    given = json.loads(config.read_text())
    config.write_text(json.dumps({**given, "target_modules": ["q_proj"]}))
    with pytest.raises(ModelError, match="tuned on this base"):
        LocalModel.load(tiny, adapter, device="cpu")
    config.write_text(json.dumps({**given, "r": 2}))
    with pytest.raises(ModelError, match="size mismatch"):
        LocalModel.load(tiny, adapter, device="cpu")
    config.write_text(json.dumps({**given, "peft_type": "PREFIX_TUNING"}))
    with pytest.raises(InputError, match="a LoRA adapter"):
        LocalModel.load(tiny, adapter, device="cpu")
    config.write_text("{")
    with pytest.raises(InputError, match="not a JSON object"):
        LocalModel.load(tiny, adapter, device="cpu")
    config.write_text(json.dumps(given))
    weights = adapter / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    with pytest.raises(InputError, match=r"adapter_model\.safetensors: \d+ bytes instead of \d+"):
        LocalModel.load(tiny, adapter, device="cpu")
    with pytest.raises(InputError, match=r"without adapter_config\.json"):
        LocalModel.load(tiny, tmp_path / "nowhere", device="cpu")


@pytest.mark.parametrize("base", ["gpt2", "./nowhere", "/no/such/folder", "a/b/c", "nowhere/", "~/no-such-model", "..", ""])
def test_what_is_no_folder_and_no_hub_id_never_reaches_the_hub(base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    monkeypatch.chdir(tmp_path)
    for kind in ("AutoTokenizer", "AutoModelForCausalLM"):
        monkeypatch.delattr(getattr(transformers, kind), "from_pretrained")
    with pytest.raises(InputError, match=r"^tune\.base: got .*; allowed: "):
        LocalModel.load(base)
    assert problems(base)


def test_a_path_below_an_existing_folder_is_no_hub_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve("org/name") == "org/name"
    (tmp_path / "org").mkdir()
    with pytest.raises(InputError, match="no such folder"):
        resolve("org/name")
    (tmp_path / "org" / "name").touch()
    with pytest.raises(InputError, match="a file"):
        resolve("org/name")


@pytest.mark.parametrize("name", ["nul\0", "x" * 5000, "~nobody-here/x"])
def test_a_name_that_is_no_place_is_a_sentence(name: str) -> None:
    assert [one.place for one in problems(name)] == ["tune.base"]


def test_an_unknown_hub_id_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    def missing(*_: Any, **options: Any) -> None:
        assert options["trust_remote_code"] is False
        raise OSError("no-one/nothing is not a local folder and is not a valid model identifier\nmore")

    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", missing)
    with pytest.raises(InputError, match=r"got 'no-one/nothing', which cannot be loaded \(no-one/nothing is not .*identifier\)"):
        load_tokenizer("no-one/nothing")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: (folder / "config.json").unlink(), "without config.json"),
        (lambda folder: (folder / "config.json").write_text("{"), "config.json that is not a JSON object"),
        (lambda folder: (folder / "config.json").write_text('{"architectures": ["BertForMaskedLM"]}'), "architecture BertForMaskedLM"),
        (lambda folder: (folder / "config.json").write_text('{"is_encoder_decoder": true}'), "an encoder-decoder"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "without a tokenizer"),
        (lambda folder: (folder / "tokenizer.json").write_text(""), "tokenizer.json that is not a JSON object"),
        (lambda folder: (folder / "model.safetensors").unlink(), "without model.safetensors"),
        (lambda folder: (folder / "model.safetensors").rename(folder / "pytorch_model.bin"), "pytorch_model.bin and no safetensors"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"version https://git-lfs.github.com/spec/v1\n"), "a Git LFS pointer"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b""), "no safetensors header"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"\x02" + b"\0" * 7 + b"[]"), "no safetensors header"),
    ],
)
def test_a_folder_that_is_not_whole_is_a_sentence(tiny: Path, tmp_path: Path, change: Any, message: str) -> None:
    folder = shutil.copytree(tiny, tmp_path / "base")
    assert problems(folder) == []
    change(folder)
    [problem] = problems(str(folder))
    assert message in problem.got
    with pytest.raises(InputError, match=r"^tune\.base: got "):
        LocalModel.load(folder, device="cpu")


def test_sharded_weights_are_checked_shard_by_shard(tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "base")
    index = folder / "model.safetensors.index.json"
    (folder / "model.safetensors").rename(folder / "one.safetensors")
    index.write_text(json.dumps({"weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}))
    [problem] = problems(folder)
    assert "two.safetensors: no such file" in problem.got
    index.write_text("{}")
    assert "without a weight_map" in problems(folder)[0].got
    assert safetensors_fault(folder / "one.safetensors") is None


def test_weights_that_do_not_fit_the_configuration_are_an_error(tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "base")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3, "layer_types": None}))
    with pytest.raises(ModelError, match=r"got weights without model\.layers\.2"):
        LocalModel.load(folder, device="cpu")
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "no-such-type"}))
    with pytest.raises(InputError, match="cannot be loaded"):
        LocalModel.load(folder, device="cpu")
    with pytest.raises(InputError, match="dtype: got 'int4'"):
        LocalModel.load(tiny, dtype="int4")


def test_more_tokens_than_embeddings_are_refused(make_model: Any, tokenizer: Any, tmp_path: Path) -> None:
    make_model(len(tokenizer) - 5).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(InputError, match=f"{len(tokenizer)} tokens and {len(tokenizer) - 5} embeddings"):
        LocalModel.load(tmp_path, device="cpu")


def test_the_context_is_bounded_by_windows_and_by_changes_of_rotation() -> None:
    from transformers import LlamaConfig, MistralConfig, Qwen2Config

    assert context_of(MistralConfig(max_position_embeddings=4096, sliding_window=512)) == 512
    assert context_of(Qwen2Config(max_position_embeddings=4096, sliding_window=512, use_sliding_window=False)) == 4096
    factors = {"short_factor": [1.0] * 4, "long_factor": [2.0] * 4}
    rope = {"rope_type": "longrope", "rope_theta": 1e4, "original_max_position_embeddings": 64, **factors}
    assert context_of(LlamaConfig(max_position_embeddings=4096, hidden_size=32, num_attention_heads=4, rope_parameters=rope)) == 64


def test_loading_writes_nothing_and_leaves_the_settings_of_transformers(tiny: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from transformers.utils import logging

    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    LocalModel.load(tiny, device="cpu").generate([[5, 6, 7]], 3, 1, 100)
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.real
def test_a_real_checkpoint_ranks_and_tells_a_story(real: Path) -> None:
    model = LocalModel.load(real, device="cpu")
    encoder = Encoder(model.tokenizer, PAPER)
    assert model.context == 512
    opening = tuple(model.tokenizer("Once upon a time, there was a little girl named Lily. She", verbose=False)["input_ids"])
    options = tuple(tuple(encoder.output_ids(text, end=False)) for text in ("loved to play", "contraindicated", "the of and"))
    [values] = assert_ranks(model, [Question(opening, 3, options)], 2048)
    assert values.index(max(values)) == 0
    asked = []
    for has_input in (True, False):
        shared = len(encoder.preamble_ids(has_input))
        for text in ("Is the dose safe?", "Name the drug."):
            prompt = tuple(encoder.prompt_ids(text, "metformin" if has_input else ""))
            asked.append(Question(prompt, shared, tuple(tuple(encoder.output_ids(option)) for option in ("yes", "no", "maybe"))))
    assert_ranks(model, asked, 1024)
    stories = [list(opening), list(opening[:1]), list(opening[:7])]
    found = model.generate(stories, 24, encoder.end_id, 4096)
    assert found == [model.generate([story], 24, encoder.end_id, 1)[0] for story in stories]
    assert found[1].text.startswith("Once upon a time")
