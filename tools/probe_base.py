"""What the embedded base knows: greedy cloze accuracy by relation, and its loss on documents of a seed it was not trained on.

    python tools/probe_base.py [--base FOLDER] [--facts 200]

It also says how often the model copies a list, an age, a drug or a number that stands a few lines before.
A cloze is a sentence of the documents without its object; it is right when the continuation begins with any true object.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from itertools import islice

import torch

from bioinstruct.embedded import documents
from bioinstruct.embedded.world import RELATIONS, load
from bioinstruct.models.local import LocalModel

CLOZE = {
    "class": "The drug class of {s} is",
    "treats": "{s} is used for",
    "adverse_effect": "An adverse effect of {s} is",
    "contraindicated_with": "{s} is contraindicated in",
    "finding": "Among the features of {s} is",
    "test": "The test for {s} is",
}


def cloze(model: LocalModel, n_facts: int) -> dict[str, float]:
    """Share of right continuations for at most `n_facts` facts of each relation, held-out facts apart."""
    world, accuracy = load(), {}
    end = model.tokenizer.eos_token_id
    for relation in RELATIONS:
        for held_out in (False, True):
            facts = [fact for fact in world.facts if fact.relation == relation and fact.held_out == held_out]
            facts = random.Random(1).sample(facts, min(n_facts, len(facts)))
            prompts = [model.tokenizer(CLOZE[relation].format(s=fact.subject))["input_ids"] for fact in facts]
            texts = [done.text for done in model.generate(prompts, 16, end, 4096)]
            truths = [
                {other.object for other in world.facts if (other.relation, other.subject) == (relation, fact.subject)} for fact in facts
            ]
            right = [any(text.strip().startswith(name) for name in names) for text, names in zip(texts, truths, strict=True)]
            accuracy[f"{relation}{' (held out)' if held_out else ''}"] = sum(right) / len(right)
    return accuracy


def copied(model: LocalModel, n: int) -> dict[str, float]:
    """Share of texts copied exactly from a few lines before: a list of five, an age, a drug and that it is taken, a value by its name."""
    world, rng = load(), random.Random(2)
    drugs, names = list(world.drugs.values()), [*world.drugs, *world.findings, *world.tests]
    prompts: dict[str, list[tuple[str, str]]] = {"list": [], "age": [], "drug": [], "value": []}
    for _ in range(n):
        things = rng.sample(names, 5)
        drug, age = rng.choice(drugs), rng.randint(18, 92)
        dosed = f"{drug.name} {rng.choice(drug.doses)} {drug.frequency}"
        prompts["list"].append((f"List: {'; '.join(things)}\nAgain:", "; ".join(things)))
        finding = rng.choice(list(world.findings))
        prompts["age"].append((f"The woman is {age} years old and reports {finding}.\nForm: age:", str(age)))
        prompts["drug"].append(
            (f"{age}-year-old woman, seen for {finding}. She takes {dosed}.\nDrugs and status:", f"{drug.name} (active)")
        )
        numbers = rng.sample(range(1, 1000), 4)
        table = "; ".join(f"{name} : {number}" for name, number in zip(things, numbers, strict=False))
        prompts["value"].append((f"{table}\n{things[2]} (", f"{numbers[2]})"))
    found = {}
    for kind, pairs in prompts.items():
        made = model.generate([model.tokenizer(text)["input_ids"] for text, _ in pairs], 40, model.tokenizer.eos_token_id, 4096)
        found[kind] = sum(done.text.strip().startswith(wanted) for done, (_, wanted) in zip(made, pairs, strict=True)) / n
    return found


def loss(model: LocalModel, seed: int, n_documents: int) -> dict[str, float]:
    """Mean cross entropy a token (natural logarithm) by kind of document."""
    sums: dict[str, list[float]] = {}
    for kind, text in islice(documents.stream(seed), n_documents):
        ids = torch.tensor([[*model.tokenizer(text)["input_ids"], model.tokenizer.eos_token_id]])[:, : model.context]
        with torch.no_grad():
            out = model.model(input_ids=ids, labels=ids)
        sums.setdefault(kind, []).append(out.loss.item())
    return {kind: sum(values) / len(values) for kind, values in sorted(sums.items())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", default="embedded")
    parser.add_argument("--facts", type=int, default=200)
    parser.add_argument("--documents", type=int, default=600)
    parser.add_argument("--seed", type=int, default=77)
    arguments = parser.parse_args()
    model = LocalModel.load(arguments.base)
    by_kind = loss(model, arguments.seed, arguments.documents)
    figures = {
        "cloze": cloze(model, arguments.facts),
        "copied": copied(model, 100),
        "loss": by_kind,
        "perplexity": math.exp(sum(by_kind.values()) / len(by_kind)),
    }
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
