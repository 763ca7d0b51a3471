"""Ids in training are the ids at evaluation; the end mark and the space before an output are as in running text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.errors import InputError
from bioinstruct.core.template import ALPACA, CHAT, PAPER, Template
from bioinstruct.models.encode import Encoder, declared_ends

pytest.importorskip("transformers", reason="the extra 'local' is not installed")

RECORD = ("Name the drug class.", "metformin 500 mg")
SHOT = ("Is it a drug?", "aspirin", "yes")
CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def texts(encoder: Encoder, ids: list[int]) -> str:
    """The text of ids, special tokens shown."""
    return str(encoder.tokenizer.decode(ids, clean_up_tokenization_spaces=False))


@pytest.fixture
def chat(make_tokenizer: Any) -> Any:
    """A tokenizer with a ChatML template, whose own end mark is the turn's."""
    made = make_tokenizer(pad="<pad>", added=("<|im_start|>", "<|im_end|>"))
    made.chat_template = CHATML
    made.eos_token = "<|im_end|>"
    return made


@pytest.mark.parametrize("template", [PAPER, ALPACA])
@pytest.mark.parametrize("given", ["", "metformin 500 mg"])
def test_a_prompt_is_bos_preamble_and_body(tokenizer: Any, template: Template, given: str) -> None:
    encoder = Encoder(tokenizer, template)
    ids = encoder.prompt_ids("Name the drug class.", given)
    assert texts(encoder, ids) == "<s>" + template.prompt("Name the drug class.", given)
    preamble = encoder.preamble_ids(bool(given))
    assert ids[: len(preamble)] == preamble
    assert texts(encoder, preamble) == "<s>" + template.preamble(bool(given))
    assert encoder.round_trip_problems() == []


def test_shots_come_between_bos_and_preamble(tokenizer: Any) -> None:
    encoder = Encoder(tokenizer, PAPER)
    ids = encoder.prompt_ids(*RECORD, shots=[SHOT])
    assert texts(encoder, ids) == "<s>" + PAPER.shots([SHOT]) + PAPER.prompt(*RECORD)
    assert ids[-len(encoder.prompt_ids(*RECORD)) + 1 :] == encoder.prompt_ids(*RECORD)[1:]


def test_output_is_encoded_as_in_running_text_and_ends(tokenizer: Any) -> None:
    encoder = Encoder(tokenizer, PAPER)
    ids = encoder.output_ids("  biguanide\n")
    assert ids[-1] == encoder.end_id == tokenizer.eos_token_id
    assert encoder.output_ids("biguanide", end=False) == ids[:-1]
    assert encoder.prompt_ids(*RECORD) + ids[:-1] == tokenizer(PAPER.prompt(*RECORD) + " biguanide")["input_ids"]
    assert encoder.decode(ids) == "biguanide"
    assert encoder.output_ids("") == [encoder.end_id]


def test_a_tokenizer_with_a_dummy_prefix_gets_no_second_space() -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE(unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.decoder = decoders.Metaspace()
    corpus = ["yes no Metformin the dose Output: Name the drug class. ###"]
    backend.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=120, special_tokens=["<unk>", "</s>"], show_progress=False))
    encoder = Encoder(PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="<unk>", eos_token="</s>"), PAPER)
    pieces = encoder.tokenizer.convert_ids_to_tokens(encoder.output_ids("yes", end=False))
    assert "".join(pieces) == "▁yes"
    assert encoder.preamble_ids(True)[0] != encoder.tokenizer.eos_token_id
    [problem] = encoder.round_trip_problems()
    assert "turns" in problem.got  # this alphabet has neither digits nor Greek


@pytest.mark.real
def test_a_real_sentencepiece_tokenizer(real: Path) -> None:
    from bioinstruct.models.local import load_tokenizer

    encoder = Encoder(load_tokenizer(real), PAPER)
    assert encoder.tokenizer.convert_ids_to_tokens(encoder.output_ids("hello"))[0] == "▁he"
    assert encoder.prompt_ids(*RECORD)[0] == encoder.tokenizer.bos_token_id
    assert encoder.decode(encoder.output_ids("the dose is 5 µg")) == "the dose is 5 µg"
    assert encoder.round_trip_problems() == []
    assert encoder.end_id == 2


def test_marks_in_a_text_stay_text(tokenizer: Any, chat: Any) -> None:
    plain = Encoder(tokenizer, PAPER)
    ids = plain.prompt_ids("Repeat </s> and <s>.", "")
    assert plain.end_id not in ids
    assert ids.count(tokenizer.bos_token_id) == 1
    assert plain.output_ids("a </s> b").count(plain.end_id) == 1
    turns = Encoder(chat, CHAT)
    ids = turns.prompt_ids("Repeat <|im_end|> and <|im_start|>.", "")
    assert ids.count(turns.end_id) == 1
    assert "Repeat <|im_end|> and <|im_start|>." in texts(turns, ids)


def test_chat_template_prompt_and_end_mark(chat: Any) -> None:
    encoder = Encoder(chat, CHAT)
    ids = encoder.prompt_ids(*RECORD, shots=[SHOT])
    user, asked = CHAT.body(*SHOT[:2]).strip(), CHAT.body(*RECORD).strip()
    shot = f"<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\nyes<|im_end|>\n"
    expected = f"{shot}<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n"
    assert texts(encoder, ids) == expected
    assert encoder.preamble_ids(True) == []
    assert texts(encoder, encoder.output_ids("biguanide")) == "biguanide<|im_end|>"
    messages = [{"role": "user", "content": asked}, {"role": "assistant", "content": "biguanide"}]
    whole = chat.apply_chat_template(messages, return_dict=True)["input_ids"]
    assert whole[: -len(chat("\n", add_special_tokens=False)["input_ids"])] == encoder.prompt_ids(*RECORD) + encoder.output_ids("biguanide")
    assert encoder.round_trip_problems() == []


def test_chat_end_mark_must_be_declared(chat: Any, tmp_path: Path) -> None:
    turn = chat.convert_tokens_to_ids("<|im_end|>")
    chat.eos_token = "</s>"
    with pytest.raises(InputError, match=r"ends a turn with '<\|im_end\|>', which is not declared an end mark \('</s>' is\)"):
        Encoder(chat, CHAT)
    assert Encoder(chat, CHAT, end_ids=[turn]).end_id == turn
    (tmp_path / "generation_config.json").write_text(json.dumps({"eos_token_id": [1, turn]}))
    chat.name_or_path = str(tmp_path)
    assert declared_ends(chat) == (1, turn)
    assert Encoder(chat, CHAT).end_id == turn
    (tmp_path / "generation_config.json").write_text("[")
    with pytest.raises(InputError, match=r"generation_config\.json: got text that is not a JSON object"):
        Encoder(chat, CHAT)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (None, "no chat template"),
        ("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}", "does not go on from its generation prompt"),
        ("{% for m in messages %}{{ m.content }}.{% endfor %}", "puts '.' after an answer"),
        ("{% for m in messages %}Q{{ m.content }}</s>{% endfor %}", "does not go on from its generation prompt"),
    ],
)
def test_unclear_chat_templates_are_refused(make_tokenizer: Any, template: str | None, message: str) -> None:
    made = make_tokenizer()
    made.chat_template = template
    with pytest.raises(InputError, match=message):
        Encoder(made, CHAT)


def test_a_turn_that_begins_with_a_space_keeps_it(make_tokenizer: Any) -> None:
    made = make_tokenizer()
    made.chat_template = (
        "{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
        "{% else %} {{ m.content }} </s>{% endif %}{% endfor %}"
    )
    encoder = Encoder(made, CHAT)
    assert texts(encoder, encoder.prompt_ids("Why?", "") + encoder.output_ids("yes")) == "[INST] Why? [/INST] yes</s>"


def test_problems_of_a_tokenizer(make_tokenizer: Any) -> None:
    [problem] = Encoder(make_tokenizer(pad="</s>"), PAPER).round_trip_problems()
    assert "'</s>' as padding and as end mark" in str(problem)
    doubled = make_tokenizer()
    doubled.chat_template = (
        "<s><s>{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}:{% else %}{{ m.content }}</s>{% endif %}{% endfor %}"
    )
    [problem] = Encoder(doubled, CHAT).round_trip_problems()
    assert "more than one '<s>'" in str(problem)


def test_a_tokenizer_without_an_end_mark_or_ids_is_refused(make_tokenizer: Any) -> None:
    made = make_tokenizer()
    made.eos_token = None
    with pytest.raises(InputError, match="without an end-of-text token"):
        Encoder(made, PAPER)

    class Mute:
        eos_token_id = 1

        def __call__(self, text: str, **_: Any) -> dict[str, list[int]]:
            return {"input_ids": []}

    with pytest.raises(InputError, match="encodes 'yes' as nothing"):
        Encoder(Mute(), PAPER)
