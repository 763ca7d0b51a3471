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


@dataclass(frozen=True)
class Template:
    """A plain-text prompt form. `chat` hands the two texts to the tokenizer's own chat template instead."""

    name: str
    output_marker: str
    """Last line of the prompt, after which the model writes."""
    stop_strings: tuple[str, ...]
    """Where a base model, which does not know the end mark, has left its answer."""
    chat: bool = False

    def preamble(self, has_input: bool) -> str:
        """The fixed opening, equal for every record with (or without) an input."""
        return (_WITH_INPUT if has_input else _WITHOUT_INPUT) + "### Instruction:\n"

    def body(self, instruction: str, input: str) -> str:
        """Everything after the preamble up to and including the output marker."""
        middle = f"\n\n### Input:\n{input}" if input else ""
        return f"{instruction}{middle}\n\n{self.output_marker}"

    def prompt(self, instruction: str, input: str) -> str:
        """The whole prompt text."""
        return self.preamble(bool(input)) + self.body(instruction, input)

    def shots(self, examples: list[tuple[str, str, str]]) -> str:
        """Worked examples (instruction, input, output) as text to put before the prompt; empty when there is none."""
        return "".join(f"{self.prompt(i, x)} {output}\n\n" for i, x, output in examples)

    def cut(self, text: str) -> str:
        """`text` up to the first stop string; the whole text when there is none."""
        found = [place for stop in self.stop_strings if (place := text.find(stop)) >= 0]
        return text[: min(found)] if found else text


PAPER = Template("paper", "### Output:", ("\n\n", "###", "Below is an instruction"))
"""Table 7 of the paper, without its doubled colon; the no-input form, which the paper does not show, is Alpaca's."""
ALPACA = Template("alpaca", "### Response:", ("\n\n", "###", "Below is an instruction"))
CHAT = Template("chat", "", ("\n\n",), chat=True)

TEMPLATES = {template.name: template for template in (PAPER, ALPACA, CHAT)}


def get(name: str) -> Template:
    """The template called `name`; an unknown name raises `InputError` listing the known ones."""
    if name not in TEMPLATES:
        raise InputError(f"template: got '{name}'; allowed: {', '.join(TEMPLATES)}")
    return TEMPLATES[name]
