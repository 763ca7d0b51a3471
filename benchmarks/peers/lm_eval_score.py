"""lm-evaluation-harness's hf model over exported tasks: run in its own environment by `benchmarks/evaluate.py`.

A task is a line of JSON on the standard input: base, precision, folder of tasks, task, batch size. An answer is a line on the standard output
that begins with RESULT: seconds from the loaded model and the read items to the scores, with the harness's bootstrap off, and where `detailed`
every item's ids, log-likelihoods and texts; or `failed` where the batch does not fit into the memory.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import sys
import time
from functools import lru_cache
from importlib.metadata import version
from typing import Any

os.environ |= {
    "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",
}  # fmt: skip
import torch
from lm_eval.evaluator import evaluate
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager

MEMORY = 8 * 2**30
"""Bytes that the process may have: its automatic batch size is the largest that fits, which on a CPU would be the machine's end."""

logging.disable(logging.WARNING)
resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


@lru_cache(maxsize=1)
def load(base: str, dtype: str) -> HFLM:
    """The harness's model, on the CPU."""
    return HFLM(pretrained=base, dtype=dtype, device="cpu")


def work(told: dict[str, Any]) -> dict[str, Any]:
    """One task, timed."""
    torch.set_num_threads(told["threads"])
    model = load(told["base"], told["dtype"])
    model.batch_size_per_gpu = told["batch"]
    model.batch_schedule, model.batch_sizes = 1, {}
    tasks = TaskManager(include_path=told["tasks"], include_defaults=False).load([told["task"]])
    began, busy = time.perf_counter(), time.process_time()
    found = evaluate(lm=model, task_dict=tasks, bootstrap_iters=0, log_samples=True, limit=told.get("limit"))
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    samples = found["samples"][told["task"]]
    answer: dict[str, Any] = {"seconds": seconds, "cpu": cpu, "items": len(samples), "version": f"lm_eval {version('lm_eval')}"}
    if told.get("detailed"):
        answer["samples"] = [detail(model, one) for one in samples]
    return answer


def detail(model: HFLM, sample: dict[str, Any]) -> dict[str, Any]:
    """Item, log-likelihoods or text, and the ids of each context and continuation."""
    arguments = [list(one) for one in sample["arguments"]]
    if isinstance(arguments[0][1], str):
        pairs = [model._encode_pair(*one) for one in arguments]
        values = [float(one[0][0]) for one in sample["resps"]]
        return {
            "item": sample["doc"]["item"],
            "values": values,
            "contexts": [one[0] for one in pairs],
            "options": [one[1] for one in pairs],
        }
    return {"item": sample["doc"]["item"], "text": sample["resps"][0][0], "contexts": [model.tok_encode(arguments[0][0])]}


if __name__ == "__main__":
    for line in sys.stdin:
        try:
            done = work(json.loads(line))
        except RuntimeError as error:  # a batch that does not fit; anything else is a failure of the benchmark
            if "memory" not in str(error):
                raise
            done = {"failed": "out of memory"}
        print("RESULT " + json.dumps(done), flush=True)
