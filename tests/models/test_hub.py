from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bioinstruct.core.errors import DataError, MissingExtra
from bioinstruct.models import hub

ADDRESS = "hf://datasets/bio-nlp-umass/bioinstruct/biomed_instruct_25k.json"


def put(monkeypatch: pytest.MonkeyPatch, download: Any) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", SimpleNamespace(hf_hub_download=download))


def test_a_local_name_is_itself() -> None:
    assert hub.local("a/b.json") == Path("a/b.json")


@pytest.mark.parametrize(("address", "revision"), [(ADDRESS, None), (ADDRESS.replace("instruct/", "instruct@v1.0/", 1), "v1.0")])
def test_a_file_of_the_hub_is_asked_for_by_its_parts(monkeypatch: pytest.MonkeyPatch, address: str, revision: str | None) -> None:
    asked = []

    def download(repository: str, path: str, **options: Any) -> str:
        asked.append((repository, path, options))
        return "/cache/file.json"

    put(monkeypatch, download)
    assert hub.local(address) == Path("/cache/file.json")
    assert asked == [("bio-nlp-umass/bioinstruct", "biomed_instruct_25k.json", {"repo_type": "dataset", "revision": revision})]


@pytest.mark.parametrize("address", ["hf://datasets/bioinstruct.json", "hf://models/a/b/c.json", "hf://datasets/a/b/", "hf://"])
def test_an_address_without_a_file_is_refused(address: str) -> None:
    with pytest.raises(DataError, match="OWNER/NAME/PATH"):
        hub.local(address)


@pytest.mark.parametrize("error", [OSError("no route to the hub"), ValueError("a name the hub refuses")])
def test_the_hubs_words_are_told(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def download(*_: Any, **__: Any) -> str:
        raise error

    put(monkeypatch, download)
    with pytest.raises(DataError, match=str(error)):
        hub.local(ADDRESS)


def test_without_the_extra_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(MissingExtra, match=r"bioinstruct\[hub\]"):
        hub.local(ADDRESS)


def test_the_real_client_offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the client raises where nothing is cached is told as a sentence."""
    constants = pytest.importorskip("huggingface_hub.constants", reason="the extra hub is not installed")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(DataError, match=r"LocalEntryNotFoundError|OfflineMode"):
        hub.local(ADDRESS)
