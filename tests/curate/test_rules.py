"""The rules as a whole: order, switches, problems; the paper's own rules; hostile text; the page about them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate
from bioinstruct.curate.rules import RULES, Rule, enabled, judge, problems
from bioinstruct.curate.rules import language as languages

SECTION = CurateSection()
OFF = {"self_instruct_keyword", "asks_for_program", "starts_with_non_ascii", "ends_with_colon"}
FLAWED = {
    "too_short": {"instruction": "Diagnose this"},
    "too_long": {"instruction": " ".join(["word"] * 151)},
    "keyword": {"instruction": "Describe the picture below."},
    "output_repeats_input": {"input": "metformin", "output": "metformin"},
    "other_media": {"instruction": "Draw a diagram of the nephron."},
    "self_instruct_keyword": {"instruction": "Map the terms to codes."},
    "asks_for_program": {"instruction": "Write a program of exercise."},
    "starts_with_punctuation": {"instruction": ": name the drug class."},
    "starts_with_non_ascii": {"instruction": "β-blockers lower what?"},
    "empty_output": {"output": "-"},
    "ends_with_colon": {"input": "Assessment:"},
    "refusal": {"output": "I cannot assist with that."},
    "as_an_ai": {"output": "As an AI, I would say biguanides."},
    "placeholder": {"input": "[insert drug]"},
    "missing_input": {"instruction": "Summarize the following abstract.", "input": ""},
    "unspecific_input": {"instruction": "Summarize the text.", "input": "Medical text"},
    "input_cut_off": {"input": "He takes metformin, aspirin and"},
    "output_cut_off": {"output": "It belongs to the"},
    "answer_not_an_option": {"instruction": "Choose the right option.", "input": "A. statins B. nitrates C. diuretics"},
    "shorter_than_asked": {"instruction": "Name five drug classes.", "output": "biguanides, statins"},
    "wrong_language": {"output": "Это бигуаниды."},
}  # fmt: skip
"""For each rule, what makes a plain candidate one that it drops, and no rule before it."""


ENGLISH = "The patient was admitted with pneumonia and received amoxicillin for five days on the ward."


def candidate(instruction: str = "Name the drug class.", input: str = "metformin", output: str = "biguanides") -> Candidate:
    return Candidate(0, 4, instruction, input, output)


def test_the_order_of_the_rules():
    assert list(RULES) == list(FLAWED)
    assert all(name == rule.name for name, rule in RULES.items())


def test_the_defaults():
    assert {name for name, rule in RULES.items() if not rule.default} == OFF
    assert [rule.name for rule in enabled(SECTION)] == [name for name in RULES if name not in OFF]


def test_a_plain_candidate_passes_all_rules_together():
    section = CurateSection(rules=dict.fromkeys(RULES, True))
    assert len(enabled(section)) == len(RULES)
    assert judge(candidate(), section) is None


@pytest.mark.parametrize("name", FLAWED)
def test_every_rule_can_be_switched_by_name(name):
    flawed = candidate(**FLAWED[name])
    on = judge(flawed, CurateSection(rules={name: True}))
    assert on is not None
    assert on[0] == name
    off = judge(flawed, CurateSection(rules={name: False}))
    assert off is None or off[0] != name
    assert (judge(flawed, SECTION) is not None) == RULES[name].default


def test_the_first_rule_that_objects_gives_the_name():
    assert judge(candidate("graph", "same", "same"), SECTION) == ("too_short", {"words": 1, "min_words": 3})
    assert judge(candidate("graph", "same", "same"), CurateSection(rules={"too_short": False, "keyword": False})) == (
        "output_repeats_input",
        {"how": "equal", "words": 1},
    )


@pytest.mark.parametrize(
    ("given", "place", "got", "allowed"),
    [
        ({"rules": {"refusals": True}}, "curate.rules.refusals", "an unknown rule", "did you mean 'refusal'? one of too_short, "),
        ({"rules": {"zzz": False}}, "curate.rules.zzz", "an unknown rule", "one of too_short, "),
        ({"rules": {"": True}}, "curate.rules.", "an unknown rule", "one of too_short, "),
        ({"language": "EN"}, "curate.language", "'EN'", "did you mean 'en'? null, or one of af, am"),
        ({"language": "english"}, "curate.language", "'english'", "null, or one of af, am"),
        ({"language": ""}, "curate.language", "''", "null, or one of af, am"),
        ({"language": "zxx"}, "curate.language", "'zxx'", "null, or one of af, am"),
        (
            {"rules": {"wrong_language": True}, "language": None},
            "curate.rules.wrong_language",
            "true with curate.language None",
            "false, or ",
        ),
        ({"rules": {"keyword": True}, "keywords": []}, "curate.rules.keyword", "true with curate.keywords []", "false, or "),
        ({"rules": {"too_short": True}, "min_words": 0}, "curate.rules.too_short", "true with curate.min_words 0", "false, or "),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_section(given, place, got, allowed):
    (problem,) = problems(CurateSection(**given))
    assert (problem.place, problem.got) == (place, got)
    assert allowed in problem.allowed
    assert "\n" not in str(problem)


def test_every_problem_is_told():
    assert len(problems(CurateSection(rules={"a": True, "b": False}, language="xx"))) == 3


def test_a_name_that_is_switched_elsewhere_is_known():
    section = CurateSection(rules={"duplicate": True})
    assert problems(section, elsewhere=["duplicate"]) == []
    assert [one.place for one in problems(section)] == ["curate.rules.duplicate"]
    (problem,) = problems(CurateSection(rules={"duplicates": False}), elsewhere=["duplicate"])
    assert problem.allowed.startswith("did you mean 'duplicate'? one of too_short, ")


@pytest.mark.parametrize(
    "section",
    [SECTION, CurateSection(language=None, keywords=[], min_words=0), CurateSection(language="de", rules=dict.fromkeys(RULES, False))],
)
def test_nothing_is_wrong_with_these(section):
    assert problems(section) == []


def test_a_parameter_without_a_value_switches_its_rule_off():
    section = CurateSection(language=None, keywords=[], min_words=0)
    assert {rule.name for rule in enabled(SECTION)} - {rule.name for rule in enabled(section)} == {"too_short", "keyword", "wrong_language"}
    for name in ("too_short", "keyword", "wrong_language"):
        assert judge(candidate(**FLAWED[name]), section) is None
        assert RULES[name].find(candidate(**FLAWED[name]), section) is None


@pytest.mark.parametrize(
    ("instruction", "verdict"),
    [
        ("Diagnose this", ("too_short", {"words": 2, "min_words": 3})),
        ("", ("too_short", {"words": 0, "min_words": 3})),
        ("Diagnose this patient", None),
        (" ".join(["word"] * 150), None),
        (" ".join(["word"] * 151), ("too_long", {"words": 151, "max_words": 150})),
    ],
)
def test_length(instruction, verdict):
    assert judge(candidate(instruction), SECTION) == verdict


@pytest.mark.parametrize(
    ("instruction", "found", "offset"),
    [
        ("Describe the graph below.", "graph", 13),
        ("Describe these Images, please.", "Images", 15),
        ("Interpret the image-guided biopsy.", "image", 14),
        ("PICTURE a patient with fever.", "PICTURE", 0),
    ],
)
def test_keyword_as_a_whole_word_in_any_case(instruction, found, offset):
    assert judge(candidate(instruction), SECTION) == ("keyword", {"keyword": found.lower(), "found": found, "offset": offset})


@pytest.mark.parametrize("instruction", ["Interpret the radiograph report.", "List the imaging tests named.", "Explain a sonograph now."])
def test_a_part_of_a_word_is_no_keyword(instruction):
    assert judge(candidate(instruction), SECTION) is None


def test_keywords_are_the_users_and_may_hold_several_words_or_signs():
    section = CurateSection(keywords=["x-ray film", "c++"])
    film = candidate("Read the X-ray film now")
    assert judge(film, section) == ("keyword", {"keyword": "x-ray film", "found": "X-ray film", "offset": 9})
    assert judge(candidate("Write it in C++ today"), section) == ("keyword", {"keyword": "c++", "found": "C++", "offset": 12})
    assert judge(candidate("Describe the graph of it"), section) is None


def test_a_keyword_in_the_input_is_no_reason():
    assert judge(candidate(input="The graph shows a fall."), SECTION) is None


@pytest.mark.parametrize(
    ("input", "output", "evidence"),
    [
        ("Metformin", " metformin ", {"how": "equal", "words": 1}),
        ("He takes\n aspirin.", "he takes aspirin.", {"how": "equal", "words": 3}),
        ("He takes aspirin.", '"He takes aspirin"', {"how": "nothing beyond the input", "words": 3, "times": 1}),
        ("He takes aspirin", "He takes aspirin. He takes aspirin.", {"how": "nothing beyond the input", "words": 3, "times": 2}),
    ],
)
def test_an_output_that_repeats_its_input(input, output, evidence):
    assert judge(candidate(input=input, output=output), SECTION) == ("output_repeats_input", evidence)
    assert judge(candidate(input=input, output=output), CurateSection(rules={"output_repeats_input": False})) is None


@pytest.mark.parametrize(
    ("input", "output"),
    [
        ("", ""),
        ("", "An answer."),
        ("He takes aspirin and metformin.", "aspirin"),  # extraction takes a part
        ("He takes aspirin.", "He takes aspirin daily."),
        ("metformin", "metformin metformin"),  # too short to be a repeat unless equal
        ("Is it safe?", "It is safe."),
        ("...", "..."[:2]),
    ],
)
def test_an_output_with_a_part_or_more_is_no_repeat(input, output):
    assert RULES["output_repeats_input"].find(candidate(input=input, output=output), SECTION) is None


HOSTILE = (
    "a ", "( ", "[", "{{a", "<insert ", "\n", "- ", ", ", "A. b B. c C. d ", "the following ", "list five ", "in one to two ",
    "i cannot provide a an any the ", "visit the a ", "draw the a a ", "1,000", "。", "é\u0301", "\x00", "data for a a a ", "(e.g. ",
    "aaa-",
)  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_hundred_kilobytes_of_anything_are_judged(piece):
    """An expression that backtracks without bound would not come to an end here."""
    text = (piece * (100_000 // len(piece) + 1))[:100_000]
    hostile = [
        candidate(text, "", ""),
        candidate("Choose the correct answer, list five words and summarize the text.", text, text[1:]),
    ]
    for one in hostile:
        for rule in RULES.values():
            rule.find(one, CurateSection(keywords=["a b", "c++"]))


def test_only_so_much_of_a_text_is_read_where_reading_costs(monkeypatch):
    read: list[int] = []

    class Identifier:
        def rank(self, text: str) -> list[tuple[str, float]]:
            read.append(len(text))
            return [("es", 1.0)]

    monkeypatch.setattr(languages, "_identifier", lambda: Identifier())
    long = candidate(output="uno dos tres cuatro cinco seis siete " * 10_000)
    assert RULES["wrong_language"].find(long, SECTION) == {"field": "output", "wanted": "en", "language": "es", "probability": 1.0}
    assert read == [600]


def test_the_identifier_is_neither_imported_nor_asked_for_plain_english():
    code = (
        "import sys\n"
        "from bioinstruct.core.records import Candidate\nfrom bioinstruct.core.recipe import CurateSection\n"
        "from bioinstruct.curate.rules import judge\n"
        "output = 'The patient takes metformin, which lowers the glucose that the liver makes, and should be seen again in a month.'\n"
        "assert judge(Candidate(0, 1, 'Explain what the drug does.', 'metformin', output), CurateSection()) is None\n"
        "assert 'py3langid' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_languages_are_those_of_the_identifier():
    assert {label for label in languages._identifier().labels if len(label) == 2} == languages.CODES


@pytest.mark.parametrize(
    ("language", "output", "evidence"),
    [
        ("ru", ENGLISH, {"script": "latin", "share": 1.0}),
        ("zh", "Пациентка поступила с пневмонией.", {"script": "cyrillic", "share": 1.0}),
        ("es", ENGLISH, {"language": "en"}),
        ("ru", "metformin", None),
        ("ja", "患者は肺炎で入院しました。", None),
        ("zh", "患者因肺炎入院,治疗五天后好转。", None),
        ("ru", "Пациентка поступила с пневмонией и получала амоксициллин пять дней.", None),
        ("es", "La paciente fue ingresada por neumonía y recibió amoxicilina durante cinco días en la planta.", None),
        ("sr", "Pacijentkinja je primljena zbog upale pluća i lečena je amoksicilinom pet dana na odeljenju.", None),
    ],
)
def test_other_languages_than_english_can_be_wanted(language, output, evidence):
    section = CurateSection(language=language)
    found = RULES["wrong_language"].find(Candidate(0, 1, "", "", output), section)
    assert (found is None) == (evidence is None)
    assert found is None or evidence is None or evidence.items() <= found.items()


def test_the_teachers_good_records_pass(command, tmp_path):
    """The embedded teacher plants three of the paper's flaws: nothing else may be dropped."""
    assert command("generate", "--out", "run", "generate.target=60").code == 0
    rows = (tmp_path / "run" / "generate" / "candidates.jsonl").read_text(encoding="utf-8").splitlines()
    verdicts = [judge(Candidate(**json.loads(row)), SECTION) for row in rows]
    assert len(verdicts) >= 60
    assert {verdict[0] for verdict in verdicts if verdict} <= {"too_short", "keyword", "output_repeats_input"}


def line(rule: Rule) -> str:
    parameters = ", ".join(f"`{name}`" for name in rule.parameters)
    return f"| `{rule.name}` | {'on' if rule.default else 'off'} | {rule.drops} | {rule.why} | {parameters} |"


def test_the_page_has_every_rule_as_it_is():
    page = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
    table = [text for text in page.splitlines() if text.startswith("| `")]
    assert table == [line(rule) for rule in RULES.values()]
