"""Greedy completions of the embedded world's items: `LocalModel.generate` beside plain calls of transformers' `generate`, in one run.

    python benchmarks/generation.py [--small] [--threads N] [--row-tokens N] [--json FILE]

Prompts are those of `bioinstruct run` (base, 0 and 1 worked examples), in batches of the same tokens: ours as the stage asks for them, the peer's padded
on the left, one call each, with transformers' own cache. Texts must be equal.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import torch

from bioinstruct.core import template
from bioinstruct.evaluate import complete
from bioinstruct.evaluate.plan import prompts
from bioinstruct.models import decode
from bioinstruct.models.base import Generated
from bioinstruct.models.checkpoint import quiet
from bioinstruct.models.encode import Encoder
from bioinstruct.models.encode import decode as text_of
from bioinstruct.models.local import LocalModel, _batches
from bioinstruct.tasks import TASKS, ItemRequest

MOST_NEW = 96
TASK_NAMES = ("medication_status_embedded", "coreference_embedded", "conv2note_embedded", "patient_answer_embedded")


def work(encoder: Encoder, items: int, shots: tuple[int, ...]) -> dict[tuple[str, int], tuple[list[list[int]], int]]:
    """(task, worked examples) to prompt ids and most new tokens, as the default recipe asks."""
    found = {}
    for name in TASK_NAMES:
        task = TASKS.get(name)
        collection = task.collect(ItemRequest(None, items, 1))
        for k in shots:
            asked = prompts(task, collection.items, collection.pool, k, template.get("paper"))
            ids = [encoder.prompt_ids(prompt.instruction, prompt.input, prompt.shots) for prompt in asked]
            found[name, k] = ids, min(task.max_new_tokens, MOST_NEW)
    return found


def peer(model: LocalModel, ids: list[list[int]], most: int, end_id: int, budget: int) -> list[str]:
    """Texts from one plain call of `generate` a batch."""
    pad = model.tokenizer.pad_token_id
    texts: dict[int, str] = {}
    with quiet():
        for batch in _batches({n: len(prompt) for n, prompt in enumerate(ids)}, dict.fromkeys(range(len(ids)), most), budget):
            for number, new in zip(batch, decode.plain(model.model, [ids[n] for n in batch], most, end_id, pad), strict=True):
                texts[number] = text_of(model.tokenizer, new[: new.index(end_id)] if end_id in new else new)
    return [texts[number] for number in range(len(ids))]


def timed(call: Callable[[], list[Generated]] | Callable[[], list[str]]) -> tuple[list[str], float]:
    """Texts and seconds."""
    began = time.perf_counter()
    made = call()
    seconds = time.perf_counter() - began
    return [one if isinstance(one, str) else one.text for one in made], seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="a minute's worth")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of torch")
    parser.add_argument("--row-tokens", type=int, default=1024, help="what evaluate.row_tokens holds")
    parser.add_argument("--json", type=Path, help="write the rows here")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model = LocalModel.load("embedded", device="cpu")
    encoder = Encoder(model.tokenizer, template.get("paper"))
    model.generate([[5, 6, 7]], 4, encoder.end_id, 100)  # what happens once a process is nobody's
    rows = []
    total_ours = total_peer = 0.0
    for (name, k), (ids, most) in work(encoder, 12 if arguments.small else 100, (0, 1)).items():
        budget = complete._prompt_budget(ids, most, complete.batch_tokens(model, arguments.row_tokens))
        texts, seconds = timed(lambda ids=ids, most=most, budget=budget: model.generate(ids, most, encoder.end_id, budget))
        texts_peer, seconds_peer = timed(lambda ids=ids, most=most, budget=budget: peer(model, ids, most, encoder.end_id, budget))
        assert texts == texts_peer, f"{name}, {k} worked examples: texts differ"
        total_ours, total_peer = total_ours + seconds, total_peer + seconds_peer
        rows.append(row(f"{len(ids)} prompts of {name}, {k} worked examples (same texts)", seconds, seconds_peer))
    rows.append(row("all of these", total_ours, total_peer))
    for one in rows:
        print(f"{one['work']}: ours {one['ours']} s, peer {one['peer']} s ({one['peer_version']}), ratio {one['ratio']}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def row(done: str, seconds: float, seconds_peer: float) -> dict[str, object]:
    """One row of what `--json` writes."""
    return {
        "work": done,
        "ours": round(seconds, 2),
        "peer": round(seconds_peer, 2),
        "peer_version": f"transformers {version('transformers')}",
        "unit": "s",
        "ratio": round(seconds_peer / seconds, 1),
        "goal": "> 2",
    }


if __name__ == "__main__":
    main()
