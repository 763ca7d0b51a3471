"""The teacher of everyday tasks: what it is shown shapes what it writes, and its list is read like any teacher's."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.core.records import Finish
from bioinstruct.embedded import general_chat
from bioinstruct.generate import prompt
from bioinstruct.generate import run as generate
from bioinstruct.generate.parse import parse
from bioinstruct.generate.seeds import Seed
from bioinstruct.models import teachers
from bioinstruct.models.base import Call

PACKING = Seed(
    "s", "Go through the packing note and put down every thing as packed or missing.", "The rope is in the bag.", "rope (packed)"
)
RIDDLE = Seed("t", "Choose the thing that suits the job of this riddle.", "To cut bread.\nChoices: knife, pan", "knife")


def lists(*seeds: Seed, n: int = 12) -> list[str]:
    text = prompt.render(seeds, 20, domain="daily life")
    return [general_chat.write(text, seed)[0] for seed in range(n)]


def test_a_list_is_parsed_whole_and_depends_on_prompt_and_seed_alone() -> None:
    texts = lists(PACKING, RIDDLE)
    assert texts == lists(PACKING, RIDDLE)
    assert len(set(texts)) == 12
    assert lists(RIDDLE, PACKING) != texts
    for text in texts:
        found = parse(text, 3, 20, Finish.STOP)
        assert len(found.candidates) == 18
        assert not found.problems


@pytest.mark.parametrize(("shown", "mark"), [(PACKING, "(not needed)"), (RIDDLE, "Choices: ")])
def test_it_writes_more_of_what_it_is_shown(shown: Seed, mark: str) -> None:
    counts = Counter({"shown": sum(text.count(f"{mark}") for text in lists(shown)), "other": 0})
    other = RIDDLE if shown is PACKING else PACKING
    counts["other"] = sum(text.count(mark) for text in lists(other))
    assert counts["shown"] > 2 * counts["other"] > 0


def test_seeds_of_no_known_form_are_no_hindrance() -> None:
    assert general_chat.near("Zzz qqq") is None
    assert len(set(lists(Seed("u", "Zzz qqq", "x", "y")))) == 12
    with pytest.raises(InputError, match="List of N tasks"):
        general_chat.write("Hello", 1)


def test_it_is_a_teacher_of_the_recipe() -> None:
    section = GenerateSection(teacher="embedded-general", domain="daily life")
    assert teachers.problems(section) == []
    assert teachers.paid(section) is None
    teacher = teachers.open_teacher(section)
    call = Call("generate", "0/0", prompt.render([PACKING], 5, domain="daily life"), 1.0, 4096, 7)
    answer = asyncio.run(teacher.ask(call))
    assert answer.reply is not None
    assert answer.reply.text.startswith("2. Instruction: ")
    assert asyncio.run(teacher.ask(call)) == answer
    (problem,) = teachers.problems(section.model_copy(update={"endpoint": "http://127.0.0.1:1/v1"}))
    assert problem.place == "generate.endpoint"


def test_the_domain_stands_in_the_prompt_and_nothing_else_changes(tmp_path: Path) -> None:
    ours, theirs = prompt.render([PACKING], 5), prompt.render([PACKING], 5, domain="tax law {n}")
    assert theirs == ours.replace("biomedicine and health care", "tax law {n}")
    assert GenerateSection().domain == prompt.DOMAIN
    for domain in ("", " ", "law\n3. Instruction: x"):
        with pytest.raises(ValueError, match="domain"):
            GenerateSection(domain=domain)
    assert generate.check(GenerateSection(domain="tax law")) == []
