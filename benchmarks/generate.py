"""Asking a teacher: requests a second of `bioinstruct`'s generate stage, ledger commits included, beside DataDesigner, in one run.

    python benchmarks/generate.py [--small] [--peer PYTHON_WITH_DATA_DESIGNER] [--json FILE]

Both ask the same server (`peers/canned_server.py`, one process of its own) the same number of prompts, 64 at once. With 500 ms of latency 128 a second are
ideal; the rate is taken over the middle half of the replies, and DataDesigner's also over its whole run from the first reply to the last. With no latency it is
what two cores give to client and server together. Ours runs as a process of its own; its peak memory is the system's figure for it.
"""

from __future__ import annotations

import argparse
import json
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
AT_ONCE = 64
BIN = 0.025
"""Seconds of one bin of the server's tally."""
GOALS = {0.5: 0.95 * AT_ONCE / 0.5, 0.0: 150.0}


@contextmanager
def server(latency: float):
    """Port of a canned server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, HERE / "peers" / "canned_server.py", str(port), str(latency), "0"])
    try:
        for _ in range(200):
            try:
                tally(port)
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def tally(port: int) -> dict[str, Any]:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{port}/tally", timeout=5) as answer:
        return json.load(answer)


def steady(per_bin: list[int]) -> float:
    """Replies a second over the middle half of the replies; bins at its ends are cut in proportion."""
    total = sum(per_bin)
    low, high, seen, seconds = total / 4, 3 * total / 4, 0.0, 0.0
    for count in per_bin:
        inside = max(0.0, min(high, seen + count) - max(low, seen))
        if low <= seen and seen + count <= high:
            seconds += BIN
        elif inside:
            seconds += BIN * inside / count
        seen += count
    return (high - low) / seconds


def work(port: int, requests: int, folder: Path) -> None:
    """The generate stage alone, in this process; prints its peak memory in MB."""
    from bioinstruct.core.recipe import GenerateSection
    from bioinstruct.generate import run as generate
    from bioinstruct.models import prices, teachers
    from bioinstruct.models.ledger import Ledger
    from bioinstruct.models.pool import Limits, Pool

    section = GenerateSection(teacher="canned", endpoint=f"http://127.0.0.1:{port}/v1", concurrency=AT_ONCE)
    price = prices.Price(2.0, 0.5, 8.0)
    with (
        Ledger(folder / "ledger.sqlite") as ledger,
        Pool(teachers.open_teacher(section), ledger, price, Limits(AT_ONCE), budget_usd=1e6) as pool,
    ):
        record = generate.run(section, seed=0, first_request=0, n_requests=requests, folder=folder / "round", pool=pool)
    print(json.dumps({"megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "candidates": record.counts["candidates"]}))


def ours(port: int, requests: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The server's tally, and what the process said of itself."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--work", str(port), str(requests), folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return tally(port), json.loads(done.stdout.splitlines()[-1])


def peer(python: str, port: int, requests: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """DataDesigner's."""
    with tempfile.TemporaryDirectory() as folder:
        prompts = Path(folder) / "prompts.jsonl"
        from bioinstruct.core.recipe import GenerateSection
        from bioinstruct.generate.requests import Requests

        asked = Requests(GenerateSection(), 0)
        prompts.write_text(
            "".join(json.dumps({"prompt": asked.request(number).prompt}) + "\n" for number in range(requests)), encoding="utf-8"
        )
        command = [python, HERE / "peers" / "data_designer_generate.py", str(port), str(AT_ONCE), str(prompts), folder]
        done = subprocess.run(
            command, capture_output=True, text=True, env={"NEMO_TELEMETRY_ENABLED": "false", "HOME": folder, "PATH": ""}, check=False
        )
        if done.returncode:
            raise SystemExit(f"DataDesigner failed: {done.stderr[-2000:]}")
    return tally(port), json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true", help="a minute's worth")
    parser.add_argument(
        "--peer", help="a Python that has data-designer (benchmarks/peers/data_designer.txt); without it only ours is measured"
    )
    parser.add_argument("--json", type=Path)
    parser.add_argument("--work", nargs=3, metavar=("PORT", "REQUESTS", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(int(options.work[0]), int(options.work[1]), Path(options.work[2]))
        return
    rows = []
    requests = 600 if options.small else 1471  # 1,471 replies of 17 tasks are 25,007 records
    for latency in (0.5, 0.0):
        with server(latency) as port:
            told, said = ours(port, requests)
            rate = steady(told["per_bin"])
            row: dict[str, Any] = {
                "work": f"{requests} requests, {said['candidates']} candidates, {latency * 1000:.0f} ms latency, {AT_ONCE} at once",
                "ours": round(rate, 1), "peer": None, "peer_version": None, "unit": "requests/s", "ratio": None, "goal": GOALS[latency],
                "megabytes": round(said["megabytes"]),
            }  # fmt: skip
            print(f"{row['work']}: ours {rate:.1f} a second, {said['megabytes']:.0f} MB (bioinstruct {version('bioinstruct')})", flush=True)
            if options.peer:
                told, said = peer(options.peer, port, requests)
                other = steady(told["per_bin"])
                whole = told["answered"] / (len(told["per_bin"]) * BIN)
                row |= {"peer": round(other, 1), "peer_version": f"data-designer {said['version']}", "ratio": round(rate / other, 2)}
                print(
                    f"    data-designer {said['version']}: {other:.1f} a second ({whole:.1f} over the whole run), ratio {rate / other:.2f}",
                    flush=True,
                )
        rows.append(row)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
