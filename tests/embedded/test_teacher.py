"""The embedded teacher: a pure function whose tasks are varied, well formed but for a known share, and free of held-out facts."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections import Counter
from collections.abc import Iterator

import pytest
from rapidfuzz.distance import LCSseq

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Category
from bioinstruct.core.text import rouge_words
from bioinstruct.embedded import teacher, teacher_base, world
from bioinstruct.embedded.server import serve
from bioinstruct.embedded.teacher import Made, TeacherReply
from bioinstruct.embedded.teacher_wording import KEYWORD_FLAWS, NO_INPUT, SHORT_FLAWS

REQUESTS = 40
KEYWORDS = {"image", "images", "picture", "pictures", "graph", "graphs"}


def prompt(number: int, length: int = 20) -> str:
    """A generation prompt with three examples."""
    examples = "".join(f"{n}. Instruction: Example {number}.{n}\n{n}. Input: x\n{n}. Output: y\n" for n in (1, 2, 3))
    return f"Come up with biomedical tasks.\nList of {length} tasks:\n{examples}"


@pytest.fixture(scope="module")
def replies() -> list[TeacherReply]:
    return [teacher.reply(prompt(number), seed=number) for number in range(REQUESTS)]


@pytest.fixture(scope="module")
def tasks(replies: list[TeacherReply]) -> list[Made]:
    return [task for reply in replies for task in reply.tasks]


def sound(tasks: list[Made], *forms: str) -> list[Made]:
    return [task for task in tasks if task.flaw is None and task.form.wording in forms]


def test_a_reply_is_a_pure_function_of_prompt_and_seed() -> None:
    assert teacher.answer(prompt(1), 5) == teacher.answer(prompt(1), 5)
    assert teacher.answer(prompt(1), 5) != teacher.answer(prompt(1), 6)
    assert teacher.answer(prompt(1), 5) != teacher.answer(prompt(2), 5)


def test_seventeen_tasks_numbered_from_four(replies: list[TeacherReply]) -> None:
    for reply in replies:
        assert len(reply.tasks) == 17
        numbers = [int(n) for n in re.findall(r"^(\d+)\. Instruction: ", reply.text, re.MULTILINE)]
        assert numbers == list(range(4, 21))
        if not reply.cut:
            for field in ("Input", "Output"):
                assert [int(n) for n in re.findall(rf"^(\d+)\. {field}: ", reply.text, re.MULTILINE)] == numbers


@pytest.mark.parametrize(("length", "count"), [(4, 1), (3, 0), (7, 4)])
def test_the_stated_length_is_kept(length: int, count: int) -> None:
    assert len(teacher.reply(prompt(0, length), 1).tasks) == count


def test_no_task_names_a_held_out_fact(replies: list[TeacherReply], tasks: list[Made]) -> None:
    knowledge = world.load()
    for task in tasks:
        text = f"{task.instruction}\n{task.input}\n{task.output}"
        assert knowledge.held_out_in(text) == []
        spoken = [finding.name for finding in knowledge.findings.values() if finding.lay.lower() in text.lower()]
        assert knowledge.held_out_in("\n".join([text, *spoken])) == []


def test_the_quick_leak_search_agrees_with_the_exact_one(tasks: list[Made]) -> None:
    pairs = sorted(world.load().held_out_pairs)[::40]
    assert all((a, b) in teacher_base.leaks(f"Seen: {a.upper()}, then {b}.") for a, b in pairs)
    assert teacher_base.leaks("Nothing of the kind.") == []


def test_instructions_survive_the_novelty_filter(tasks: list[Made]) -> None:
    numbers: dict[str, int] = {}
    kept: list[list[int]] = []
    seen = tasks[:600]
    for task in seen:
        ids = [numbers.setdefault(word, len(numbers)) for word in rouge_words(task.instruction)]
        if not any(20 * LCSseq.similarity(ids, other) >= 7 * (len(ids) + len(other)) for other in kept):
            kept.append(ids)
    assert len(seen) == 600
    assert 0.75 <= len(kept) / 600 <= 0.95  # the filter has work, and a thousand are still found


def test_instructions_are_sentences_of_a_fair_length(tasks: list[Made]) -> None:
    for task in tasks:
        if task.flaw in {"too_short", "keyword"}:
            continue
        assert 6 <= len(task.instruction.split()) <= 36
        assert task.instruction[0].isupper() or task.instruction[0] == '"'
        assert task.instruction[-1] in ".?"
        assert not re.search(r"[\[\]{}<>|]|  | [,.;?]", task.instruction), task.instruction
        assert not KEYWORDS & set(rouge_words(task.instruction))


def test_texts_hold_no_leftover_of_a_pattern(tasks: list[Made]) -> None:
    for task in tasks:
        for text in (task.input, task.output):
            assert text.strip() == text != ""
            assert not re.search(r"[\[\]{}<>|]|  | [,.;?]", text), text


def test_kinds_are_mixed_as_promised(tasks: list[Made]) -> None:
    shares = teacher.shares()
    assert [round(shares[category], 2) for category in (Category.QA, Category.IE, Category.GENERATION, Category.OTHER)] == [
        0.24,
        0.33,
        0.37,
        0.06,
    ]
    counts = Counter(task.form.category for task in tasks)
    for category, share in shares.items():
        assert abs(counts[category] / len(tasks) - share) < 0.06
    without = sum(task.input in NO_INPUT for task in tasks) / len(tasks)
    assert 0.03 < without < 0.09


def test_records_are_of_a_fair_length(tasks: list[Made]) -> None:
    lengths = [len(f"{t.instruction} {t.input} {t.output}".split()) for t in tasks if t.flaw is None and t.input not in NO_INPUT]
    assert min(lengths) >= 40
    assert max(lengths) <= 170
    assert 65 <= sum(lengths) / len(lengths) <= 95


def test_flaws_are_there_and_are_few(tasks: list[Made], replies: list[TeacherReply]) -> None:
    counts = Counter(task.flaw for task in tasks if task.flaw)
    assert set(counts) == set(teacher.FLAWS)
    assert 0.04 < sum(counts.values()) / len(tasks) < 0.12
    for task in tasks:
        if task.flaw == "keyword":
            assert KEYWORDS & set(rouge_words(task.instruction))
        if task.flaw == "too_short":
            assert len(task.instruction.split()) < 3
        if task.flaw == "output_repeats_input":
            assert task.input == task.output
    assert all(len(text.split()) < 3 for text in SHORT_FLAWS)
    assert all(KEYWORDS & set(rouge_words(text)) for text in KEYWORD_FLAWS)
    assert sum(reply.cut for reply in replies) < REQUESTS / 4


def test_options_are_four_and_the_right_one_moves(tasks: list[Made]) -> None:
    places = Counter[int]()
    knowledge = world.load()
    for task in sound(tasks, "options"):
        question, *options = task.input.split("\n")
        assert "?" in question
        assert len(set(options)) == 4
        assert all(option.startswith("- ") for option in options)
        places[options.index(f"- {task.output}")] += 1
        assert task.output in {*knowledge.drugs, *knowledge.classes, *knowledge.conditions, *knowledge.findings, *knowledge.tests}
    assert all(0.12 < places[place] / places.total() < 0.4 for place in range(4))


def test_the_right_option_is_the_only_true_one(tasks: list[Made]) -> None:
    true = teacher_base.taught().true_pairs
    checked = 0
    for task in sound(tasks, "options"):
        relation = task.form.name.removeprefix("options.")
        if relation not in world.RELATIONS:
            continue
        question, *options = task.input.split("\n")
        given = [name for name in world.load().mentions(question) if name not in options]
        pairs = true[relation]
        right = [option[2:] for option in options if any((name, option[2:]) in pairs or (option[2:], name) in pairs for name in given)]
        assert right == [task.output]
        checked += 1
    assert checked > 40


@pytest.mark.parametrize(
    ("forms", "answers"),
    [
        (("abstract",), {"yes", "no", "maybe"}),
        (("closed", "closed_bare"), {"yes", "no"}),
        (("pair",), {"entailment", "contradiction", "neutral"}),
        (("triage",), {"emergency", "urgent", "routine"}),
    ],
)
def test_labels_are_exact_and_balanced(tasks: list[Made], forms: tuple[str, ...], answers: set[str]) -> None:
    counts = Counter(task.output for task in sound(tasks, *forms))
    if counts.total() < 20:
        counts = Counter(task.output for number in range(60) for task in sound(list(teacher.reply(prompt(number), 99).tasks), *forms))
    assert set(counts) == answers
    assert max(counts.values()) / counts.total() < 1.7 / len(answers)


def test_medication_answers_have_the_one_form(tasks: list[Made]) -> None:
    statuses = Counter[str]()
    for task in sound(tasks, "medications"):
        assert re.fullmatch(r"none|[^;()]+ \((active|discontinued|neither)\)(; [^;()]+ \((active|discontinued|neither)\))*", task.output)
        names = re.findall(r"(?:^|; )([^;()]+) \(", task.output)
        places = [re.search(rf"(?<!\w){re.escape(name)}(?!\w)", task.input, re.IGNORECASE) for name in names]
        starts = [place.start() for place in places if place]
        assert starts == sorted(starts)
        assert len(starts) == len(names)
        statuses.update(re.findall(r"\((\w+)\)", task.output))
    assert all(0.2 < statuses[status] / statuses.total() < 0.5 for status in ("active", "discontinued", "neither"))


def test_references_are_copied_from_the_passage(tasks: list[Made]) -> None:
    for task in sound(tasks, "reference"):
        passage, _, quoted = task.input.rpartition("\n")
        expression = re.search(r': "(.+)"$', quoted)
        assert expression
        assert task.output in passage
        assert re.search(rf"(?<!\w){re.escape(expression[1])}(?!\w)", passage, re.IGNORECASE)


def test_notes_and_replies_have_the_promised_sentences(tasks: list[Made]) -> None:
    for task in sound(tasks, "dialogue"):
        assert all(re.match(r"(Doctor|Patient): \S", line) for line in task.input.split("\n"))
        assert 1 <= len(re.findall(r"[.](?: |$)", task.output)) <= 6
        age = re.search(r"\d+", task.output)
        assert age
        assert age[0] in task.input
    for task in sound(tasks, "patient_question"):
        assert 2 <= len(re.findall(r"[.](?: |$)", task.output)) <= 4


def test_lists_of_an_extraction_are_in_its_note(tasks: list[Made]) -> None:
    for task in sound(tasks, "finding", "dose", "condition", "test", "negated"):
        assert all(part.lower() in task.input.lower() for part in task.output.split("; "))


def ask(**more: object) -> dict[str, object]:
    return {"model": teacher.NAME, "messages": [{"role": "user", "content": prompt(3)}], **more}


def test_chat_speaks_chat_completions() -> None:
    answered = teacher.chat(ask(seed=4, max_tokens=100_000))
    choice = answered["choices"][0]
    assert choice["message"] == {"role": "assistant", "content": teacher.answer(prompt(3), 4)}
    assert answered["usage"]["completion_tokens"] == len(choice["message"]["content"].split())
    assert answered["created"] == 0
    assert answered == teacher.chat(ask(seed=4, max_tokens=100_000))
    assert teacher.chat(ask())["choices"][0]["message"]["content"] == teacher.answer(prompt(3), 0)


def test_chat_cuts_at_the_limit_and_says_so() -> None:
    for name in ("max_tokens", "max_completion_tokens"):
        answered = teacher.chat(ask(**{name: 50}))
        assert answered["choices"][0]["finish_reason"] == "length"
        assert answered["usage"]["completion_tokens"] == 50
        assert teacher.answer(prompt(3), 0).startswith(answered["choices"][0]["message"]["content"])


def test_a_cut_reply_is_reported_as_length() -> None:
    cut = next(number for number in range(300) if teacher.reply(prompt(0, 4), number).cut)
    request = {"messages": [{"role": "user", "content": prompt(0, 4)}], "seed": cut}
    assert teacher.chat(request)["choices"][0]["finish_reason"] == "length"


def test_other_prompts_are_refused_in_words() -> None:
    answered = teacher.chat({"messages": [{"role": "user", "content": "hello"}]})
    assert answered["choices"][0]["message"]["content"] == teacher.REFUSAL
    with pytest.raises(InputError, match="List of N tasks"):
        teacher.answer("hello", 0)
    for wrong in ({}, {"messages": []}, {"messages": [{"role": "user"}]}, ask(seed="x"), ask(max_tokens=True)):
        with pytest.raises(InputError, match="allowed"):
            teacher.chat(wrong)


@pytest.fixture
def connection() -> Iterator[http.client.HTTPConnection]:
    server = serve()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    opened = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    yield opened
    opened.close()
    server.shutdown()
    thread.join()
    server.server_close()


def answered(connection: http.client.HTTPConnection) -> tuple[int, dict[str, object]]:
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def test_server_round_trip(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/v1/models")
    status, models = answered(connection)
    assert (status, models["object"]) == (200, "list")
    connection.request("POST", "/v1/chat/completions", json.dumps(ask(seed=4)), {"Content-Type": "application/json"})
    assert answered(connection) == (200, teacher.chat(ask(seed=4)))


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/other", "{}", 404),
        ("/v1/chat/completions", "{", 400),
        ("/v1/chat/completions", "[]", 400),
        ("/v1/chat/completions", '{"stream": true}', 400),
    ],
)
def test_server_refuses_with_a_reason(connection: http.client.HTTPConnection, path: str, body: str, status: int) -> None:
    connection.request("POST", path, body)
    got, content = answered(connection)
    assert got == status
    assert isinstance(content["error"], dict)
    assert content["error"]["message"]
