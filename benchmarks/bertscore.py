"""BERTScore of 200 notes by an encoder of BERT-base's size: ours beside the package bert_score, in one run.

    pip install bert_score==0.3.13
    python benchmarks/bertscore.py [--notes 200] [--threads 2] [--rounds 3] [--batches 1 4 16 64] [--data ../shared/data] [--json FILE]

Texts: sections of MTS-Dialog's notes (training set) as references, each answered with the section that follows it in the file. Weights are
random, layer 9 of 12, float32. Both are timed from the loaded model to the scores, the best of `--rounds`; bert_score at each of
`--batches` (64 is its default), of which the fastest counts. Figures must agree within 1e-5, or the benchmark fails.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import string
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

FILE = "MTS-Dialog-TrainingSet.csv"
OURS = "ours"
LAYER, LIMIT = 9, 512


def notes(data: Path, n: int) -> list[tuple[str, str]]:
    """Answer and reference."""
    with (data / "mts_dialog" / FILE).open(encoding="utf-8-sig", newline="") as file:
        texts = [row["section_text"].strip() for row in csv.DictReader(file) if row["section_text"].strip()]
    return list(zip(texts[1 : n + 1], texts[:n], strict=True))


def encoder(folder: Path, texts: list[str]) -> Path:
    """A random BERT of the base size with a WordPiece vocabulary of the texts' words."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast
    from transformers.utils import logging

    logging.disable_progress_bar()
    words = Counter(word for text in texts for word in text.lower().split() if word.isalpha() and len(word) > 1)
    letters = [*string.ascii_lowercase, *string.digits]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *string.punctuation, *letters, *(f"##{one}" for one in letters)]
    pieces += [word for word, _ in words.most_common(4000)]
    backend = Tokenizer(models.WordPiece({piece: place for place, piece in enumerate(dict.fromkeys(pieces))}, unk_token="[UNK]"))
    backend.normalizer, backend.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    marks = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    torch.manual_seed(0)
    BertModel(BertConfig()).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=LIMIT, **marks).save_pretrained(folder)
    return folder


def timed(works: dict[str, Callable[[], Any]], rounds: int) -> tuple[dict[str, float], dict[str, Any]]:
    """Seconds of the fastest round of each, and what it gave back; the works take turns, so that a slow moment meets all of them."""
    seconds, found = dict.fromkeys(works, float("inf")), {}
    for _ in range(rounds):
        for name, work in works.items():
            start = time.perf_counter()
            found[name] = work()
            seconds[name] = min(seconds[name], time.perf_counter() - start)
    return seconds, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()

    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # bert_score tokenizes text by text
    import torch
    from bert_score import BERTScorer

    from bioinstruct.evaluate.metrics.base import Pair
    from bioinstruct.evaluate.metrics.bertscore import BertScore, Options

    torch.set_num_threads(given.threads)
    pairs = notes(given.data, given.notes)
    answers, references = [answer for answer, _ in pairs], [reference for _, reference in pairs]
    with tempfile.TemporaryDirectory() as place:
        folder = encoder(Path(place) / "encoder", answers + references)
        theirs = BERTScorer(model_type=str(folder), num_layers=LAYER, nthreads=0, device="cpu")
        ours = BertScore("bertscore", Options(model=str(folder), layer=LAYER))
        wanted = [Pair(answer, (reference,)) for answer, reference in pairs]
        ours.score(wanted[:2], references)  # the model is loaded
        theirs.score(answers[:2], references[:2])
        works: dict[str, Callable[[], Any]] = {OURS: lambda: ours.score(wanted, references)}
        works |= {f"bert_score, batches of {size}": partial(theirs.score, answers, references, batch_size=size) for size in given.batches}
        seconds, found = timed(works, given.rounds)
    mine = [one.values["bertscore_f1"] for one in found.pop(OURS)]
    apart = max(abs(one - other) for figures in found.values() for one, other in zip(mine, figures[2].tolist(), strict=True))
    if apart > 1e-5:
        raise SystemExit(f"the figures differ by {apart:.1e}; nothing is compared")
    for name, taken in seconds.items():
        print(f"{name:28} {taken:7.2f} s   {len(pairs) / taken:7.1f} notes a second")
    ratio = min(seconds[name] for name in found) / seconds[OURS]
    versions = {name: version(name) for name in ("torch", "transformers", "bert_score")}
    print(
        f"ours is {ratio:.2f} times as fast as bert_score at its best; F1 differ by at most {apart:.1e}; {given.threads} threads; {versions}"
    )
    if given.json is not None:
        told = {"seconds": seconds, "ratio": ratio, "apart": apart, "notes": len(pairs), "threads": given.threads, "versions": versions}
        given.json.write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
