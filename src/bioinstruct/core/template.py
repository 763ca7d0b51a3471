"""THE renderer: instruction and input become prompt text here and nowhere else, for training and evaluation alike.

The prompt ends right where the model's text begins; the output is appended as token ids by `models/encode.py`,
after one space, so that its first word has the same pieces as in running text.

    >>> print(PAPER.prompt("Name the drug class.", "metformin"))  # doctest: +ELLIPSIS
    Below is an instruction that describes a task, paired with an input that provides further context. ...
"""

from __future__ import annotations

from dataclasses import dataclass

from bioinstruct.core.errors import InputError

_WITH_INPUT = (
    "Below is an instruction that describes a task, paired with an input that provides further context. "
    "Write a response that appropriately completes the request.\n\n"
)
_WITHOUT_INPUT = "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
_INSTRUCTION = "### Instruction:\n"


@dataclass(frozen=True)
class Template:
    """A plain-text prompt form. `chat` hands the two texts to the tokenizer's own chat template instead."""

    name: str
    output_marker: str
    """Last line of the prompt, after which the model writes."""
    stop_strings: tuple[str, ...]
    """Where a base model, which does not know the end mark, has left its answer."""
    chat: bool = False
    openings: tuple[str, str] = (_WITHOUT_INPUT + _INSTRUCTION, _WITH_INPUT + _INSTRUCTION)
    """How a prompt begins without an input, and with one."""
    bodies: tuple[str, str] = ("{instruction}\n\n{marker}", "{instruction}\n\n### Input:\n{input}\n\n{marker}")
    """What follows without an input, and with one."""
    lead: str = " "
    """What stands between the prompt and the output."""

    def preamble(self, has_input: bool) -> str:
        """The fixed opening, equal for every record with (or without) an input."""
        return self.openings[has_input]

    def body(self, instruction: str, input: str) -> str:
        """Everything after the preamble up to and including the output marker."""
        return self.bodies[bool(input)].format(instruction=instruction, input=input, marker=self.output_marker)

    def prompt(self, instruction: str, input: str) -> str:
        """The whole prompt text."""
        return self.preamble(bool(input)) + self.body(instruction, input)

    def shots(self, examples: list[tuple[str, str, str]]) -> str:
        """Worked examples (instruction, input, output) as text to put before the prompt; empty when there is none."""
        return "".join(f"{self.prompt(i, x)}{self.lead}{output}\n\n" for i, x, output in examples)

    def cut(self, text: str) -> str:
        """`text` up to the first stop string; the whole text when there is none."""
        found = [place for stop in self.stop_strings if (place := text.find(stop)) >= 0]
        return text[: min(found)] if found else text


PAPER = Template("paper", "### Output:", ("\n\n", "###", "Below is an instruction"))
"""Table 7 of the paper, without its doubled colon; the no-input form, which the paper does not show, is Alpaca's."""
ALPACA = Template("alpaca", "### Response:", ("\n\n", "###", "Below is an instruction"))
CHAT = Template("chat", "", ("\n\n",), chat=True)
MEDALPACA = Template(
    "medalpaca",
    "### Response:\n",
    ("\n\n", "###", "Below is an instruction"),
    openings=(_WITH_INPUT + _INSTRUCTION, _WITH_INPUT + _INSTRUCTION),
    lead="",
)
"""Of MedAlpaca's training (`prompt_templates/medalpaca.json` in its repository): one opening for all, a line break before the output."""
_CLINICAL = (
    "You are an intelligent clinical languge model.\n"
    "Below is a snippet of patient's discharge summary and a following instruction from healthcare professional.\n"
    "Write a response that appropriately completes the instruction.\n"
    "The response should provide the accurate answer to the instruction, while being concise.\n\n"
    "[Discharge Summary Begin]\n"
)
_CLINICAL_BODY = "{input}\n[Discharge Summary End]\n\n[Instruction Begin]\n{instruction}\n{marker}"
ASCLEPIUS = Template(
    "asclepius",
    "[Instruction End] \n",
    ("\n\n", "[Discharge Summary", "[Instruction"),
    openings=(_CLINICAL, _CLINICAL),
    bodies=(_CLINICAL_BODY, _CLINICAL_BODY),
    lead="",
)
"""Of Asclepius's README, its spelling and blanks included. It has no form without a note; the note is then left empty."""

TEMPLATES = {template.name: template for template in (PAPER, ALPACA, CHAT, MEDALPACA, ASCLEPIUS)}
"""All forms. A base is tuned with one of the first three; the others are those of models that ours are compared with."""


def get(name: str) -> Template:
    """The template called `name`; an unknown name raises `InputError` listing the known ones."""
    if name not in TEMPLATES:
        raise InputError(f"template: got '{name}'; allowed: {', '.join(TEMPLATES)}")
    return TEMPLATES[name]
