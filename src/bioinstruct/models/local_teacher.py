"""A transformers model in this process as a teacher: sampled completions, one request after the other, a function of the request's seed."""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from typing import Any

from bioinstruct.core.errors import ModelError, Problem
from bioinstruct.core.recipe import GenerateSection
from bioinstruct.core.records import Finish
from bioinstruct.models import checkpoint
from bioinstruct.models.base import Answer, Call, Reply


def problems(section: GenerateSection) -> list[Problem]:
    """What is wrong with a local teacher, seen without loading weights."""
    if importlib.util.find_spec("transformers") is None or importlib.util.find_spec("torch") is None:
        return [Problem("generate.provider", "'local' without torch and transformers", "pip install 'bioinstruct[local]'")]
    found = [Problem("generate.teacher", one.got, one.allowed) for one in checkpoint.problems(section.teacher)]
    for name in ("endpoint", "azure_version"):
        if getattr(section, name) is not None:
            found.append(Problem(f"generate.{name}", "a value", "null with generate.provider=local"))
    if section.batch:
        found.append(Problem("generate.batch", "true", "false with generate.provider=local"))
    if section.reply_format == "json":
        found.append(Problem("generate.reply_format", "'json'", "'list' with generate.provider=local: nothing here enforces a schema"))
    return found


class LocalTeacher:
    """Loads the model at the first request.

    Args:
        base: A folder in transformers format or a hub id; its tokenizer's chat template is used where it has one.
    """

    def __init__(self, base: str) -> None:
        self.name = Path(base).name if Path(base).exists() else base
        self._base = base
        self._model: Any = None
        self._one_at_a_time = asyncio.Lock()

    async def ask(self, call: Call) -> Answer:
        """Sample one completion.

        Raises:
            ModelError: The weights cannot be loaded.
            InputError: The base cannot be used.
        """
        async with self._one_at_a_time:
            return Answer(await asyncio.to_thread(self._complete, call))

    async def close(self) -> None:
        """Let the weights go."""
        self._model = None

    def _complete(self, call: Call) -> Reply:
        import torch

        if self._model is None:
            from bioinstruct.models.local import LocalModel

            self._model = LocalModel.load(self._base, dtype="bfloat16" if torch.cuda.is_available() else "float32")
        model, tokenizer = self._model.model, self._model.tokenizer
        ids = self._prompt(tokenizer, call)
        room = self._model.context - ids.shape[1]
        if room < 1:
            return Reply(f"the prompt takes {ids.shape[1]} of the {self._model.context} tokens", Finish.ERROR, ids.shape[1], 0, self.name)
        most = min(call.max_tokens, room)
        sampling = {"do_sample": True, "temperature": call.temperature, "top_k": 0} if call.temperature > 0 else {"do_sample": False}
        devices = [model.device] if model.device.type == "cuda" else []
        with torch.random.fork_rng(devices), torch.no_grad():
            torch.manual_seed(call.seed)
            try:
                output = model.generate(
                    ids,
                    attention_mask=torch.ones_like(ids),
                    max_new_tokens=most,
                    eos_token_id=list(self._model.end_ids),
                    pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else self._model.end_ids[0],
                    **sampling,
                )[0, ids.shape[1] :]
            except torch.cuda.OutOfMemoryError as error:
                raise ModelError(f"'{self.name}': out of GPU memory; lower generate.max_tokens or take a smaller teacher") from error
        ended = int(output[-1]) in self._model.end_ids
        text = tokenizer.decode(output, skip_special_tokens=True)
        return Reply(text, Finish.STOP if ended else Finish.LENGTH, ids.shape[1], len(output), self.name)

    def _prompt(self, tokenizer: Any, call: Call) -> Any:
        if tokenizer.chat_template is not None:
            found = tokenizer.apply_chat_template(call.messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
        else:
            found = tokenizer(call.prompt, return_tensors="pt")
        return found["input_ids"].to(self._model.model.device)
