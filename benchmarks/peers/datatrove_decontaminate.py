"""datatrove's n-gram decontamination over the rows that `decontaminate.py` hands it; runs in an environment of its own.

    pip install 'datatrove[decont,processing]==0.10.1' spacy

Reads {"items": [{"query", "label"}, ...], "records": {kind: [text, ...]}} from a file and prints JSON: seconds, and for each kind which texts are flagged. Its defaults
(12-grams) with `find_query_ngrams` on, as the items' questions are what must be found. The indexer's download of lighteval tasks is passed over: the items come
from here, through its own `compute_hashes`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from datatrove.data import Document
from datatrove.pipeline.decont.n_grams import NGramsDecontConfig, NGramsDecontFilter, NGramsDecontIndexer
from datatrove.utils.logging import logger


def main() -> None:
    logger.remove()
    work = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    config = NGramsDecontConfig(find_query_ngrams=True)
    NGramsDecontIndexer._requires_dependencies = []  # lighteval, for its own tasks only
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        indexer = NGramsDecontIndexer(folder, config=config)
        hashes = {one for item in work["items"] for one in indexer.compute_hashes(item["label"], item["query"])}
        np.array(list(hashes), dtype=config.hash_config.np_descr).tofile(Path(folder) / "items.index.hashes")
        sieve = NGramsDecontFilter(folder, config=config)
        sieve.load_index_hashes()
        indexed = time.perf_counter() - began
        flagged, seconds = {}, {}
        for kind, texts in work["records"].items():
            start = time.perf_counter()
            flagged[kind] = [sieve.filter(Document(text=text, id=str(number))) is not True for number, text in enumerate(texts)]
            seconds[kind] = time.perf_counter() - start
    print(json.dumps({"indexed": indexed, "seconds": seconds, "flagged": flagged}))


if __name__ == "__main__":
    main()
