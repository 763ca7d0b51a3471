"""For the tests of this folder: a tiny random checkpoint made here, the real one beside the checkout, and a server that says what it is told."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

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
