from __future__ import annotations

import errno
import hashlib

import pytest

from bioinstruct.core import recipe, runfolder
from bioinstruct.core.errors import DataError, InputError, LimitReached, RunFolderError
from bioinstruct.core.records import StageRecord
from bioinstruct.core.runfolder import RunFolder

RECORD = StageRecord("curate", "000", {"threshold": 0.7}, "f" * 16, {"a": "1"}, {"b": "2"}, {"kept": 3}, {"python": "3"}, None, 1.5)


def test_a_file_is_written_whole(tmp_path):
    path = tmp_path / "new" / "file"
    runfolder.write_atomic(path, "ü")
    assert path.read_bytes() == "ü".encode()
    runfolder.write_atomic(path, b"\x00")
    assert path.read_bytes() == b"\x00"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_digests_of_files_and_folders(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"1")
    (tmp_path / "b").write_bytes(b"1")
    assert runfolder.sha256(tmp_path / "b") == hashlib.sha256(b"1").hexdigest()
    before = runfolder.sha256(tmp_path / "a")
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")
    assert runfolder.sha256(tmp_path / "a") != before
    assert RunFolder(tmp_path).digests(["b"]) == {"b": hashlib.sha256(b"1").hexdigest()}


def test_a_fingerprint_leaves_out_how_and_the_order_of_inputs():
    section = {"target": 10, "concurrency": 4, "teacher": "embedded"}
    base = runfolder.fingerprint("generate", section, {"a": "1", "b": "2"})
    assert len(base) == 16
    assert runfolder.fingerprint("generate", {**section, "concurrency": 8}, {"b": "2", "a": "1"}) == base
    others = [
        runfolder.fingerprint("generate", {**section, "target": 11}, {"a": "1", "b": "2"}),
        runfolder.fingerprint("generate", {**section, "teacher": "x"}, {"a": "1", "b": "2"}),
        runfolder.fingerprint("generate", section, {"a": "1", "b": "3"}),
        runfolder.fingerprint("curate", section, {"a": "1", "b": "2"}),
    ]
    assert len({base, *others}) == 5


def test_a_record_is_read_as_it_was_written(tmp_path):
    assert runfolder.read_record(tmp_path) is None
    runfolder.write_record(tmp_path, RECORD)
    assert runfolder.read_record(tmp_path) == RECORD
    assert runfolder.finished(tmp_path, "f" * 16) == RECORD
    assert runfolder.finished(tmp_path, "0" * 16) is None


def test_a_damaged_record_is_named(tmp_path):
    (tmp_path / "record.json").write_text('{"stage": "curate"}')
    with pytest.raises(DataError, match=r"record\.json, line 1, field 'name'"):
        runfolder.read_record(tmp_path)


def test_one_process_at_a_time(tmp_path):
    with RunFolder(tmp_path / "run"), pytest.raises(RunFolderError, match="another process is working on; allowed: wait for it"):
        RunFolder(tmp_path / "run").__enter__()
    with RunFolder(tmp_path / "run") as again:
        assert again / "x" == tmp_path / "run" / "x"


def test_a_run_cannot_be_where_a_file_is(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="got a file; allowed: the folder of a run"):
        RunFolder(tmp_path / "file").__enter__()


def test_the_recipe_is_adopted_and_kept(tmp_path):
    with RunFolder(tmp_path / "run") as folder:
        folder.adopt(recipe.load(None, ["generate.target=10"]))
        more = recipe.load(None, ["generate.target=20", "generate.concurrency=9"])
        assert {drift.field for drift in folder.drift(more)} == {"generate.target", "generate.concurrency"}
        folder.adopt(more)
        assert folder.drift(more) == []


def test_a_changed_identity_field_stops_and_names_three_ways_on(tmp_path):
    with RunFolder(tmp_path / "run") as folder:
        folder.adopt(recipe.load())
        changed = recipe.load(None, ["curate.threshold=0.5", "generate.target=20", "study.size=9"])  # no study has been begun
        with pytest.raises(RunFolderError) as caught:
            folder.adopt(changed)
    assert "got a changed recipe (curate.threshold was 0.7, now 0.5)" in str(caught.value)
    assert "allowed: a new --out, --restart curate, or the old value" in str(caught.value)
    assert "target" not in str(caught.value)


def test_a_study_can_be_added_until_it_has_begun(tmp_path):
    with RunFolder(tmp_path / "run") as folder:
        folder.adopt(recipe.load())
        folder.adopt(recipe.load(None, ["study.size=9"]))
        (folder / "study").mkdir()
        with pytest.raises(RunFolderError, match=r"study\.size was 9, now 160"):
            folder.adopt(recipe.load())


def test_a_foreign_folder_is_left_alone(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "thesis.tex").write_text("")
    with pytest.raises(RunFolderError, match=r"got a folder with 'thesis\.tex' and no recipe\.yaml"):
        RunFolder(tmp_path / "run").__enter__()
    assert [entry.name for entry in (tmp_path / "run").iterdir()] == ["thesis.tex"]


def test_a_folder_with_a_recipe_of_the_user_is_left_alone(tmp_path):
    (tmp_path / "recipe.yaml").write_text("seed: 3  # mine\n")
    with pytest.raises(RunFolderError, match=r"got a folder with a recipe\.yaml that no run has written"):
        RunFolder(tmp_path).__enter__()
    assert [entry.name for entry in tmp_path.iterdir()] == ["recipe.yaml"]


def test_a_restart_refuses_what_would_change_the_stages_it_keeps(tmp_path):
    with RunFolder(tmp_path / "run") as folder:
        folder.adopt(recipe.load())
        runfolder.write_record(folder / "tune", RECORD)
        with pytest.raises(RunFolderError, match=r"seed was 0, now 1\); .*--restart generate"):
            folder.restart("tune", recipe.load(None, ["tune.rank=4", "seed=1"]))
        assert runfolder.read_record(folder / "tune") == RECORD


def test_restart_forgets_the_stage_and_all_after_it(tmp_path):
    with RunFolder(tmp_path / "run") as folder:
        folder.adopt(recipe.load())
        for name in ("generate", "curate", "tune", "evaluate", "study"):
            runfolder.write_record(folder / name, RECORD)
        for name in ("ledger.sqlite", "report.json", "report.html"):
            (folder / name).write_text("")
        changed = recipe.load(None, ["curate.threshold=0.5"])
        folder.restart("curate", changed)
        assert {entry.name for entry in folder.path.iterdir()} == {".lock", "recipe.yaml", "generate", "ledger.sqlite"}
        assert folder.drift(changed) == []
        with pytest.raises(InputError, match="--restart: got 'curation'; allowed: generate, curate, tune, evaluate, study, report"):
            folder.restart("curation", changed)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_a_limit(tmp_path, number):
    with pytest.raises(LimitReached, match="no space left on the disk; free some and run again"), runfolder.disk_errors(tmp_path):
        raise OSError(number, "full")


def test_other_disk_errors_stay(tmp_path):
    with pytest.raises(PermissionError), runfolder.disk_errors(tmp_path):
        raise PermissionError(errno.EACCES, "no")
