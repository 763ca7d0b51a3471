"""`judge/summary.json`: what the judge's marks say of every answerer, and of the judge itself.

The value of a text is the mean over its marks (the repeats that were read) of the mean of the three criteria, on the scale of 1 to 5. A
text that does not exist, because its prompt did not fit, has the lowest value by rule, not by the judge; a text whose every reply was
unreadable has none, and its item is left out for all answerers, so that differences stay paired. All of it is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean, stdev
from typing import Any

from bioinstruct.core.recipe import JudgeSection
from bioinstruct.core.records import Setting
from bioinstruct.evaluate import compare, grade
from bioinstruct.evaluate.compare import Compared, Scored
from bioinstruct.evaluate.judge import CRITERIA, HIGHEST, LOWEST, PROMPT_VERSION, Judgement, Marking, Work, manner, teacher
from bioinstruct.evaluate.plan import BASE, SHUFFLED, TUNED
from bioinstruct.evaluate.trivial import TRIVIAL
from bioinstruct.statistics import bootstrap
from bioinstruct.tasks import Task

NO_JUDGE = "no judge configured"
"""What stands for a judge's figures where there is none."""
UNREADABLE = "no item with a readable mark for every answerer"
"""What is said where a task is without any; it has no part in the family's figures."""
RULE = (
    "The value of a text is the mean of its marks for coherence, completeness and naturalness, 1 to 5, over the repeats that were read. "
    "A prompt that did not fit counts as 1, the lowest. An item for which an answerer has no readable mark is left out for all. Gains are "
    "against the strongest base by these marks: on each task the base's setting with the highest mean."
)


@dataclass(frozen=True)
class Marks:
    """What the judge said of one answerer's text for one item."""

    item: str
    group: str
    outcome: Marking
    """`marked` where at least one reply was read; else that of the first question."""
    read: tuple[Mapping[str, int], ...]
    """Criterion to mark, of each reply that was read."""

    def of(self, criterion: str) -> float | None:
        """Mean mark over the repeats; the lowest where there is no text; None where nothing was read."""
        if self.outcome is Marking.NO_TEXT:
            return float(LOWEST)
        return fmean(marks[criterion] for marks in self.read) if self.read else None

    @property
    def value(self) -> float | None:
        """Mean over the criteria; None where nothing was read."""
        found = [mark for criterion in CRITERIA if (mark := self.of(criterion)) is not None]
        return fmean(found) if found else None


@dataclass(frozen=True)
class Marked:
    """One task with the judge's marks."""

    task: Task
    groups: tuple[str, ...]
    answerers: dict[Setting, list[Marks]] = field(default_factory=dict)
    """One for each item, in the items' order."""

    @property
    def held(self) -> list[int]:
        """Places of the items that have a value for every answerer."""
        return [place for place in range(len(self.groups)) if all(some[place].value is not None for some in self.answerers.values())]


def gather(works: Sequence[Work], judgements: Sequence[Judgement]) -> list[Marked]:
    """Judgements by task, answerer and item."""
    found: dict[tuple[str, Setting], list[Judgement]] = {}
    for one in judgements:
        found.setdefault((one.item, one.setting), []).append(one)
    gathered = []
    for work in works:
        marked = Marked(work.task, tuple(item.group for item in work.items))
        for texts in work.texts:
            marked.answerers[texts[0].setting] = [marks_of(found[text.item.id, text.setting]) for text in texts]
        gathered.append(marked)
    return gathered


def marks_of(judgements: Sequence[Judgement]) -> Marks:
    """All questions about one text together; one judgement at least."""
    read = tuple(one.criteria for one in judgements if one.outcome is Marking.MARKED)
    first = judgements[0]
    return Marks(first.item, first.group, Marking.MARKED if read else first.outcome, read)


def strongest_base(marked: Marked) -> Setting | None:
    """The base's setting with the highest mean over the items that all have a value for, the first of equals; None where there is none."""
    bases = {setting: one for setting in marked.answerers if setting.model == BASE and (one := _scored(marked, setting)) is not None}
    return max(bases, key=lambda setting: bases[setting].mean, default=None)


def _scored(marked: Marked, setting: Setting) -> Scored | None:
    """The values over the items that all have one for, as shares of the scale: intervals of means in 0..1 know its ends."""
    values = [marked.answerers[setting][place].value for place in marked.held]
    shares = [share(value) for value in values if value is not None]
    return Scored(setting.slug if setting.model == BASE else setting.model, shares) if shares else None


def share(mark: float) -> float:
    """1 to 5 -> 0 to 1."""
    return (mark - LOWEST) / (HIGHEST - LOWEST)


def _as_marks(estimate: Mapping[str, Any] | None, *, difference: bool = False) -> dict[str, Any] | None:
    """A mean of shares on the scale of 1 to 5, or a difference of two in points of it."""
    if estimate is None:
        return None
    start = 0 if difference else LOWEST
    return {**estimate, **{name: start + (HIGHEST - LOWEST) * estimate[name] for name in ("value", "low", "high")}}


def _family(compared: Sequence[Compared], note: str, samples: int, seed: int) -> dict[str, Any]:
    """The family's figures in marks. There is no relative gain: the scale begins at 1, not at 0."""
    found = compare.judged_family(compared, note, samples, seed)
    gains = found["gains"]
    others = {
        name: {**one, "mean": _as_marks(one["mean"]), "gain": _as_marks(one["gain"], difference=True)}
        for name, one in found.get("compared", {}).items()
    }
    return {
        **found,
        **{who: _as_marks(found[who]) for who in ("tuned", "base", "trivial", "shuffled")},
        "gains": {
            "base": {"absolute": _as_marks(gains["base"]["absolute"], difference=True)},
            **{who: _as_marks(gains[who], difference=True) for who in ("trivial", "shuffled")},
        },
        **({"compared": others} if others else {}),
    }


def compared(marked: Marked) -> Compared | None:
    """The task as families need it, over the items that all have a value for; None where there is no such item."""
    if not marked.held:
        return None
    by_model: dict[str, list[Scored]] = {}
    for setting in marked.answerers:
        name = TRIVIAL if setting.model.startswith(f"{TRIVIAL}-") else setting.model
        if (one := _scored(marked, setting)) is not None:
            by_model.setdefault(name, []).append(one)
    ours = (TUNED, BASE, TRIVIAL, SHUFFLED)
    best = {name: compare.strongest(by_model.get(name, [])) for name in (*ours, *by_model)}
    others = {name: one for name, one in best.items() if name not in ours and one is not None}
    groups = [marked.groups[place] for place in marked.held]
    return Compared(marked.task, groups, best[TUNED], best[BASE], best[TRIVIAL], best[SHUFFLED], others)


def summarise(
    section: JudgeSection, marked: Sequence[Marked], judgements: Sequence[Judgement], models: Sequence[str], samples: int, seed: int
) -> dict[str, Any]:  # fmt: skip
    """All figures of the marks, for JSON, rounded.

    Args:
        section: Of the recipe.
        marked: The tasks (`gather`).
        judgements: What they were gathered from.
        models: What the judge's server called itself in all replies.
        samples: Bootstrap samples.
        seed: Of the draws.
    """
    words = f"mean of the marks of '{section.model}' for {', '.join(CRITERIA[:-1])} and {CRITERIA[-1]}, {LOWEST} to {HIGHEST}"
    note = f"{words} (prompt {PROMPT_VERSION}, {section.repeats} a text)"
    usable = [one for task in marked if (one := compared(task)) is not None]
    outcomes = Counter(one.outcome for one in judgements)
    found = {
        "judge": section.model,
        "models": sorted(set(models)),
        "note": note if len(usable) == len(marked) else f"{note}; {UNREADABLE} on {len(marked) - len(usable)} of {len(marked)} tasks",
        "prompt": PROMPT_VERSION,
        "scale": [LOWEST, HIGHEST],
        "repeats": section.repeats,
        "temperature": manner(section).temperature_for(teacher(section)),
        "rule": RULE,
        "samples": samples,
        "seed": seed,
        "judgements": len(judgements),
        "outcomes": {outcome.value: outcomes[outcome] for outcome in Marking},
        "spread": spread(judgements),
        "tasks": {task.task.name: _task(task, samples, seed) for task in marked},
        "family": _family(usable, note, samples, seed),
    }
    return grade.rounded(found)  # type: ignore[no-any-return]


def _task(marked: Marked, samples: int, seed: int) -> dict[str, Any]:
    base = strongest_base(marked)
    return {
        "n": len(marked.groups),
        "left_out": len(marked.groups) - len(marked.held),
        "strongest_base": None if base is None else {"slug": base.slug},
        "settings": [_setting(marked, setting, some, samples, seed) for setting, some in marked.answerers.items()],
    }


def _setting(marked: Marked, setting: Setting, some: Sequence[Marks], samples: int, seed: int) -> dict[str, Any]:
    """Of all items of this answerer that have a value, whether or not others have."""

    def mean(values: Sequence[float | None]) -> dict[str, Any] | None:
        held = [(share(value), one.group) for value, one in zip(values, some, strict=True) if value is not None]
        return (
            _as_marks(asdict(bootstrap.mean([value for value, _ in held], [group for _, group in held], samples, seed))) if held else None
        )

    outcomes = Counter(one.outcome for one in some)
    return {
        "model": setting.model,
        "slug": setting.slug,
        "setting": asdict(setting),
        "texts": {outcome.value: outcomes[outcome] for outcome in Marking},
        "estimate": mean([one.value for one in some]),
        "criteria": {criterion: mean([one.of(criterion) for one in some]) for criterion in CRITERIA},
    }


def spread(judgements: Sequence[Judgement]) -> dict[str, Any]:
    """How far the repeats of one text lie apart: each text once, of those with two readable marks or more.

    Of each criterion: `sd`, the mean over the texts of the standard deviation of their marks (n - 1); `equal`, the share of texts whose
    marks are all the same; `widest`, the largest difference between two marks of one text. None where there is no such text.
    """
    by_key: dict[tuple[str, str], dict[int, Mapping[str, int]]] = {}
    for one in judgements:
        if one.outcome is Marking.MARKED:
            by_key.setdefault((one.item, one.text), {})[one.sample] = one.criteria
    repeated = [list(marks.values()) for marks in by_key.values() if len(marks) > 1]
    found: dict[str, Any] = {"texts": len(repeated)}
    for criterion in CRITERIA:
        rows = [[marks[criterion] for marks in text] for text in repeated]
        found[criterion] = None if not rows else {
            "sd": fmean(stdev(row) for row in rows),
            "equal": fmean(float(len(set(row)) == 1) for row in rows),
            "widest": max(max(row) - min(row) for row in rows),
        }  # fmt: skip
    return found


def by_text(judgements: Sequence[Judgement]) -> dict[tuple[str, str], dict[str, float]]:
    """(item, digest of the text) to criterion to the mean of its marks, of texts with one at least."""
    found: dict[tuple[str, str], dict[int, Mapping[str, int]]] = {}
    for one in judgements:
        if one.outcome is Marking.MARKED:
            found.setdefault((one.item, one.text), {})[one.sample] = one.criteria
    return {key: {name: fmean(marks[name] for marks in some.values()) for name in CRITERIA} for key, some in found.items()}
