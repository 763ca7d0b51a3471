"""Answers are kept, doors open once."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from bioinstruct.core.errors import DataError
from bioinstruct.core.records import Category
from bioinstruct.review import store as stores
from bioinstruct.review.store import Answer, Decision, Drawing, Store, Texts


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "review.sqlite"


@pytest.fixture
def store(path: Path):
    with Store(path) as opened:
        opened.add_raters(["ada", "ben"])
        yield opened


def label(category: Category):
    return lambda answer: replace(answer, category=category)


def decide(decision: Decision, **other):
    return lambda answer: replace(answer, decision=decision, **other)


def test_an_answer_comes_back_whole(store):
    edited = Texts("Ask\n😀", "", "=1+1\r\n")
    store.save("ada", "r1", label(Category.IE))
    _, saved = store.save("ada", "r1", decide(Decision.EDIT, edited=edited, reason="because"))
    assert saved == store.answer("ada", "r1") == Answer("ada", "r1", Category.IE, Decision.EDIT, "because", edited, saved.at)
    assert saved.at.endswith("+00:00")
    assert store.answer("ben", "r1") == Answer("ben", "r1")


def test_the_last_answer_counts_and_the_earlier_ones_are_kept(store, path):
    for category in (Category.QA, Category.IE, Category.IE, Category.OTHER):
        store.save("ada", "r1", label(category))
    store.save("ben", "r1", label(Category.QA))
    assert [(answer.rater, answer.category) for answer in store.answers()] == [("ada", "other"), ("ben", "qa")]
    rows = sqlite3.connect(path).execute("SELECT rater, category FROM answers ORDER BY number").fetchall()
    assert rows == [("ada", "qa"), ("ada", "ie"), ("ada", "other"), ("ben", "qa")]  # what says nothing new is not written


def test_a_record_is_completed_by_category_and_decision(store):
    store.save("ada", "r1", label(Category.QA))
    store.save("ada", "r2", decide(Decision.REJECT))
    assert store.completed("ada") == set()
    before, after = store.save("ada", "r1", decide(Decision.ACCEPT))
    assert (before.complete, after.complete) == (False, True)
    assert store.completed("ada") == {"r1"}
    assert store.completed("ben") == set()


def test_category_and_decision_sent_at_the_same_time_are_both_kept(store):
    for number in range(20):
        gate = threading.Barrier(2)
        changes = (label(Category.QA), decide(Decision.ACCEPT))

        def send(change, record=f"r{number}", gate=gate):
            gate.wait()
            store.save("ada", record, change)

        threads = [threading.Thread(target=send, args=(change,)) for change in changes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(store.completed("ada")) == 20


def test_what_is_saved_is_in_the_file_at_once(store, path):
    store.save("ada", "r1", label(Category.QA))
    with Store(path) as other:
        assert other.answer("ada", "r1").category == Category.QA


def test_a_change_that_fails_leaves_the_answer_as_it_was(store):
    store.save("ada", "r1", label(Category.QA))

    def broken(answer):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.save("ada", "r1", broken)
    assert store.save("ada", "r1", decide(Decision.ACCEPT))[1].category == Category.QA


def test_an_unknown_rater_cannot_answer(store):
    with pytest.raises(sqlite3.IntegrityError):
        store.save("eve", "r1", label(Category.QA))


def test_a_token_opens_once(store):
    token = store.new_token("ada")
    rater, session = store.spend(token)
    assert (rater, store.rater_of(session)) == ("ada", "ada")
    assert store.spend(token) is None
    assert store.spend("") is None


def test_a_new_token_replaces_the_old_one_and_its_use_ends_the_old_session(store):
    first, second = store.new_token("ada"), store.new_token("ada")
    assert store.spend(first) is None
    _, session = store.spend(second)
    third = store.new_token("ada")
    assert store.rater_of(session) == "ada"
    _, later = store.spend(third)
    assert (store.rater_of(session), store.rater_of(later)) == (None, "ada")


def test_a_session_ends(store, monkeypatch):
    _, session = store.spend(store.new_token("ada"))
    ends = stores.time.time() + stores.SESSION_SECONDS
    monkeypatch.setattr(stores.time, "time", lambda: ends + 1)
    assert store.rater_of(session) is None


def test_the_file_holds_no_secret(store, path):
    token, spent = store.new_token("ada"), store.new_token("ben")
    _, session = store.spend(spent)
    data = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert not any(secret.encode() in data for secret in (token, spent, session))


def test_the_drawing_comes_back(store):
    drawing = Drawing("ab12", "mine.jsonl", "0" * 64, 10, 3, "1" * 64, stores.LabelledBy.RULES)
    assert store.drawing() is None
    store.begin(drawing)
    assert store.drawing() == drawing


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be taken for one" * 3, "later"])
def test_another_file_is_refused(content, path):
    if content == "later":
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA user_version = 9")
    else:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"allowed: the review\.sqlite of a review"):
        Store(path)
