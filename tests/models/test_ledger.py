from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bioinstruct.core.errors import InputError, RunFolderError
from bioinstruct.core.records import Finish
from bioinstruct.models.base import Reply
from bioinstruct.models.ledger import Ledger, Total

REPLY = Reply("4. Instruction: naïve ≥ 5\n", Finish.STOP, 11, 7, "m")


def test_gives_back_what_was_stored(tmp_path: Path) -> None:
    with Ledger(tmp_path / "new" / "ledger.sqlite") as ledger:
        assert ledger.reply("generate", "0/1") is None
        ledger.store("generate", "0/1", "the prompt", REPLY, ("seed-01", "seed-02"), 1.5, settings="{}")
    with Ledger(tmp_path / "new" / "ledger.sqlite") as ledger:
        assert ledger.reply("generate", "0/1") == REPLY
        assert ledger.reply("label", "0/1") is None
        entry = ledger.entry("generate", "0/1")
        assert entry is not None
        assert (entry.prompt, entry.settings, entry.seeds, entry.seconds) == ("the prompt", "{}", ("seed-01", "seed-02"), 1.5)


def test_a_second_reply_is_refused_and_the_first_is_kept(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        ledger.store("generate", "0/1", "p", REPLY, (), 0.0)
        with pytest.raises(InputError, match="second reply for generate '0/1'"):
            ledger.store("generate", "0/1", "p", Reply("other", Finish.LENGTH, 1, 1, "m"), (), 0.0)
        assert ledger.reply("generate", "0/1") == REPLY


def test_totals_add_up_by_purpose_and_entries_keep_their_order(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        assert ledger.totals() == {}
        ledger.store("label", "b", "p", REPLY, (), 1.0)
        ledger.store("generate", "0/9", "p", REPLY, (), 0.5)
        ledger.store("generate", "0/1", "p", REPLY, (), 0.25)
        assert ledger.totals() == {"generate": Total(2, 22, 14, 0.75), "label": Total(1, 11, 7, 1.0)}
        assert [entry.key for entry in ledger.entries("generate")] == ["0/9", "0/1"]


def test_many_threads_write_at_once(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:

        def write(thread: int) -> None:
            for number in range(10):
                ledger.store("generate", f"{thread}/{number}", "p", REPLY, (), 0.0)

        threads = [threading.Thread(target=write, args=(thread,)) for thread in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert ledger.totals()["generate"].requests == 40


def test_a_stored_reply_survives_the_death_of_the_process(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from bioinstruct.core.records import Finish\n"
        "from bioinstruct.models.base import Reply\n"
        "from bioinstruct.models.ledger import Ledger\n"
        "ledger = Ledger(sys.argv[1])\n"
        "ledger.store('generate', '0/0', 'p', Reply('kept', Finish.STOP, 1, 2, 'm'), (), 0.0)\n"
        "os._exit(9)\n"
    )
    path = tmp_path / "ledger.sqlite"
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == 9
    with Ledger(path) as ledger:
        assert ledger.reply("generate", "0/0") == Reply("kept", Finish.STOP, 1, 2, "m")


def test_the_file_can_be_read_while_it_is_open(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as writer, Ledger(tmp_path / "ledger.sqlite") as reader:
        writer.store("generate", "0/0", "p", REPLY, (), 0.0)
        assert reader.reply("generate", "0/0") == REPLY


def test_a_file_that_is_no_ledger_is_refused_and_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "text.sqlite"
    text.write_text("this is no database, and long enough to be read as a header of one" * 20)
    with pytest.raises(RunFolderError, match="not a database"):
        Ledger(text)
    other = tmp_path / "other.sqlite"
    database = sqlite3.connect(other)
    database.execute("CREATE TABLE mine (x)")
    database.commit()
    database.close()
    with pytest.raises(RunFolderError, match="another program's database"):
        Ledger(other)
    with pytest.raises(RunFolderError):
        Ledger(tmp_path)  # a folder


def test_a_ledger_of_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger(path).close()
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(RunFolderError, match="version 99; allowed: version 1"):
        Ledger(path)
