"""An evaluation's tasks as a folder for EleutherAI's lm-evaluation-harness: our items and prompts, asked by its code.

    DIR/<name>.yaml  <name>.jsonl     one pair for each task and way of asking, `bioinstruct_<task>_<slug of the setting>`
    DIR/bioinstruct.yaml              the group of all of them
    DIR/items.py                      reads a JSONL file that lies beside it, so that the folder can be moved
    DIR/README.md                     how to run it, and what is and is not the same

Written from the evaluation's folder alone: no model is needed, and nothing is downloaded when the harness runs them.

**Where the prompt ends.** The prompt ends with the template's last line, without a space; the harness joins prompt and option by the target
delimiter, one space. It tokenizes the prompt, and prompt and option in one piece, and scores what the second has beyond the length of
the first. Our encoder (`models/encode.py`) appends the option's own ids to those of the prompt's two parts: worked examples and preamble,
body. Both give the same ids where the tokenizer begins a piece at every space and before a word after a line break, as byte-level ones do.
One in the manner of SentencePiece, which puts a space before every text, puts one before each of our parts and only one before the
harness's whole: its prompts have one space more before the instruction. `boundary` counts what differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from bioinstruct import __version__
from bioinstruct.core import jsonl, runfolder, template
from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Finish, Item, Setting
from bioinstruct.evaluate import grade, lookup
from bioinstruct.evaluate.plan import BASE, Prompt, option_texts, prompts
from bioinstruct.models.encode import Encoder
from bioinstruct.tasks import Task

GROUP = "bioinstruct"
DELIMITER = " "
"""Between prompt and option."""

_READER = '''"""Reads the tasks' items, which lie beside this file."""

import json
from pathlib import Path

from datasets import Dataset


def load(file, **_):
    """The file's rows as the split `test`."""
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return {"test": Dataset.from_list([json.loads(line) for line in text.split("\\n") if line])}
'''

_README = """# Tasks for lm-evaluation-harness

Written by bioinstruct {version}; run with lm_eval 0.4.13.

    HF_HUB_OFFLINE=1 lm_eval run --model hf --model_args pretrained=MODEL,dtype=float32 \\
        --include_path . --tasks bioinstruct --log_samples --output_path out

{names}

- Prompts are whole, worked examples included: leave `--num_fewshot` and `--apply_chat_template` alone.
- Prompt and option are joined by one space, the target delimiter. The harness tokenizes the prompt, then prompt and option in one
  piece; bioinstruct appends the option's ids to those of the prompt's two parts, of which the second begins with the instruction. The ids
  are the same for byte-level tokenizers; those in the manner of SentencePiece, which put a space before every text, have one more of
  them in bioinstruct's prompts, before the instruction.
- Ranked tasks: `acc` compares summed log-likelihoods. bioinstruct does so for letters, and where every item has the same options;
  options in words of their own it compares by the mean over their tokens, which the harness does not have (`acc_norm` divides by
  characters). The log-likelihoods are the same.
- A prompt that is longer than the model's context is cut from the left by the harness; bioinstruct counts it as failed.
- Generated tasks have the metric `bypass`: texts are in the logged samples. `max_gen_toks` is bioinstruct's cap.
"""


@dataclass(frozen=True)
class Exported:
    """One task as it was asked."""

    name: str
    task: Task
    setting: Setting
    prompts: list[Prompt]
    max_new_tokens: int | None
    """Cap of generated answers; None when ranking."""


def write(evaluation: Path, destination: Path) -> list[str]:
    """Write every task and way of asking of an evaluation, each once however many models were asked; gives back their names.

    Args:
        evaluation: The stage's folder, with at least one finished setting.
        destination: A folder that is new or empty.

    Raises:
        InputError: there is no finished setting, one was asked in a chat template, or the destination is in use.
        DataError: a file of the evaluation is missing or malformed.
    """
    return write_tasks(list(read(evaluation)), destination)


def write_tasks(found: Sequence[Exported], destination: Path) -> list[str]:
    """Write these tasks to a folder that is new or empty; gives back their names, and raises as `write`."""
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise InputError(f"{destination}: got something that exists; allowed: a new or empty folder")
    destination.mkdir(parents=True, exist_ok=True)
    for one in found:
        jsonl.write(destination / f"{one.name}.jsonl", (_row(one, prompt) for prompt in one.prompts))
        runfolder.write_atomic(destination / f"{one.name}.yaml", _yaml(one))
    names = [one.name for one in found]
    runfolder.write_atomic(destination / f"{GROUP}.yaml", yaml.safe_dump({"group": GROUP, "task": names}, sort_keys=False))
    runfolder.write_atomic(destination / "items.py", _READER)
    listed = "\n".join(f"- `{one.name}`: {len(one.prompts)} items; {one.task.source}" for one in found)
    runfolder.write_atomic(destination / "README.md", _README.format(version=__version__, names=listed))
    return names


def read(evaluation: Path) -> Iterator[Exported]:
    """The tasks of an evaluation's folder as they were asked, by name; raises as `write`."""
    asked: dict[str, grade.Result] = {}
    found = [grade.read_result(path.parent) for path in sorted(evaluation.glob(f"*/*/{grade.RESULT}"))]
    results = [result for result in found if result is not None]
    ours = {result.setting.template for result in results if result.setting.model == BASE}
    for result in results:
        if result.setting.template in ours or not ours:  # models that ours are compared with have prompts of their own
            asked.setdefault(name(result.task, result.setting), result)
    if not asked:
        raise InputError(f"{evaluation}: got no {grade.RESULT} below it; allowed: the folder of an evaluation")
    for called, result in sorted(asked.items()):
        form = template.get(result.setting.template)
        if form.chat:
            raise InputError(f"{called}: got the template 'chat', which is the tokenizer's; allowed: a template of bioinstruct's own")
        task = replace(lookup.stored(evaluation, result.task), asked="letter" if result.setting.asked == "letter" else "text")
        items = list(jsonl.read(grade.items_file(evaluation, result.task), Item))
        pool = list(jsonl.read(grade.pool_file(evaluation, result.task), Item))
        made = prompts(task, items, pool, result.setting.shots, form)
        yield Exported(called, task, result.setting, made, result.max_new_tokens)


def name(task: str, setting: Setting) -> str:
    """What a task asked in this way is called there."""
    return f"{GROUP}_{task}_{setting.slug}".replace("-", "_")


def text(prompt: Prompt, form: template.Template) -> str:
    """The prompt as the harness gets it: worked examples, preamble, body."""
    return form.shots(list(prompt.shots)) + form.prompt(prompt.instruction, prompt.input)


def _row(one: Exported, prompt: Prompt) -> dict[str, Any]:
    item = prompt.item
    row: dict[str, Any] = {"item": item.id, "group": item.group, "prompt": text(prompt, template.get(one.setting.template))}
    if one.setting.mode == "rank":
        return row | {"options": list(option_texts(item, one.setting.asked)), "gold": _gold(one.task, item)}
    return row | {"references": list(item.references)}


def _gold(task: Task, item: Item) -> int:
    """Index of the first option that the task's own grading finds right."""
    for number, option in enumerate(item.options):
        if task.grade(item, option, Finish.STOP).values[task.metric] == 1.0:
            return number
    raise InputError(f"{item.id}: got no right option; allowed: an item whose gold is among its options")


def _yaml(one: Exported) -> str:
    shown: dict[str, Any] = {
        "task": one.name,
        "custom_dataset": "",  # a tag of the harness, which no YAML library writes: put in below
        "dataset_kwargs": {"file": f"{one.name}.jsonl"},
        "test_split": "test",
        "num_fewshot": 0,
        "doc_to_text": "prompt",
        "target_delimiter": DELIMITER,
    }
    if one.setting.mode == "rank":
        shown |= {
            "output_type": "multiple_choice",
            "doc_to_choice": "options",
            "doc_to_target": "gold",
            "metric_list": [{"metric": name, "aggregation": "mean", "higher_is_better": True} for name in ("acc", "acc_norm")],
        }
    else:
        stops = list(template.get(one.setting.template).stop_strings) if one.setting.stop == "strings" else []
        shown |= {
            "output_type": "generate_until",
            "doc_to_target": "{{references[0]}}",
            "generation_kwargs": {"do_sample": False, "until": stops, "max_gen_toks": one.max_new_tokens},
            "metric_list": [{"metric": "bypass"}],
        }
    shown["metadata"] = {"version": one.task.version}
    written: str = yaml.safe_dump(shown, sort_keys=False, allow_unicode=True)
    return written.replace("custom_dataset: ''", "custom_dataset: !function items.load", 1)


@dataclass(frozen=True)
class Boundary:
    """How the harness's ids compare with ours."""

    options: int
    """Compared, over all items; prompts of generated tasks count as one each."""
    prompts_differ: int
    """Options behind a prompt of other ids than ours."""
    options_differ: int
    """Options of other ids than ours, where the prompt is the same."""


def boundary(encoder: Encoder, asked: Sequence[Prompt], setting: Setting, encode: Callable[[str], list[int]]) -> Boundary:
    """Count the options for which the harness's ids are not ours.

    Args:
        encoder: Ours.
        asked: Prompts of one task.
        setting: How they are asked.
        encode: A text's ids as the harness makes them, with what the tokenizer puts before it.
    """
    compared = prompts_differ = options_differ = 0
    for prompt in asked:
        context = text(prompt, encoder.template)
        ours, theirs = encoder.prompt_ids(prompt.instruction, prompt.input, prompt.shots), encode(context)
        options = option_texts(prompt.item, setting.asked) if setting.mode == "rank" else ()
        compared += max(1, len(options))
        if ours != theirs:
            prompts_differ += max(1, len(options))
            continue
        for option in options:
            options_differ += encode(context + DELIMITER + option)[len(theirs) :] != encoder.output_ids(option, end=False)
    return Boundary(compared, prompts_differ, options_differ)
