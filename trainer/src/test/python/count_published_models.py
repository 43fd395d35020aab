"""Writes into trainer/src/test/resources/published.jsonl how many parameters transformers counts of each config in it.

    pip install torch transformers
    python trainer/src/test/python/count_published_models.py

A line has the name of a published model, the keys of its config.json, and its parameters or what hone refuses of it.
"""

import json
import pathlib
import tempfile

import torch
from transformers import AutoConfig, AutoModelForCausalLM

FILE = pathlib.Path(__file__).parent.parent / "resources" / "published.jsonl"


def count(config):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "config.json").write_text(json.dumps({k: v for k, v in config.items() if k != "auto_map"}))
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder))
        return sum(parameter.numel() for parameter in model.parameters())


models = [json.loads(line) for line in FILE.read_text().splitlines()]
for model in models:
    if "refused" not in model:
        model["parameters"] = count(model["config"])
FILE.write_text("".join(json.dumps(model) + "\n" for model in models))
