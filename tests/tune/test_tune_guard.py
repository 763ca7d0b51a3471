from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from bioinstruct.core.errors import InputError
from bioinstruct.core.recipe import TuneSection
from bioinstruct.core.records import Instruction
from bioinstruct.models.local import LocalModel
from bioinstruct.tune import guard
from bioinstruct.tune.data import Encoded, encode
from bioinstruct.tune.run import check
from bioinstruct.tune.show import show


def words(section: TuneSection) -> list[str]:
    return [str(problem) for problem in check(section)]


def test_a_sound_base_has_no_problems(base: Path) -> None:
    assert words(TuneSection(base=str(base))) == []
    assert words(TuneSection(base=str(base), template="alpaca", target_modules="q_proj, v_proj")) == []


@pytest.mark.parametrize(
    ("changes", "place", "got"),
    [
        ({"base": "no/such/folder"}, "tune.base", "no such folder"),
        ({"template": "chat"}, "tune.template", "no chat template"),
        ({"max_tokens": 32}, "tune.max_tokens", "32 tokens, where the template with one word each takes"),
        ({"target_modules": "q_proj,nonsense"}, "tune.target_modules", "'nonsense', which is no linear layer"),
        ({"target_modules": "lm_head"}, "tune.target_modules", "'lm_head', whose weight is also the embedding"),
        ({"target_modules": ","}, "tune.target_modules", "','"),
    ],
)
def test_problems_name_field_got_and_allowed(base: Path, changes: dict[str, Any], place: str, got: str) -> None:
    (problem,) = check(TuneSection(**{"base": str(base), **changes}))
    assert problem.place == place
    assert got in problem.got
    assert problem.allowed


def test_a_context_too_short_for_the_template_is_a_problem(tmp_path: Path, build_base: Any) -> None:
    (problem,) = check(TuneSection(base=str(build_base(tmp_path, max_position_embeddings=40))))
    assert "a context of 40 tokens" in problem.got


def test_a_missing_package_is_named(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard.importlib.util, "find_spec", lambda name: None if name == "peft" else object())
    (problem,) = check(TuneSection(base=str(base)))
    assert problem.got == "an installation without peft"
    assert "bioinstruct[local]" in problem.allowed


def test_a_vocabulary_that_does_not_fit_the_tokenizer_is_a_problem_before_and_at_loading(tmp_path: Path, build_base: Any) -> None:
    folder = build_base(tmp_path, vocab_size=400)
    said = f"tune.base: got {folder} with 420 tokens and 400 embeddings; allowed: one for each token"
    assert words(TuneSection(base=str(folder))) == [said]
    with pytest.raises(InputError, match=re.escape(said)):
        LocalModel.load(folder)


def test_more_embeddings_than_tokens_are_sound(tmp_path: Path, build_base: Any) -> None:
    assert words(TuneSection(base=str(build_base(tmp_path, vocab_size=448)))) == []


def test_padding_that_is_the_end_mark_is_a_problem(tmp_path: Path, build_base: Any) -> None:
    from bioinstruct.models.local import load_tokenizer

    folder = build_base(tmp_path)
    tokenizer = load_tokenizer(folder)
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.save_pretrained(folder)
    (problem,) = check(TuneSection(base=str(folder)))
    assert "as padding and as end mark" in problem.got


def test_sound_records_pass(encoder: Any, records: list[Instruction]) -> None:
    guard.inspect(encode(records, encoder, 1024), encoder)


def test_a_record_is_shown_when_it_trains_nothing_or_the_wrong_end(encoder: Any, records: list[Instruction]) -> None:
    encoded = encode(records, encoder, 1024)
    example = encoded.examples[0]
    n = len(example.body)
    broken = {
        "no trained tokens": dataclasses.replace(example, labels_from=n - 1),
        "an end mark that is not": dataclasses.replace(example, body=example.body[:-1]),
        "end mark that is not the last trained token alone": dataclasses.replace(example, body=(*example.body, encoder.end_id)),
        "doubled beginning-of-text": dataclasses.replace(example, preamble=(encoder.tokenizer.bos_token_id, *example.preamble)),
    }
    for words_, wrong in broken.items():
        with pytest.raises(InputError, match=words_) as caught:
            guard.inspect(Encoded((encoded.examples[1], wrong), (), ()), encoder)
        assert example.id in str(caught.value)
        assert "prompt: " in str(caught.value)


def test_no_record_that_fits_is_an_error(encoder: Any, records: list[Instruction]) -> None:
    with pytest.raises(InputError, match="no record that fits \\(8 dropped\\)"):
        guard.inspect(encode(records, encoder, 40), encoder)


def test_show_colours_what_is_trained_and_escapes_the_rest(base: Path, records: list[Instruction], make_record: Any) -> None:
    from rich.text import Text

    rows = [make_record("Ignore [bold]this[/bold].", "a [red] herring\\", "[green]fine[/green] </s>"), *records]
    markup = show(TuneSection(base=str(base)), rows, 2)
    text = Text.from_markup(markup)
    assert "Ignore [bold]this[/bold]." in text.plain
    assert "a [red] herring\\" in text.plain
    green = [text.plain[span.start : span.end] for span in text.spans if span.style == "green"]
    assert green == [" [green]fine[/green] </s></s>", " biguanide</s>"]
    assert text.plain.count("record ") == 2
    assert "<s>Below is an instruction" in text.plain


def test_show_names_what_is_dropped_and_cut(base: Path, make_record: Any) -> None:
    rows = [make_record("Go on.", "", "on and on " * 100), make_record("Summarize.", "a long note " * 100, "Long.")]
    text = show(TuneSection(base=str(base), max_tokens=200), rows, 5)
    assert f"record {rows[0].id}[/bold]  dropped" in text
    assert "input cut" in text
