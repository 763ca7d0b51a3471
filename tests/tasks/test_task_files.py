"""Loaders: what they take from a row, and what they say of a bad one."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import DataError, InputError
from bioinstruct.tasks import TASKS, ItemRequest, check, check_file


def first(name: str, file: Path) -> Any:
    return TASKS.get(name).items(ItemRequest(file))[0]


def test_choices_by_text(made_up: Any) -> None:
    item = first("medqa_4", made_up("medqa_4"))
    assert (item.id, item.input, item.references) == ("medqa_4/medqa-0", "Which drug helps in case 0?", ("drug 0A",))
    assert item.options == ("drug 0A", "drug 0B", "drug 0C", "drug 0D")


def test_a_folder_stands_for_the_benchmark_in_it(made_up: Any) -> None:
    file = made_up("medqa_4")
    assert first("medqa_4", file) == first("medqa_4", file.parent)


def test_bioasq_groups_by_article(made_up: Any) -> None:
    items = TASKS.get("bioasq_mirage").items(ItemRequest(made_up("bioasq_mirage")))
    assert [item.group for item in items[:3]] == ["PMID 100", "PMID 100", "PMID 101"]


def test_pubmedqa_scores_the_test_ids_in_file_order_and_hides_the_conclusion(made_up: Any) -> None:
    collection = TASKS.get("pubmedqa").collect(ItemRequest(made_up("pubmedqa")))
    assert [item.id for item in collection.items] == ["pubmedqa/701", "pubmedqa/702", "pubmedqa/704"]
    assert {item.id for item in collection.pool} == {"pubmedqa/700", "pubmedqa/703", "pubmedqa/705"}
    assert collection.items[0].input == "Question: Does it help 1?\nAbstract: We asked. 1 of 9 did."
    assert collection.items[0].group == "PMID 701"


def test_conv2note_names_the_section_and_keeps_turns(made_up: Any) -> None:
    collection = TASKS.get("conv2note").collect(ItemRequest(made_up("conv2note")))
    assert [item.id for item in collection.items] == [f"conv2note/validation-{n}" for n in range(4)]
    assert {item.id for item in collection.pool} == {f"conv2note/training-{n}" for n in range(5)}
    item = collection.items[1]
    assert "'family and social history'" in item.instruction
    assert item.input == 'Doctor: Any pain?\nPatient: Yes, for 3 days,\nit is "Validation".'
    assert item.references == ("Validation pain for 3 days.",)


def test_mednli_clusters_the_hypotheses_of_a_premise(made_up: Any) -> None:
    items = TASKS.get("mednli").items(ItemRequest(made_up("mednli")))
    assert len({item.group for item in items}) == 2
    assert items[0].input == "Premise: test premise 0\nHypothesis: claim 0"
    assert items[0].id == "mednli/test0"


def test_medications_in_order_of_appearance(made_up: Any) -> None:
    item = first("medication_status", made_up("medication_status"))
    assert item.references == ("Drugazol 1 mg (discontinued); placebine (active)",)
    assert item.id == "medication_status/test-0"


def test_a_single_file_of_snippets_has_no_training_split(made_up: Any) -> None:
    file = made_up("medication_status") / "test.jsonl"
    task = TASKS.get("medication_status")
    assert len(task.pool(ItemRequest(file, 2))) == 1
    (problem,) = check(task, ItemRequest(file), shots=1)
    assert "training split" in problem.allowed


def test_coreference_holds_all_antecedents(made_up: Any) -> None:
    item = first("coreference", made_up("coreference"))
    assert item.input == 'Passage: The left stent 0 was placed. It works.\nExpression: "It"'
    assert item.references == ("The left stent 0", "the stent")


def test_icliniq_takes_the_doctors_answer(made_up: Any) -> None:
    item = first("icliniq", made_up("icliniq"))
    assert (item.id, item.references) == ("icliniq/1", ("Rest the knee for 0 days.",))


def in_json(change: Callable[[Any], object]) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value))

    return spoil


def in_line(number: int, **changes: Any) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        rows[number - 1].update(changes)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))

    return spoil


def in_text(old: str, new: str) -> Callable[[Path], None]:
    return lambda path: void(path.write_bytes(path.read_bytes().replace(old.encode(), new.encode(), 1)))


def void(_: object) -> None:
    return None


@pytest.mark.parametrize(
    ("name", "file", "spoil", "said"),
    [
        ("medqa_4", "benchmark.json", in_json(lambda v: v.pop("medqa")), "field 'medqa': got no such part"),
        ("medqa_4", "benchmark.json", in_json(lambda v: v["medqa"]["medqa-3"].update(answer="E")), "'medqa-3.answer': got 'E'"),
        ("medqa_4", "benchmark.json", in_json(lambda v: v["medqa"]["medqa-3"].pop("question")), "'medqa-3.question': got no such field"),
        ("medqa_4", "benchmark.json", in_json(lambda v: v["medqa"]["medqa-3"]["options"].update(A=" ")), "'medqa-3.options': got"),
        ("medqa_4", "benchmark.json", in_json(lambda v: v["medqa"].update(x=5)), "'medqa.x': got 5; allowed: an object"),
        ("medqa_4", "benchmark.json", in_text("{", "{,"), "line 1: got text that is not JSON"),
        ("bioasq_mirage", "benchmark.json", in_json(lambda v: v["bioasq"]["q1"].update(PMID=[])), "'q1.PMID': got []"),
        ("bioasq_mirage", "benchmark.json", in_json(lambda v: v["bioasq"]["q1"]["options"].update(C="maybe")), "'q1.options': got"),
        ("pubmedqa", "ori_pqal.json", in_json(lambda v: v.pop("701")), "'701': got an id that ori_pqal.json lacks"),
        ("pubmedqa", "ori_pqal.json", in_json(lambda v: v["701"].update(final_decision="yes")), "'701.final_decision': got 'yes'"),
        ("pubmedqa", "ori_pqal.json", in_json(lambda v: v["700"].update(CONTEXTS="a text")), "'700.CONTEXTS': got 'a text'"),
        ("conv2note", "MTS-Dialog-ValidationSet.csv", in_text("2,CC", "2,XX"), "line 10, field 'section_header': got 'XX'"),
        ("conv2note", "MTS-Dialog-ValidationSet.csv", in_text("dialogue", "dialog"), "field 'dialogue': got the columns"),
        ("conv2note", "MTS-Dialog-TrainingSet.csv", in_text("0,CC,", "0,"), "got a row of another length than the header"),
        ("conv2note", "MTS-Dialog-TrainingSet.csv", lambda path: path.unlink(), "MTS-Dialog-TrainingSet.csv: got no such file"),
        ("mednli", "mli_test_v1.jsonl", in_line(2, gold_label="-"), "line 2, field 'gold_label': got '-'; allowed: one of entailment"),
        ("mednli", "mli_test_v1.jsonl", in_line(2, pairID="test0"), "line 2, field 'id': got mednli/test0 a second time"),
        ("mednli", "mli_test_v1.jsonl", in_line(2, sentence1=None), "line 2, field 'sentence1': got None; allowed: a text"),
        ("mednli", "mli_train_v1.jsonl", in_text("}", ""), "line 1: got text that is not JSON"),
        ("medication_status", "test.jsonl", in_line(1, active_medications="x"), "line 1, field 'active_medications': got 'x'"),
        ("medication_status", "test.jsonl", in_line(1, active_medications=["a; b"]), "names without semicolons"),
        ("medication_status", "test.jsonl", in_line(3, index=None), "line 3, field 'index': got None"),
        ("coreference", "test.jsonl", in_line(1, expression="They"), "field 'expression': got 'They'; allowed: words of the snippet"),
        ("coreference", "dev.jsonl", in_line(1, antecedents=[]), "line 1, field 'antecedents': got an empty list"),
        ("icliniq", "iCliniq.json", in_json(lambda v: v[1].update(input="")), "'2.input': got an empty text"),
        ("icliniq", "iCliniq.json", in_json(lambda v: v.insert(0, "x")), "'row.1': got 'x'; allowed: an object"),
    ],
)
def test_a_bad_row_is_named(name: str, file: str, spoil: Callable[[Path], None], said: str, made_up: Any) -> None:
    path = made_up(name)
    bad = path / file if path.is_dir() else path
    spoil(bad)
    task = TASKS.get(name)
    with pytest.raises(DataError) as caught:
        task.collect(ItemRequest(path))
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    problems = [str(problem) for problem in check_file(task, path)]
    assert any(said in problem for problem in problems), problems
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_all_bad_rows_are_shown_up_to_a_limit(made_up: Any) -> None:
    path = made_up("medqa_4")
    in_json(lambda v: [row.update(answer="Z") for row in v["medqa"].values()])(path)
    assert len(check_file(TASKS.get("medqa_4"), path)) == 8
    in_json(lambda v: v["medqa"].update({f"x{n}": {} for n in range(50)}))(path)
    assert len(check_file(TASKS.get("medqa_4"), path)) == 20


def test_no_file_missing_file_and_empty_file(tmp_path: Path) -> None:
    task = TASKS.get("icliniq")
    assert "icliniq JSON" in check_file(task, None)[0].allowed
    assert check_file(task, tmp_path / "gone.json")[0].got == "no such file"
    (tmp_path / "empty.json").write_text("[]")
    assert check_file(task, tmp_path / "empty.json")[0].got == "no row to score"
    with pytest.raises(InputError, match="got no file"):
        task.items(ItemRequest())
    assert check_file(TASKS.get("pubmedqa"), tmp_path / "empty.json")[0].got == "a file"


def test_good_files_have_no_problem(made_up: Any) -> None:
    for name in ("medqa_4", "pubmedqa", "conv2note", "mednli", "medication_status", "coreference", "icliniq"):
        assert check(TASKS.get(name), ItemRequest(made_up(name), 2), shots=1) == [], name
