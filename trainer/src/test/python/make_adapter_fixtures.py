"""Makes and checks the fixtures of AdapterTest: adapters of the parity models, by PEFT.

    pip install torch transformers peft safetensors
    python trainer/src/test/python/make_adapter_fixtures.py               makes trainer/src/test/resources/adapters/
    python trainer/src/test/python/make_adapter_fixtures.py check FOLDER  compares hone's adapter with PEFT

Each folder gets what PEFT saves of a random adapter, and expected.safetensors: tokens, offsets, prompt_lengths, the logits,
the mean cross-entropy of the responses (loss) and its gradient by every adapter weight (grad.NAME). `check` loads an
adapter folder that hone wrote, with hone's logits of its sequence beside it in hone.safetensors, and says how far they are
from PEFT's; AdapterTest leaves one in trainer/target/adapter-out.
"""

import pathlib
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

RESOURCES = pathlib.Path(__file__).parent.parent / "resources"
LENGTHS = [7, 12]
PROMPTS = [3, 5]
ADAPTERS = {
    "qwen2": LoraConfig(r=3, lora_alpha=6, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM"),
    "phi3": LoraConfig(r=2, lora_alpha=5, use_rslora=True, target_modules="all-linear", task_type="CAUSAL_LM"),
    "gemma3": LoraConfig(r=4, lora_alpha=4, target_modules="all-linear", task_type="CAUSAL_LM"),
}


def base(name):
    return AutoModelForCausalLM.from_pretrained(RESOURCES / "parity" / name, attn_implementation="eager")


def make(seed, name, config):
    generator = torch.Generator().manual_seed(seed)
    model = get_peft_model(base(name), config).eval()
    adapters = {n: p for n, p in model.named_parameters() if p.requires_grad}
    for parameter in adapters.values():  # B is zero by default, where nothing would show
        parameter.data = 0.3 * torch.randn(parameter.shape, generator=generator)
    folder = RESOURCES / "adapters" / name
    model.save_pretrained(folder)
    config_file = folder / "adapter_config.json"
    config_file.write_text(config_file.read_text().replace(str(RESOURCES / "parity" / name), f"../../parity/{name}"))
    (folder / "README.md").unlink(missing_ok=True)
    sequences = [torch.randint(1, 97, (n,), generator=generator) for n in LENGTHS]
    logits = [model(tokens[None]).logits[0] for tokens in sequences]
    loss = sum(
        torch.nn.functional.cross_entropy(out[prompt - 1 : -1], tokens[prompt:], reduction="sum")
        for out, tokens, prompt in zip(logits, sequences, PROMPTS)
    ) / sum(n - p for n, p in zip(LENGTHS, PROMPTS))
    loss.backward()
    expected = {
        "tokens": torch.cat(sequences).int(),
        "offsets": torch.tensor([0] + LENGTHS).cumsum(0).int(),
        "prompt_lengths": torch.tensor(PROMPTS).int(),
        "logits": torch.cat(logits).detach(),
        "loss": loss.detach()[None],
    }
    expected |= {"grad." + n.replace(".default", ""): p.grad.contiguous() for n, p in adapters.items()}
    save_file(expected, folder / "expected.safetensors")


def check(folder):
    folder = pathlib.Path(folder)
    hone = load_file(folder / "hone.safetensors")
    config = LoraConfig.from_pretrained(folder)
    model = PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(config.base_model_name_or_path, attn_implementation="eager"), folder
    ).eval()
    logits = model(hone["tokens"].long()[None]).logits[0]
    difference = ((logits - hone["logits"]).abs().max() / logits.abs().max()).item()
    print(f"largest difference of the logits, relative to the largest: {difference:.2e}")
    sys.exit(0 if difference < 1e-4 else 1)


if sys.argv[1:2] == ["check"]:
    check(sys.argv[2])
else:
    for seed, (name, config) in enumerate(ADAPTERS.items()):
        make(seed, name, config)
