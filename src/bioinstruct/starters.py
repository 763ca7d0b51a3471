"""Recipes to start from, one for each way people begin. `bioinstruct init KIND` writes one."""

from __future__ import annotations

from pathlib import Path

from bioinstruct.core.errors import InputError

_HEAD = "# Only what differs from the defaults; every field: docs/recipe.md. Run with: bioinstruct run {name}\n"

STARTERS = {
    "embedded": """seed: 0
generate:
  target: 1000            # instructions to keep
tune:
  epochs: 2
evaluate:
  items: 100              # per task
  item_seed: 1            # another number makes another set of items
""",
    "openai": """generate:
  teacher: gpt-4.1        # any model your key may use
  api_key_env: OPENAI_API_KEY
  target: 1000
  max_requests: 120       # the most you will pay for: 17 new tasks a request
  temperature: 0.7
  concurrency: 8
""",
    "local-server": """generate:
  teacher: my-model       # the name that the server knows
  endpoint: http://127.0.0.1:8000/v1   # vLLM, llama.cpp, transformers serve ...
  target: 1000
""",
    "bioinstruct-file": """generate:
  instructions: biomed_instruct_25k.json   # the released file: bio-nlp-umass/bioinstruct on the Hugging Face hub
tune:
  base: meta-llama/Llama-2-7b-hf
evaluate:
  tasks: [medqa_4, medmcqa, pubmedqa]
  files: {medqa_4: mirage/benchmark.json, medmcqa: mirage/benchmark.json, pubmedqa: pubmedqa}
  items: 0                # all there are
""",
    "single-gpu": """tune:
  base: meta-llama/Llama-3.2-1B
  learning_rate: 0.0003
  examples_per_step: 32
""",
    "paper": """# The paper names base, data and hardware, and leaves LoRA and optimiser settings out. Each stand-in names its source.
generate:
  teacher: gpt-4          # July 2023; the snapshot is not reported
  target: 25005
  max_requests: 3000
tune:
  base: meta-llama/Llama-2-7b-hf
  template: paper
  rank: 8                 # alpaca-lora default
  alpha: 16               # alpaca-lora default
  dropout: 0.05           # alpaca-lora default
  target_modules: q_proj,v_proj   # alpaca-lora default
  learning_rate: 0.0003   # alpaca-lora default
  epochs: 3               # alpaca-lora default
  examples_per_step: 128  # alpaca-lora default
  max_tokens: 1024        # STAFF (ICLR 2025), a published run on BioInstruct
""",
}


def write(kind: str, to: Path) -> None:
    """Write the starter recipe `kind` to a new file; an existing one is left alone with `InputError`."""
    if kind not in STARTERS:
        raise InputError(f"init: got '{kind}'; allowed: {', '.join(STARTERS)}")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with to.open("x", encoding="utf-8") as file:
            file.write(_HEAD.format(name=to) + STARTERS[kind])
    except FileExistsError as error:
        raise InputError(f"{error.filename}: got a name that exists; allowed: a new name (--to)") from None
    except OSError as error:
        raise InputError(f"{to}: got {error.strerror}; allowed: a name that can be written (--to)") from None
