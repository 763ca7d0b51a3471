"""Text and item -> grade, one function a kind of answer. Each reads with `answers` and measures with `metrics`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bioinstruct.core.records import Finish, Item, Outcome
from bioinstruct.core.text import normalise
from bioinstruct.tasks import answers, metrics
from bioinstruct.tasks.base import Grade

Answer = TypeVar("Answer")

OPTION_READ = (
    "the option that the text settles on, by its words or by its letter (A = first); where the two disagree the words count; "
    "none or several: unparsed"
)
LABEL_READ = "the label that the text settles on; none or several: unparsed"
MEDICATIONS_READ = "`name (status)` and its variants, one a line or between semicolons; a name ends where its dose begins; prose: unparsed"
SPAN_READ = "the first line, without a lead-in, quotes or final stop; no word: unparsed"
MENTIONS_READ = (
    "names between semicolons or one a line, or `none`; each is found in the sentence as whole words, from left to right; prose: unparsed"
)
TEXT_READ = "the whole text without a code fence or an `Output:` label; no word: unparsed"

ACCURACY = ("accuracy",)
MEDICATIONS = ("f1", "precision", "recall", "f1_status", "conditional_accuracy")
SETS = ("f1", "precision", "recall")
SHORT = ("exact_match", "f1", "precision", "recall")
SPAN = ("f1", "precision", "recall")
ROUGE = ("rougeL", "rouge1", "rouge2")
MENTIONS = ("f1", "precision", "recall", "f1_relaxed")
MICRO = ("micro_f1", "micro_precision", "micro_recall")
MEDICATIONS_MICRO = (*MICRO, "micro_conditional_accuracy")
MENTIONS_MICRO = (*MICRO, "micro_f1_relaxed")


def _grade(
    text: str,
    finish: Finish,
    names: tuple[str, ...],
    gold: str,
    read: Callable[[str], Answer | None],
    measure: Callable[[Answer], tuple[str, dict[str, float], dict[str, int]]],
    missed: dict[str, int] | None = None,
) -> Grade:
    """The one place where an outcome is decided. A cut text that still holds an answer is graded: base models seldom stop.

    `missed` are the counts of a text that is not graded, from which nothing was read: all that was to be found.
    """
    if finish is Finish.ERROR:
        return Grade(Outcome.FAILED, dict.fromkeys(names, 0.0), missed or {}, "", gold)
    answer = read(text)
    if answer is None:
        outcome = Outcome.TRUNCATED if finish is Finish.LENGTH else Outcome.UNPARSED
        return Grade(outcome, dict.fromkeys(names, 0.0), missed or {}, "", gold)
    shown, values, counts = measure(answer)
    return Grade(Outcome.GRADED, values, counts, shown, gold)


def option(item: Item, text: str, finish: Finish) -> Grade:
    """Whether the text settles on the right option: `accuracy` 0 or 1."""
    gold = answers.option(item.references[0], item.options)
    return _grade(text, finish, ACCURACY, item.references[0], lambda t: answers.option(t, item.options), _accuracy(gold))


def label(item: Item, text: str, finish: Finish) -> Grade:
    """Whether the text settles on the right label: `accuracy` 0 or 1."""
    gold = answers.label(item.references[0], item.options)
    return _grade(text, finish, ACCURACY, item.references[0], lambda t: answers.label(t, item.options), _accuracy(gold))


def _accuracy(gold: str | None) -> Callable[[str], tuple[str, dict[str, float], dict[str, int]]]:
    return lambda answer: (answer, {"accuracy": float(answer == gold)}, {"correct": int(answer == gold)})


def medications(item: Item, text: str, finish: Finish) -> Grade:
    """Medication names as a set (`precision`, `recall`, `f1`), names with statuses (`f1_status`), and `conditional_accuracy`.

    Conditional accuracy is absent where no name was extracted correctly; over a corpus (`micro_conditional_accuracy`) it is the sum
    of `statuses_correct` over the sum of `true_positives`.
    """
    gold = answers.mentions(item.references[0]) or []

    def measure(pairs: list[tuple[str, str]]) -> tuple[str, dict[str, float], dict[str, int]]:
        names = metrics.sets((name for name, _ in pairs), (name for name, _ in gold))
        statuses = metrics.conditional(pairs, gold)
        values = {"f1": names.f1, "precision": names.precision, "recall": names.recall, "f1_status": metrics.sets(pairs, gold).f1}
        if statuses.accuracy is not None:
            values["conditional_accuracy"] = statuses.accuracy
        return answers.written(pairs), values, _counts(names) | {"statuses_correct": statuses.correct}

    missed = _counts(metrics.sets((), (name for name, _ in gold))) | {"statuses_correct": 0}
    return _grade(text, finish, MEDICATIONS, answers.written(gold), answers.mentions, measure, missed)


def span(item: Item, text: str, finish: Finish) -> Grade:
    """Unigram overlap with the best of the antecedents: `precision`, `recall`, `f1`."""
    golds = [answers.span(reference) for reference in item.references]

    def measure(answer: str) -> tuple[str, dict[str, float], dict[str, int]]:
        best, _ = metrics.best_overlap(answer, golds)
        return answer, {"f1": best.f1, "precision": best.precision, "recall": best.recall}, _counts(best)

    return _grade(text, finish, SPAN, " | ".join(golds), lambda t: answers.span(t) or None, measure)


def short(item: Item, text: str, finish: Finish) -> Grade:
    """`exact_match` with one of the references, 0 or 1, and unigram overlap with the best of them: `f1`, `precision`, `recall`."""
    golds = [answers.span(reference) for reference in item.references]

    def measure(answer: str) -> tuple[str, dict[str, float], dict[str, int]]:
        best, _ = metrics.best_overlap(answer, golds)
        exact = metrics.exact_match(answer, golds)
        values = {"exact_match": float(exact), "f1": best.f1, "precision": best.precision, "recall": best.recall}
        return answer, values, _counts(best) | {"correct": int(exact)}

    return _grade(text, finish, SHORT, " | ".join(golds), lambda t: answers.span(t) or None, measure)


def names(item: Item, text: str, finish: Finish) -> Grade:
    """Expressions of the input as a set, case and white space aside: `f1`, `precision`, `recall`."""
    gold = answers.names(item.references[0], item.input) or []

    def measure(found: list[str]) -> tuple[str, dict[str, float], dict[str, int]]:
        scores = metrics.sets(map(normalise, found), map(normalise, gold))
        return "; ".join(found) or "none", {"f1": scores.f1, "precision": scores.precision, "recall": scores.recall}, _counts(scores)

    return _grade(text, finish, SETS, "; ".join(gold) or "none", lambda t: answers.names(t, item.input), measure)


def spans(item: Item, text: str, finish: Finish) -> Grade:
    """Mentions of the input as spans of its words: `f1`, `precision`, `recall` (same ends) and `f1_relaxed` (overlap, one to one)."""
    words = item.input.split()
    gold_names = answers.names(item.references[0], item.input) or []
    gold = metrics.placed(gold_names, words)

    def measure(found: list[str]) -> tuple[str, dict[str, float], dict[str, int]]:
        strict = metrics.same_spans(spans := metrics.placed(found, words), gold)
        relaxed = metrics.overlapping_spans(spans, gold)
        values = {"f1": strict.f1, "precision": strict.precision, "recall": strict.recall, "f1_relaxed": relaxed.f1}
        return "; ".join(found) or "none", values, _counts(strict) | {"relaxed_true_positives": relaxed.true_positives}

    missed = _counts(metrics.same_spans((), gold)) | {"relaxed_true_positives": 0}
    return _grade(text, finish, MENTIONS, "; ".join(gold_names) or "none", lambda t: answers.names(t, item.input), measure, missed)


def text(item: Item, text: str, finish: Finish) -> Grade:
    """ROUGE-1, -2 and -L F1 against the best reference."""
    golds = [answers.free_text(reference) for reference in item.references]

    def measure(answer: str) -> tuple[str, dict[str, float], dict[str, int]]:
        values = metrics.rouge(answer, golds)
        return answer, {name: values[name] for name in ROUGE}, {"words": len(answer.split())}

    return _grade(text, finish, ROUGE, " | ".join(golds), lambda t: answers.free_text(t) or None, measure)


def _counts(scores: metrics.PRF) -> dict[str, int]:
    return {
        "true_positives": scores.true_positives,
        "false_positives": scores.false_positives,
        "false_negatives": scores.false_negatives,
    }
