from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest
from rouge_score.rouge_scorer import RougeScorer

from bioinstruct.core.errors import InputError
from bioinstruct.core.records import Item
from bioinstruct.core.text import rouge_words
from bioinstruct.embedded.items import MAKERS, documents, make
from bioinstruct.embedded.items_drawing import an, home_drugs
from bioinstruct.embedded.items_qa import asked_facts, wrong_objects, wrong_subjects
from bioinstruct.embedded.items_wording import CLOSED_QUESTIONS, FACT_QUESTIONS, INSTRUCTIONS
from bioinstruct.embedded.world import RELATIONS, load

WORLD = load()
FACTS = {(fact.relation, fact.subject, fact.object): fact for fact in WORLD.facts}
TASKS = list(MAKERS)
GENERATED = ("medication_status_embedded", "coreference_embedded", "conv2note_embedded", "patient_answer_embedded")
every_series = pytest.mark.parametrize(("task", "seed"), [(task, seed) for task in TASKS for seed in (1, 2)])
both_seeds = pytest.mark.parametrize("seed", [1, 2])


@cache
def series(task: str, seed: int) -> list[Item]:
    return make(task, 100, seed)


def gold(task: str, seed: int) -> Counter[str]:
    return Counter(item.references[0] for item in series(task, seed))


@every_series
def test_ids_inputs_and_lengths(task: str, seed: int) -> None:
    items = series(task, seed)
    assert [item.id for item in items] == [f"{task}/{seed}-{number}" for number in range(100)]
    assert len({item.input for item in items}) == 100
    for item in items:
        assert item.task == task
        assert item.instruction in INSTRUCTIONS[task]
        assert item.group
        assert all(item.references)
        assert 8 <= len(item.input.split()) <= 140, item.input
        assert not re.search(r"[{}]|  |\ba \d\d-year-old (?<=8\d-year-old )", item.input + item.references[0])
    assert 4 <= len({item.instruction for item in items}) <= 6


@every_series
def test_deterministic_and_prefix_stable(task: str, seed: int) -> None:
    items = series(task, seed)
    assert make(task, 100, seed) == items
    assert make(task, 37, seed) == items[:37]
    assert make(task, 0, seed) == []


@pytest.mark.parametrize("task", TASKS)
def test_seeds_differ(task: str) -> None:
    shared = {item.input for item in series(task, 1)} & {item.input for item in series(task, 2)}
    # Only the one-line questions ask from so few facts that two seeds may meet in one.
    assert len(shared) <= (25 if task in ("medmcqa_embedded", "bioasq_embedded") else 0)


@every_series
def test_options_hold_the_reference_once(task: str, seed: int) -> None:
    expected = {
        "pubmedqa_embedded": ("yes", "no", "maybe"),
        "bioasq_embedded": ("yes", "no"),
        "nli_embedded": ("entailment", "neutral", "contradiction"),
    }
    for item in series(task, seed):
        if task in GENERATED:
            assert item.options == ()
            continue
        assert len(item.references) == 1
        assert item.options.count(item.references[0]) == 1
        assert len(set(item.options)) == len(item.options)
        assert item.options == expected[task] if task in expected else len(item.options) == 4


@both_seeds
@pytest.mark.parametrize("task", ["usmle_embedded", "medmcqa_embedded"])
def test_right_option_stands_at_every_place_equally_often(task: str, seed: int) -> None:
    assert Counter(item.options.index(item.references[0]) for item in series(task, seed)) == {0: 25, 1: 25, 2: 25, 3: 25}


@both_seeds
def test_vignettes_ask_held_out_facts_and_have_one_true_option(seed: int) -> None:
    kinds: Counter[str] = Counter()
    for item in series("usmle_embedded", seed):
        right = item.references[0]
        assert 3 <= len(re.findall(r"[.?;](?: |$)", item.input)) + 1 <= 7
        if right in WORLD.conditions:
            kinds["condition"] += 1
            shown = set(WORLD.mentions(item.input)) & set(WORLD.conditions[right].findings)
            assert len(shown) >= 2
            assert any(FACTS["finding", right, finding].held_out for finding in shown)
            assert all(len(shown & set(WORLD.conditions[other].findings)) <= 1 for other in item.options if other != right)
            continue
        relation = "treats" if right in WORLD.drugs else "test"
        kinds[relation] += 1
        assert item.group in WORLD.mentions(item.input)
        pairs = [(option, item.group) if relation == "treats" else (item.group, option) for option in item.options]
        true = [FACTS[relation, *pair] for pair in pairs if (relation, *pair) in FACTS]
        assert len(true) == 1
        assert true[0].held_out
        assert right in (true[0].subject, true[0].object)
        assert len({option in WORLD.drugs for option in item.options}) == 1
    assert all(33 <= kinds[kind] <= 34 for kind in ("condition", "treats", "test"))


@both_seeds
def test_one_line_questions_ask_held_out_facts_and_have_one_true_option(seed: int) -> None:
    relations: Counter[str] = Counter()
    for item in series("medmcqa_embedded", seed):
        (named,) = WORLD.mentions(item.input)
        patterns = {kind: [_pattern(phrase) for phrase in phrases] for kind, phrases in FACT_QUESTIONS.items()}
        (kind,) = [kind for kind, ways in patterns.items() if any(way.fullmatch(item.input) for way in ways)]
        relation = {"drug_of_class": "class", "drug_for": "treats"}.get(kind, kind)
        pairs = [(option, named) if kind.startswith("drug") else (named, option) for option in item.options]
        true = [FACTS[relation, *pair] for pair in pairs if (relation, *pair) in FACTS]
        assert len(true) == 1
        assert true[0].held_out
        assert item.references[0] in (true[0].subject, true[0].object)
        assert item.group == true[0].subject
        relations[kind] += 1
    assert set(relations) == set(FACT_QUESTIONS)
    assert all(12 <= n <= 13 for n in relations.values())


@both_seeds
def test_closed_questions_are_true_when_held_out_and_false_otherwise(seed: int) -> None:
    relations: Counter[tuple[str, str]] = Counter()
    for item in series("bioasq_embedded", seed):
        ways = {relation: [_pattern(phrase) for phrase in phrases] for relation, phrases in CLOSED_QUESTIONS.items()}
        (relation,) = [name for name, patterns in ways.items() if any(way.fullmatch(item.input) for way in patterns)]
        first, second = WORLD.mentions(item.input)
        pair = (first, second) if item.group == first else (second, first)
        fact = FACTS.get((relation, *pair))
        assert (fact is not None and fact.held_out) == (item.references[0] == "yes")
        assert (fact is None) == (item.references[0] == "no")
        relations[relation, item.references[0]] += 1
    assert set(relations) == {(relation, answer) for relation in RELATIONS for answer in ("yes", "no")}
    assert all(8 <= n <= 9 for n in relations.values())


def _pattern(phrase: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "(.+)", re.escape(phrase)), re.IGNORECASE)


def test_every_askable_fact_has_enough_wrong_options() -> None:
    for relation in RELATIONS:
        facts = asked_facts(relation)
        assert len(facts) > 40
        for fact in facts:
            assert len(set(wrong_objects(fact))) >= 5
            assert all((relation, fact.subject, name) not in FACTS for name in wrong_objects(fact))
            if relation in ("class", "treats"):
                assert len(set(wrong_subjects(fact))) >= 5
                assert all((relation, name, fact.object) not in FACTS for name in wrong_subjects(fact))


@both_seeds
def test_labels_are_balanced(seed: int) -> None:
    assert gold("pubmedqa_embedded", seed) == {"yes": 40, "no": 35, "maybe": 25}
    assert 48 <= gold("bioasq_embedded", seed)["yes"] <= 52
    assert all(31 <= n <= 36 for n in gold("nli_embedded", seed).values())
    statuses = Counter(re.findall(r"\((\w+)\)", " ".join(gold("medication_status_embedded", seed))))
    assert set(statuses) == {"active", "discontinued", "neither"}
    assert min(statuses.values()) > 0.15 * sum(statuses.values())
    assert max(statuses.values()) < 0.55 * sum(statuses.values())


@both_seeds
def test_abstracts(seed: int) -> None:
    for item in series("pubmedqa_embedded", seed):
        question, abstract = item.input.split("\n")
        assert re.fullmatch(r"Question: [^?]+\?", question)
        assert re.match(r"Abstract: [A-Z\d]", abstract)
        assert 3 <= len(re.findall(r"\.(?= [A-Z\d]|$)", abstract)) <= 5
        assert re.search(r"p [=<>] 0\.\d|CI \d", abstract)
        assert not re.search(r"conclu|suggest|therefore", abstract, re.IGNORECASE)


def test_abstract_answers_follow_from_single_p_values() -> None:
    significant: Counter[str] = Counter()
    large: Counter[str] = Counter()
    for item in series("pubmedqa_embedded", 1) + series("pubmedqa_embedded", 2):
        values = [float(value) for value in re.findall(r"p = (0\.\d+)", item.input)]
        if item.references[0] == "maybe":
            assert min(values) < 0.05 < max(values) or 0.05 < min(values) < 0.1
        else:
            large[item.references[0]] += any(value > 0.05 for value in values)
            significant[item.references[0]] += any(value < 0.05 for value in values) or "p < 0.001" in item.input
    assert large["yes"] == 0
    assert significant["yes"] > 40
    assert large["no"] > 25


@both_seeds
def test_statement_pairs_cannot_be_told_from_one_side(seed: int) -> None:
    hypotheses: dict[str, Counter[str]] = {}
    for item in series("nli_embedded", seed):
        premise, hypothesis = item.input.split("\n")
        assert premise.startswith("Premise: ")
        assert hypothesis.startswith("Hypothesis: ")
        words = hypothesis.split()[1:3]
        hypotheses.setdefault(" ".join(words), Counter())[item.references[0]] += 1
    # The opening words of a hypothesis go with every label.
    common = [labels for labels in hypotheses.values() if labels.total() >= 12]
    assert common
    assert all(labels.most_common(1)[0][1] <= 0.65 * labels.total() for labels in common)


def test_statement_pairs_by_hand() -> None:
    for item in make("nli_embedded", 300, 3):
        premise, hypothesis = item.input.split("\n")
        label = item.references[0]
        if found := re.search(r"The (left|right) (\w+)|the (left|right) (\w+)", hypothesis):
            side = found.group(1) or found.group(3)
            part = found.group(2) or found.group(4)
            stated = re.search(rf"\b(left|right) {part}\b", premise)
            assert label == ("neutral" if stated is None else "entailment" if stated.group(1) == side else "contradiction")
        if claim := re.search(r"The ([\w ]+) was (above|below) (\d+)", hypothesis):
            if claim.group(1) not in premise:
                assert label == "neutral"
                continue
            value = int(re.findall(r"\d+", premise)[0])
            true = (value > int(claim.group(3))) == (claim.group(2) == "above")
            assert label == ("entailment" if true else "contradiction")


@both_seeds
def test_medication_references(seed: int) -> None:
    one = r"[a-z][a-z ]+ \((?:active|discontinued|neither)\)"
    for item in series("medication_status_embedded", seed):
        (reference,) = item.references
        assert re.fullmatch(rf"{one}(?:; {one}){{1,3}}", reference)
        listed = [entry.rsplit(" (", 1)[0] for entry in reference.split("; ")]
        assert listed == [name for name in WORLD.mentions(item.input) if name in WORLD.drugs]
        assert 2 <= len(re.findall(r"\.(?: |$)", item.input)) <= 6


@both_seeds
def test_coreference_references_stand_in_the_text(seed: int) -> None:
    for item in series("coreference_embedded", seed):
        text, last = item.input.rsplit("\n", 1)
        found = re.fullmatch(r'Expression: "(.+)"', last)
        assert found
        expression = found.group(1)
        places = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(expression)}(?!\w)", text)]
        assert len(places) == 1, item.input
        assert 1 <= len(item.references) <= 2
        for reference in item.references:
            assert -1 < text.find(reference) < places[0], item.input
            answer, words = rouge_words(reference), rouge_words(item.input)
            overlap = sum((Counter(answer) & Counter(words)).values())
            assert 2 * overlap / (len(answer) + len(words)) < 0.45
        assert 2 <= len(re.findall(r"\.(?: |$)", text)) <= 4


@both_seeds
def test_consultations(seed: int) -> None:
    for item in series("conv2note_embedded", seed):
        turns = item.input.split("\n")
        assert 4 <= len(turns) <= 8
        assert all(re.match(r"(Doctor|Patient): \S", turn) for turn in turns)
        assert [turn.split(":")[0] for turn in turns] == ["Doctor", "Patient"] * (len(turns) // 2) + ["Doctor"] * (len(turns) % 2)
        note = item.references[0]
        assert 2 <= len(re.findall(r"\.(?: |$)", note)) <= 8
        # What the note says in numbers and drug names is in the dialogue; its findings are there in lay words only.
        named = set(WORLD.mentions(note))
        for condition in named & set(WORLD.conditions):
            assert WORLD.conditions[condition].lay_name in item.input
            note = note.replace(condition, "")
        assert set(re.findall(r"\d[\d.]*\d|\d", note)) <= set(re.findall(r"\d[\d.]*\d|\d", item.input))
        assert all(drug in item.input for drug in named & set(WORLD.drugs))


@both_seeds
def test_letters(seed: int) -> None:
    for item in series("patient_answer_embedded", seed):
        answer = item.references[0]
        assert 2 <= len(re.findall(r"\.(?: |$)", answer)) <= 4
        condition = next(WORLD.conditions[name] for name in WORLD.mentions(answer) if name in WORLD.conditions)
        assert condition.lay_name in item.input
        assert sum(phrase.lower() in answer.lower() for phrase in condition.advice) == 2
        assert re.search(r"(looked at|a doctor|examined)\.$", answer)


@both_seeds
@pytest.mark.parametrize(("task", "copied", "fixed"), [("conv2note_embedded", 0.32, 0.24), ("patient_answer_embedded", 0.2, 0.26)])
def test_trivial_answers_stay_low(task: str, copied: float, fixed: float, seed: int) -> None:
    scorer = RougeScorer(["rougeL"])
    items, example = series(task, seed), make(task, 1, seed + 10_000)[0].references[0]

    def mean(texts: list[str]) -> float:
        scores = [scorer.score(item.references[0], text)["rougeL"].fmeasure for item, text in zip(items, texts, strict=True)]
        return float(sum(scores) / len(scores))

    assert mean([item.input for item in items]) < copied
    assert mean([example] * len(items)) < fixed


def test_documents_are_the_made_up_texts() -> None:
    texts = documents([item for task in TASKS for item in series(task, 1)])
    assert len(texts) == len(set(texts)) == 700
    assert all(item.input not in texts for item in series("bioasq_embedded", 1))


def test_bad_requests_say_what_is_allowed() -> None:
    with pytest.raises(InputError, match=r"task: got 'usmle'; allowed: usmle_embedded, "):
        make("usmle", 1, 1)
    with pytest.raises(InputError, match=r"n: got -1; allowed: 0 or more"):
        make("nli_embedded", -1, 1)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SSRI", "an SSRI"),
        ("TNF inhibitor", "a TNF inhibitor"),
        ("ACE inhibitor", "an ACE inhibitor"),
        ("urine culture", "a urine culture"),
        ("opioid agonist", "an opioid agonist"),
    ],
)
def test_indefinite_article(name: str, said: str) -> None:
    assert an(name) == said


def test_no_drug_name_hides_in_another() -> None:
    names = [drug.name for drug in home_drugs()]
    assert not [(one, other) for one in names for other in names if one != other and one in other]
