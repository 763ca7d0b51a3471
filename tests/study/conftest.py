"""A tiny random base, a pool of short records, and a recipe that makes a study of seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl, recipe
from bioinstruct.core.recipe import Recipe
from bioinstruct.core.records import Category, Instruction, Origin, instruction_id

TASKS = "[bioasq_embedded, coreference_embedded, patient_answer_embedded]"
OUTPUTS = {"qa": "yes", "ie": "name {n}", "generation": "A note about case {n}.", "other": "urgent {n}"}


def record(category: str, n: int) -> Instruction:
    """Record `n` of a category; its output names no other."""
    texts = (f"Do task {n} of {category}.", f"case {n} of {category}", f"{OUTPUTS[category].format(n=n)} ({category} {n})")
    return Instruction(instruction_id(*texts), *texts, Category(category), Origin("file", position=n))


@pytest.fixture
def pool() -> list[Instruction]:
    """Thirty records of each category but the last, of which there are twelve."""
    return [record(name, n) for name in ("qa", "ie", "generation") for n in range(30)] + [record("other", n) for n in range(12)]


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A one-layer LLaMA with a tokenizer of bytes, in transformers format."""
    torch = pytest.importorskip("torch")
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    from bioinstruct.models.checkpoint import quiet

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet, show_progress=False)
    backend.train_from_iterator([f"{one.instruction} {one.input} {one.output}" for one in (record("qa", 1), record("ie", 2))], trainer)
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>", eos_token="</s>")
    torch.manual_seed(5)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=2048, initializer_range=0.3, bos_token_id=0, eos_token_id=1,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("base")
    with quiet():
        LlamaForCausalLM(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def words(base: Path) -> Callable[..., list[str]]:
    """Overrides of a tiny study: `words("study.seeds=3")`."""

    def make(*more: str) -> list[str]:
        tuned = [f"tune.base={base}", "tune.rank=2", "tune.epochs=1", "tune.learning_rate=0.02", "workers=1", "threads=1"]
        asked = [f"evaluate.tasks={TASKS}", "evaluate.base_shots=[0]", "evaluate.max_new_tokens=4", "evaluate.samples=100"]
        cells = ["study.seeds=2", "study.size=12", "study.sizes=[]", "study.rows=[]", "study.general=null", "study.items=4"]
        return [*tuned, *asked, *cells, *more]

    return make


@pytest.fixture
def tiny(words: Callable[..., list[str]]) -> Callable[..., Recipe]:
    """The recipe of these overrides."""
    return lambda *more: recipe.load(None, words(*more)).recipe


@pytest.fixture
def curated(tmp_path: Path, pool: list[Instruction]) -> Path:
    """A run folder that holds the pool."""
    path = tmp_path / "run"
    jsonl.write(path / "curate" / "instructions.jsonl", pool)
    return path


@pytest.fixture
def study_of() -> Any:
    """The studies of a recipe over a run folder, as the command plans them."""
    from bioinstruct import pipeline
    from bioinstruct.study import run as stage

    def plan(recipe: Recipe, run: Path) -> list[stage.Study]:
        digests = {base: pipeline.base_inputs(base) for base in stage.bases(recipe)}
        return stage.plan(recipe, run, run / "study", 1, digests, stage.counted(recipe, run)[0])

    return plan
