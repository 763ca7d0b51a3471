"""Row budgets and batch sizes change nothing: log-likelihoods within 1e-4 of one plain pass for each option, the same choices and texts."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bioinstruct.core.template import PAPER
from bioinstruct.models.base import Question
from bioinstruct.models.encode import Encoder

torch = pytest.importorskip("torch", reason="the extra 'local' is not installed")

from bioinstruct.models.local import LEAST_PREFIX, LocalModel  # noqa: E402

BUDGETS = (256, 1024, 4096)
BATCHES = (1, 7, 64)
NEAR = 1e-4
Rankings = list[tuple[float, ...]]


@pytest.fixture(scope="module")
def model(tiny: Path) -> LocalModel:
    return LocalModel.load(tiny, device="cpu")


def questions(n: int, vocabulary: int) -> list[Question]:
    """Questions under a long opening (worked examples), a short one and none; some are their opening, some options are equal."""
    rng = random.Random(11)

    def ids(low: int, high: int) -> tuple[int, ...]:
        return tuple(rng.randrange(3, vocabulary) for _ in range(rng.randint(low, high)))

    openings = [ids(70, 80), ids(LEAST_PREFIX, LEAST_PREFIX), ids(3, 5), ()]
    made = []
    for number in range(n):
        opening = openings[number % 4]
        own = () if number % 9 == 0 and opening else ids(1, 40)
        options = tuple(ids(1, 6) for _ in range(rng.randint(2, 5)))
        made.append(Question(opening + own, len(opening), (*options, options[0]) if number % 5 == 0 else options))
    return made


def one_by_one(model: LocalModel, asked: list[Question]) -> Rankings:
    """Each option in a plain pass of its own."""
    found = []
    with torch.no_grad():
        for question in asked:
            values = []
            for option in question.options:
                ids = torch.tensor([[*question.prompt, *option]])
                scores = model.model(input_ids=ids).logits[0, -len(option) - 1 : -1].float().log_softmax(-1)
                values.append(scores.gather(1, ids[0, -len(option) :, None]).sum().item())
            found.append(tuple(values))
    return found


def near_ties(expected: Rankings, found: Rankings) -> int:
    """Questions whose choice is another; all of them must be near-ties."""
    changed = 0
    for wanted, values in zip(expected, found, strict=True):
        assert values == pytest.approx(wanted, abs=NEAR)
        chosen = values.index(max(values))
        if chosen != wanted.index(max(wanted)):
            assert max(wanted) - wanted[chosen] < NEAR
            changed += 1
    return changed


def portions(model: LocalModel, asked: list[Question], batch: int, row_tokens: int) -> Rankings:
    return [values for start in range(0, len(asked), batch) for values in model.rank(asked[start : start + batch], row_tokens)]


@pytest.mark.parametrize("prefixed", [True, False])
def test_log_likelihoods_and_choices(model: LocalModel, prefixed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = questions(64, len(model.tokenizer))
    expected = one_by_one(model, asked)
    model.rank(asked[:1], 256)
    assert model._prefix_fits
    monkeypatch.setattr(model, "_prefix_fits", prefixed)
    for row_tokens in BUDGETS:
        for batch in BATCHES:
            # Thirteen questions have an option twice, between which rounding decides; nothing else is near.
            assert near_ties(expected, portions(model, asked, batch, row_tokens)) <= 13


def test_greedy_texts(model: LocalModel) -> None:
    rng = random.Random(2)
    opening = [rng.randrange(3, len(model.tokenizer)) for _ in range(30)]
    prompts = [[*opening, *(rng.randrange(3, len(model.tokenizer)) for _ in range(rng.randint(1, 60)))] for _ in range(64)]
    end = model.tokenizer.eos_token_id
    expected = [model.generate([prompt], 12, end, 1)[0] for prompt in prompts]
    for budget in BUDGETS:
        for batch in BATCHES:
            found = [one for start in range(0, 64, batch) for one in model.generate(prompts[start : start + batch], 12, end, budget)]
            assert found == expected


@pytest.mark.real
@pytest.mark.parametrize(("name", "source"), [("medmcqa", "mirage"), ("pubmedqa", "pubmedqa"), ("bioasq_mirage", "mirage")])
def test_real_questions_rank_as_the_plain_scorer_of_a_harness_ranks_them(name: str, source: str) -> None:
    """Prompt and option are tokenized in one piece there, and the option is what is beyond the prompt's own tokens."""
    from bioinstruct.core.records import Setting
    from bioinstruct.evaluate import lm_eval_export, plan, rank
    from bioinstruct.tasks import TASKS, ItemRequest

    folder = Path(__file__).parents[3] / "shared" / "data" / source
    if not folder.is_dir():
        pytest.skip(f"{folder} is absent")
    model = LocalModel.load("embedded", device="cpu")
    encoder = Encoder(model.tokenizer, PAPER)
    task = TASKS.get(name)
    found = task.collect(ItemRequest(folder, 12, 1))
    setting = Setting("base", None, "rank", "text", 0, "paper")
    asked = plan.prompts(task, found.items, [], 0, PAPER)
    plain = []
    for prompt in asked:
        context = lm_eval_export.text(prompt, PAPER)
        ids = tuple(model.tokenizer(context)["input_ids"])
        whole = [model.tokenizer(f"{context} {option}")["input_ids"] for option in prompt.item.options]
        plain.append(Question(ids, 0, tuple(tuple(one[len(ids) :]) for one in whole)))
    values = model.rank(rank.questions(encoder, asked, setting), 1024)
    assert near_ties(one_by_one(model, plain), values) == 0
