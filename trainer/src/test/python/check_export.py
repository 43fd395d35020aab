"""Loads what hone exported in transformers and PEFT and compares the logits with hone's.

    pip install torch transformers peft safetensors
    python trainer/src/test/python/check_export.py FOLDER...

Each FOLDER is a model or a folder of adapters, with hone.safetensors beside its weights: the tokens of one sequence and
hone's logits for it. Prints how far they are from transformers', relative to the largest, and fails beyond 1e-4; in a type
with fewer bits than float32 both sides read the same rounded weights. ExportTest calls it with every family.
"""

import pathlib
import sys

import torch
from peft import PeftConfig, PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

worst = 0
for folder in map(pathlib.Path, sys.argv[1:]):
    hone = load_file(folder / "hone.safetensors")
    adapters = (folder / "adapter_config.json").exists()
    base = PeftConfig.from_pretrained(folder).base_model_name_or_path if adapters else folder
    model = AutoModelForCausalLM.from_pretrained(base, attn_implementation="eager", dtype=torch.float32)
    if adapters:
        model = PeftModel.from_pretrained(model, folder)
    with torch.no_grad():
        logits = model.eval()(hone["tokens"].long()[None]).logits[0]
    difference = ((logits - hone["logits"]).abs().max() / logits.abs().max()).item()
    print(f"{folder.parent.name}/{folder.name}: {difference:.1e}")
    worst = max(worst, difference)
sys.exit(0 if worst < 1e-4 else 1)
