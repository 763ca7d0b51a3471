"""The rehearsal server's files and batches."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from bioinstruct.embedded.batches import read_lines

from .conftest import CHAT, WHOLE, Client, ask, serving


def line(name: str, seed: int = WHOLE[0], **more: Any) -> dict[str, Any]:
    return {"custom_id": name, "method": "POST", "url": CHAT, "body": ask(seed), **more}


def test_a_batch_is_completed(plain: Client) -> None:
    lines = [line(f"r{number}", seed) for number, seed in enumerate(WHOLE[:8])]
    made = plain.batch(lines, metadata={"a": "b"})
    assert (made["object"], made["status"], made["metadata"], made["output_file_id"]) == ("batch", "validating", {"a": "b"}, None)
    assert made["expires_at"] - made["created_at"] == 86_400
    done = plain.until(made["id"], "completed")
    assert done["request_counts"] == {"total": 8, "completed": 8, "failed": 0}
    assert done["error_file_id"] is done["errors"] is None
    assert done["created_at"] <= done["in_progress_at"] <= done["finalizing_at"] <= done["completed_at"]
    rows = plain.rows(done["output_file_id"])
    assert [row["custom_id"] for row in rows] != [one["custom_id"] for one in lines]
    for row in rows:
        assert set(row) == {"id", "custom_id", "response", "error"}
        assert row["error"] is None
        assert row["response"]["status_code"] == 200
        assert row["response"]["body"] == plain.chat(WHOLE[int(row["custom_id"][1:])]).json
    assert done["usage"]["output_tokens"] == sum(row["response"]["body"]["usage"]["completion_tokens"] for row in rows)
    told = plain.send("GET", f"/v1/files/{done['output_file_id']}").json
    assert (told["object"], told["purpose"]) == ("file", "batch_output")
    assert plain.create(done["output_file_id"]).status == 400
    assert plain.send("POST", f"/v1/batches/{made['id']}/cancel").status == 409
    assert plain.server.tally.batched == 8


def test_a_batch_goes_on_evenly() -> None:
    with serving(batch_seconds=0.5) as client:
        made = client.batch([line(str(number)) for number in range(10)])
        seen = []
        while (told := client.send("GET", f"/v1/batches/{made['id']}").json)["status"] != "completed":
            assert told["status"] in ("validating", "in_progress", "finalizing")
            seen.append(told["request_counts"]["completed"])
            time.sleep(0.01)
        assert seen == sorted(seen)
        assert len(set(seen)) >= 5


def test_faults_of_a_batch_are_rows() -> None:
    shares = {"rate_limited": 0.15, "server_error": 0.15, "unavailable": 0.1, "hang": 0.15, "reset": 0.1, "invalid_json": 0.1}
    with serving(faults=shares | {"empty": 0.2}, batch_seconds=0.0) as client:
        done = client.until(client.batch([line(str(number), number) for number in range(60)])["id"], "completed")
        good, bad = client.rows(done["output_file_id"]), client.rows(done["error_file_id"])
        assert done["request_counts"] == {"total": 60, "completed": len(good), "failed": len(bad)}
        assert {row["response"]["status_code"] for row in bad if row["response"]} == {429, 500, 503}
        assert {row["error"]["code"] for row in bad if not row["response"]} == {"request_timeout"}
        assert all(row["response"]["body"]["error"]["message"] for row in bad if row["response"])
        assert {row["response"]["body"]["choices"][0]["message"]["content"] == "" for row in good} == {True, False}
        again = client.until(client.batch([line(row["custom_id"], int(row["custom_id"])) for row in bad])["id"], "completed")
        assert again["request_counts"]["completed"] > 0


def test_a_batch_expires_with_what_it_has() -> None:
    with serving(batch_expires_after=0.3) as client:
        done = client.until(client.batch([line(str(number)) for number in range(10)])["id"], "expired")
        assert done["expired_at"]
        assert done["completed_at"] is None
        assert done["request_counts"] == {"total": 10, "completed": 3, "failed": 0}
        good, bad = client.rows(done["output_file_id"]), client.rows(done["error_file_id"])
        assert {row["custom_id"] for row in good} == {"0", "1", "2"}
        assert len(bad) == 7
        assert all(row["response"] is None and row["error"]["code"] == "batch_expired" for row in bad)
    with serving(batch_expires_after=0.0) as client:
        done = client.until(client.batch([line("a")])["id"], "expired")
        assert done["output_file_id"] is None


def test_a_batch_is_cancelled() -> None:
    with serving(batch_seconds=30) as client:
        made = client.batch([line(str(number)) for number in range(1000)])
        while client.send("GET", f"/v1/batches/{made['id']}").json["request_counts"]["completed"] < 2:
            time.sleep(0.005)
        first = client.send("POST", f"/v1/batches/{made['id']}/cancel").json
        assert first["status"] == "cancelling"
        done = client.until(made["id"], "cancelled")
        assert done["cancelling_at"] <= done["cancelled_at"]
        good, bad = client.rows(done["output_file_id"]), client.rows(done["error_file_id"])
        assert len(good) == done["request_counts"]["completed"] >= 2
        assert len(good) + len(bad) == 1000
        assert {row["error"]["code"] for row in bad} == {"batch_cancelled"}


@pytest.mark.parametrize(
    ("lines", "code", "number"),
    [
        ([line("a"), b"{"], "invalid_json_line", 2),
        ([line("a"), b"", line("b")], "invalid_json_line", 2),
        ([b"[]"], "invalid_json_line", 1),
        ([b"\xff\xfe\xfd"], "invalid_json_line", 1),
        ([b"[" * 100_000], "invalid_json_line", 1),
        ([line("a"), line("b"), line("a")], "duplicate_custom_id", 3),
        ([line("")], "missing_required_parameter", 1),
        ([{**line("a"), "body": []}], "missing_required_parameter", 1),
        ([line("a", method="GET")], "invalid_method", 1),
        ([line("a", url="/v1/embeddings")], "mismatched_url", 1),
        ([line("a"), {**line("b"), "body": {**ask(), "model": "other"}}], "mismatched_model", 2),
        ([b"   "], "empty_file", None),
    ],
)
def test_a_batch_fails_for_its_lines(plain: Client, lines: list[Any], code: str, number: int | None) -> None:
    done = plain.until(plain.batch(lines)["id"], "failed")
    assert done["failed_at"]
    assert done["output_file_id"] is None
    assert done["errors"]["object"] == "list"
    assert [(one["code"], one["line"]) for one in done["errors"]["data"]] == [(code, number)]
    assert done["errors"]["data"][0]["message"]


def test_limits_of_a_batch() -> None:
    _, errors = read_lines(b"{}\n" * 50_001)
    assert [one["code"] for one in errors] == ["too_many_tasks"]
    assert len(read_lines(b"{}\n" * 500)[1]) == 100
    assert read_lines(json.dumps(line("a")).encode(), models=("x",))[1][0]["code"] == "model_not_found"


def test_requests_of_a_batch_may_be_wrong_each() -> None:
    with serving(balance=1) as client:
        lines = [line("a"), {**line("b"), "body": {"model": "m"}}, line("c")]
        done = client.until(client.batch(lines)["id"], "completed")
        rows = {row["custom_id"]: row["response"] for row in client.rows(done["error_file_id"])}
        assert {name: row["status_code"] for name, row in rows.items()} == {"b": 400, "c": 429}
        assert rows["c"]["body"]["error"]["code"] == "insufficient_quota"


def test_batches_are_listed_newest_first(plain: Client) -> None:
    names = [plain.batch([line("a")])["id"] for _ in range(5)][::-1]
    first = plain.send("GET", "/v1/batches?limit=2").json
    assert ([one["id"] for one in first["data"]], first["has_more"]) == (names[:2], True)
    assert (first["object"], first["first_id"], first["last_id"]) == ("list", names[0], names[1])
    rest = plain.send("GET", f"/v1/batches?after={names[1]}").json
    assert ([one["id"] for one in rest["data"]], rest["has_more"]) == (names[2:], False)
    for query in ("limit=0", "limit=101", "limit=x", "limit=-1", "limit=" + "9" * 5000, "limit=%C2%B2"):
        assert plain.send("GET", f"/v1/batches?{query}").status == 400
    assert plain.send("GET", "/v1/batches?after=batch_x").status == 404


@pytest.mark.parametrize(
    "asked",
    [
        {"endpoint": "/v1/embeddings"},
        {"completion_window": "1h"},
        {"input_file_id": 3},
        {"metadata": []},
        {"metadata": {"a": 1}},
        {"metadata": {"a": "x" * 513}},
        {"metadata": {str(number): "" for number in range(17)}},
    ],
)
def test_a_batch_is_refused(plain: Client, asked: dict[str, Any]) -> None:
    file = plain.upload(json.dumps(line("a")).encode()).json["id"]
    assert plain.create(**({"file": file} | asked)).status == 400


def test_files_come_and_go(plain: Client) -> None:
    data = b'{"x": "\xc3\xa9"}\r\n--not the end\r\n\r\n'
    made = plain.upload(data, filename="../../in.jsonl").json
    assert (made["object"], made["purpose"], made["status"], made["bytes"]) == ("file", "batch", "processed", len(data))
    name = made["id"]
    assert plain.send("GET", f"/v1/files/{name}").json == made
    assert plain.send("GET", f"/v1/files/{name}/content").data == data
    assert plain.send("DELETE", f"/v1/files/{name}").json == {"id": name, "object": "file", "deleted": True}
    for method, path in (("GET", ""), ("GET", "/content"), ("DELETE", "")):
        assert plain.send(method, f"/v1/files/{name}{path}").status == 404
    assert plain.create(name).status == 404
    assert plain.send("GET", "/v1/batches/batch_x").status == plain.send("POST", "/v1/batches/batch_x/cancel").status == 404
