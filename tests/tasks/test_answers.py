from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioinstruct.tasks import answers

DRUGS = ["insulin", "metformin", "gliclazide XR", "insulin glargine"]
YES_NO = ["yes", "no", "maybe"]
NLI = ["entailment", "contradiction", "neutral"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # the bare answer
        ("metformin", "metformin"),
        ("  Metformin.", "metformin"),
        ("METFORMIN", "metformin"),
        ("- metformin", "metformin"),
        ("* metformin\n", "metformin"),
        ('"metformin"', "metformin"),
        ("**metformin**", "metformin"),
        ("`metformin`", "metformin"),
        ("gliclazide  xr", "gliclazide XR"),
        ("insulin glargine", "insulin glargine"),
        ("insulin", "insulin"),
        # letters, in the order of the options
        ("B", "metformin"),
        ("b", "metformin"),
        ("B.", "metformin"),
        ("B)", "metformin"),
        ("(B)", "metformin"),
        ("[b]", "metformin"),
        ("$B$", "metformin"),
        ("\\boxed{B}", "metformin"),
        ("**B**", "metformin"),
        ("**Answer: B**", "metformin"),
        ("Answer: (B)", "metformin"),
        ("answer is b", "metformin"),
        ("The correct answer is B.", "metformin"),
        ("Option B", "metformin"),
        ("Option B is correct.", "metformin"),
        ("The answer is option D.", "insulin glargine"),
        ("B because it lowers glucose", "metformin"),
        ("B, because insulin is not needed", "metformin"),
        ("I would choose B.", "metformin"),
        ("It is B", "metformin"),
        ("Correct: B", "metformin"),
        ("B) metformin", "metformin"),
        ("B. Metformin, since it is first-line", "metformin"),
        ("A) metformin", "metformin"),  # the text counts, not the letter
        # with words around it
        ("Answer: metformin", "metformin"),
        ("The answer is metformin because insulin comes later.", "metformin"),
        ("Answer: insulin glargine (once daily)", "insulin glargine"),
        ("The best choice would be metformin.", "metformin"),
        ("metformin, because insulin comes later", "metformin"),
        ("metformin\n\nInsulin would be used later.", "metformin"),
        ("metformin\n\n### Instruction:\nName insulin.\n\n### Output: insulin", "metformin"),
        ("metformin\nQuestion: and then? Answer: insulin", "metformin"),
        ("metformin metformin metformin", "metformin"),
        ("First-line treatment here is metformin rather than insulin.", "metformin"),
        ("It is not insulin but metformin", "metformin"),
        ("Insulin works. Metformin is safer. Final answer: metformin", "metformin"),
        ("Answer: insulin? No. The final answer is B.", "metformin"),
        ("I think the patient needs gliclazide xr today", "gliclazide XR"),
        # no answer
        ("", None),
        ("I do not know.", None),
        ("insulin or metformin", None),
        ("- insulin\n- metformin\n- gliclazide XR\n- insulin glargine", None),
        ("insulin\nmetformin", None),
        ("insulin\nmetformin\nThe answer is metformin.", "metformin"),
        ("A patient with diabetes should rest.", None),
        ("The answer is a beta blocker.", None),
        ("B cells are involved.", None),
        ("B or C", None),
        ("It is a disease.", None),
        ("I would choose a drug.", None),
        ("Because it helps", None),
        ("E", None),
        ("metforminol", None),
        ("non-metformin", None),
        ("not metformin", None),
        ("aspirin", None),
    ],
)
def test_option(text: str, expected: str | None) -> None:
    assert answers.option(text, DRUGS) == expected


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("Answer: B", ["A", "B", "C", "E"], "B"),
        ("E", ["A", "B", "C", "E"], "E"),
        ("5", ["5", "50", "0.5", "500"], "5"),
        ("0.5 mg", ["5", "50", "0.5", "500"], "0.5"),
        ("The value is 0.5 exactly", ["5 mg", "50", "0.5", "500"], "0.5"),
        ("bb", ["BB", "Bb", "bb"], "bb"),
        ("the tibia", ["tibia", "the fibula"], "tibia"),
        ("fibula.", ["tibia", "the fibula"], "the fibula"),
        ("hard palate and upper lip.", ["hard palate.", "hard palate and upper lip."], "hard palate and upper lip."),
        ("None of the above", ["All of the above", "None of the above"], "None of the above"),
        ("vitamin A", ["vitamin B", "vitamin A"], "vitamin A"),
    ],
)
def test_awkward_options(text: str, options: list[str], expected: str | None) -> None:
    assert answers.option(text, options) == expected


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("yes", YES_NO, "yes"),
        ("Yes.", YES_NO, "yes"),
        ("NO", YES_NO, "no"),
        ("**Maybe**", YES_NO, "maybe"),
        ("yes, because the trial was positive", YES_NO, "yes"),
        ("No, it does not.", YES_NO, "no"),
        ("No it does not", YES_NO, "no"),
        ("Answer: maybe", YES_NO, "maybe"),
        ("The answer is: no.", YES_NO, "no"),
        ("**Answer: Yes**", YES_NO, "yes"),
        ("$yes$", YES_NO, "yes"),
        ("Final answer: no", YES_NO, "no"),
        ("yes\n\n### Instruction:\nno", YES_NO, "yes"),
        ("The rates differed. Therefore, yes.", YES_NO, "yes"),
        ("There is no evidence, so maybe.", YES_NO, "maybe"),
        ("yes or no", YES_NO, None),
        ("yes/no/maybe", YES_NO, None),
        ("Yes, no or maybe", YES_NO, None),
        ("yes\nno\nmaybe", YES_NO, None),
        ("Yes, no doubt about it", YES_NO, "yes"),
        ("entailment, neutral, contradiction", NLI, None),
        ("No evidence of disease was found", YES_NO, None),
        ("It is now known", YES_NO, None),
        ("eyes", YES_NO, None),
        ("", YES_NO, None),
        ("A", YES_NO, None),
        ("entailment", NLI, "entailment"),
        ("Entailed", NLI, "entailment"),
        ("The premise contradicts the hypothesis.", NLI, "contradiction"),
        ("The relation is neutral", NLI, "neutral"),
        ("It is not a contradiction; it is neutral.", NLI, "neutral"),
        ("This is a contradiction since both cannot hold", NLI, "contradiction"),
        ("entailment or neutral", NLI, None),
        ("not entailment", NLI, None),
        ("unrelated", NLI, None),
    ],
)
def test_label(text: str, labels: list[str], expected: str | None) -> None:
    assert answers.label(text, labels) == expected


BOTH = [("drugazol", "active"), ("placebine", "discontinued")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Drugazol (active); placebine (discontinued)", BOTH),
        ("Drugazol (active);\nplacebine (discontinued);", BOTH),
        ('- "Drugazol" (active)\n- "placebine" (discontinued)', BOTH),
        ("1. Drugazol (active)\n2. placebine (discontinued)", BOTH),
        ("* **Drugazol**: active\n* **placebine**: discontinued", BOTH),
        ("Drugazol - active\nplacebine – Discontinued", BOTH),
        ("Drugazol: active; placebine: discontinued", BOTH),
        ("Drugazol (active), placebine (discontinued)", BOTH),
        ("Drugazol (active) and placebine (discontinued)", BOTH),
        ("Drugazol 500 mg daily (active); placebine 2.5 mg (discontinued)", BOTH),
        ("Drugazol (5 mg) (active); placebine (2 mg, discontinued)", BOTH),
        ("Drugazol is currently active.\nplacebine was discontinued last May.", BOTH),
        ("Active: Drugazol\nDiscontinued: placebine", BOTH),
        ("Active medications:\n- Drugazol\nDiscontinued medications:\n- placebine", BOTH),
        ("Medications:\n- Drugazol (active)\n- placebine (discontinued)", BOTH),
        ("Answer: Drugazol (active); placebine (discontinued)", BOTH),
        ("Drugazol (active); placebine (discontinued); drugazol (active)", BOTH),
        ("Drugazol (active); placebine (discontinued)\n\n### Instruction:\nother (active)", BOTH),
        ("Drugazol; placebine", [("drugazol", ""), ("placebine", "")]),
        ("Drugazol, placebine", [("drugazol", ""), ("placebine", "")]),
        ("Drugazol (stopped)", [("drugazol", "")]),
        ("vitamin b12 (active)", [("vitamin b12", "active")]),
        ("5-fluorouracil (neither)", [("5-fluorouracil", "neither")]),
        ("none", []),
        ("None.", []),
        ("No medications are mentioned.", []),
        ("", None),
        ("The patient came in with a cough and went home feeling much better", None),
    ],
)
def test_mentions(text: str, expected: list[tuple[str, str]] | None) -> None:
    assert answers.mentions(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the left kidney", "the left kidney"),
        ('"the left kidney".', "the left kidney"),
        ("**The left kidney**", "The left kidney"),
        ("Answer: the left kidney", "the left kidney"),
        ('"It" refers to the left kidney.', "the left kidney"),
        ("It refers back to “the left kidney”", "the left kidney"),
        ("The antecedent of it is the left kidney", "the left kidney"),
        ("\n\n- the left kidney\nBecause it hurts.", "the left kidney"),
        ("the clinic he was referred to", "the clinic he was referred to"),
        ("...", ""),
        ("", ""),
    ],
)
def test_span(text: str, expected: str) -> None:
    assert answers.span(text) == expected


def test_free_text() -> None:
    assert answers.free_text("```\nA note.\n```") == "A note."
    assert answers.free_text(" Output: A note.\n\nMore. ") == "A note.\n\nMore."
    assert answers.free_text(" … !") == ""


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert answers.option(text, DRUGS) in [*DRUGS, None]
    assert answers.label(text, YES_NO) in [*YES_NO, None]
    mentions = answers.mentions(text)
    assert mentions is None or all(name and status in (*answers.STATUSES, "") for name, status in mentions)
    answers.span(text)
    answers.free_text(text)


VISIBLE = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)


@settings(deadline=None, max_examples=60)
@given(st.lists(VISIBLE, min_size=2, max_size=5, unique=True))
def test_every_option_is_read_as_itself(options: list[str]) -> None:
    assert [answers.option(option, options) for option in options] == options


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["drugazol", "placebine", "vitamin b12"]), st.sampled_from(answers.STATUSES)), unique=True))
def test_a_written_list_is_read_back(pairs: list[tuple[str, str]]) -> None:
    assert answers.mentions(answers.written(pairs)) == pairs
