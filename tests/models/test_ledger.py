from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bioinstruct.core.errors import InputError, RunFolderError
from bioinstruct.core.records import Finish
from bioinstruct.models import spending
from bioinstruct.models.base import Call, Reply
from bioinstruct.models.ledger import Entry, Ledger
from bioinstruct.models.spending import Spent, Total

REPLY = Reply("4. Instruction: naïve ≥ 5\n", Finish.STOP, 11, 7, "m", cached_tokens=3, reasoning_tokens=2)
VERSION_1 = """
CREATE TABLE replies (
    purpose TEXT NOT NULL, key TEXT NOT NULL, prompt TEXT NOT NULL, settings TEXT NOT NULL, seeds TEXT NOT NULL,
    text TEXT NOT NULL, finish TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    model TEXT NOT NULL, seconds REAL NOT NULL, stored TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    PRIMARY KEY (purpose, key)
)
"""


def call(key: str, purpose: str = "generate", prompt: str = "the prompt") -> Call:
    return Call(purpose, key, prompt, 1.0, 100, 7, None, ("seed-01", "passage:p"), '{"teacher": "m"}')


def test_gives_back_what_was_stored(tmp_path: Path) -> None:
    with Ledger(tmp_path / "new" / "ledger.sqlite") as ledger:
        assert ledger.reply("generate", "0/1") is None
        assert ledger.entry("generate", "0/1") is None
        ledger.store(call("0/1"), REPLY, 1.5)
    with Ledger(tmp_path / "new" / "ledger.sqlite") as ledger:
        assert ledger.reply("generate", "0/1") == REPLY
        assert ledger.reply("label", "0/1") is None
        entry = ledger.entry("generate", "0/1")
    assert entry == Entry("generate", "0/1", "the prompt", '{"teacher": "m"}', ("seed-01", "passage:p"), REPLY, 1.5)


def test_a_second_reply_is_refused_and_the_first_is_kept(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.store(call("0/1"), REPLY)
        with pytest.raises(InputError, match="second reply for generate '0/1'"):
            ledger.store(call("0/1"), Reply("other", Finish.LENGTH, 1, 1, "m"))
        assert ledger.reply("generate", "0/1") == REPLY


def test_totals_add_up_by_purpose_and_entries_keep_their_order(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert spending.totals(ledger) == {}
        ledger.store(call("b", "label"), REPLY, 1.0)
        ledger.store(call("0/9"), REPLY, 0.5)
        ledger.store(call("0/1"), REPLY, 0.25)
        assert spending.totals(ledger) == {"generate": Total(2, 22, 14, 0.75), "label": Total(1, 11, 7, 1.0)}
        assert list(spending.totals(ledger)) == ["generate", "label"]
        assert [entry.key for entry in ledger.entries("generate")] == ["0/9", "0/1"]


def test_entries_come_in_pages_and_in_order_also_while_others_are_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bioinstruct.models.ledger._PAGE", 4)
    asked: list[int] = []
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        for number in range(10):
            ledger.store(call(f"0/{number}"), REPLY)
            ledger.store(call(f"{number}", "label"), REPLY)
        select = ledger.select
        monkeypatch.setattr(ledger, "select", lambda *words: asked.append(len(found := select(*words))) or found)
        entries = ledger.entries("generate")
        assert asked == []  # nothing is read before it is wanted
        first = [next(entries).key for _ in range(4)]
        assert asked == [4]
        ledger.store(call("0/10"), REPLY)
        assert first + [entry.key for entry in entries] == [f"0/{number}" for number in range(11)]
        assert asked == [4, 4, 3, 0]


def test_a_stored_reply_survives_the_death_of_the_process_and_open_attempts_are_seen(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from bioinstruct.core.records import Finish\n"
        "from bioinstruct.models.base import Call, Reply\n"
        "from bioinstruct.models.ledger import Charge, Ledger\n"
        "ledger = Ledger(sys.argv[1])\n"
        "ledger.store(Call('generate', '0/0', 'p', 1.0, 9, 1), Reply('kept', Finish.STOP, 1, 2, 'm'))\n"
        "ledger.begin(Call('generate', '0/1', 'p', 1.0, 9, 1), 3, Charge(80, 0.25)).result()\n"
        "os._exit(9)\n"
    )
    path = tmp_path / "ledger.sqlite"
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == 9
    with Ledger(path) as ledger:
        assert ledger.reply("generate", "0/0") == Reply("kept", Finish.STOP, 1, 2, "m")
        assert spending.spent(ledger) == Spent(3, 0.0, 0, 0.0, 0)
        assert ledger.close_lost() == 1
        assert ledger.close_lost() == 0
        assert spending.spent(ledger) == Spent(3, 0.0, 80, 0.25, 0)
        assert spending.failures(ledger) == {"lost": 1}


def test_the_file_can_be_read_while_it_is_open(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as writer, Ledger(tmp_path / "ledger.sqlite") as reader:
        writer.store(call("0/0"), REPLY)
        assert reader.reply("generate", "0/0") == REPLY


def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "text.sqlite"
    text.write_text("this is no database, and long enough to be read as a header of one" * 20)
    other = tmp_path / "other.sqlite"
    database = sqlite3.connect(other)
    database.execute("CREATE TABLE mine (x)")
    database.commit()
    database.close()
    before = text.read_bytes(), other.read_bytes()
    with pytest.raises(RunFolderError, match="not a database"):
        Ledger(text)
    with pytest.raises(RunFolderError, match="another program's database"):
        Ledger(other)
    assert (text.read_bytes(), other.read_bytes()) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other.sqlite", "text.sqlite"]
    with pytest.raises(RunFolderError):
        Ledger(tmp_path)  # a folder


def test_a_ledger_of_a_later_version_is_refused_in_one_line_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    before = path.read_bytes()
    with pytest.raises(RunFolderError) as caught:
        Ledger(path)
    assert str(caught.value) == f"{path}: got a ledger of version 99; allowed: up to version 2 (a newer bioinstruct)"
    assert path.read_bytes() == before


def version_1(path: Path, rows: int) -> None:
    """A ledger as it was before attempts and prices."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute(VERSION_1)
    columns = "purpose, key, prompt, settings, seeds, text, finish, prompt_tokens, output_tokens, model, seconds"
    for number in range(rows):
        row = ("generate", f"0/{number}", "p", "{}", '["a", "b"]', f"text {number}", "stop", 10 + number, 5, "m", 0.5)
        database.execute(f"INSERT INTO replies ({columns}) VALUES ({', '.join('?' * len(row))})", row)
    database.execute(f"PRAGMA application_id = {0x62696F69}")
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()


def test_a_ledger_of_version_1_is_upgraded_and_keeps_its_replies(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    version_1(path, 3)
    for _ in range(2):  # the second time there is nothing left to upgrade
        with Ledger(path) as ledger:
            replies = [Reply(f"text {number}", Finish.STOP, 10 + number, 5, "m") for number in range(3)]
            assert [entry.reply for entry in ledger.entries("generate")] == replies
            assert ledger.entry("generate", "0/1") == Entry("generate", "0/1", "p", "{}", ("a", "b"), replies[1], 0.5)
            assert spending.totals(ledger) == {"generate": Total(3, 33, 15, 1.5)}
            assert spending.spent(ledger) == Spent(48, 0.0, 0, 0.0, 3)  # prices were not written down then
            assert ledger.select("PRAGMA user_version") == [(2,)]
            assert ledger.close_lost() == 0
    with Ledger(path) as ledger:
        ledger.store(call("0/3"), REPLY)
        assert ledger.reply("generate", "0/3") == REPLY
        with pytest.raises(InputError, match="second reply"):
            ledger.store(call("0/1"), REPLY)


def test_an_upgrade_that_fails_leaves_the_old_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ledger.sqlite"
    version_1(path, 1)
    with monkeypatch.context() as patch:
        patch.setattr("bioinstruct.models.ledger._UPGRADE", ("ALTER TABLE replies ADD COLUMN cached_tokens INTEGER", "no such words"))
        with pytest.raises(RunFolderError, match="syntax error"):
            Ledger(path)
    database = sqlite3.connect(path)
    assert database.execute("PRAGMA user_version").fetchone() == (1,)
    assert len(database.execute("SELECT * FROM replies").fetchone()) == 12
    database.close()
    with Ledger(path) as ledger:
        assert ledger.reply("generate", "0/0") == Reply("text 0", Finish.STOP, 10, 5, "m")


def test_a_closed_ledger_takes_no_more(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    ledger.close()
    with pytest.raises(RunFolderError, match="got a write to a closed ledger"):
        ledger.close_lost()
