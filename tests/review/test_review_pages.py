"""The pages: the way through the sample, what each shows and what it never shows."""

from __future__ import annotations

import html
import re

import pytest

from .conftest import LABELS, Served, row


@pytest.fixture
def served(begin) -> Served:
    return begin([row(number) for number in range(8)])


def shown(text: str) -> list[str]:
    """The record's texts as a reader sees them."""
    return [html.unescape(one) for one in re.findall(r'<div class="text" dir="auto">(.*?)</div>', text, re.DOTALL)]


def test_a_rater_goes_through_the_sample_without_javascript(served):
    client, ids = served.client("ada"), served.ids("ada")
    assert client.get("/").headers["location"] == "/record/1"
    for place, record in enumerate(ids, start=1):
        stays = client.answer(record, category=LABELS[place % 4])
        assert (stays.status, stays.headers["location"]) == (303, f"/record/{place}?saved={place}")
        goes_on = client.answer(record, decision="reject", reason="why")
        expected = "/done" if place == len(ids) else f"/record/{place + 1}?saved={place}"
        assert (goes_on.status, goes_on.headers["location"]) == (303, expected)
        if place < len(ids):
            page = client.get(goes_on.headers["location"])
            assert f"Saved: record {place}." in page.text
            assert f"{place} of 8 answered" in page.text
    assert client.get("/").headers["location"] == "/done"
    assert "All 8 records are answered" in client.get("/done").text
    answers = served.review.store.answers()
    assert [(one.category, one.decision, one.reason) for one in answers if one.record == ids[0]] == [("ie", "reject", "why")]


def test_the_decision_may_come_first_and_a_change_stays_on_its_record(served):
    client, ids = served.client("ada"), served.ids("ada")
    assert client.answer(ids[2], decision="accept").headers["location"] == "/record/3?saved=3"
    assert client.answer(ids[2], category="qa").headers["location"] == "/record/4?saved=3"
    assert client.answer(ids[2], category="ie").headers["location"] == "/record/3?saved=3"
    assert served.review.store.answer("ada", ids[2]).category == "ie"


def test_next_goes_round_to_what_has_no_answer(served):
    client, ids = served.client("ada"), served.ids("ada")
    for place in (1, 2, 8):
        client.answer(ids[place - 1], category="qa")
        client.answer(ids[place - 1], decision="accept")
    assert client.get("/next?after=1").headers["location"] == "/record/3"
    assert client.get("/next?after=5").headers["location"] == "/record/6"
    assert client.get("/next?after=7").headers["location"] == "/record/3"
    assert client.get("/next?after=-99").status == 303


def test_htmx_gets_the_part_that_changes(served):
    client, ids = served.client("ada"), served.ids("ada")
    htmx = {"HX-Request": "true"}
    stays = client.answer(ids[0], category="generation", headers=htmx)
    assert stays.status == 200
    assert "<html" not in stays.text
    assert re.search(r"<main id=\"record\".*</main>", stays.text, re.DOTALL)
    assert '<p id="said" role="status" hx-swap-oob="textContent">Saved: Generation, record 1.</p>' in stays.text
    assert re.findall(r'value="(\w+)" data-key="\d" aria-pressed="true"', stays.text) == ["generation"]
    assert stays.headers["hx-replace-url"] == "/record/1"
    goes_on = client.answer(ids[0], decision="accept", headers=htmx)
    assert goes_on.headers["hx-replace-url"] == "/record/2"
    assert f'data-record="{ids[1]}"' in goes_on.text
    assert "1 of 8 answered" in goes_on.text
    assert client.get("/next?after=8", HX_Request="true").headers["hx-replace-url"] == "/record/2"


def test_an_edit_is_saved_and_shown_again(served):
    client, ids = served.client("ada"), served.ids("ada")
    texts = {"instruction": "\nTwo\r\nlines & <b>", "input": "", "output": "😀 عربي"}
    assert client.answer(ids[0], decision="edit", **texts).status == 303
    edited = served.review.store.answer("ada", ids[0]).edited
    assert vars(edited) == {"instruction": "Two\nlines & <b>", "input": "", "output": "😀 عربي"}
    page = client.get("/record/1").text
    assert "Your edit" in page
    fields = [html.unescape(one) for one in re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)]
    assert fields == ["Two\nlines & <b>", "", "😀 عربي"]
    assert shown(page)[0] == served.review.sample[ids[0]].instruction  # the record itself is as it was


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"category": "poem"}, "is none of qa, ie, generation, other"),
        ({}, "neither a category nor a decision"),
        ({"decision": "edit", "instruction": "", "output": "x"}, "must not be empty"),
    ],
)
def test_a_form_that_cannot_be_used_saves_nothing_and_says_why(served, fields, said):
    client, record = served.client("ada"), served.ids("ada")[0]
    page = client.answer(record, **fields)
    assert page.status == 422
    assert said in html.unescape(page.text)
    assert "Not saved" in page.text
    assert served.review.store.answers() == []


def test_a_record_that_is_not_in_the_sample_is_refused(served):
    page = served.client("ada").answer("<script>", category="qa")
    assert page.status == 422
    assert "<script>" not in page.text


@pytest.mark.parametrize(
    "path", ["/record/0", "/record/9", "/record/999999999999999999999", "/record/x", "/record/1/2", "/next?after=x", "/answer"]
)
def test_addresses_that_do_not_exist_say_so(served, path):
    page = served.client("ada").get(path)
    assert page.status in (404, 405, 422)
    assert '<p id="problem">' in page.text


def test_what_cannot_be_written_is_not_called_saved(served):
    client, record = served.client("ada"), served.ids("ada")[0]
    served.review.store._connection.execute("PRAGMA query_only = ON")
    page = client.answer(record, category="qa")
    assert page.status == 503
    assert "Not saved" in page.text
    served.review.store._connection.execute("PRAGMA query_only = OFF")
    assert client.answer(record, category="qa").status == 303


HOSTILE = {
    "instruction": "<script>document.title='hacked'</script><img src=x onerror=alert(1)> {{ 7 * 7 }} {% include 'keys.html' %}",
    "input": "</textarea></div></main><script src=//evil.example></script>&lt;b&gt; <!-- <hx-partial>",
    "output": "\"><input name=form_token value=x> ' onclick='x \u202eevil\u202c",
}


def test_hostile_text_is_shown_as_it_is(begin):
    served = begin([row(0, **HOSTILE)])
    page = served.client("ada").get("/record/1").text
    assert shown(page) == list(HOSTILE.values())
    assert len(re.findall("<script", page)) == 2  # our own two, both from files
    assert "<img" not in page
    assert "<hx-" not in page
    assert " 49 " not in page


def test_long_right_to_left_and_odd_texts_are_whole(begin):
    long = "0123456789" * 10_000
    rows = [row(0, instruction="اشرح 💊\u200d", input="a\tb\n\n  c", output="é́ 👩🏽‍⚕️"), row(1, instruction=long, output=long[::-1])]
    served = begin(rows)
    client, ids = served.client("ada"), served.ids("ada")
    seen = {}
    for place, record in enumerate(ids, start=1):
        seen[record] = shown(client.get(f"/record/{place}").text)
    for record in served.review.sample.values():
        assert seen[record.id] == [text for text in (record.instruction, record.input, record.output) if text]
    record = next(record for record in served.review.sample.values() if record.instruction == long)
    assert client.answer(record.id, decision="edit", instruction=long + "!", input="", output="💊" * 30_000).status == 303
    assert served.review.store.answer("ada", record.id).edited.output == "💊" * 30_000


def test_no_response_tells_the_machines_label(begin):
    """The same records under other labels are the same pages, byte by byte."""
    one = begin([row(number) for number in range(12)])
    other = begin([row(number, category=LABELS[(number + 1 + number // 4) % 4]) for number in range(12)])
    assert [record.category for record in one.review.sample.values()] != [record.category for record in other.review.sample.values()]
    pages = [walk(served) for served in (one, other)]
    assert pages[0] == pages[1]


def walk(served: Served) -> list[str]:
    """All that a rater sees on the way through the sample, without the session's own token."""
    client = served.client("ada")
    seen = [client.get("/done"), client.get("/record/1"), client.get("/next?after=3", HX_Request="true")]
    for place, record in enumerate(served.ids("ada"), start=1):
        seen.append(client.get(f"/record/{place}"))
        seen.append(client.answer(record, category="qa", headers={"HX-Request": "true"}))
        seen.append(client.answer(record, decision="accept", headers={"HX-Request": "true"}))
    heads = [f"{page.status} {page.headers.get('hx-replace-url')}" for page in seen]
    return [*heads, *(page.text.replace(client.form_token, "TOKEN") for page in seen)]


def test_no_response_tells_another_raters_answers(begin):
    alone, beside = (begin([row(number) for number in range(6)]) for _ in range(2))
    ben = beside.client("ben")
    for record in beside.ids("ben"):
        ben.answer(record, category="other")
        ben.answer(record, decision="edit", instruction="ben's words", input="", output="ben's answer")
        ben.answer(record, decision="reject", reason="ben's reason")
    assert walk(alone) == walk(beside)
