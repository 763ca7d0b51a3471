"""Text to token ids, for training and evaluation alike: prompt ids, output ids, the end mark.

A prompt is `BOS + ids(shots and preamble) + ids(body)`, the two pieces tokenized by themselves: what comes before the body is
therefore a prefix of the prompt by construction, and can be computed once for many prompts. The output is appended as ids; nothing is
ever found by comparing texts. Marks such as `</s>` inside a user's text stay text.

**Against the text in one piece.** Byte-level tokenizers give the same ids as for the whole prompt text: they begin a piece between the line
break that ends the preamble and the word that begins the instruction. Those in the manner of SentencePiece put the space with
which they begin every text before the instruction too, so that a prompt has one `▁` more than its text has, with shots as without;
training has it in the same place.

**The space before an output.** The template puts one space between its last line and the output. Most byte-level
tokenizers keep that space in the first word's piece (`Ġyes`), so the output is encoded as `" " + text`. Tokenizers in the
manner of SentencePiece put a space before every text by themselves, so there the output is encoded as `text`; with a
space of our own it would have two. Which of the two holds is read from what the tokenizer does with a running text.

**Chat templates.** With the template `chat` the prompt is what the tokenizer's own chat template renders for a user's
turn, the preamble is empty, and the end mark is the special token that the chat template puts after an assistant's
turn. It must also be declared an end token by the tokenizer or by the checkpoint's `generation_config.json`.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bioinstruct.core.errors import InputError, Problem
from bioinstruct.core.template import Template

_PROBES = ("yes", "Metformin", "the dose")
"""Words that tell how a tokenizer treats a space before an output."""
_SAMPLE = "Aspirin 81 mg/day (active); HbA1c is 6.5 %.\n\n- no: β-blocker, 5 µg ≥ 2 µg\n1. Maybe"
"""What a tokenizer must give back unchanged."""
_TURN = ("Name the drug class.", "biguanide")
"""A question and an answer, to see what a chat template puts around an answer."""


def decode(tokenizer: Any, ids: Iterable[int]) -> str:
    """The text of `ids` without special tokens, stripped; nothing else about it is tidied."""
    text: str = tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return text.strip()


def declared_ends(tokenizer: Any) -> tuple[int, ...]:
    """Ids that end a text: the tokenizer's own, then those of the `generation_config.json` beside it."""
    ends = [] if tokenizer.eos_token_id is None else [int(tokenizer.eos_token_id)]
    name = str(tokenizer.name_or_path or "")
    file = Path(name) / "generation_config.json"
    declared: Any = None
    if name and file.is_file():
        try:
            declared = json.loads(file.read_text(encoding="utf-8")).get("eos_token_id")
        except (ValueError, AttributeError):
            raise InputError(f"{file}: got text that is not a JSON object; allowed: generation settings in JSON") from None
    elif name.count("/") == 1 and not Path(name).is_dir():
        from transformers import GenerationConfig

        try:
            declared = GenerationConfig.from_pretrained(name).eos_token_id
        except OSError:
            declared = None  # a checkpoint need not have one
    ends += declared if isinstance(declared, list) else [] if declared is None else [declared]
    if strange := [end for end in ends if not isinstance(end, int)]:
        raise InputError(f"{file}: got the eos_token_id {strange[0]!r:.60}; allowed: a token's number, or a list of them")
    return tuple(dict.fromkeys(ends))


class Encoder:
    """Turns instructions, inputs and outputs into the ids that a model is trained on and asked with.

    Args:
        tokenizer: A transformers tokenizer (`models.local.load_tokenizer`).
        template: The prompt form.
        end_ids: Ids that may end a turn of a chat template; None = those declared beside the tokenizer.
        whole: Whether a prompt is tokenized in one piece, as a model was asked that we have not trained.

    Raises:
        InputError: the tokenizer has no end mark, no chat template where one is asked for, or a space before the output
            cannot be encoded as in running text.
    """

    end_id: int
    """Id of the mark that ends an output."""

    def __init__(self, tokenizer: Any, template: Template, end_ids: Sequence[int] | None = None, *, whole: bool = False) -> None:
        self.tokenizer = tokenizer
        self.template = template
        self._whole = whole
        self._opening = self._special_opening()
        if template.chat:
            ends = declared_ends(tokenizer) if end_ids is None else tuple(end_ids)
            self._lead, self.end_id = self._read_chat_template(ends)
        else:
            if tokenizer.eos_token_id is None:
                raise InputError("tune.base: got a tokenizer without an end-of-text token; allowed: one whose eos_token is set")
            self._lead, self.end_id = template.lead, int(tokenizer.eos_token_id)
        self._adds_space = self._finds_added_space()

    def prompt_ids(self, instruction: str, input: str, shots: Sequence[tuple[str, str, str]] = ()) -> list[int]:
        """Ids of the prompt, after which the output goes on; `shots` are (instruction, input, output) examples before it."""
        if self.template.chat:
            return self._chat_ids(instruction, input, shots)
        if self._whole:
            return [*self._opening, *self._ids(self.template.shots(list(shots)) + self.template.prompt(instruction, input))]
        body = self._ids(self.template.body(instruction, input))
        # In one piece: at a text's end some tokenizers join the two line breaks that end a shot, and in running text they do not.
        before = self.template.shots(list(shots)) + self.template.preamble(bool(input))
        return [*self._opening, *self._ids(before), *body]

    def preamble_ids(self, has_input: bool) -> list[int]:
        """The ids with which every prompt without shots begins, given whether it has an input; empty for a chat template."""
        if self.template.chat:
            return []
        return [*self._opening, *self._ids(self.template.preamble(has_input))]

    def output_ids(self, text: str, end: bool = True) -> list[int]:
        """Ids of an output as it goes on after the prompt, and the end mark where `end`; `text` is stripped first."""
        text = text.strip()
        lead = "" if self._adds_space and self._lead == " " else self._lead
        ids = self._ids(lead + text) if text else []
        return [*ids, self.end_id] if end else ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids` without special tokens, stripped."""
        return decode(self.tokenizer, ids)

    def round_trip_problems(self) -> list[Problem]:
        """What makes this tokenizer unfit for training: no ids, lost text, an end mark that is also padding, a doubled BOS."""
        problems = []
        allowed = "a tokenizer that gives a text back unchanged"
        ids = self.output_ids(_SAMPLE, end=False)
        if not ids or not self._ids(self.template.body("yes", "")):
            problems.append(Problem("tune.base", "a tokenizer that gives no ids for a text", allowed))
        elif (back := self.decode(ids)) != _SAMPLE:
            place = next((n for n, (a, b) in enumerate(zip(_SAMPLE, back, strict=False)) if a != b), min(len(back), len(_SAMPLE)))
            got = f"a tokenizer that turns {_SAMPLE[place : place + 12]!r} into {back[place : place + 12]!r}"
            problems.append(Problem("tune.base", got, allowed))
        if self.tokenizer.pad_token_id == self.end_id:
            mark = self.tokenizer.convert_ids_to_tokens(self.end_id)
            problems.append(Problem("tune.base", f"'{mark}' as padding and as end mark", "a pad token of its own, or none"))
        bos = self.tokenizer.bos_token_id
        if bos is not None and self.prompt_ids("yes", "").count(bos) > 1:
            mark = self.tokenizer.convert_ids_to_tokens(bos)
            problems.append(Problem("tune.base", f"a prompt with more than one '{mark}'", "at most one at its beginning"))
        return problems

    def _ids(self, text: str) -> list[int]:
        """Ids of a text by itself: nothing is added, and special tokens written in it are read as text."""
        return list(self.tokenizer(text, add_special_tokens=False, split_special_tokens=True, verbose=False)["input_ids"])

    def _special_opening(self) -> list[int]:
        """Special ids that the tokenizer puts before a text by itself: BOS, or nothing."""
        plain = self._ids(_PROBES[0])
        full = list(self.tokenizer(_PROBES[0], split_special_tokens=True, verbose=False)["input_ids"])
        for start in range(len(full) - len(plain) + 1):
            if plain and full[start : start + len(plain)] == plain:
                return full[:start]
        raise InputError(
            f"tune.base: got a tokenizer that encodes '{_PROBES[0]}' as {plain or 'nothing'}; allowed: one that gives ids for a text"
        )

    def _finds_added_space(self) -> bool:
        """Whether the tokenizer puts a space before a text by itself."""
        context = "Output:"
        opening = self._ids(context)
        forms = set()
        for word in _PROBES:
            running, spaced, bare = self._ids(f"{context} {word}"), self._ids(" " + word), self._ids(word)
            forms.add((running == opening + spaced, running == opening + bare))
        if all(spaced for spaced, _ in forms):
            return False
        if all(bare for _, bare in forms):
            return True
        raise InputError(
            "tune.base: got a tokenizer that encodes a word after a space differently in running text and by itself; "
            "allowed: one whose pieces begin at spaces"
        )

    def _messages(self, instruction: str, input: str, shots: Sequence[tuple[str, str, str]]) -> list[dict[str, str]]:
        messages = []
        for shot_instruction, shot_input, output in shots:
            messages.append({"role": "user", "content": self.template.body(shot_instruction, shot_input).strip()})
            messages.append({"role": "assistant", "content": output.strip()})
        return [*messages, {"role": "user", "content": self.template.body(instruction, input).strip()}]

    def _chat_ids(self, instruction: str, input: str, shots: Sequence[tuple[str, str, str]]) -> list[int]:
        messages = self._messages(instruction, input, shots)
        options: dict[str, Any] = {}
        marks = [str(token) for token in self.tokenizer.added_tokens_decoder.values() if not str(token).isspace()]
        found = next((mark for mark in marks for message in messages if mark in message["content"]), None)
        if found is not None:
            # Older versions hand an unknown option to the template, which would let the mark through unseen.
            if "sanitize_control_tokens" not in inspect.signature(self.tokenizer.apply_chat_template).parameters:
                raise InputError(f"text: got '{found}', a mark of the chat template; allowed: text without it, or a newer transformers")
            options["sanitize_control_tokens"] = True
        return list(self._render(messages, add_generation_prompt=True, tokenize=True, return_dict=True, **options)["input_ids"])

    def _render(self, messages: list[dict[str, str]], **options: Any) -> Any:
        # Templates of models that can think aloud write an empty thought into the prompt; others ignore the variable.
        try:
            return self.tokenizer.apply_chat_template(messages, enable_thinking=False, **options)
        except Exception as error:  # a template is a program of the checkpoint's author, and raises what it likes
            got = f"a chat template that fails ({type(error).__name__}: {error})".replace("\n", " ")
            raise InputError(f"tune.template: got {got}; allowed: one that renders a user's and an assistant's turn") from error

    def _read_chat_template(self, ends: Sequence[int]) -> tuple[str, int]:
        """The white space that a chat template puts before an assistant's text, and the end mark after it."""
        if not self.tokenizer.chat_template:
            raise InputError("tune.template: got 'chat' for a base whose tokenizer has no chat template; allowed: 'paper', 'alpaca'")
        asked = self._messages(_TURN[0], "", ())
        prompt: str = self._render(asked, add_generation_prompt=True, tokenize=False)
        whole: str = self._render([*asked, {"role": "assistant", "content": _TURN[1]}], tokenize=False)
        lead, separator, tail = whole.removeprefix(prompt).partition(_TURN[1])
        if not whole.startswith(prompt) or not separator or lead.strip():
            raise InputError(
                "tune.template: got a chat template whose assistant turn does not go on from its generation prompt; "
                "allowed: one where it does"
            )
        special = {int(number) for number, token in self.tokenizer.added_tokens_decoder.items() if token.special}
        special |= set(self.tokenizer.all_special_ids)
        for token in self.tokenizer(tail, add_special_tokens=False, verbose=False)["input_ids"]:
            if token in special:
                mark = self.tokenizer.convert_ids_to_tokens(token)
                if token not in ends:
                    declared = ", ".join(f"'{name}'" for name in self.tokenizer.convert_ids_to_tokens(list(ends))) or "nothing"
                    raise InputError(
                        f"tune.template: got a chat template that ends a turn with '{mark}', which is not declared an end mark "
                        f"({declared} is); allowed: an eos_token or generation_config.json that names it"
                    )
                return lead, int(token)
            if self.tokenizer.decode([token]).strip():
                break
        raise InputError(
            f"tune.template: got a chat template that puts {tail[:20]!r} after an answer; allowed: one that ends it with a special token"
        )
