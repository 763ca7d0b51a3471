from __future__ import annotations

import re
from collections import Counter

import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.core.text import ngrams, rouge_words
from bioinstruct.curate import categories
from bioinstruct.embedded import general_teacher, items, world
from bioinstruct.embedded.general_teacher_wording import BANKS, USES

RECORDS = general_teacher.records(800, 0)


def test_records_are_different_and_depend_on_the_seed_alone() -> None:
    assert len(set(RECORDS)) == 800
    assert general_teacher.records(100, 0) == RECORDS[:100]
    assert general_teacher.records(100, 1) != RECORDS[:100]
    assert all(text == text.strip() and text for record in RECORDS for text in record)


def test_more_than_there_are_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(general_teacher, "FORMS", {"closed": lambda _: general_teacher.Body("Is it so?", "yes")})
    with pytest.raises(InputError, match="general teacher: got 9999 tasks to write; allowed: about "):
        general_teacher.records(9999, 0)


def test_no_pattern_is_left_open_and_articles_fit() -> None:
    for text in (text for record in RECORDS for text in record):
        assert not re.search(r"[\[\]{}<>|]", text), text
        assert not re.search(r"\ba [aeiou]", text), text


def test_no_medical_name_is_in_it() -> None:
    known = world.load()
    names = {name.lower() for table in (known.drugs, known.conditions, known.findings, known.tests) for name in table}
    for record in RECORDS:
        words = set(re.findall(r"[a-z]+", " ".join(record).lower()))
        assert not words & {name for name in names if " " not in name}, record


def test_it_shares_no_wording_with_the_items() -> None:
    said = {gram for record in RECORDS for text in record for gram in ngrams(rouge_words(text), 6)}
    for task in items.MAKERS:
        for item in items.make(task, 60, 1):
            for text in (item.instruction, item.input):
                assert not said & set(ngrams(rouge_words(text), 6)), item.id


def test_it_has_questions_extraction_and_generation() -> None:
    found = Counter(str(categories.label(*record)) for record in RECORDS)
    assert min(found["qa"], found["ie"], found["generation"]) > 80, found


@pytest.mark.parametrize("form", sorted(general_teacher.FORMS))
def test_outputs_follow_from_inputs(form: str) -> None:
    from random import Random

    pen = general_teacher.Pen(Random(form), BANKS)
    for _ in range(60):
        body = general_teacher.FORMS[form](pen)
        if form == "options":
            thing, use, _ = next(one for one in USES if one[0] == body.output)
            assert use in body.input
            assert thing in body.input.split("Choices: ")[1].split(", ")
        elif form == "closed":
            true = any(thing in body.input and use in body.input for thing, use, _ in USES)
            assert body.output == ("yes" if true else "no")
        elif form == "place":
            assert any(thing in body.input and place == body.output for thing, _, place in USES)
        elif form == "trial":
            assert body.output in ("yes", "no", "maybe")
        elif form == "pair":
            first, second = body.input.split("\n")
            repeated = second.lower().removeprefix("it is true that ").rstrip(".") in first.lower()
            assert (body.output == "entailment") == repeated == second.startswith("It is true that ")
        elif form in ("status", "things", "fields", "reference"):
            parts = re.split(r"; |, ", re.sub(r" \([^)]*\)|\w+: ", "", body.output))
            assert all(part in body.input.lower() or part in body.input for part in parts), body
        else:
            assert len(body.output.split()) >= 5
            assert {word for word in rouge_words(body.input) if len(word) > 2} & set(rouge_words(body.output)), body
