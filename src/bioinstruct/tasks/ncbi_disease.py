"""Every disease that a sentence of an abstract mentions, as it stands there. The paper does not use it; many of its peers do.

Data of `ncbi_disease`: the folder with `test.tsv` (scored) and `train.tsv` (worked examples), or `test.tsv` alone: one word and its tag
(`B-Disease`, `I-Disease`, `O`) a line, separated by a tab, an empty line after each sentence.

A sentence is shown as its words with spaces between them, as the file cuts them. A mention counts where both its ends are right (`f1`,
strict), or where it shares a word with a mention of the gold that no other was counted for (`f1_relaxed`). Both are per sentence, a
sentence without a mention being right where none is listed; the sums of the counts give the corpus-level (micro) figures that tables of
the field show. A mention written out in an answer stands for its first place after the one before it; for one of the test split's 960
mentions that is an earlier, equal word. The file does not say which sentences are of one abstract: intervals take them as independent.
"""

from __future__ import annotations

from pathlib import Path

from bioinstruct.core.records import Item
from bioinstruct.tasks import grading, prompts, trivial
from bioinstruct.tasks.access import Access, Copy
from bioinstruct.tasks.base import Task
from bioinstruct.tasks.rows import Row, inside, tagged_rows
from bioinstruct.tasks.sources import Files

INSTRUCTION = (
    "List every disease that this sentence mentions, in the sentence's own words and order, once for each time it is mentioned, separated "
    "by semicolons; write none if it mentions no disease."
)
TEST, TRAINING = "test.tsv", "train.tsv"
BEGIN, INSIDE, OUTSIDE = "B-Disease", "I-Disease", "O"


def _scored(path: Path) -> list[Row]:
    return tagged_rows(inside(path, TEST), "test")


def _training(path: Path) -> list[Row] | None:
    return tagged_rows(path / TRAINING, "train") if (path / TRAINING).exists() else None


def _item(row: Row) -> Item:
    names: list[str] = []
    open_mention = False
    for token, tag in zip(row.get("tokens"), row.get("tags"), strict=True):
        if tag not in (BEGIN, INSIDE, OUTSIDE):
            raise row.wrong("tags", tag, f"one of {BEGIN}, {INSIDE}, {OUTSIDE}")
        if tag == INSIDE and open_mention:
            names[-1] += f" {token}"
        elif tag != OUTSIDE:  # a mention that begins with I, as some files have it
            names.append(token)
        open_mention = tag != OUTSIDE
    name = f"{row.split}-{row.name}"
    return Item(f"ncbi_disease/{name}", "ncbi_disease", INSTRUCTION, " ".join(row.get("tokens")), ("; ".join(names) or "none",), (), name)


NCBI_DISEASE = Task(
    name="ncbi_disease",
    family="ie",
    mode="generate",
    metric="f1",
    metrics=grading.MENTIONS,
    micro=grading.MENTIONS_MICRO,
    chance=None,
    max_new_tokens=96,
    source="NCBI Disease corpus (Dogan et al. 2014), in the sentences and words of MTL-Bioinformatics-2016 (Crichton et al. 2017)",
    split="test (940 sentences); worked examples from the training split (5,424) where its file is there, else unscored sentences",
    n=940,
    instruction=INSTRUCTION,
    licence="CC BY 4.0 (the conversion); the corpus is of the National Library of Medicine",
    version="2",
    paper_setting="not measured in the paper",
    paper_shots=1,
    description="A sentence of an abstract; answered with the diseases that it mentions.",
    data=Files(
        f"the folder with the corpus's {TEST} and {TRAINING} in IOB form, or {TEST} alone",
        Access(
            (
                Copy(
                    "https://github.com/cambridgeltl/MTL-Bioinformatics-2016 (data/NCBI-disease-IOB)",
                    (TEST, TRAINING),
                    sha256={
                        TEST: "8f088ce45dc4746592188f9e69de3d89d87f3bb8f0ed8c4a287d018123fa148d",
                        TRAINING: "58379baf4614b8d757d93dd7a21b202849ca99f9b9d71b49185523ff5443300c",
                    },
                ),
            )
        ),
        _scored,
        _item,
        _training,
    ),
    prompt=prompts.plain,
    grade=grading.spans,
    extraction=grading.MENTIONS_READ,
    trivial=trivial.MENTIONS,
)
