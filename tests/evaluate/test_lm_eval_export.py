"""Tasks for lm-evaluation-harness: what is written, and where its ids would be others than ours."""

from __future__ import annotations

import json
import shutil
import sys
import types
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bioinstruct.core import jsonl
from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Item, Setting
from bioinstruct.core.template import PAPER
from bioinstruct.evaluate import grade, lm_eval_export
from bioinstruct.evaluate.plan import prompts
from bioinstruct.models.checkpoint import load_tokenizer
from bioinstruct.models.encode import Encoder

from .conftest import COLOUR, NOTE, TRUTH

NAMES = {
    *(f"bioinstruct_{task}_rank_text_{k}shot" for task in ("colour", "truth") for k in (0, 1)),
    *(f"bioinstruct_note_generate_text_{k}shot{stop}" for k in (0, 1) for stop in ("", "_strings")),
}
RANKED = Setting("base", None, "rank", "text", 0, "paper")


class _Tags(yaml.SafeLoader):
    """Reads the harness's tag as its text."""


_Tags.add_constructor("!function", lambda loader, node: f"!{loader.construct_scalar(node)}")


def config(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((folder / f"{name}.yaml").read_text(encoding="utf-8"), _Tags)
    return found


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").split("\n") if line]


def test_every_way_of_asking_is_a_task_once(original: Path, tmp_path: Path, bytes_of: Any) -> None:
    names = lm_eval_export.write(original, tmp_path / "out")
    assert set(names) == NAMES
    assert names == sorted(names)
    assert config(tmp_path / "out", "bioinstruct") == {"group": "bioinstruct", "task": names}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *(f"{name}.{kind}" for name in names for kind in ("yaml", "jsonl")),
        *("bioinstruct.yaml", "items.py", "README.md"),
    }
    lm_eval_export.write(original, tmp_path / "again")
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "again")


def test_ranked_tasks_hold_our_prompts_options_and_gold(original: Path, tmp_path: Path) -> None:
    lm_eval_export.write(original, tmp_path / "out")
    items = list(jsonl.read(grade.items_file(original, "colour"), Item))
    pool = list(jsonl.read(grade.pool_file(original, "colour"), Item))
    for k in (0, 1):
        name = f"bioinstruct_colour_rank_text_{k}shot"
        asked = config(tmp_path / "out", name)
        assert (asked["doc_to_text"], asked["doc_to_choice"]) == ("prompt", "options")
        assert (asked["target_delimiter"], asked["num_fewshot"], asked["output_type"]) == (" ", 0, "multiple_choice")
        assert (asked["custom_dataset"], asked["dataset_kwargs"]) == ("!items.load", {"file": f"{name}.jsonl"})
        for row, item, prompt in zip(rows(tmp_path / "out", name), items, prompts(COLOUR, items, pool, k, PAPER), strict=True):
            assert (row["item"], row["group"], tuple(row["options"])) == (item.id, item.group, item.options)
            assert row["options"][row["gold"]] == item.references[0]
            assert row["prompt"] == PAPER.shots(list(prompt.shots)) + PAPER.prompt(prompt.instruction, prompt.input)
            assert not row["prompt"][-1].isspace()  # the harness would move white space to the option


def test_generated_tasks_hold_the_cap_and_the_stop_strings(original: Path, tmp_path: Path) -> None:
    lm_eval_export.write(original, tmp_path / "out")
    for stop, until in (("", []), ("_strings", list(PAPER.stop_strings))):
        asked = config(tmp_path / "out", f"bioinstruct_note_generate_text_0shot{stop}")
        assert asked["generation_kwargs"] == {"do_sample": False, "until": until, "max_gen_toks": 10}
        assert asked["output_type"] == "generate_until"


def test_letters_are_options_of_their_own(tmp_path: Path) -> None:
    items = [COLOUR.data.make(n) for n in range(3)]  # type: ignore[attr-defined]
    setting = replace(RANKED, asked="letter")
    task = replace(COLOUR, asked="letter")
    asked = lm_eval_export.Exported("letters", task, setting, prompts(task, items, [], 0, PAPER), None)
    assert lm_eval_export.write_tasks([asked], tmp_path / "out") == ["letters"]
    for row, item in zip(rows(tmp_path / "out", "letters"), items, strict=True):
        assert row["options"] == ["A", "B", "C", "D"]
        assert item.options[row["gold"]] == item.references[0]
    item = replace(items[0], options=("c", "a", "d", "b"), references=("b",))  # as some of MedMCQA's: option D reads "b"
    asked = lm_eval_export.Exported("lettered", task, setting, prompts(task, [item], [], 0, PAPER), None)
    lm_eval_export.write_tasks([asked], tmp_path / "again")
    assert [row["gold"] for row in rows(tmp_path / "again", "lettered")] == [3]


def test_hostile_text_stays_text_and_the_reader_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "{{ item }} {% raw %}\u2028 !function os.system </s> \x85 line\r\nend"
    item = replace(NOTE.data.make(1), input=text)  # type: ignore[attr-defined]
    setting = replace(RANKED, mode="generate")
    task = replace(NOTE, version="'!function os.system'\n- x")
    lm_eval_export.write_tasks(
        [lm_eval_export.Exported("hostile", task, setting, prompts(task, [item], [], 0, PAPER), 4)], tmp_path / "out"
    )
    assert config(tmp_path / "out", "hostile")["metadata"] == {"version": task.version}
    assert config(tmp_path / "out", "hostile")["custom_dataset"] == "!items.load"

    class Dataset:
        from_list = staticmethod(list)

    monkeypatch.setitem(sys.modules, "datasets", types.SimpleNamespace(Dataset=Dataset))
    reader: dict[str, Any] = {"__file__": str(tmp_path / "out" / "items.py")}
    exec((tmp_path / "out" / "items.py").read_text(encoding="utf-8"), reader)
    [row] = reader["load"](file="hostile.jsonl", version="1")["test"]
    assert text in row["prompt"]


def test_what_cannot_be_exported_is_refused(original: Path, tmp_path: Path) -> None:
    used = tmp_path / "used"
    used.mkdir()
    (used / "file").touch()
    for destination in (used, used / "file"):
        with pytest.raises(InputError, match="allowed: a new or empty folder"):
            lm_eval_export.write(original, destination)
    with pytest.raises(InputError, match=r"no result\.json"):
        lm_eval_export.write(tmp_path / "absent", tmp_path / "out")
    chat = Path(shutil.copytree(original, tmp_path / "chat"))
    for path in chat.glob("*/*/result.json"):
        path.write_text(path.read_text().replace('"template": "paper"', '"template": "chat"'))
    with pytest.raises(InputError, match="got the template 'chat'"):
        lm_eval_export.write(chat, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_ids_are_ours_where_pieces_begin_at_spaces_and_others_are_counted(base: Path) -> None:
    encoder = Encoder(load_tokenizer(base), PAPER)
    items = [TRUTH.data.make(n) for n in range(5)]  # type: ignore[attr-defined]
    asked = prompts(TRUTH, items, [TRUTH.data.make(7)], 1, PAPER)  # type: ignore[attr-defined]

    def encode(text: str) -> list[int]:
        return list(encoder.tokenizer(text)["input_ids"])

    assert lm_eval_export.boundary(encoder, asked, RANKED, encode) == lm_eval_export.Boundary(15, 0, 0)
    assert lm_eval_export.boundary(encoder, asked, replace(RANKED, mode="generate"), encode) == lm_eval_export.Boundary(5, 0, 0)

    def another_first(text: str) -> list[int]:
        return [9, *encode(text)]

    def another_last(text: str) -> list[int]:
        return [*encode(text)[:-1], 9] if text.endswith("maybe") else encode(text)

    assert lm_eval_export.boundary(encoder, asked, RANKED, another_first) == lm_eval_export.Boundary(15, 15, 0)
    assert lm_eval_export.boundary(encoder, asked, RANKED, another_last) == lm_eval_export.Boundary(15, 0, 5)
