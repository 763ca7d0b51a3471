"""The sections of a recipe: one a stage. Every field says its unit, its off-switch and its kind.

The kind decides what a changed value means for a run that exists (`core/runfolder.py`):
`identity` - a different run; `extendable` - more of the same, the run goes on; `execution` - how, not what.
Names of tasks and models are checked by the stage that owns them.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bioinstruct.core.categories import OwnCategory

Kind = Literal["identity", "extendable", "execution"]


def field(default: Any, kind: Kind, description: str, **limits: Any) -> Any:
    """A field with its default, kind, meaning and the limits that pydantic checks."""
    return Field(default, description=description, json_schema_extra={"kind": kind}, **limits)


class Section(BaseModel):
    """Base of all sections: unknown fields and loose types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class GenerateSection(Section):
    """Instructions from a teacher, or from a file that exists."""

    instructions: str | None = field(
        None,
        "identity",
        "existing instruction file (JSON or JSONL with instruction, input, output; hf://datasets/OWNER/NAME/PATH for one of the hub) instead of generating; null = generate",
    )
    on_bad_row: Literal["stop", "skip"] = field(
        "stop", "extendable", "a row of `instructions` that cannot be read: 'stop', or 'skip' it, written to unparsed.jsonl and counted"
    )
    teacher: str = field(
        "embedded",
        "identity",
        "'embedded', 'embedded-general' (a program too, of everyday tasks) or the model name that the endpoint knows",
        min_length=1,
    )
    endpoint: str | None = field(
        None,
        "execution",
        "base URL of an OpenAI-compatible server, ending in /v1; null = the SDK's default (only for a teacher that is not embedded)",
    )
    api_key_env: str = field("OPENAI_API_KEY", "execution", "environment variable that holds the key", min_length=1)
    provider: Literal["openai", "azure", "local"] = field(
        "openai",
        "identity",
        "'openai' = any OpenAI-compatible endpoint; 'azure' = Azure's form of it; 'local' = a transformers model in this process, teacher = its folder or hub id",
    )
    azure_version: str | None = field(None, "execution", "Azure's api-version, such as 2024-10-21; null = not Azure")
    accepts: dict[str, str | bool] = field(
        {},
        "execution",
        "what the model takes, where the table is wrong: length (max_tokens or max_completion_tokens), temperature and seed (true or false)",
    )
    reply_format: Literal["list", "json"] = field(
        "list", "identity", "'list' = the paper's numbered list; 'json' = a JSON object under a schema, for servers that enforce one"
    )
    passages: str | None = field(
        None, "identity", "JSONL file with id and text: each request gets a passage to ground its tasks in; null = off"
    )
    seeds: str = field("builtin", "identity", "'builtin' (the 80 seeds) or a JSONL file with id, instruction, input, output", min_length=1)
    domain: str = field(
        "biomedicine and health care",
        "identity",
        "what the tasks are from, as the prompt says it",
        min_length=1,
        pattern=r"^[^\r\n]*\S[^\r\n]*$",
    )
    seeds_per_request: int = field(3, "identity", "seeds shown in one request", ge=1, le=10)
    tasks_per_request: int = field(20, "identity", "length of the list the teacher completes, the seeds included", ge=2, le=100)
    target: int = field(1000, "extendable", "kept instructions to reach", ge=1, le=1_000_000)
    max_requests: int = field(1000, "extendable", "requests after which the run stops below target", ge=1, le=1_000_000)
    temperature: float = field(1.0, "identity", "sampling temperature sent to the teacher", ge=0.0, le=2.0)
    max_tokens: int = field(4096, "identity", "completion cap of one request, in tokens", ge=16)
    concurrency: int = field(
        32, "execution", "most requests in flight at once; fewer are sent while the server allows no more", ge=1, le=1024
    )
    requests_per_minute: float | None = field(None, "execution", "ceiling on requests; null = what the server allows", gt=0.0)
    tokens_per_minute: float | None = field(
        None, "execution", "ceiling on tokens, prompt and completion; null = what the server allows", gt=0.0
    )
    attempts: int = field(6, "execution", "tries of a request before it is given up for this run", ge=1, le=100)
    timeout: float = field(600.0, "execution", "seconds for one attempt; a local server may take minutes for a long list", gt=0.0)
    batch: bool = field(False, "execution", "ask through OpenAI's Batch API: half the price, up to a day; false = one by one")
    batch_poll: float = field(30.0, "execution", "seconds between two looks at a batch", gt=0.0)


class CurateSection(Section):
    """The paper's four filters and the category label."""

    novelty: Literal["paper", "self-instruct", "off"] = field(
        "paper", "identity", "'paper' drops at ROUGE-L >= threshold, 'self-instruct' above it, 'off' keeps all"
    )
    threshold: float = field(0.7, "identity", "ROUGE-L F1 to the seeds and to every kept instruction", gt=0.0, le=1.0)
    min_words: int = field(3, "identity", "fewest words of an instruction; 0 = off", ge=0)
    max_words: int = field(150, "identity", "most words of an instruction", ge=1)
    keywords: list[str] = field(
        ["image", "images", "picture", "pictures", "graph", "graphs"],
        "identity",
        "instructions with one of these words are dropped; [] = off",
    )
    rules: dict[str, bool] = field(
        {}, "identity", "rule -> true or false, where that differs from the rule's default (docs/rules.md); too_short: false = off"
    )
    language: str | None = field("en", "identity", "ISO 639-1 code that the rule wrong_language keeps; null = off")
    contamination: Literal["drop", "report", "off"] = field(
        "drop",
        "identity",
        "records that hold an item of evaluate.tasks or a row of `against`: 'drop', 'report' only, or 'off' = not looked for",
    )
    against: list[str] = field([], "identity", "further files (JSON, JSON Lines or text) with what must not be trained on")
    identifiers: Literal["report", "mask", "drop", "off"] = field(
        "report",
        "identity",
        "records with an identifier (docs/identifiers.md): 'report' only, 'mask' it, 'drop' the record, or 'off' = not looked for",
    )
    finders: list[Literal["patterns", "presidio", "openmed"]] = field(
        ["patterns"], "identity", "who looks for identifiers: 'patterns' offline; 'presidio' and 'openmed' are packages of their own"
    )
    near_duplicates: float | None = field(
        None,
        "identity",
        "Jaccard similarity of whole records from which the later one is dropped; null = off",
        ge=0.1,
        le=1.0,
    )
    embedder: str | None = field(
        None, "identity", "folder or hub id of an encoder that compares whole records by meaning (extra local); null = off", min_length=1
    )
    similarity: float = field(0.95, "identity", "cosine of the embedder's vectors from which the later record is dropped", gt=0.0, le=1.0)
    labeller: Literal["rules", "teacher"] = field(
        "rules", "identity", "who gives kept records their category: 'rules' offline, or generate.teacher, one request a record"
    )
    categories: list[OwnCategory] = field(
        [],
        "identity",
        "categories of your own in place of the built-in ones (docs/own_domain.md), each with name, definition, verbs and keywords; [] = qa, ie, generation; 'other' is always there",
    )
    checks: list[Literal["answers", "support", "quality"]] = field(
        [], "identity", "what generate.teacher is asked about each kept record (docs/curation.md); nothing is dropped; [] = off"
    )
    check_answers: int = field(3, "identity", "independent answers that the check 'answers' compares with the output", ge=1, le=20)


class TuneSection(Section):
    """LoRA on a causal language model."""

    base: str = field("embedded", "identity", "'embedded', a folder in transformers format, or a hub id", min_length=1)
    template: Literal["paper", "alpaca", "chat"] = field("paper", "identity", "prompt form, for training and evaluation alike")
    quantize: Literal["nf4"] | None = field(
        None, "identity", "'nf4' holds the frozen base in 4 bits while LoRA is trained (QLoRA, extra qlora); null = in bfloat16 or float32"
    )
    rank: int = field(16, "identity", "LoRA rank", ge=1, le=1024)
    alpha: int = field(32, "identity", "LoRA alpha (scale = alpha / rank)", ge=1)
    dropout: float = field(0.0, "identity", "LoRA dropout; 0 = off", ge=0.0, lt=1.0)
    variant: Literal["lora", "rslora", "dora"] = field(
        "lora", "identity", "'lora', 'rslora' (scale = alpha / sqrt(rank)) or 'dora' (a trained magnitude beside the direction)"
    )
    target_modules: str = field("all-linear", "identity", "'all-linear' or module names joined by commas", min_length=1)
    learning_rate: float = field(3e-3, "identity", "peak of the schedule", gt=0.0, le=1.0)
    schedule: Literal["cosine", "linear", "constant"] = field(
        "cosine", "identity", "after the warm-up: 'cosine' or 'linear' to zero, or 'constant'"
    )
    warmup: float = field(0.05, "identity", "share of the optimizer steps for linear warm-up; 0 = off", ge=0.0, lt=1.0)
    epochs: int = field(3, "identity", "passes over the instructions", ge=1, le=100)
    examples_per_step: int = field(16, "identity", "records per optimizer step", ge=1)
    max_tokens: int = field(1024, "identity", "longest record, prompt and output; longer ones lose the end of their input, counted", ge=32)
    held_out: int = field(0, "identity", "records kept back from training, whose loss is measured as it goes; 0 = off", ge=0)
    held_out_every: int = field(0, "identity", "optimizer steps between two measurements of the held-out loss; 0 = once an epoch", ge=0)
    keep: Literal["last", "best"] = field("last", "identity", "adapter to keep: of the 'last' step, or the 'best' by held-out loss")
    patience: int | None = field(
        None, "identity", "measurements of the held-out loss without a better one after which training stops; null = off", ge=1
    )
    gradient_checkpointing: bool = field(
        False, "execution", "compute each layer again in the backward pass: a third more time, a fraction of the memory"
    )
    row_tokens: int | None = field(
        None,
        "execution",
        "token budget of a packed row; null = 2048 on a GPU, on a CPU all of a pass (320 where a model needs a mask)",
        ge=32,
    )
    pass_tokens: int | None = field(
        None, "execution", "token budget of one forward and backward pass, over its rows; null = 2048 on a CPU, 4096 on a GPU", ge=32
    )
    on_out_of_memory: Literal["stop", "halve"] = field(
        "stop", "execution", "when a pass does not fit into the GPU's memory: 'stop', or 'halve' pass_tokens and do the step again"
    )
    shard: bool = field(
        False, "execution", "share the base's layers out over the launched processes (FSDP2); false = each holds the whole base"
    )
    trackers: list[Literal["tensorboard", "wandb", "mlflow"]] = field(
        [], "execution", "where loss and rate are sent as well, through accelerate; [] = only train.jsonl"
    )
    controls: list[Literal["shuffled"]] = field(
        ["shuffled"], "extendable", "control adapters tuned beside ours: outputs shuffled among records; [] = off"
    )


class EvaluateSection(Section):
    """Tasks, and how they are asked."""

    tasks: list[str] = field(
        [
            "usmle_embedded",
            "medmcqa_embedded",
            "pubmedqa_embedded",
            "bioasq_embedded",
            "nli_embedded",
            "medication_status_embedded",
            "coreference_embedded",
            "conv2note_embedded",
            "patient_answer_embedded",
        ],
        "extendable",
        "task names (docs/tasks.md), those of `task_files` among them",
        min_length=1,
    )
    task_files: list[str] = field(
        [],
        "extendable",
        "YAML files that define tasks of your own (docs/own_domain.md); `tasks` calls each by its file's name without .yaml",
    )
    items: int = field(100, "identity", "items per task; 0 = all there are (embedded tasks need a number)", ge=0)
    item_seed: int = field(1, "identity", "seed of the embedded items and of sampling real ones", ge=0, le=2**32 - 1)
    files: dict[str, str] = field({}, "extendable", "task name -> file or folder of its data, for tasks that are not embedded")
    shots: int = field(0, "identity", "worked examples shown to the tuned model", ge=0, le=32)
    base_shots: list[int] = field([0, 1], "identity", "numbers of worked examples for the base; its best form is the one compared with")
    compare: list[str | dict[str, str]] = field(
        [],
        "extendable",
        "further models beside ours (docs/compare.md): a name of the table there, 'instruct', NAME=FOLDER-OR-HUB-ID, {name, model, template}, or with endpoint and api_key_env for one behind a server; [] = none",
    )
    metrics: list[str | dict[str, str | int | float | bool]] = field(
        [],
        "extendable",
        "model-based metrics of written answers, beside a task's own (docs/metrics.md): concept_f1, bertscore, bleurt, umls_concept_f1, or a mapping with metric and its options; [] = none",
    )
    max_new_tokens: int = field(96, "identity", "cap for generated answers, in tokens (a task may ask for less)", ge=1)
    row_tokens: int = field(1024, "execution", "token budget of one forward pass when ranking; generation uses as many rows as fit", ge=128)
    dtype: Literal["auto", "float32", "bfloat16"] = field(
        "auto",
        "identity",
        "precision of the models asked; 'auto' = float32 on a CPU and for the embedded base, bfloat16 for any other on a GPU",
    )
    samples: int = field(2000, "identity", "bootstrap samples for intervals", ge=100)


class JudgeSection(Section):
    """A model that marks the generated texts (docs/judge.md)."""

    model: str | None = field(
        None,
        "extendable",
        "the judge's name, as its endpoint knows it; null = no judge",
        min_length=1,
    )
    endpoint: str | None = field(None, "execution", "base URL of an OpenAI-compatible server, ending in /v1; null = the SDK's default")
    api_key_env: str = field("OPENAI_API_KEY", "execution", "environment variable that holds the key", min_length=1)
    accepts: dict[str, str | bool] = field(
        {},
        "execution",
        "what the model takes, where the table is wrong: length (max_tokens or max_completion_tokens), temperature and seed (true or false)",
    )
    repeats: int = field(3, "extendable", "times that each text is marked, with a sampling seed of its own each time", ge=1, le=20)
    temperature: float = field(1.0, "extendable", "sampling temperature sent to the judge", ge=0.0, le=2.0)
    max_tokens: int = field(4096, "extendable", "completion cap, in tokens, of a judge that takes no temperature and thinks first", ge=256)
    pairwise: bool = field(False, "extendable", "also ask which is better, tuned or strongest base, once in each order")
    human_scores: str | None = field(
        None,
        "extendable",
        "JSON Lines file with item, text, rater and people's coherence, completeness, naturalness (1 to 5), to compare with; null = none",
        min_length=1,
    )
    concurrency: int = field(32, "execution", "most requests in flight at once", ge=1, le=1024)
    requests_per_minute: float | None = field(None, "execution", "ceiling on requests; null = what the server allows", gt=0.0)
    tokens_per_minute: float | None = field(
        None, "execution", "ceiling on tokens, prompt and completion; null = what the server allows", gt=0.0
    )
    attempts: int = field(6, "execution", "tries of a request before it is given up for this run", ge=1, le=100)
    timeout: float = field(600.0, "execution", "seconds for one attempt", gt=0.0)


class StudySection(Section):
    """Which instructions help which task: cells of mixture, size, seed and base."""

    seeds: int = field(
        5,
        "extendable",
        "trainings of each mixture of the main matrix; each draws its records, their order and the LoRA weights anew",
        ge=1,
        le=1000,
    )
    size: int = field(160, "identity", "records of every mixture of the main matrix and of its controls", ge=8)
    sizes: list[int] = field(
        [40, 80, 320, 0], "extendable", "points of the size curve, drawn from the whole pool; 0 = the whole pool; [] = no curve"
    )
    side_seeds: int = field(3, "extendable", "trainings of each control and of each point of the size curve", ge=1, le=1000)
    general: str | None = field(
        "embedded",
        "identity",
        "instructions of no biomedical kind, for the control: 'embedded' or an instruction file (JSON or JSONL); null = no such control",
        min_length=1,
    )
    rows: list[Literal["pair", "left_out", "shuffled"]] = field(
        ["pair", "left_out", "shuffled"],
        "extendable",
        "mixtures beside the single categories and all of them: pairs, all but one, and controls with outputs shuffled within and across categories",
    )
    matched: dict[str, str] = field(
        {}, "extendable", "task -> the one of curate.categories that is of its kind; tasks without one are shown by family"
    )
    bases: list[str] = field([], "extendable", "base models as tune.base has them; [] = tune.base alone")
    items: int | None = field(50, "identity", "items per task, the same for all cells; null = evaluate.items, 0 = all there are", ge=0)
    epochs: int | None = field(None, "identity", "passes over a cell's records; null = tune.epochs", ge=1, le=100)
    examples_per_step: int | None = field(
        2, "identity", "records per optimizer step: small mixtures need small steps; null = tune.examples_per_step", ge=1
    )
    learning_rate: float | None = field(
        2e-3, "identity", "peak of the schedule: small steps need a lower one; null = tune.learning_rate", gt=0.0, le=1.0
    )


class ReportSection(Section):
    """The page."""

    title: str = field("BioInstruct", "execution", "heading of the page", min_length=1)
    traces: int = field(3, "execution", "instructions traced from seed to verdict", ge=0, le=50)
