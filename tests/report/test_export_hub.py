"""Repositories of the hub, made in a folder: cards, Croissant, and an upload that never writes over anything, to a hub of our own."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from bioinstruct.report import cards, croissant
from bioinstruct.report.export.hub import DATA
from bioinstruct.report.export.run import export

pytest.importorskip("pyarrow")
hub = pytest.importorskip("huggingface_hub")
EVIL = '"><script>alert(1)</script>\n---\nlicense: mit\n---\n# x'


@pytest.fixture
def made(reported: Any, tmp_path: Path) -> Path:
    """A finished run with an adapter, as a folder for the hub."""
    run = tmp_path / "run"
    shutil.copytree(reported.path, run)
    adapter = run / "tune" / "adapter"
    adapter.mkdir(parents=True, exist_ok=True)
    (adapter / "adapter_config.json").write_text("{}", encoding="utf-8")
    (adapter / "README.md").write_text("somebody's", encoding="utf-8")
    told = export("hub", run, tmp_path / "out")
    assert told[-1].startswith("nothing was pushed: ")
    return tmp_path / "out"


def front(text: str) -> dict[str, Any]:
    """The metadata at the beginning of a card."""
    _, metadata, _ = text.split("---\n", 2)
    found: dict[str, Any] = yaml.safe_load(metadata)
    return found


def test_the_cards_are_read_by_the_hubs_own_library(made: Path, reported: Any):
    text = (made / "dataset" / "README.md").read_text(encoding="utf-8")
    card = hub.DatasetCard(text)
    assert card.data.to_dict() == front(text)
    assert front(text)["license"] == "unknown"
    assert front(text)["configs"][0]["data_files"] == [{"split": "train", "path": DATA}]
    for heading in ("Intended use", "Composition", "Sources and licences", "Limits"):
        assert f"\n## {heading}\n" in text
    assert "Not for use in the care of patients." in text
    text = (made / "adapter" / "README.md").read_text(encoding="utf-8")
    results = hub.ModelCard(text).data.eval_results
    scores = {(task, setting): one for task, models in reported.data["tasks"].items() for setting, one in models.get("tuned", {}).items()}
    assert len(results) == len(scores)
    for (task, setting), one in scores.items():
        (found,) = [result for result in results if result.dataset_name == f"{task} ({setting})"]
        assert found.metric_value == round(100 * one["value"], 1)
    assert "base_model" not in front(text)  # the embedded base is on no hub


def test_croissant_names_the_file_as_it_lies_there(made: Path, reported: Any):
    described = json.loads((made / "dataset" / "croissant.json").read_text(encoding="utf-8"))
    (file,) = described["distribution"]
    data = (made / "dataset" / file["contentUrl"]).read_bytes()
    assert file["sha256"] == hashlib.sha256(data).hexdigest()
    assert file["contentSize"] == f"{len(data)} B"
    assert [one["name"] for one in described["recordSet"][0]["field"]] == list(croissant.FIELDS)
    assert f"{reported.data['totals']['kept']} records kept" in described["description"]
    assert described["conformsTo"] == "http://mlcommons.org/croissant/1.0"


def test_one_licence_that_all_records_state_is_the_data_sets():
    data = json.loads(json.dumps(DATASET))
    assert front(cards.dataset(data, "x.parquet", "cc-by-4.0"))["license"] == "cc-by-4.0"
    assert "All records state the licence cc\\-by\\-4.0." in cards.dataset(data, "x.parquet", "cc-by-4.0")
    assert "A licence is not stated by this run" in cards.dataset(data, "x.parquet")


def test_hostile_names_stay_within_their_fields():
    data = json.loads(json.dumps(DATASET))
    data["title"] = data["source"]["teacher"] = data["source"]["seeds"] = EVIL
    text = cards.dataset(data)
    assert front(text)["license"] == "unknown"
    assert front(text)["pretty_name"].startswith('" script alert(1)')
    assert "<script" not in text
    described = json.loads(croissant.describe(data, "x.parquet", "0" * 64, 1, None))
    assert "<" not in described["name"] + described["description"]


def test_a_base_of_the_hub_is_named_and_a_folder_is_not():
    values = [{"field": f"tune.{name}", "value": "x"} for name in ("rank", "alpha", "template")]
    data = {**DATASET, "recipe": [*DATASET["recipe"], *values], "training": None,
            "gains": {}, "tasks": {}, "rule": "The base is compared in its best form."}  # fmt: skip
    named = {**data, "source": {**DATASET["source"], "base": "meta-llama/Llama-2-7b-hf"}}
    assert front(cards.model(named))["base_model"] == "meta-llama/Llama-2-7b-hf"
    local = {**data, "source": {**DATASET["source"], "base": "\u2026/my-model"}}
    assert "base_model" not in front(cards.model(local))


class Hub:
    """A hub of our own making: what exists, and what was done."""

    existing: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []

    def repo_exists(self, name: str, repo_type: str) -> bool:
        return f"{repo_type}/{name}" in self.existing

    def create_repo(self, name: str, repo_type: str, private: bool, exist_ok: bool) -> str:
        self.done.append(("create", repo_type, name, private, exist_ok))
        return f"https://hub.example/{name}"

    def upload_folder(self, repo_id: str, repo_type: str, folder_path: Path, commit_message: str) -> None:
        self.done.append(("upload", repo_type, repo_id, sorted(path.name for path in folder_path.iterdir())))


@pytest.fixture
def own_hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    api = Hub()
    monkeypatch.setattr(hub, "HfApi", lambda: api)
    return api


def test_what_lies_in_the_folder_is_pushed_to_new_private_repositories(made: Path, own_hub: Hub):
    card = made / "dataset" / "README.md"
    card.write_text(card.read_text(encoding="utf-8").replace("license: unknown", "license: cc-by-4.0"), encoding="utf-8")
    told = export("hub", made.parent / "run", made, "me/mine", push=True)
    assert [one[:3] for one in own_hub.done] == [
        ("create", "dataset", "me/mine"),
        ("upload", "dataset", "me/mine"),
        ("create", "model", "me/mine"),
        ("upload", "model", "me/mine"),
    ]
    assert own_hub.done[0][3:] == own_hub.done[2][3:] == (True, False)  # private, and an error where it exists
    assert "license: cc-by-4.0" in card.read_text(encoding="utf-8")
    assert len(told) == 2
    assert "(private)" in told[0]


@pytest.mark.parametrize("existing", ["dataset/me/mine", "model/me/mine"])
def test_a_repository_that_exists_is_never_written_to(existing: str, made: Path, own_hub: Hub, command: Any):
    own_hub.existing = (existing,)
    outcome = command("export", "hub", str(made.parent / "run"), "--to", str(made), "--repo", "me/mine", "--push")
    assert outcome.code == 2
    assert "that exists; allowed: a new name (nothing is written over)" in outcome.err
    assert own_hub.done == []


@pytest.mark.parametrize("name", [None, "mine", "a/b/c", "../x", "me/mine\n"])
def test_a_name_that_is_none_is_refused_before_anything(name: str | None, made: Path, own_hub: Hub):
    with pytest.raises(ValueError, match="allowed: OWNER/NAME"):
        export("hub", made.parent / "run", made, name, push=True)
    assert own_hub.done == []


def test_a_run_without_a_report_and_a_foreign_folder(reported: Any, tmp_path: Path, own_hub: Hub):
    shutil.copytree(reported.path, tmp_path / "run")
    (tmp_path / "run" / "report.json").unlink()
    with pytest.raises(ValueError, match=r"got no report\.json; allowed: a run with a report"):
        export("hub", tmp_path / "run", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    (tmp_path / "mine").mkdir()
    with pytest.raises(ValueError, match=r"got no dataset/README\.md"):
        export("hub", tmp_path / "run", tmp_path / "mine", "me/mine", push=True)


DATASET: dict[str, Any] = {
    "title": "A run",
    "label": None,
    "totals": {"kept": 5, "candidates": 9, "requests": 2, "surplus": 0},
    "source": {"file": None, "teacher": "some-model", "base": "embedded", "seeds": "builtin", "seeds_per_request": 3},
    "funnel": [{"rule": "too_short", "dropped": 4}],
    "labeller": "rules",
    "categories": {},
    "checks": None,
    "contamination": {"state": "absent"},
    "identifiers": {"state": "absent"},
    "tasks": {},
    "recipe": [{"field": "generate.domain", "value": "biomedicine", "given": False}],
}
"""What the data set's card looks at."""
