from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioinstruct.core.records import Finish
from bioinstruct.generate.parse import REASONS, opens_task, parse

STOP, LENGTH, ERROR = Finish.STOP, Finish.LENGTH, Finish.ERROR
SHOWN = ["What class is it?", "Name the dose.", "Summarize this."]
PLAIN = "4. Instruction: a\n4. Input: b\n4. Output: c"
NEXT = "5. Instruction: d\n5. Input: e\n5. Output: f"
A4, D5 = (4, "a", "b", "c"), (5, "d", "e", "f")
Row = tuple[str, str, Finish, list[tuple[int, str, str, str]], list[tuple[int | None, str]]]


def objects(*rows: dict[str, object]) -> str:
    return json.dumps(list(rows))


OBJECT = {"instruction": "a", "input": "b", "output": "c"}
OTHER = {"instruction": "d", "input": "e", "output": "f"}

TABLE: list[Row] = [
    ("plain", f"{PLAIN}\n{NEXT}", STOP, [A4, D5], []),
    ("blank lines between", f"\n\n{PLAIN}\n\n\n{NEXT}\n\n", STOP, [A4, D5], []),
    ("windows line ends", f"{PLAIN}\n{NEXT}".replace("\n", "\r\n"), STOP, [A4, D5], []),
    ("spaces and case", "  4. instruction :  a \n 4. INPUT:b\n4.Output:   c", STOP, [A4], []),
    ("no numbers before the fields", "4. Instruction: a\nInput: b\nOutput: c", STOP, [A4], []),
    ("texts on the next lines", "4. Instruction:\na\n4. Input:\nb\n4. Output:\nc", STOP, [A4], []),
    (
        "several lines",
        "4. Instruction: a\n4. Input: b\nb2\n\nb3\n4. Output: c\n\nc2\n" + NEXT,
        STOP,
        [(4, "a", "b\nb2\n\nb3", "c\n\nc2"), D5],
        [],
    ),
    ("bold headings", "**4. Instruction:** a\n**4. Input:** b\n**4. Output:** c", STOP, [A4], []),
    ("bold names only", "4. **Instruction:** a\n   **Input:** b\n   **Output:** c", STOP, [A4], []),
    ("bold before the colon", "4. **Instruction**: a\n4. **Input**: b\n4. **Output**: c", STOP, [A4], []),
    ("number and name bold apart", "**4.** **Instruction:** a\n**Input:** b\n**Output:** c", STOP, [A4], []),
    ("whole line bold", "**4. Instruction: a**\n**4. Input: b**\n4. Output: c", STOP, [A4], []),
    ("italic and code", "*4. Instruction:* a\n_4. Input:_ b\n`4. Output:` c", STOP, [A4], []),
    (
        "bold inside a text stays",
        "4. Instruction: a\n4. Input: b\n4. Output: **yes**, *it* is",
        STOP,
        [(4, "a", "b", "**yes**, *it* is")],
        [],
    ),
    ("markdown headings", "### 4. Instruction: a\n#### 4. Input: b\n#### 4. Output: c", STOP, [A4], []),
    ("bullets and quotes", "- 4. Instruction: a\n- 4. Input: b\n* 4. Output: c\n> " + NEXT.replace("\n", "\n> "), STOP, [A4, D5], []),
    ("parenthesis after the number", PLAIN.replace("4.", "4)"), STOP, [A4], []),
    ("hash before the number", PLAIN.replace("4.", "#4."), STOP, [A4], []),
    ("full-width colon", PLAIN.replace(":", "："), STOP, [A4], []),
    ("full-width digits and stops", PLAIN.replace("4.", "４．").replace(":", "："), STOP, [A4], []),
    ("ideographic commas", PLAIN.replace("4.", "4、"), STOP, [A4], []),
    ("spaces that do not break", PLAIN.replace(" ", "\u00a0"), STOP, [A4], []),
    ("a byte order mark and invisible marks", "\ufeff" + PLAIN.replace("\n", "\n\u200b"), STOP, [A4], []),
    ("line separators", PLAIN.replace("\n", "\u2028"), STOP, [A4], []),
    ("plural names", PLAIN.replace("tion:", "tions:").replace("put:", "puts:"), STOP, [A4], []),
    (
        "another language in the texts",
        "4. Instruction: ¿Qué es?\n4. Input: 二甲双胍\n4. Output: ميتفورمين",
        STOP,
        [(4, "¿Qué es?", "二甲双胍", "ميتفورمين")],
        [],
    ),
    ("headings in another language", "4. Instrucción: a\n4. Entrada: b\n4. Salida: c", STOP, [], [(None, "no_list")]),
    ("two tasks run together", f"{PLAIN} {NEXT}", STOP, [A4, D5], []),
    ("everything on one line", f"{PLAIN} {NEXT}".replace("\n", " "), STOP, [A4, D5], []),
    (
        "a task's number on a label",
        "### Task 4\nInstruction: a\nInput: b\nOutput: c\n\n**5.**\n**Instruction:** d\nInput: e\nOutput: f",
        STOP,
        [A4, D5],
        [],
    ),
    ("thoughts before the list", f"<think>Perhaps:\n4. Instruction: no</think>\n{PLAIN}", STOP, [A4], []),
    ("a table", "| 4 | a | b | c |", STOP, [], [(None, "no_list")]),
    ("another name for the output", PLAIN.replace("Output", "Response"), STOP, [], [(4, "missing_field")]),
    ("rules between", f"{PLAIN}\n\n---\n\n{NEXT}\n***", STOP, [A4, D5], []),
    ("self-instruct separators", f"###\n{PLAIN}\n###\n{NEXT}\n###", STOP, [A4, D5], []),
    ("task labels between", f"### Task 4\n{PLAIN}\n\n### Task 5\n{NEXT}", STOP, [A4, D5], []),
    ("text before", f"Sure! Here are the tasks:\n\n{PLAIN}", STOP, [A4], []),
    ("text after", f"{PLAIN}\n\nI hope these tasks are what you need!", STOP, [A4], []),
    ("text after a rule", f"{PLAIN}\n\n---\nLet me know if you would like more tasks.", STOP, [A4], []),
    ("end of list", f"{PLAIN}\n\nEnd of list", STOP, [A4], []),
    (
        "closing words that belong to the output",
        f"{PLAIN}\n\nLet me know if the pain returns.",
        STOP,
        [(4, "a", "b", "c\n\nLet me know if the pain returns.")],
        [],
    ),
    ("one fence around all", f"```\n{PLAIN}\n{NEXT}\n```", STOP, [A4, D5], []),
    ("named fence and text after", f"Here:\n```text\n{PLAIN}\n```\nAll done, ask for more.", STOP, [A4], []),
    ("a fence for each", f"```\n{PLAIN}\n```\n\n```\n{NEXT}\n```", STOP, [A4, D5], []),
    ("a fence inside an output stays", f"{PLAIN}\n```\nx\n```\n{NEXT}", STOP, [(4, "a", "b", "c\n```\nx\n```"), D5], []),
    (
        "numbered list in an output",
        "4. Instruction: a\n4. Input: b\n4. Output: 1. x\n2. y\n3. z\n" + NEXT,
        STOP,
        [(4, "a", "b", "1. x\n2. y\n3. z"), D5],
        [],
    ),
    ("numbered list in an input", "4. Instruction: a\n4. Input:\n1. b\n2. bb\n4. Output: c", STOP, [(4, "a", "1. b\n2. bb", "c")], []),
    (
        "a number and full stop in a text",
        "4. Instruction: a\n4. Input: He is\n20. No more.\n4. Output: 20. It is 20.",
        STOP,
        [(4, "a", "He is\n20. No more.", "20. It is 20.")],
        [],
    ),
    (
        "the word instruction in a text",
        "4. Instruction: a\n4. Input: b\n4. Output: c\nInstruction: rest\n5 Instruction: no stop",
        STOP,
        [(4, "a", "b", "c\nInstruction: rest\n5 Instruction: no stop")],
        [],
    ),
    (
        "a list of instructions in a text",
        "4. Instruction: a\n4. Input: b\n4. Output: 1. Instructions: rest",
        STOP,
        [(4, "a", "b", "1. Instructions: rest")],
        [],
    ),
    (
        "unnumbered names inside numbered fields",
        "4. Instruction: a\n4. Input: b\nOutput: 500 mL\n4. Output: c\nOutput: d",
        STOP,
        [(4, "a", "b\nOutput: 500 mL", "c\nOutput: d")],
        [],
    ),
    (
        "fields of another number are text",
        "4. Instruction: a\n4. Input: b\n4. Output: c\n7. Output: x",
        STOP,
        [(4, "a", "b", "c\n7. Output: x")],
        [],
    ),
    *(
        (f"input {text!r}", PLAIN.replace("Input: b", f"Input: {text}"), STOP, [(4, "a", "", "c")], [])
        for text in ("None", "N/A.", "<noinput>", "", "*Not applicable*", "(No input needed)")
    ),
    ("output none is an answer", PLAIN.replace("Output: c", "Output: none"), STOP, [(4, "a", "b", "none")], []),
    ("no output line", f"4. Instruction: a\n4. Input: b\n{NEXT}", STOP, [D5], [(4, "missing_field")]),
    ("no input line", f"4. Instruction: a\n4. Output: c\n{NEXT}", STOP, [D5], [(4, "missing_field")]),
    ("output before input", f"4. Instruction: a\n4. Output: c\n4. Input: b\n{NEXT}", STOP, [D5], [(4, "missing_field")]),
    ("all on one line", "4. Instruction: a Input: b Output: c", STOP, [], [(4, "missing_field")]),
    ("blank output", f"{PLAIN[:-1]}\n{NEXT}", STOP, [D5], [(4, "empty_output")]),
    ("blank output before a rule", f"{PLAIN[:-1]}\n---\n{NEXT}", STOP, [D5], [(4, "empty_output")]),
    ("blank instruction", "4. Instruction:\n4. Input: b\n4. Output: c", STOP, [], [(4, "empty_instruction")]),
    ("cut in the last output", f"{PLAIN}\n{NEXT}", LENGTH, [A4], [(5, "truncated")]),
    ("cut in the last input", f"{PLAIN}\n5. Instruction: d\n5. Inp", LENGTH, [A4], [(5, "truncated")]),
    ("cut before any task", "Sure! Here", LENGTH, [], [(None, "truncated")]),
    ("cut before anything", "", LENGTH, [], [(None, "truncated")]),
    ("number too high", f"{PLAIN}\n{PLAIN.replace('4.', '21.')}", STOP, [A4], [(21, "out_of_list")]),
    ("number zero", PLAIN.replace("4.", "0."), STOP, [], [(0, "out_of_list")]),
    ("number twice", f"{PLAIN}\n{NEXT.replace('5.', '4.')}", STOP, [A4], [(4, "duplicate_number")]),
    ("numbers skipped", f"{PLAIN}\n{NEXT.replace('5.', '9.')}", STOP, [A4, (9, "d", "e", "f")], []),
    ("starts at 1 again", f"{PLAIN.replace('4.', '1.')}\n{NEXT.replace('5.', '2.')}", STOP, [(1, "a", "b", "c"), (2, "d", "e", "f")], []),
    (
        "repeats a seed, then goes on",
        f"1. Instruction: what CLASS  is it?\n1. Input: x\n1. Output: y\n{PLAIN}",
        STOP,
        [A4],
        [(1, "repeated_seed")],
    ),
    (
        "repeats a seed, then counts from 1",
        f"1. Instruction: {SHOWN[0]}\n1. Input: x\n1. Output: y\n{PLAIN.replace('4.', '1.')}",
        STOP,
        [(1, "a", "b", "c")],
        [(1, "repeated_seed")],
    ),
    ("blank", " \n", STOP, [], [(None, "empty_reply")]),
    ("refusal in words", "I'm sorry, but I can't help with that.", STOP, [], [(None, "no_list")]),
    ("a list of another form", "1. Name the drug.\n2. Name the dose.", STOP, [], [(None, "no_list")]),
    ("an error", "content_filter", ERROR, [], [(None, "teacher_error")]),
    ("a partial text with an error", f"content_filter: {PLAIN}", ERROR, [], [(None, "teacher_error")]),
    ("json array", objects(OBJECT, OTHER), STOP, [A4, D5], []),
    (
        "json in a fence with text around",
        f"Here:\n```json\n{json.dumps([OBJECT, OTHER], indent=2)}\n```\nEnjoy {{these}}!",
        STOP,
        [A4, D5],
        [],
    ),
    ("json around the array", json.dumps({"n": 2, "tasks": [OBJECT, OTHER]}), STOP, [A4, D5], []),
    ("json lines, odd case", json.dumps(OBJECT).replace("instruction", "Instruction") + "\n" + json.dumps(OTHER), STOP, [A4, D5], []),
    ("json with no input", objects({**OBJECT, "input": "N/A"}, {**OTHER, "input": None}), STOP, [(4, "a", "", "c"), (5, "d", "", "f")], []),
    ("json without output", objects({"instruction": "a", "input": "b"}, OTHER), STOP, [D5], [(4, "missing_field")]),
    ("json with a list", objects({**OBJECT, "output": ["c"]}, OTHER), STOP, [D5], [(4, "not_text")]),
    ("json with a broken object", '[{"instruction": "a", "input": b}, ' + json.dumps(OTHER) + "]", STOP, [D5], [(4, "bad_json")]),
    ("json cut inside an object", objects(OBJECT, OTHER)[:-8], LENGTH, [A4], [(5, "truncated")]),
    ("json cut between objects", objects(OBJECT)[:-1] + ", {", LENGTH, [A4], [(None, "truncated")]),
    ("json that repeats a seed", objects({**OBJECT, "instruction": SHOWN[0]}, OTHER), STOP, [(2, "d", "e", "f")], [(1, "repeated_seed")]),
    ("json of other things", '{"answer": 3, "list": [{"a": 1}]}', STOP, [], [(None, "no_list")]),
]


@pytest.mark.parametrize(("reply", "finish", "candidates", "problems"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_noisy_replies(
    reply: str, finish: Finish, candidates: list[tuple[int, str, str, str]], problems: list[tuple[int | None, str]]
) -> None:
    parsed = parse(reply, 4, 20, finish, SHOWN)
    assert [tuple(task) for task in parsed.candidates] == candidates
    assert [(trouble.position, trouble.reason) for trouble in parsed.problems] == problems
    assert all(trouble.reason in REASONS and len(trouble.excerpt) <= 200 for trouble in parsed.problems)


def test_the_table_is_long_enough_and_knows_every_reason() -> None:
    assert len(TABLE) >= 40
    assert {reason for row in TABLE for _, reason in row[4]} == set(REASONS)


def test_excerpts_show_where_it_went_wrong() -> None:
    parsed = parse(f"{PLAIN}\n5. Instruction: half a\n  task", 4, 20, STOP)
    assert parsed.problems[0].excerpt == "5. Instruction: half a task"


text = st.text(st.sampled_from("ab 1.\n*#`-:4"), max_size=40).map(lambda value: value.replace("\n", "\n|"))


@given(st.lists(st.tuples(text, text, text), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_every_written_task_is_read_or_named(rows: list[tuple[str, str, str]]) -> None:
    reply = "".join(f"{n}. Instruction: {a}\n{n}. Input: {b}\n{n}. Output: {c}\n" for n, (a, b, c) in enumerate(rows, start=4))
    parsed = parse(reply, 4, 20, STOP)
    found = [task.position for task in parsed.candidates] + [trouble.position for trouble in parsed.problems]
    assert sorted(position for position in found if position is not None) == list(range(4, 4 + len(rows)))


@given(st.text(max_size=300), st.sampled_from(list(Finish)))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_something_counted(reply: str, finish: Finish) -> None:
    parsed = parse(reply, 4, 20, finish, SHOWN)
    assert parsed.candidates or parsed.problems


@pytest.mark.parametrize("unit", ["#", "*", "# ", "* ", "-", "> ", "`", "4.", "4. *", "4.**", " ", "Input", "{", '{"a":[', "```\n", "\n"])
def test_no_reply_makes_parsing_slow(unit: str) -> None:
    started = time.process_time()
    parse("4. Instruction: a\n" + unit * 3000, 4, 20, STOP)
    parse(unit * 3000, 4, 20, STOP)
    opens_task(unit * 3000)
    assert time.process_time() - started < 2.0
