from __future__ import annotations

import pytest

from bioinstruct.core import template
from bioinstruct.core.errors import InputError
from bioinstruct.core.template import ALPACA, CHAT, PAPER

WITH_INPUT = """Below is an instruction that describes a task, paired with an input that provides further context. \
Write a response that appropriately completes the request.

### Instruction:
Name the drug class.

### Input:
metformin

### Output:"""
WITHOUT_INPUT = """Below is an instruction that describes a task. Write a response that appropriately completes the request.

### Instruction:
Name the drug class.

### Output:"""


def test_the_paper_form_with_and_without_input():
    assert PAPER.prompt("Name the drug class.", "metformin") == WITH_INPUT
    assert PAPER.prompt("Name the drug class.", "") == WITHOUT_INPUT


def test_alpaca_differs_in_the_marker_only():
    assert ALPACA.prompt("Name the drug class.", "metformin") == WITH_INPUT.replace("### Output:", "### Response:")


@pytest.mark.parametrize("form", [PAPER, ALPACA])
@pytest.mark.parametrize("input", ["", "metformin"])
def test_a_prompt_is_its_preamble_and_body(form, input):
    assert form.prompt("Name it.", input) == form.preamble(bool(input)) + form.body("Name it.", input)


def test_shots_are_whole_examples_before_the_prompt():
    assert PAPER.shots([]) == ""
    shown = PAPER.shots([("Name the drug class.", "metformin", "biguanides"), ("Name the drug class.", "", "none")])
    assert shown == f"{WITH_INPUT} biguanides\n\n{WITHOUT_INPUT} none\n\n"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (" biguanides", " biguanides"),
        (" biguanides\n\nMore", " biguanides"),
        (" biguanides ### Instruction:\n\nx", " biguanides "),
        ("Below is an instruction", ""),
        ("", ""),
    ],
)
def test_a_base_models_text_is_cut_at_the_first_stop_string(text, kept):
    assert PAPER.cut(text) == kept


def test_templates_are_found_by_name():
    assert [template.get(name) for name in ("paper", "alpaca", "chat")] == [PAPER, ALPACA, CHAT]
    assert [form.name for form in (PAPER, ALPACA, CHAT) if form.chat] == ["chat"]


def test_an_unknown_template_is_named():
    with pytest.raises(InputError, match="template: got 'vicuna'; allowed: paper, alpaca, chat"):
        template.get("vicuna")
