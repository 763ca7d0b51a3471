"""Curate real instruction files and search them for test items, through the commands as users type them; prints Markdown for docs/real_input.md.

    python benchmarks/real_input.py [--data ../shared/data]

MedQuAD's questions and answers become instruction and output. Both files are compared with MIRAGE, PubMedQA and MTS-Dialog.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

BENCHMARKS = {
    "medqa_4": "mirage/benchmark.json",
    "medmcqa": "mirage/benchmark.json",
    "bioasq_mirage": "mirage/benchmark.json",
    "mmlu_med": "mirage/benchmark.json",
    "pubmedqa": "pubmedqa",
    "conv2note": "mts_dialog",
}


def curated(name: str, rows: list[dict[str, str]], data: Path, folder: Path) -> None:
    source, out = folder / f"{name}.json", folder / name
    source.write_text(json.dumps(rows), encoding="utf-8")
    files = ", ".join(f"{task}: {data / place}" for task, place in BENCHMARKS.items())
    words = [f"evaluate.tasks=[{', '.join(BENCHMARKS)}]", f"evaluate.files={{{files}}}", "evaluate.items=0", "curate.near_duplicates=0.8"]
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "bioinstruct.cli", "curate", "--instructions", source, "--out", out, *words], check=True, capture_output=True
    )
    seconds = time.monotonic() - began
    funnel = json.loads((out / "curate" / "funnel.json").read_text())
    print(f"\n## {name}: {funnel['candidates']:,} rows, {funnel['kept']:,} kept, {seconds:.1f} s\n\n| rule | dropped |\n|---|---|")
    for row in funnel["funnel"]:
        if row["dropped"]:
            print(f"| {row['rule']} | {row['dropped']:,} |")
    sources = json.loads((out / "curate" / "sources.json").read_text())
    leaks = [json.loads(line)["leak"] for line in (out / "curate" / "contamination.jsonl").read_text().splitlines()]
    found = Counter((leak["benchmark"], leak["how"]) for leak in leaks)
    print("\n| benchmark | items compared | exact | n-gram | paraphrase |\n|---|---|---|---|---|")
    for benchmark, told in sources.items():
        print(
            f"| {benchmark} | {told['items']:,} | "
            + " | ".join(str(found[benchmark, how]) for how in ("exact", "n-gram", "paraphrase"))
            + " |"
        )
    kinds = Counter(
        one["kind"] for line in (out / "curate" / "identifiers.jsonl").read_text().splitlines() for one in json.loads(line)["found"]
    )
    print("\nIdentifiers: " + (", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items())) or "none"))
    for rule in json.loads((out / "curate" / "statistics.json").read_text())["funnel"]["rules"]:
        for example in rule["examples"]:
            print(f"    {rule['rule']}: {json.dumps(example, ensure_ascii=False)[:400]}", file=sys.stderr)
    for line in (out / "curate" / "contamination.jsonl").read_text().splitlines():
        print(f"    {line[:500]}", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    data = parser.parse_args().data
    asked = [json.loads(line) for line in (data / "medquad_qa.jsonl").read_text(encoding="utf-8").splitlines()]
    medquad = [{"instruction": one["question"], "input": "", "output": one["answer"]} for one in asked if one["question"] and one["answer"]]
    with tempfile.TemporaryDirectory() as folder:
        curated("bioinstruct_112", json.loads((data / "bioinstruct_112.json").read_text(encoding="utf-8")), data, Path(folder))
        curated("medquad_qa", medquad, data, Path(folder))


if __name__ == "__main__":
    main()
