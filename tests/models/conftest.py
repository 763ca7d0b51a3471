"""For the tests of this folder: a tiny random checkpoint, the real one beside the checkout, a server that says what it is told."""

from __future__ import annotations

import asyncio
import inspect
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from bioinstruct.core.records import Finish
from bioinstruct.embedded.faults import Script
from bioinstruct.models.base import Call, Reply
from bioinstruct.models.ledger import Ledger

CORPUS = [
    "Below is an instruction that describes a task, paired with an input that provides further context.",
    "Write a response that appropriately completes the request.",
    "### Instruction:\nName the drug class of metformin.\n\n### Input:\nmetformin 500 mg\n\n### Output: biguanide",
    "Premise: the patient takes aspirin daily. Hypothesis: the patient takes no drugs. contradiction entailment neutral",
    "yes no maybe the dose is 81 mg per day (active); (discontinued); (neither)",
]


def byte_level(pad: str | None = None, added: tuple[str, ...] = (), merges: int = 120) -> Any:
    """A byte-level BPE tokenizer trained on a few sentences, with `<s>` before every text and `</s>` as its end."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    special = ["<s>", "</s>", *([pad] if pad and pad not in ("<s>", "</s>") else []), *added]
    trainer = trainers.BpeTrainer(
        vocab_size=256 + merges, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    backend.train_from_iterator(CORPUS, trainer)
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, bos_token="<s>", eos_token="</s>", pad_token=pad, additional_special_tokens=list(added)
    )


def tiny_model(vocabulary: int, **changes: Any) -> Any:
    """A random two-layer LLaMA with grouped queries, whose weights are large enough for clear decisions."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    settings = {
        "vocab_size": vocabulary, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "max_position_embeddings": 192, "initializer_range": 0.25, "bos_token_id": 0, "eos_token_id": 1,
    }  # fmt: skip
    torch.manual_seed(7)
    return LlamaForCausalLM(LlamaConfig(**{**settings, **changes})).eval()


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    return byte_level()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, tokenizer: Any) -> Path:
    """Folder of the tiny checkpoint in transformers format."""
    from bioinstruct.models.checkpoint import quiet

    folder = tmp_path_factory.mktemp("tiny")
    with quiet():
        tiny_model(len(tokenizer)).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def real() -> Path:
    """Folder of the real checkpoint stories260K."""
    folder = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "stories260K"
    if not folder.is_dir():
        pytest.skip(f"no {folder}: the public data is not beside the checkout")
    return folder


@pytest.fixture
def make_tokenizer() -> Any:
    return byte_level


@pytest.fixture
def make_model() -> Any:
    return tiny_model


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked, answers = self.server.asked, self.server.answers
        asked.append((self.path, {name.casefold(): value for name, value in self.headers.items()}, body))
        answer = answers[min(len(asked), len(answers)) - 1]
        if callable(answer):
            answer(self)
            return
        status, content, headers = answer
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answers: Sequence[Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []


class Asking:
    """A teacher, the local server that it asks, and what each was told."""

    def __init__(self, server: _Server, settings: dict[str, Any]) -> None:
        from bioinstruct.models.endpoint import EndpointTeacher

        self.asked = server.asked
        self.said: list[str] = []
        self._loop = asyncio.new_event_loop()
        settings = {"path": "/v1", "timeout": 5.0, "name": "m", **settings}
        url = f"http://127.0.0.1:{server.server_address[1]}{settings.pop('path')}"
        self.teacher = EndpointTeacher(settings.pop("name"), url, "TEST_KEY", say=self.said.append, **settings)

    def ask(self, call: Any) -> Any:
        """Make one attempt and give back the answer."""
        return self._loop.run_until_complete(self.teacher.ask(call))

    def close(self) -> None:
        """End the connections and the loop."""
        self._loop.run_until_complete(self.teacher.close())
        self._loop.close()


@pytest.fixture
def serving() -> Callable[..., AbstractContextManager[Asking]]:
    """`with serving((200, body, {}), ...) as asking:` a teacher in front of a server that gives these answers one after the other, the
    last one again and again; an answer is (status, body, headers) or what is to be done with the handler. TEST_KEY holds the key."""

    @contextmanager
    def serve(*answers: Any, **settings: Any) -> Iterator[Asking]:
        server = _Server(answers)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        asking = Asking(server, settings)
        try:
            yield asking
        finally:
            asking.close()
            server.shutdown()
            thread.join()
            server.server_close()

    return serve


class Desk:
    """A rehearsal server, a run's ledger, and pools that ask the one in batches for the other."""

    price = (2.0, 8.0)

    def __init__(self, server: Any, path: Path) -> None:
        self.server, self.path = server, path
        self.told: list[str] = []
        self.said: list[str] = []

    @property
    def progress(self) -> Any:
        """A sink that keeps what is said."""
        from bioinstruct.core.progress import Silent

        class Told(Silent):
            say = staticmethod(self.said.append)

        return Told()

    @property
    def url(self) -> str:
        """Of the server."""
        return f"http://127.0.0.1:{self.server.server_port}/v1"

    def call(self, number: int, **changes: Any) -> Any:
        """Request `number`."""
        from bioinstruct.models.base import Call

        prompt = 'Come up with biomedical tasks.\nList of 4 tasks:\n1. Instruction: Example\n1. Input: x\n1. Output: ÿ "y"\n'
        asked = {"temperature": 1.0, "max_tokens": 900, "seed": number, "sources": ("seed-1",), "settings": f'{{"seed": {number}}}'}
        return Call("generate", f"0/{number}", prompt, **{**asked, **changes})

    @contextmanager
    def pool(self, ledger: Any, **settings: Any) -> Iterator[Any]:
        """A `BatchPool` that asks quickly."""
        from bioinstruct.models import prices
        from bioinstruct.models.batch import BatchPool
        from bioinstruct.models.batch_server import BatchServer
        from bioinstruct.models.pool import Limits

        limits = Limits(attempts=settings.pop("attempts", 4), first_wait=0.01, timeout=5.0)
        server = BatchServer(settings.pop("name", "m"), settings.pop("endpoint", self.url), "TEST_KEY", limits)
        price = prices.Price(self.price[0], self.price[0], self.price[1])
        with BatchPool(server, ledger, price, limits, **{"poll": 0.01, "progress": self.progress, **settings}) as pool:
            yield pool

    def ask(self, calls: Any, before: Callable[[Any], None] = lambda pool: None, **settings: Any) -> Any:
        """Ask calls (or so many) in a run of its own; `before` may change the pool."""
        from bioinstruct.models.ledger import Ledger

        wanted = [self.call(number) for number in range(calls)] if isinstance(calls, int) else calls
        with Ledger(self.path) as ledger, self.pool(ledger, **settings) as pool:
            before(pool)
            try:
                return pool.ask(wanted, lambda call, reply: self.told.append(call.key) or "1")
            finally:
                assert abs(pool.budget.held_usd) < 1e-9 or self.rows("batches WHERE ended IS NULL")

    def rows(self, what: str, columns: str = "*") -> list[Any]:
        """Rows of the ledger."""
        from contextlib import closing

        with closing(sqlite3.connect(self.path)) as database:
            return database.execute(f"SELECT {columns} FROM {what}").fetchall()

    def outcomes(self) -> dict[str, int]:
        """Outcome of attempts -> how many; `None` = it is open."""
        return {str(name): count for name, count in self.rows("attempts GROUP BY outcome", "outcome, count(*)")}

    def expected(self, number: int) -> str:
        """The text that the teacher gives to request `number`."""
        from bioinstruct.embedded import teacher

        text: str = teacher.chat({"messages": self.call(number).messages, "seed": number})["choices"][0]["message"]["content"]
        return text


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rehearse: Callable[[Script], Any]) -> Callable[..., Desk]:
    """`desk(batch_expires_after=0.5)`: a server with this script, and a ledger of its own. TEST_KEY holds the key."""
    monkeypatch.setenv("TEST_KEY", "sk-test-0123456789")
    numbers = count(1)

    def start(**script: Any) -> Desk:
        return Desk(rehearse(Script(**script)), tmp_path / f"run{next(numbers)}" / "ledger.sqlite")

    return start


class Fake:
    """A teacher that gives back what `script(call, attempt)` does: a reply, an answer, an exception to raise, or one of these to await."""

    name = "m"

    def __init__(self, script: Callable[[Any, int], Any]) -> None:
        self.script = script
        self.asked: list[tuple[str, int]] = []
        self.flying = self.most = 0
        self.closed = False

    async def ask(self, call: Any) -> Any:
        """Play the script."""
        from bioinstruct.models.base import Answer

        attempt = 1 + sum(key == call.key for key, _ in self.asked)
        self.asked.append((call.key, attempt))
        self.flying += 1
        self.most = max(self.most, self.flying)
        try:
            found = self.script(call, attempt)
            found = await found if inspect.isawaitable(found) else found
        finally:
            self.flying -= 1
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, Answer) else Answer(found)

    async def close(self) -> None:
        """Note it."""
        self.closed = True


@pytest.fixture
def fake() -> type[Fake]:
    return Fake


def reply(call: Call, tokens: tuple[int, int] = (20, 10)) -> Reply:
    """What a `Fake` may give back: a text by which the call is known."""
    return Reply(f"the answer {call.seed}", Finish.STOP, *tokens, "m")


async def later(seconds: float, found: Any) -> Any:
    """`found`, after a while."""
    await asyncio.sleep(seconds)
    return found


def ignore(call: Call, got: Reply) -> str:
    """An `on_reply` that does nothing."""
    return "1"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    with Ledger(tmp_path / "ledger.sqlite") as opened:
        yield opened
