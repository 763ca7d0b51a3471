from __future__ import annotations

import json
from pathlib import Path

import pytest

from bioinstruct.core import jsonl, runfolder
from bioinstruct.core.errors import InputError, RunFolderError
from bioinstruct.core.progress import Silent
from bioinstruct.core.recipe import CurateSection
from bioinstruct.core.records import Candidate, Instruction, Origin, Rejected, StageRecord, instruction_id
from bioinstruct.curate import run as curate
from bioinstruct.curate import screen

SEEDS = [("seed-01", "List the side effects of the drug in the note.")]
SECTION = CurateSection()
QUESTIONS = ["Which organ breaks down most drugs?", "How are vaccines against measles given to children?"]


def origin(candidate: Candidate) -> Origin:
    return Origin("teacher", ("seed-01",), candidate.request, candidate.position, "embedded")


def candidates(request: int = 0) -> list[Candidate]:
    return [
        Candidate(request, 4, f"Explain what drug number {request} does to the heart.", "", "It slows it."),
        Candidate(request, 5, "Too short", "", "x"),
        Candidate(request, 6, "word " * 151, "", "x"),
        Candidate(request, 7, "Describe the graph of the patient.", "", "x"),
        Candidate(request, 8, "Repeat what the patient has said.", "My head hurts.", "my head  hurts."),
        Candidate(request, 9, "List the side effects of the drug in this note.", "aspirin", "bleeding"),
        Candidate(request, 10, f"Explain what drug number {request} does to the heart.", "", "Another output."),
        Candidate(request, 11, QUESTIONS[request], "", "The liver."),
    ]


def run(
    folder: Path, rows: list[Candidate], section: CurateSection = SECTION, before: list[Instruction] | None = None, **inputs: str
) -> StageRecord:
    return curate.run(
        section, rows, seeds=SEEDS, before=before or [], origins=origin, folder=folder, inputs=dict(inputs), progress=Silent()
    )


def kept(folder: Path) -> list[Instruction]:
    return list(jsonl.read(folder / "instructions.jsonl", Instruction))


def rejected(folder: Path, name: str = "rejected.jsonl") -> list[Rejected]:
    return list(jsonl.read(folder / name, Rejected))


def test_every_candidate_ends_in_one_named_place(tmp_path):
    record = run(tmp_path, candidates())
    assert [one.origin.position for one in kept(tmp_path)] == [4, 11]
    assert [(one.instruction.origin.position, one.verdict.rule) for one in rejected(tmp_path)] == [
        (5, "too_short"),
        (6, "too_long"),
        (7, "keyword"),
        (8, "output_repeats_input"),
        (9, "novelty"),
        (10, "novelty"),
    ]
    funnel = json.loads((tmp_path / "funnel.json").read_text())
    assert [row["rule"] for row in funnel["funnel"]] == list(curate.RULE_NAMES)
    assert {row["rule"]: row["dropped"] for row in funnel["funnel"] if row["dropped"]} == {
        "too_short": 1,
        "too_long": 1,
        "keyword": 1,
        "output_repeats_input": 1,
        "novelty": 2,
    }
    assert funnel["candidates"] == 8 == funnel["kept"] + sum(row["dropped"] for row in funnel["funnel"])
    assert record.counts["candidates"] == 8
    assert record.counts["kept"] == 2 == sum(record.counts[f"category.{name}"] for name in ("qa", "ie", "generation", "other"))
    assert record.counts["dropped.novelty"] == 2


def test_novelty_says_what_was_nearest(tmp_path):
    run(tmp_path, candidates())
    near_seed, duplicate = (one.verdict.evidence for one in rejected(tmp_path) if one.verdict.rule == "novelty")
    assert near_seed == {"score": 0.9, "nearest": "seed", "id": "seed-01", "instruction": SEEDS[0][1]}
    first = kept(tmp_path)[0]
    assert duplicate == {"score": 1.0, "nearest": "kept", "id": first.id, "instruction": first.instruction}


def test_record_is_the_stage_record_and_names_the_files(tmp_path):
    record = run(tmp_path, candidates(), **{"generate/candidates.jsonl": "0" * 64})
    assert runfolder.read_record(tmp_path) == record
    assert record.fingerprint == runfolder.fingerprint("curate", SECTION.model_dump(), {"generate/candidates.jsonl": "0" * 64})
    names = ("instructions.jsonl", "rejected.jsonl", "contamination.jsonl", "identifiers.jsonl", "funnel.json")
    assert record.outputs == {name: runfolder.sha256(tmp_path / name) for name in names}


class Watch(Silent):
    """Keeps what it is told: how many candidates have been screened, how many have a verdict."""

    def __init__(self):
        self.told = []
        self.screened = 0
        self.done = 0

    def start(self, label, total, unit):
        self.told.append((label, total, unit))

    def advance(self, n=1, note="", **_):
        self.done += n
        self.told.append((self.screened, self.done, note))


def test_progress_is_told_while_the_round_is_screened_and_blocks_change_nothing(tmp_path, monkeypatch):
    rows = [*candidates(0), *candidates(1)]
    section = CurateSection(near_duplicates=0.5)
    run(tmp_path / "whole", rows, section)
    watch, look = Watch(), screen.Screen.look

    def counted(self, block, origins):
        watch.screened += len(block)
        return look(self, block, origins)

    monkeypatch.setattr(screen.Screen, "look", counted)
    monkeypatch.setattr(curate, "BLOCK", 3)
    curate.run(section, rows, seeds=SEEDS, before=[], origins=origin, folder=tmp_path / "blocks", inputs={}, progress=watch)
    assert watch.told[0] == ("curate", 16, "candidates")
    assert watch.told[1:4] == [(3, 1, "1 kept"), (3, 2, "1 kept"), (3, 3, "1 kept")]
    assert [done for _, done, _ in watch.told[1:]] == list(range(1, 17))
    for name in ("instructions.jsonl", "rejected.jsonl", "funnel.json"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "blocks" / name).read_bytes()


def test_order_of_arrival_does_not_matter(tmp_path):
    run(tmp_path / "a", candidates())
    run(tmp_path / "b", candidates()[::-1])
    for name in ("instructions.jsonl", "rejected.jsonl", "funnel.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_earlier_rounds_count_as_present(tmp_path):
    run(tmp_path / "a", candidates())
    run(tmp_path / "b", [Candidate(1, 4, QUESTIONS[0], "", "Liver")], before=kept(tmp_path / "a"))
    (only,) = rejected(tmp_path / "b")
    assert only.verdict.evidence == {
        "score": 1.0,
        "nearest": "kept",
        "id": kept(tmp_path / "a")[1].id,
        "instruction": QUESTIONS[0],
    }


TIE = "a b c d e f g u v w"  # ROUGE-L with "a b c d e f g h i j" is exactly 7/10


@pytest.mark.parametrize(("novelty", "n_kept"), [("paper", 1), ("self-instruct", 2), ("off", 2)])
def test_forms_of_novelty_differ_at_the_threshold(tmp_path, novelty, n_kept):
    rows = [Candidate(0, 4, "a b c d e f g h i j", "", "x"), Candidate(0, 5, TIE, "", "y")]
    assert run(tmp_path, rows, CurateSection(novelty=novelty)).counts["kept"] == n_kept


def test_without_novelty_equal_records_are_still_duplicates(tmp_path):
    rows = [Candidate(0, place, "Name the drug class.", "", f"x {place // 6}") for place in (4, 5, 6)]
    section = CurateSection(novelty="off")
    assert run(tmp_path, rows, section).counts["kept"] == 2
    (dropped,) = rejected(tmp_path)
    assert (dropped.verdict.rule, dropped.verdict.evidence["of"]) == ("duplicate", kept(tmp_path)[0].id)
    assert run(tmp_path, rows, section.model_copy(update={"rules": {"duplicate": False}})).counts["kept"] == 3


def test_duplicates_of_what_earlier_rounds_kept_or_found_repeated(tmp_path):
    """As in one round: a record stands for its kind whatever novelty made of it."""
    rows = [
        Candidate(0, 4, "Name the drug class of the drug in the note.", "Takes metformin.", "biguanide"),
        Candidate(0, 5, "Name the drug class of the drug in this note.", "Takes aspirin and nothing else today.", "salicylate"),
        Candidate(1, 4, "Name the drug class of the drug in this note.", "Takes aspirin and nothing else today.", "salicylate"),
    ]
    section = CurateSection(near_duplicates=0.9)
    run(tmp_path / "whole", rows, section)
    assert [one.verdict.rule for one in rejected(tmp_path / "whole")] == ["novelty", "duplicate"]
    run(tmp_path / "first", rows[:2], section)
    curate.run(
        section, rows[2:], seeds=SEEDS, before=kept(tmp_path / "first"), repeated=[rejected(tmp_path / "first")[0].instruction],
        origins=origin, folder=tmp_path / "second", inputs={}, progress=Silent(),
    )  # fmt: skip
    assert [one.verdict for one in rejected(tmp_path / "second")] == [rejected(tmp_path / "whole")[1].verdict]


NUMBER = "Call the ward at 617-482-9031 before noon."


@pytest.mark.parametrize(
    ("action", "done", "n_kept"), [("report", "reported", 2), ("mask", "masked", 2), ("drop", "dropped", 1), ("off", None, 2)]
)
def test_identifiers_are_reported_masked_or_dropped(tmp_path, action, done, n_kept):
    rows = [
        Candidate(0, 4, "Rewrite the message for a patient.", NUMBER, "Please phone the ward in the morning."),
        Candidate(0, 5, QUESTIONS[0], "", "The liver."),
    ]
    assert run(tmp_path, rows, CurateSection(identifiers=action)).counts["kept"] == n_kept
    found = list(jsonl.read(tmp_path / "identifiers.jsonl", screen.Marked))
    original = instruction_id(rows[0].instruction, rows[0].input, rows[0].output)
    assert [(one.record, one.action) for one in found] == ([] if done is None else [(original, done)])
    if done:
        (span,) = found[0].found
        assert (span.field, NUMBER[span.start : span.end], span.kind) == ("input", "617-482-9031", "phone")
    first = kept(tmp_path)[0]
    if action == "mask":
        assert first.input == "Call the ward at [PHONE] before noon."
        assert first.parent == original
        assert first.id == instruction_id(first.instruction, first.input, first.output)
    elif action == "drop":
        (dropped,) = rejected(tmp_path)
        assert (dropped.verdict.rule, dropped.verdict.evidence) == ("identifier", {"kinds": {"phone": 1}})
    else:
        assert (first.input, first.parent) == (NUMBER, None)


def test_no_candidates_is_a_round_too(tmp_path):
    assert run(tmp_path, []).counts["candidates"] == 0
    assert kept(tmp_path) == rejected(tmp_path) == []


def test_twins_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(InputError, match="got two candidates with request 0, position 4; allowed: one for each request and position"):
        run(tmp_path / "round", [candidates()[0]] * 2)
    assert not (tmp_path / "round").exists()


def test_check_names_what_is_wrong(tmp_path):
    section = CurateSection(min_words=200, keywords=["image", " "])
    assert [str(problem) for problem in curate.check(section)] == [
        "curate.min_words: got 200; allowed: at most curate.max_words (150)",
        "curate.keywords[1]: got ' '; allowed: a word; the empty list [] turns the rule off",
    ]
    assert curate.check(SECTION) == []
    with pytest.raises(InputError, match=r"curate\.min_words: got 200"):
        run(tmp_path, [], section)


def test_an_interrupted_round_has_no_record(tmp_path, monkeypatch):
    run(tmp_path, candidates())

    def fail(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(curate.jsonl, "write", fail)
    with pytest.raises(RuntimeError, match="killed"):
        run(tmp_path, candidates())
    assert runfolder.read_record(tmp_path) is None


@pytest.fixture
def rounds(tmp_path: Path) -> list[Path]:
    folders = [tmp_path / "rounds" / name for name in ("000", "001")]
    run(folders[0], candidates(0))
    run(folders[1], candidates(1), before=kept(folders[0]))
    return folders


def test_rounds_hold_what_the_merge_needs(rounds):
    assert [len(kept(folder)) for folder in rounds] == [2, 1]  # "drug number 1" is near "drug number 0"


@pytest.mark.parametrize(("target", "n_kept", "n_surplus"), [(None, 3, 0), (5, 3, 0), (3, 3, 0), (2, 2, 1), (1, 1, 2)])
def test_merge_takes_the_smallest_prefix_and_adds_up(tmp_path, rounds, target, n_kept, n_surplus):
    record = curate.merge(rounds[::-1], target, tmp_path / "curate")
    everything = kept(rounds[0]) + kept(rounds[1])
    assert kept(tmp_path / "curate") == everything[:n_kept]
    surplus = rejected(tmp_path / "curate", "surplus.jsonl")
    assert [one.instruction for one in surplus] == everything[n_kept:]
    assert {(one.verdict.keep, one.verdict.rule) for one in surplus} <= {(False, "surplus")}
    funnel = json.loads((tmp_path / "curate" / "funnel.json").read_text())
    dropped = sum(row["dropped"] for row in funnel["funnel"])
    assert (funnel["candidates"], funnel["kept"], funnel["surplus"]) == (16, n_kept, n_surplus)
    assert funnel["candidates"] == n_kept + n_surplus + dropped
    assert dropped == len(rejected(tmp_path / "curate"))
    assert record.counts["kept"] == n_kept
    assert list(record.inputs) == [f"../rounds/{n}/{name}" for n in ("001", "000") for name in ("instructions.jsonl", "rejected.jsonl")]


def test_merge_of_a_raised_target_differs_in_its_fingerprint(tmp_path, rounds):
    prints = {curate.merge(rounds, target, tmp_path / "curate").fingerprint for target in (None, 1, 2)}
    assert len(prints) == 3


def test_merge_refuses_unfinished_and_foreign_rounds(tmp_path, rounds):
    with pytest.raises(InputError, match="got no rounds; allowed: at least one finished round"):
        curate.merge([], 1, tmp_path / "curate")
    other = tmp_path / "rounds" / "002"
    run(other, [], CurateSection(threshold=0.5))
    with pytest.raises(RunFolderError, match="got a round curated with another section"):
        curate.merge([*rounds, other], 1, tmp_path / "curate")
    (rounds[1] / "record.json").unlink()
    with pytest.raises(RunFolderError, match=r"001: got a round without record\.json; allowed: finished rounds"):
        curate.merge(rounds, 1, tmp_path / "curate")
