"""The forms that a task's data comes in (hub Parquet, JSON Lines, gzip): the same questions, whatever the form."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import DataError
from bioinstruct.tasks import TASKS, ItemRequest
from bioinstruct.tasks.rows import parquet_rows, text_of

pyarrow = pytest.importorskip("pyarrow", reason="the extra hub is not installed")


def parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    from pyarrow import parquet as writer

    path.parent.mkdir(parents=True, exist_ok=True)
    writer.write_table(pyarrow.Table.from_pylist(rows), path)
    return path


def medmcqa(folder: Path, split: str, n: int) -> list[dict[str, Any]]:
    rows = [
        {"id": f"{split}-{k}", "question": f"{split} {k}?", "opa": f"{k}a", "opb": f"{k}b", "opc": f"{k}c", "opd": f"{k}d", "cop": k % 4}
        for k in range(n)
    ]
    parquet(folder / f"{split}-00000-of-00001.parquet", rows)
    return rows


def shown(name: str, path: Path) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [(item.input, item.options, item.references) for item in TASKS.get(name).items(ItemRequest(path))]


def test_medmcqa_counts_the_right_option_from_0(tmp_path: Path) -> None:
    medmcqa(tmp_path, "validation", 4)
    medmcqa(tmp_path, "train", 3)
    found = TASKS.get("medmcqa").collect(ItemRequest(tmp_path))
    assert [item.references[0] for item in found.items] == ["0a", "1b", "2c", "3d"]
    assert [item.id for item in found.items] == [f"medmcqa/validation-{k}" for k in range(4)]
    assert {item.input for item in found.pool} == {f"train {k}?" for k in range(3)}
    assert shown("medmcqa", tmp_path / "validation-00000-of-00001.parquet") == shown("medmcqa", tmp_path)


def test_mmlu_reads_a_folder_of_subjects(tmp_path: Path) -> None:
    from bioinstruct.tasks.mmlu import SUBJECTS

    for subject in SUBJECTS:
        for split, n in (("test", 2), ("dev", 1)):
            rows = [
                {"question": f"{split} {subject} {k}?", "subject": subject, "choices": ["a", "b", "c", "d"], "answer": 3} for k in range(n)
            ]
            parquet(tmp_path / subject / f"{split}-00000-of-00001.parquet", rows)
    found = TASKS.get("mmlu_med").collect(ItemRequest(tmp_path))
    assert (len(found.items), len(found.pool)) == (12, 6)
    assert found.items[0].id == "mmlu_med/test-anatomy-1"
    assert found.items[0].references == ("d",)
    (tmp_path / "anatomy" / "test-00000-of-00001.parquet").unlink()
    with pytest.raises(DataError, match=r"anatomy: got no test-\*.parquet"):
        TASKS.get("mmlu_med").items(ItemRequest(tmp_path))


def test_pubmedqa_is_the_same_from_the_hub(made_up: Any, tmp_path: Path) -> None:
    folder = made_up("pubmedqa")
    rows = json.loads((folder / "ori_pqal.json").read_text())
    hub = tmp_path / "hub"
    parquet(
        hub / "train-00000-of-00001.parquet",
        [
            {"pubid": int(pmid), "question": row["QUESTION"], "context": {"contexts": row["CONTEXTS"]}, "long_answer": row["LONG_ANSWER"],
             "final_decision": row["final_decision"]}
            for pmid, row in rows.items()
        ],
    )  # fmt: skip
    (hub / "test_ground_truth.json").write_bytes((folder / "test_ground_truth.json").read_bytes())
    for name in ("pubmedqa", "pubmedqa_1000", "pubmedqa_closed"):
        assert TASKS.get(name).collect(ItemRequest(hub)) == TASKS.get(name).collect(ItemRequest(folder)), name


def test_medqa_reads_its_own_json_lines_and_never_mixes_four_options_with_five(made_up: Any, tmp_path: Path) -> None:
    five = made_up("medqa_5")
    rows = [json.loads(line) for line in (five / "test.jsonl").read_text().splitlines()]
    four = tmp_path / "phrases_no_exclude_test.jsonl"
    kept = [{**row, "options": {key: row["options"][key] for key in "ABCD"}} for row in rows]
    four.write_text("".join(json.dumps(row) + "\n" for row in kept))
    items = TASKS.get("medqa_4").items(ItemRequest(four))
    assert [len(item.options) for item in items] == [4] * 4
    assert TASKS.get("medqa_4").items(ItemRequest(tmp_path)) == items
    with pytest.raises(DataError, match=r"line 1, field 'options': got 4 options; allowed: 5"):
        TASKS.get("medqa_5").items(ItemRequest(four))
    with pytest.raises(DataError, match=r"line 1, field 'options': got 5 options; allowed: 4"):
        TASKS.get("medqa_4").items(ItemRequest(five / "test.jsonl"))


def test_gzip_is_read_as_what_it_holds(made_up: Any, tmp_path: Path) -> None:
    plain = made_up("mednli") / "mli_test_v1.jsonl"
    packed = tmp_path / "mli_test_v1.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert text_of(packed) == plain.read_text()
    assert TASKS.get("mednli").items(ItemRequest(packed)) == TASKS.get("mednli").items(ItemRequest(plain))


def test_blurb_keeps_the_snippets_of_one_question_together(made_up: Any) -> None:
    found = TASKS.get("bioasq_blurb").collect(ItemRequest(made_up("bioasq_blurb")))
    assert found.items[0].input == "Question: Is test claim 0 true?\nAbstract: In study 0 it was."
    assert [item.group for item in found.items[:3]] == ["is test claim 0 true?"] * 2 + ["is test claim 1 true?"]
    assert len(found.pool) == 5


def test_ncbi_disease_joins_the_words_of_a_mention(made_up: Any) -> None:
    items = TASKS.get("ncbi_disease").items(ItemRequest(made_up("ncbi_disease")))
    assert [item.references[0] for item in items] == ["none", *["test cancer; A - T; mumps"] * 3]
    assert items[1].input == "Case1 of test cancer and A - T , no mumps ."


def test_conv2note_test_scores_another_file(made_up: Any) -> None:
    found = TASKS.get("conv2note_test").collect(ItemRequest(made_up("conv2note_test")))
    assert [item.id for item in found.items] == [f"conv2note_test/test-{n}" for n in range(3)]


def test_parquet_rows_keep_their_number(tmp_path: Path) -> None:
    rows = parquet_rows(parquet(tmp_path / "x.parquet", [{"a": 1}, {"a": 2}]), "train")
    assert [(row.name, row.line, row.split, row.values) for row in rows] == [("1", 1, "train", {"a": 1}), ("2", 2, "train", {"a": 2})]
