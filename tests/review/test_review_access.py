"""Who is let in, from where, and what everybody else gets: 403 and a reason."""

from __future__ import annotations

import pytest

from bioinstruct.review.access import LARGEST_BODY

from .conftest import Client, Served, row


@pytest.fixture(scope="module")
def served(begin) -> Served:
    return begin([row(number) for number in range(8)])


PATHS = ["/", "/record/1", "/next", "/done", "/static/review.js", "/static/htmx.min.js", "/nothing", "/docs", "/openapi.json"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("cookie", [None, "nonsense", "wrong"])
def test_without_a_session_there_is_nothing(served, path, cookie):
    name = f"bioinstruct_review_{served.review.drawing.review}"
    client = Client(served.port, cookie=None if cookie is None else f"{name}=x" if cookie == "wrong" else cookie)
    page = client.get(path)
    assert page.status == 403
    assert "Nobody is signed in here." in page.text
    assert "drug" not in page.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_without_a_session_nothing_can_be_sent(served, method):
    assert Client(served.port).ask(method, "/answer", "record=x").status == 403


def test_a_link_works_once(served):
    link, client = served.link("ada"), Client(served.port)
    first = client.get(link)
    assert first.status == 200
    assert "Welcome, ada" in first.text
    again = Client(served.port).get(link)
    assert again.status == 403
    assert "used already" in again.text
    assert "--new-link" in again.text
    assert "set-cookie" not in again.headers
    assert "Go on with the records" not in again.text
    reloaded = client.get(link)
    assert reloaded.status == 403
    assert '<a href="/">Go on with the records</a>' in reloaded.text


@pytest.mark.parametrize("query", ["", "?token=", "?token=wrong", "?token=%00%F0%9F", "?token=" + "x" * 5000])
def test_a_wrong_token_opens_nothing(served, query):
    page = Client(served.port).get("/enter" + query)
    assert page.status == 403
    assert "set-cookie" not in page.headers


def test_the_cookie_is_kept_from_scripts_and_other_sites(served):
    cookie = Client(served.port).get(served.link("ben")).headers["set-cookie"]
    for words in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=604800"):
        assert words.casefold() in cookie.casefold()


def test_a_link_may_be_clicked_on_another_site_and_nothing_else(served):
    client = Client(served.port, own={"Sec-Fetch-Site": "cross-site"})
    assert client.get(served.link("ada")).status == 200
    for path in PATHS:
        page = client.get(path)
        assert page.status == 403
        assert "another site" in page.text


def test_looking_at_a_link_without_opening_it_does_not_spend_it(served):
    link = served.link("ada")
    assert Client(served.port).ask("HEAD", link).status == 403
    assert Client(served.port).get(link).status == 200


OWN = "http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "https://127.0.0.1:{port}"},
        {"Origin": "http://localhost:{port}"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": None},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none", "Origin": None},
        {"Origin": None, "Sec-Fetch-Site": None},
        {"Origin": "null", "Sec-Fetch-Site": None},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_origin_cannot_answer(served, headers):
    client = served.client("ada")
    record = served.ids("ada")[0]
    said = {name: value and value.format(port=served.port) for name, value in headers.items()}
    assert client.answer(record, category="qa", headers=said).status == 403
    assert served.review.store.answer("ada", record).category is None


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "null"}, {"Origin": None}, {"Sec-Fetch-Site": None}],
)
def test_our_own_pages_can_answer_whatever_part_the_browser_says(served, headers):
    client, record = served.client("cleo"), served.ids("cleo")[1]
    assert client.answer(record, category="other", headers=headers).status == 303
    assert served.review.store.answer("cleo", record).category == "other"


@pytest.mark.parametrize("token", ["", "0" * 64, "\x00", "ä"])
def test_a_form_without_the_sessions_token_is_refused(served, token):
    client, record = served.client("ada"), served.ids("ada")[0]
    page = client.answer(record, category="qa", form_token=token)
    assert page.status == 403
    assert "Not saved" in page.text
    assert served.review.store.answer("ada", record).category is None


def test_a_form_token_of_another_session_is_refused(served):
    ada, ben = served.client("ada"), served.client("ben")
    assert ada.form_token != ben.form_token
    assert ben.answer(served.ids("ben")[0], category="qa", form_token=ada.form_token).status == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "127.0.0.1:99999999", "[::1", "x"]
)
def test_another_host_name_gets_nothing(served, host):
    client = served.client("ada")
    client.host = host
    for page in (client.get("/record/1"), client.get(served.link("ben")), client.answer("x", category="qa")):
        assert page.status == 403
        assert "127.0.0.1 and localhost only" in page.text


@pytest.mark.parametrize("host", ["localhost", "localhost:9000", "127.0.0.1:9000", "[::1]:9000", "LOCALHOST"])
def test_the_loopback_may_have_any_name_and_port(served, host):
    client = served.client("ada")
    client.host = host
    assert client.get("/record/1").status == 200
    own = {"Origin": f"http://{host}", "Sec-Fetch-Site": None}
    assert client.answer("x", category="qa", headers=own).status == 422  # let in; there is no such record


def test_a_new_link_signs_the_earlier_browser_out(served):
    first = served.client("ben")
    served.client("ben")
    assert first.get("/record/1").status == 403


def test_forms_without_a_length_and_huge_ones_are_refused_unread(served):
    client = served.client("ada")

    def status(body, headers):
        try:
            return client.ask("POST", "/answer", body, headers).status
        except ConnectionError:  # a server that has refused may close while the body is still on its way
            return "closed"

    assert status("x", {"Content-Length": str(LARGEST_BODY + 1)}) in (413, "closed")
    assert status("x", {"Content-Length": "9" * 40}) in (400, 413, "closed")
    assert status("1\r\nx\r\n0\r\n\r\n", {"Transfer-Encoding": "chunked", "Content-Length": None}) in (400, 411, "closed")
    assert client.get("/record/1").status == 200


@pytest.mark.parametrize("path", ["/record/1", "/static/review.js", "/nothing", "/enter?token=x"])
def test_every_response_forbids_what_comes_from_elsewhere(served, path):
    headers = served.client("ada").get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/static/../pages.py", "/static/%2e%2e/pages.py", "/static/..%2fpages.py", "/static//etc/passwd"])
def test_static_files_stay_in_their_folder(served, path):
    page = served.client("ada").get(path)
    assert page.status == 404
    assert "import" not in page.text
