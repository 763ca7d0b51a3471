from __future__ import annotations

from typing import Any

import pytest

from bioinstruct.core.errors import ModelError
from bioinstruct.core.records import Finish
from bioinstruct.models.base import Reply
from bioinstruct.models.chat import LARGEST, MalformedReply, reply_from


def body(content: Any, reason: Any, usage: Any = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"content": content, **more}, "finish_reason": reason}], "usage": usage}


def test_the_same_conversion_serves_all_chat_completions() -> None:
    assert reply_from(body("x", "length"), "m") == Reply("x", Finish.LENGTH, 0, 0, "m")
    assert reply_from({**body("x", "eos"), "model": "served"}, "m").model == "served"
    assert reply_from(body(None, "length"), "m").text == ""
    assert reply_from(body([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "stop"), "m").text == "ab"
    assert reply_from(body(None, "stop", refusal="I will not"), "m") == Reply("refused: I will not", Finish.ERROR, 0, 0, "m")
    assert reply_from(body(None, "content_filter"), "m") == Reply("content_filter", Finish.ERROR, 0, 0, "m")
    assert reply_from(body("so far", "content_filter"), "m").text == "content_filter: so far"
    assert reply_from(body("a\ud800b \ud83d\ude00", "stop"), "m").text == "a\ufffdb 😀"


@pytest.mark.parametrize(
    "wrong", [[], None, 5, body(3, "stop"), body("x", "dunno"), body("x", None), body("x", 5), {"choices": [{}]}, {"choices": "no"}, {}]
)
def test_what_is_no_completion_is_named(wrong: Any) -> None:
    with pytest.raises(MalformedReply, match=r"^model 'm': got .*; allowed: "):
        reply_from(wrong, "m")


@pytest.mark.parametrize(
    ("report", "words"),
    [({"message": "no\nroom"}, "no room"), ("no room", "no room"), ({"code": 5}, r"\{'code': 5\}"), ({"message": None, "code": 5}, "5")],
)
def test_an_error_report_is_an_error_and_no_malformed_reply(report: Any, words: str) -> None:
    with pytest.raises(ModelError, match=f"^model 'm': .*{words}") as caught:
        reply_from({"error": report, **body("x", "stop")}, "m")
    assert not isinstance(caught.value, MalformedReply)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 12, "completion_tokens": 5}, (12, 5, 0, 0)),
        ({"prompt_tokens": 0, "completion_tokens": 5}, (0, 5, 0, 0)),
        (
            {
                "prompt_tokens": 12, "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 8}, "completion_tokens_details": {"reasoning_tokens": 3},
            },
            (12, 5, 8, 3),
        ),
        (
            {
                "prompt_tokens": 12, "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 80}, "completion_tokens_details": {"reasoning_tokens": 30},
            },
            (12, 5, 12, 5),
        ),
        (
            {
                "prompt_tokens": 12, "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": -1}, "completion_tokens_details": "many",
            },
            (12, 5, 0, 0),
        ),
        ({"prompt_tokens": 12}, (0, 0, 0, 0)),
        ({"prompt_tokens": -1, "completion_tokens": 5}, (0, 0, 0, 0)),
        ({"prompt_tokens": 12, "completion_tokens": "5"}, (0, 0, 0, 0)),
        ({"prompt_tokens": 12, "completion_tokens": 5.0}, (0, 0, 0, 0)),
        ({"prompt_tokens": True, "completion_tokens": 5}, (0, 0, 0, 0)),
        ({"prompt_tokens": 12, "completion_tokens": LARGEST}, (0, 0, 0, 0)),
        ("many", (0, 0, 0, 0)),
        (None, (0, 0, 0, 0)),
    ],
)  # fmt: skip
def test_usage_is_read_or_not_known_at_all(usage: Any, expected: tuple[int, int, int, int]) -> None:
    reply = reply_from(body("x", "stop", usage), "m")
    assert (reply.prompt_tokens, reply.output_tokens, reply.cached_tokens, reply.reasoning_tokens) == expected
    assert reply.tells_usage is (expected[:2] != (0, 0))
