"""DataDesigner asks a server for as many replies as there are prompts: run in its own environment by `benchmarks/generate.py`.

python data_designer_generate.py PORT CONCURRENCY PROMPTS.jsonl FOLDER
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

import data_designer.config as dd
from data_designer.interface import DataDesigner


def main() -> None:
    port, concurrency, prompts, folder = sys.argv[1:5]
    n = len(Path(prompts).read_text(encoding="utf-8").splitlines())
    provider = dd.ModelProvider(name="canned", endpoint=f"http://127.0.0.1:{port}/v1", provider_type="openai", api_key="none")
    parameters = dd.ChatCompletionInferenceParams(temperature=1.0, max_tokens=4096, max_parallel_requests=int(concurrency))
    model = dd.ModelConfig(alias="teacher", model="canned", provider="canned", inference_parameters=parameters, skip_health_check=True)
    builder = dd.DataDesignerConfigBuilder(model_configs=[model])
    builder.with_seed_dataset(dd.LocalFileSeedSource(path=prompts))
    builder.add_column(dd.LLMTextColumnConfig(name="reply", model_alias="teacher", prompt="{{ prompt }}"))
    designer = DataDesigner(artifact_path=folder, model_providers=[provider])
    results = designer.create(builder, num_records=n, dataset_name="replies")
    print(json.dumps({"version": version("data-designer"), "records": len(results.load_dataset())}))


if __name__ == "__main__":
    main()
