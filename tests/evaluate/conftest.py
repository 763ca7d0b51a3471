"""A tiny checkpoint with two real adapters, and made-up tasks, registered for one test at a time."""

from __future__ import annotations

import shutil
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import Problem
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import EvaluateSection, TuneSection
from bioinstruct.core.records import Item, StageRecord
from bioinstruct.core.workers import Workers
from bioinstruct.evaluate import run as stage
from bioinstruct.tasks import TASKS, ItemRequest, Task, grading, trivial
from bioinstruct.tasks.base import Loaded

COLOURS = ("red", "green", "dark blue", "yellow")
CORPUS = [
    "Below is an instruction that describes a task, paired with an input that provides further context.",
    "Write a response that appropriately completes the request.",
    "### Instruction:\nName the colour.\n\n### Input:\nred green dark blue yellow\n\n### Output: yes no maybe",
]


def checkpoint(folder: Path, context: int = 512) -> Path:
    """A random LLaMA with a byte-level tokenizer, in transformers format."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    from bioinstruct.models.checkpoint import quiet

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet, show_progress=False)
    backend.train_from_iterator(CORPUS, trainer)
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token="<s>", eos_token="</s>")
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=context, initializer_range=0.25, bos_token_id=0, eos_token_id=1,
    )  # fmt: skip
    with quiet():
        LlamaForCausalLM(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder


def adapter(base: Path, folder: Path, seed: int) -> Path:
    """A LoRA adapter for `base` whose weights are random and not zero."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    from bioinstruct.models.checkpoint import quiet

    torch.manual_seed(seed)
    with quiet():
        model = AutoModelForCausalLM.from_pretrained(base)
        config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
        get_peft_model(model, config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="package")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return checkpoint(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="package")
def adapters(base: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("adapters")
    return {name: adapter(base, root / name, seed) for seed, name in enumerate(("tuned", "shuffled"))}


@dataclass(frozen=True)
class MadeUp:
    """Items without a file."""

    make: Any
    embedded: bool = True

    def load(self, request: ItemRequest) -> Loaded:
        """The scored items and eight for worked examples."""
        return Loaded([self.make(n) for n in range(request.n)], [self.make(100 + n) for n in range(8)])

    def problems(self, file: Path | None) -> list[Problem]:
        """None."""
        return []


def _choice(n: int) -> Item:
    options = COLOURS[n % 4 :] + COLOURS[: n % 4]
    extra = (*options[:3], f"shade {n}")
    return Item(f"colour/{n}", "colour", "Name the colour.", f"thing {n}", (extra[n % 3],), extra, f"g{n // 2}")


def _label(n: int) -> Item:
    return Item(
        f"truth/{n}", "truth", "Is it so?", f"claim {n}" * (1 + n % 3), (("yes", "no", "no")[n % 3],), ("yes", "no", "maybe"), f"g{n}"
    )


def _text(n: int) -> Item:
    return Item(f"note/{n}", "note", "Write a note.", f"words about {n}", (f"a note about {n}",), (), f"g{n}")


def _prompt(item: Item) -> tuple[str, str]:
    listed = "".join(f"\n- {option}" for option in item.options)
    return item.instruction, item.input + listed


COLOUR = Task(
    name="colour", family="qa", mode="rank", metric="accuracy", chance=0.25, max_new_tokens=4, source="made up", licence="none",
    version="1", paper_setting="", paper_shots=0, description="", data=MadeUp(_choice), prompt=_prompt, grade=grading.option,
    trivial=trivial.OPTIONS,
)  # fmt: skip
TRUTH = replace(COLOUR, name="truth", chance=1 / 3, data=MadeUp(_label), grade=grading.label, trivial=trivial.LABELS)
NOTE = replace(
    COLOUR, name="note", family="generation", mode="generate", metric="rougeL", metrics=grading.ROUGE, chance=None, max_new_tokens=12,
    data=MadeUp(_text), grade=grading.text, trivial=trivial.EXAMPLES,
)  # fmt: skip


@pytest.fixture(scope="package", autouse=True)
def made_up() -> Iterator[types.ModuleType]:
    """The module that holds the made-up tasks, which are registered as long as the tests run."""
    module = types.ModuleType("made_up_tasks")
    module.colour, module.truth, module.note = COLOUR, TRUTH, NOTE  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "made_up_tasks", module)
        for name in ("colour", "truth", "note"):
            patch.setitem(TASKS._table, name, f"made_up_tasks:{name}")
        yield module


@pytest.fixture(scope="package")
def section() -> EvaluateSection:
    return EvaluateSection(tasks=["colour", "truth", "note"], items=7, samples=100, row_tokens=256, max_new_tokens=10)


@pytest.fixture(scope="package")
def evaluate(base: Path, adapters: dict[str, Path], section: EvaluateSection) -> Any:
    """Run the stage on the tiny models."""

    def evaluate(folder: Path, section: EvaluateSection = section, **changes: Any) -> StageRecord:
        given = {
            "tune": TuneSection(base=str(base)), "adapters": adapters, "threads": 1, "folder": folder, "inputs": {},
            "workers": Workers(1, Silent()),
        }  # fmt: skip
        return stage.run(section, **{**given, **changes})

    return evaluate


@pytest.fixture(scope="package")
def original(evaluate: Any, made_up: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished evaluation, to be read only."""
    folder: Path = tmp_path_factory.mktemp("original") / "evaluate"
    evaluate(folder)
    return folder


@pytest.fixture
def finished(original: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(original, tmp_path / "finished" / "evaluate"))


@pytest.fixture(scope="package")
def bytes_of() -> Any:
    """Every file of a folder but the record, which holds times."""

    def bytes_of(folder: Path) -> dict[str, bytes]:
        files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "record.json"]
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    return bytes_of
