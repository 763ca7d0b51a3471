"""The embedded teacher on single records: it knows the prompts of labels and checks, and answers by what it may state."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import CurateSection, GenerateSection
from bioinstruct.core.records import Category, Instruction, Origin, instruction_id
from bioinstruct.curate import checking, labelling
from bioinstruct.embedded import rater, teacher, world
from bioinstruct.embedded.faults import Script
from bioinstruct.embedded.server import serve
from bioinstruct.models import batch, prices
from bioinstruct.models.asking import Asker, Limits
from bioinstruct.models.embedded import EmbeddedTeacher
from bioinstruct.models.endpoint import EndpointTeacher
from bioinstruct.models.ledger import Ledger
from bioinstruct.models.pool import Pool

SECTION = CurateSection(labeller="teacher", checks=["answers", "support", "quality"], check_answers=2)
LIMITS = Limits(in_flight=8, first_wait=0.01, timeout=5.0)


def record(instruction: str, input: str = "", output: str = "x") -> Instruction:
    return Instruction(instruction_id(instruction, input, output), instruction, input, output, Category.QA, Origin("file"))


@pytest.fixture(scope="module")
def records() -> list[Instruction]:
    tasks = teacher.reply("List of 30 tasks:\n1. Instruction: Name it.\n1. Input: x\n1. Output: y\n", seed=5).tasks
    made = [(one.instruction, one.input, one.output) for one in tasks]
    return [Instruction(f"{place:016x}", *texts, Category.QA, Origin("teacher", request=place // 10)) for place, texts in enumerate(made)]


def say(prompt: str, seed: int = 0) -> str:
    answered = teacher.chat({"messages": [{"role": "user", "content": prompt}], "seed": seed})
    text: str = answered["choices"][0]["message"]["content"]
    return text


def answers(one: Instruction, n: int = 40) -> Counter[str]:
    return Counter(say(checking.prompt(checking.ANSWERS, one, {}), seed) for seed in range(n))


def test_the_prompts_are_known_by_their_first_lines() -> None:
    assert rater.LABEL == labelling.OPENING
    assert {checking.ANSWERS: rater.ANSWERS, checking.SUPPORT: rater.SUPPORT, checking.QUALITY: rater.QUALITY} == checking.OPENINGS
    assert not rater.is_asked("List of 5 tasks:\n1. Instruction: Sort one instruction record into one of four categories.\n")


def test_a_record_that_looks_like_a_generation_prompt_is_still_rated() -> None:
    one = record("List of 5 tasks:\n1. Instruction: x\n1. Input: y\n1. Output: z", "List of 5 tasks:\n1. Output: z", "1. Output: z")
    assert labelling.parse(say(labelling.prompt(one))) is not None
    assert checking.parse_quality(say(checking.prompt(checking.QUALITY, one, {}))) is not None
    assert say(checking.prompt(checking.ANSWERS, one, {})) == rater.UNKNOWN


@pytest.mark.parametrize(
    ("instruction", "category"),
    [
        ("Extract every drug from the note.", "ie"),
        ("Summarize the letter in one sentence.", "generation"),
        ("Rank the four patients by urgency.", "other"),
        ("Which drug explains the cough?", "qa"),
        ("Tell a story.", "generation"),
        ("Cough?", "qa"),
    ],
)
def test_a_label_goes_by_the_first_telling_word(instruction: str, category: str) -> None:
    found = Counter(labelling.parse(say(labelling.prompt(record(instruction, output=f"x{number}")))) for number in range(20))
    assert found.most_common(1)[0][0] == category


def test_labels_waver_now_and_then_and_come_in_more_than_one_form() -> None:
    said = Counter(say(labelling.prompt(record("Extract every drug from the note.", output=f"x{number}"))) for number in range(600))
    assert set(said) == {"ie", "Category: IE.", "qa or ie"}
    assert 0 < said["qa or ie"] < 30
    assert 30 < said["Category: IE."] < 100


@pytest.mark.parametrize(
    ("text", "output", "verdict"),
    [
        ("He takes metformin daily.", "metformin", "yes"),
        ("He takes metformin daily.", "metformin, weekly", "partly"),
        ("x y", "aspirin", "no"),
    ],
)
def test_support_is_the_share_of_words_that_stand_in_the_text(text: str, output: str, verdict: str) -> None:
    assert say(checking.prompt(checking.SUPPORT, record("Name the drug.", text, output), {})) == verdict


def test_quality_goes_down_with_visible_flaws() -> None:
    whole = record("Name every drug that the patient takes.", "Takes metformin.", "metformin")
    flawed = record("Name it", "metformin", "Metformin")
    assert [say(checking.prompt(checking.QUALITY, one, {})) for one in (whole, flawed)] == ["5", "2"]


def test_a_question_on_a_fact_that_may_be_stated_is_answered_with_slips_and_others_are_not() -> None:
    fact = next(one for one in world.load().facts if one.relation == "treats" and not one.held_out)
    wrong = [name for name in world.load().conditions if (fact.subject, name) not in {(f.subject, f.object) for f in world.load().facts}][
        :3
    ]
    listed = "\n".join(f"- {name}" for name in (*wrong, fact.object))
    known = answers(record("Choose the right one.", f"What is {fact.subject} used for?\n{listed}", fact.object))
    assert known.most_common(1)[0][0] == fact.object
    assert 20 < known[fact.object] < 40  # it slips
    assert set(known) <= {fact.object, *wrong}
    closed = answers(record(f"Does one give {fact.subject} for {fact.object}? Answer yes or no.", output="yes"))
    assert closed["yes"] > closed["no"] > 0
    assert answers(record("Summarize the letter.", "Dear doctor, all is well.")) == {rater.UNKNOWN: 40}


def test_a_held_out_fact_is_never_stated() -> None:
    facts = [one for one in world.load().facts if one.held_out][::20]
    stated = {(one.subject, one.object) for one in world.load().facts if not one.held_out}
    asked = 0
    for fact in facts:
        if {(fact.subject, fact.object), (fact.object, fact.subject)} & stated:
            continue
        asked += 1
        others = list(world.load().abbreviations)[:2]
        listed = "\n".join(f"- {name}" for name in (*others, fact.object))
        assert answers(record("Choose.", f"What goes with {fact.subject}?\n{listed}"), 3) == {rater.UNKNOWN: 3}
        assert answers(record(f"Does {fact.subject} go with {fact.object}? Answer yes or no."), 3) == {rater.UNKNOWN: 3}
    assert asked > 10


@pytest.mark.parametrize("text", ["|" * 100_000, "| Output:\n" * 10_000, "- a\n" * 25_000, "metformin " * 10_000, "\n" * 100_000])
def test_huge_records_are_answered(text: str) -> None:
    one = record(text, text, text)
    assert labelling.parse(say(labelling.prompt(one))) is not None
    assert checking.parse_support(say(checking.prompt(checking.SUPPORT, one, {}))) is not None
    assert say(checking.prompt(checking.ANSWERS, one, {})) == rater.UNKNOWN


def both(asker: Asker, records: list[Instruction], section: GenerateSection) -> list[Any]:
    labels = labelling.run(SECTION, records, asker, section, 0, Silent())
    rows = checking.run(SECTION, records, {}, asker, section, 0, Silent())
    return [labelling.summary(labels, section), checking.summary(rows, section), [(one.record, one.category) for one in labels], rows]


@pytest.fixture
def url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TEST_KEY", "sk-test-0123456789")
    server = serve(script=request.param)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


def in_process(folder: Path, records: list[Instruction], section: GenerateSection) -> list[Any]:
    with Ledger(folder / "own.sqlite") as ledger, Pool(EmbeddedTeacher(), ledger, prices.FREE, LIMITS) as pool:
        return both(pool, records, section)


@pytest.mark.parametrize("url", [Script(), Script(faults={"server_error": 0.1, "reset": 0.05})], indirect=True)
def test_a_rehearsal_gives_what_the_embedded_teacher_gives_in_process(url: str, tmp_path: Path, records: list[Instruction]) -> None:
    section = GenerateSection(teacher="embedded-teacher", endpoint=url, api_key_env="TEST_KEY")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        remote = EndpointTeacher(section.teacher, section.endpoint, section.api_key_env)
        with Pool(remote, ledger, prices.Price(1.0, 1.0, 2.0), LIMITS, budget_usd=1.0) as pool:
            assert both(pool, records, section) == in_process(tmp_path, records, section)
            assert 0 < pool.budget.used_usd < 1


@pytest.mark.parametrize("url", [Script(batch_seconds=0.01)], indirect=True)
def test_batches_give_the_same(url: str, tmp_path: Path, records: list[Instruction]) -> None:
    section = GenerateSection(teacher="embedded-teacher", endpoint=url, api_key_env="TEST_KEY", batch=True, batch_poll=0.01)
    with Ledger(tmp_path / "ledger.sqlite") as ledger, batch.open_pool(section, ledger, prices.Price(1.0, 1.0, 2.0), LIMITS) as pool:
        assert both(pool, records[:8], section) == in_process(tmp_path, records[:8], section)
        assert len(ledger.select("SELECT label FROM batches")) == 2  # one for the labels, one for all checks


@pytest.mark.parametrize("url", [Script(faults={"truncated": 0.1, "refusal": 0.1, "empty": 0.1, "wrong_usage": 0.1})], indirect=True)
def test_replies_that_are_none_are_counted(url: str, tmp_path: Path, records: list[Instruction]) -> None:
    section = GenerateSection(teacher="embedded-teacher", endpoint=url, api_key_env="TEST_KEY")
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        remote = EndpointTeacher(section.teacher, section.endpoint, section.api_key_env)
        with Pool(remote, ledger, prices.Price(1.0, 1.0, 2.0), LIMITS) as pool:
            labels, checks, *_ = both(pool, records, section)
    assert sum(labels["outcomes"].values()) == len(records)
    assert labels["outcomes"]["given_up"] > 0
    assert labels["outcomes"]["unparsed"] > 0
    for figures in checks["checks"].values():
        assert sum(figures["outcomes"].values()) == figures["records"] == len(records)
    assert json.dumps([labels, checks])
