"""Recipes to start from, one for each way people begin. `bioinstruct init KIND` writes one."""

from __future__ import annotations

from pathlib import Path

from bioinstruct.core.errors import InputError

_HEAD = "# Only what differs from the defaults; every field: docs/recipe.md. Run with: bioinstruct run {name}\n"

_RELEASED = """generate:
  instructions: hf://datasets/bio-nlp-umass/bioinstruct/biomed_instruct_25k.json   # the released 25,005 records; no teacher is asked
curate:
  novelty: off            # they have been through the paper's filters
"""
_FILES = """evaluate:
  tasks: [medqa_4, medmcqa, pubmedqa, bioasq_mirage, conv2note]   # those of the paper's whose data need no agreement; docs/tasks.md
  items: 0                # all there are
  dtype: bfloat16         # half of float32's memory, and what 'auto' means on a GPU
  files: {medqa_4: mirage/benchmark.json, medmcqa: mirage/benchmark.json, pubmedqa: pubmedqa, bioasq_mirage: mirage/benchmark.json,
          conv2note: mts_dialog}
study:                    # bioinstruct study: its defaults are made for the embedded world
  size: 2500              # records of each mixture: half of the smallest category
  sizes: [1000, 5000, 10000, 0]
  general: null           # a file of general instructions, for that control
  items: null             # as evaluate has them
  examples_per_step: null # as tune has it
  learning_rate: null     # as tune has it
"""


def _paper(base: str) -> str:
    return (
        "# The paper (Tran et al., JAMIA 2024) names data, base, LoRA, template and two A100 of 40 GB; it leaves out the settings of LoRA\n"
        "# and optimiser. What stands in for them names its source: alpaca-lora = the defaults of tloen/alpaca-lora, though it trains on\n"
        "# prompts too, not done here; STAFF = a run on BioInstruct published at ICLR 2025. Taiyi (JAMIA 2024), the nearest peer,\n"
        "# takes QLoRA with rank 64, alpha 16, dropout 0.05, rate 0.0002, 3 epochs and 1024 tokens.\n"
        + _RELEASED
        + f"""tune:
  base: {base}   # the paper's; accept its licence on the hub first
  template: paper         # the paper's, with "### Output:"
  rank: 8                 # alpaca-lora; STAFF does not say
  alpha: 16               # alpaca-lora
  dropout: 0.05           # alpaca-lora; the preamble is then not shared among records
  variant: lora           # the paper
  target_modules: q_proj,v_proj   # alpaca-lora; STAFF: all-linear
  learning_rate: 0.0003   # alpaca-lora; STAFF: 0.0001
  schedule: linear        # alpaca-lora leaves transformers' default, which is linear; STAFF: cosine
  warmup: 0.186           # alpaca-lora: 100 steps, of 540 here; STAFF: 0.1
  epochs: 3               # alpaca-lora and Taiyi; STAFF: 4
  examples_per_step: 128  # alpaca-lora; STAFF: 8 a device
  max_tokens: 1024        # STAFF and Taiyi; alpaca-lora's 256 would cut many of these records
  held_out: 2000          # alpaca-lora; STAFF: a tenth
  held_out_every: 200     # alpaca-lora, in optimizer steps
  keep: best              # alpaca-lora
  gradient_checkpointing: true   # for memory; it changes no result. bioinstruct doctor --base says what is needed
"""
        + _FILES
    )


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
    "paper-7b": _paper("meta-llama/Llama-2-7b-hf"),
    "paper-13b": _paper("meta-llama/Llama-2-13b-hf"),
    "single-24gb": f"""# One GPU of 24 GB: a base of 7 billion parameters fits, tuned and evaluated in bfloat16 (estimated: 15.4 and 16.6
# GiB, and 1 GiB of context). bioinstruct doctor --base NAME RECIPE says what fits.
{_RELEASED}tune:
  base: meta-llama/Llama-2-7b-hf   # or Qwen/Qwen2.5-7B, meta-llama/Llama-3.2-3B: any causal model that transformers loads
  rank: 16
  alpha: 32
  target_modules: all-linear      # as STAFF, a published run on BioInstruct (ICLR 2025)
  learning_rate: 0.0002   # Taiyi (JAMIA 2024): 0.0002; STAFF: 0.0001
  warmup: 0.1             # STAFF
  epochs: 3               # Taiyi
  examples_per_step: 64   # a choice; alpaca-lora takes 128
  max_tokens: 1024        # STAFF and Taiyi
  held_out: 1000          # a choice: the best of the measured adapters is kept
  held_out_every: 100
  keep: best
  gradient_checkpointing: true
  on_out_of_memory: halve # smaller passes give the same result, slower
{_FILES}""",
    "cpu": f"""# No GPU: a small base, few records, hours rather than days. bioinstruct doctor --base NAME RECIPE says how many.
{_RELEASED}tune:
  base: HuggingFaceTB/SmolLM2-135M   # Apache-2.0; or 'embedded', to try the recipe in minutes
  rank: 16
  alpha: 32
  learning_rate: 0.001    # a choice: small bases take larger steps
  epochs: 1
  examples_per_step: 32   # a choice
  max_tokens: 512         # a choice: attention on a CPU grows with its square
  controls: []            # a control takes as long again
evaluate:
  tasks: [medqa_4, pubmedqa]
  items: 200              # per task
  base_shots: [0]
  files: {{medqa_4: mirage/benchmark.json, pubmedqa: pubmedqa}}
""",
}
"""Kind -> the recipe's text, without its first line."""


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
