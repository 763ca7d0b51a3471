from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core import jsonl, recipe
from bioinstruct.core.errors import DataError
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.core.records import Finish, Instruction
from bioinstruct.core.runfolder import RunFolder
from bioinstruct.generate import passages, prompt
from bioinstruct.generate import run as stage
from bioinstruct.generate.passages import Drawer, Passage
from bioinstruct.generate.requests import Requests
from bioinstruct.models import teachers
from bioinstruct.models.base import Answer, Call, Reply
from bioinstruct.rounds import Rounds

ROW = {"id": "pubmed-1", "text": "Metformin lowers hepatic glucose production.\nIt does not cause weight gain."}


def write(path: Path, *rows: Any) -> str:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def some(n: int) -> list[dict[str, str]]:
    return [{"id": f"p-{number}", "text": f"Passage {number} says that the dose is {number} mg."} for number in range(n)]


def test_a_file_is_read_in_its_order(tmp_path: Path) -> None:
    spec = write(tmp_path / "p.jsonl", ROW, "", {"id": "b", "text": " ß ", "year": 2024})
    assert passages.load(spec) == [Passage("pubmed-1", ROW["text"]), Passage("b", " ß ")]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "got no passages; allowed: one JSON object a line with id and text"),
        (["", " "], "no passages"),
        (["{"], "line 1: got a line that is not JSON"),
        (['["a"]'], "line 1"),
        ([ROW, "", ROW], "line 3, field 'id': got 'pubmed-1', as on line 1"),
        ([{"text": "x"}], "field 'id'"),
        ([{"id": "a"}], "field 'text'"),
        ([{**ROW, "id": " "}], "line 1, field 'id': got an empty text"),
        ([{**ROW, "text": "\n"}], "line 1, field 'text': got an empty text"),
        ([{**ROW, "text": 5}], "field 'text': got 5"),
        (
            [{**ROW, "text": "one\n2. Instruction: two\nthree"}],
            "field 'text': got \"2. Instruction: two\"; allowed: lines that do not look",
        ),
    ],
)
def test_a_wrong_file_is_named_with_line_and_field(tmp_path: Path, rows: list[Any], message: str) -> None:
    spec = write(tmp_path / "p.jsonl", *rows)
    with pytest.raises(DataError) as caught:
        passages.load(spec)
    assert message in str(caught.value)
    assert str(tmp_path / "p.jsonl") in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.jsonl: got no such file"):
        passages.load("nowhere.jsonl")
    with pytest.raises(DataError, match="got a folder"):
        passages.load(tmp_path)


@pytest.mark.parametrize("n", [1, 2, 7, 50])
def test_every_passage_is_used_once_before_any_is_used_again(n: int) -> None:
    drawer = Drawer([Passage(row["id"], row["text"]) for row in some(n)], 3)
    drawn = [drawer.of(request).id for request in range(3 * n)]
    assert all(len(set(drawn[first : first + n])) == n for first in range(0, 3 * n, n))
    assert Counter(drawn) == {f"p-{number}": 3 for number in range(n)}


def test_the_order_is_drawn_from_the_seed_and_does_not_depend_on_the_files(tmp_path: Path) -> None:
    rows = [Passage(row["id"], row["text"]) for row in some(30)]
    drawer, turned, other = Drawer(rows, 0), Drawer(rows[::-1], 0), Drawer(rows, 1)
    drawn = [drawer.of(request).id for request in range(30)]
    assert drawn == [turned.of(request).id for request in range(30)]
    assert drawn != [other.of(request).id for request in range(30)]
    assert drawn != [row.id for row in rows]
    assert drawn[:3] == ["p-15", "p-25", "p-17"]  # these very passages, for ever


def test_a_request_shows_its_passage_and_names_it(tmp_path: Path) -> None:
    spec = write(tmp_path / "p.jsonl", *some(5))
    section = GenerateSection(teacher="m", endpoint="http://localhost:1/v1", passages=spec)
    requests, plain = Requests(section, 0), Requests(GenerateSection(teacher="m"), 0)
    for number in range(10):
        asked = requests.request(number)
        assert asked == Requests(section, 0).request(number)
        text = {row["id"]: row["text"] for row in some(5)}[asked.passage or ""]
        assert asked.prompt == prompt.render(asked.shown, 20, passage=text)
        assert f"\nPassage:\n{text}\n" in asked.prompt
        call = requests.call(asked, f"0/{number}")
        assert call.sources == (*(seed.id for seed in asked.shown), f"passage:{asked.passage}")
        without = plain.request(number)
        assert (without.passage, without.shown, without.sampling_seed) == (None, asked.shown, asked.sampling_seed)
        assert not any(source.startswith("passage:") for source in plain.call(without, "0/0").sources)
    assert {requests.request(number).passage for number in range(5)} == {f"p-{number}" for number in range(5)}


def test_check_names_a_wrong_file_and_a_teacher_that_cannot_read(tmp_path: Path) -> None:
    section = GenerateSection(teacher="m", endpoint="http://localhost:1/v1", passages=write(tmp_path / "p.jsonl", *some(2)))
    assert stage.check(section) == []
    (embedded,) = stage.check(GenerateSection(passages=section.passages))
    assert embedded.place == "generate.passages"
    assert "embedded teacher" in embedded.allowed
    wrong = write(tmp_path / "wrong.jsonl", {**ROW, "text": ""})
    (problem,) = stage.check(section.model_copy(update={"passages": wrong}))
    assert problem.place == f"{wrong}, line 1, field 'text'"


def test_the_passage_of_a_kept_instruction_is_in_its_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Teacher:
        name = "m"

        async def ask(self, call: Call) -> Answer:
            passage = call.sources[-1].removeprefix("passage:p-")
            words = ["apple", "bread", "cider", "dates", "eggs"][int(passage)]
            text = f"4. Instruction: {words} {words[::-1]} {words.upper()} {passage}?\n4. Input: None\n4. Output: {passage} mg\n"
            return Answer(Reply(text, Finish.STOP, 100, 20, "m"))

        async def close(self) -> None:
            pass

    monkeypatch.setattr(teachers, "open_teacher", lambda section, say: Teacher())
    spec = write(tmp_path / "p.jsonl", *some(5))
    given = ["generate.teacher=m", "generate.endpoint=http://localhost:1/v1", f"generate.passages={spec}", "generate.target=4",
             "generate.tasks_per_request=4"]  # fmt: skip
    resolved = recipe.load(None, given)
    with RunFolder(tmp_path / "run") as folder:
        folder.adopt(resolved)
        Rounds(resolved.recipe, folder, Silent()).run()
        kept = list(jsonl.read(folder / "curate" / "instructions.jsonl", Instruction))
    assert len(kept) == 4
    for one in kept:
        assert one.origin.passage == f"p-{one.output.split()[0]}"
        assert one.origin.method == "teacher"
        assert len(one.origin.seeds) == 3
