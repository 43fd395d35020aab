"""Makes and checks the fixtures of AdapterTest: adapters of the parity models, by PEFT.

    pip install torch transformers peft safetensors bitsandbytes
    python trainer/src/test/python/make_adapter_fixtures.py [NAME...]     makes trainer/src/test/resources/adapters/
    python trainer/src/test/python/make_adapter_fixtures.py check FOLDER  compares hone's adapter with PEFT

Each folder gets what PEFT saves of a random adapter of a model of ParityTest, or of the one in four_bit/base that
bitsandbytes then holds in 4 bits, and expected.safetensors: tokens, offsets, prompt_lengths, the logits,
the mean cross-entropy of the responses (loss) and its gradient by every adapter weight (grad.NAME). `check` loads an
adapter folder that hone wrote, with hone's logits of its sequence beside it in hone.safetensors, and says how far they are
from PEFT's; AdapterTest leaves one in trainer/target/adapter-out.
"""

import os
import pathlib
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, Qwen2Config, Qwen2ForCausalLM

RESOURCES = pathlib.Path(__file__).parent.parent / "resources"
LENGTHS = [7, 12]
PROMPTS = [3, 5]
# The model, whether it is held in 4 bits, the adapter.
ADAPTERS = {
    "qwen2": ("parity/qwen2", False, dict(r=3, lora_alpha=6, target_modules=["q_proj", "v_proj", "down_proj"])),
    "phi3": ("parity/phi3", False, dict(r=2, lora_alpha=5, use_rslora=True, target_modules="all-linear")),
    "gemma3": ("parity/gemma3", False, dict(r=4, lora_alpha=4, target_modules="all-linear")),
    "dora/qwen2": ("parity/qwen2", False, dict(r=3, lora_alpha=6, use_dora=True, target_modules=["q_proj", "v_proj", "down_proj"])),
    "dora/phi3": ("parity/phi3", False, dict(r=2, lora_alpha=5, use_rslora=True, use_dora=True, target_modules="all-linear")),
    "dora/olmo2": ("parity/olmo2", False, dict(r=2, lora_alpha=3, use_dora=True, target_modules="all-linear")),
    "four_bit/lora": ("adapters/four_bit/base", True, dict(r=3, lora_alpha=6, target_modules="all-linear")),
    "four_bit/dora": ("adapters/four_bit/base", True, dict(r=2, lora_alpha=3, use_dora=True, target_modules=["k_proj", "o_proj", "up_proj"])),
}
NF4 = BitsAndBytesConfig(
    load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=torch.float32
)


def make_base():
    """Of widths that are multiples of 64: bitsandbytes' processor kernel (0.50) dequantises others wrongly."""
    config = Qwen2Config(
        vocab_size=97, hidden_size=64, intermediate_size=128, num_hidden_layers=1, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, tie_word_embeddings=True,
    )
    generator = torch.Generator().manual_seed(99)
    model = Qwen2ForCausalLM(config)
    for name, parameter in model.named_parameters():
        mean = 1 if name.endswith("norm.weight") else 0
        parameter.data = mean + 0.2 * torch.randn(parameter.shape, generator=generator)
    model.bfloat16().save_pretrained(RESOURCES / "adapters/four_bit/base")
    (RESOURCES / "adapters/four_bit/base/generation_config.json").unlink(missing_ok=True)


def base(path, four_bit=False):
    return AutoModelForCausalLM.from_pretrained(
        path, attn_implementation="eager", dtype=torch.float32, quantization_config=NF4 if four_bit else None
    )


def make(seed, name, base_name, four_bit, config):
    generator = torch.Generator().manual_seed(seed)
    config = LoraConfig(task_type="CAUSAL_LM", **config)
    # In training bitsandbytes multiplies by floats; else, where the processor can, by bfloat16.
    model = get_peft_model(base(RESOURCES / base_name, four_bit), config).train()
    adapters = {n: p for n, p in model.named_parameters() if p.requires_grad}
    for adapter, parameter in adapters.items():  # B is zero by default, where nothing would show
        if "magnitude" in adapter:
            parameter.data *= 0.7 + 0.6 * torch.rand(parameter.shape, generator=generator)
        else:
            parameter.data = 0.3 * torch.randn(parameter.shape, generator=generator)
    folder = RESOURCES / "adapters" / name
    model.save_pretrained(folder)
    config_file = folder / "adapter_config.json"
    relative = pathlib.Path(os.path.relpath(RESOURCES / base_name, folder)).as_posix()
    config_file.write_text(config_file.read_text().replace(str(RESOURCES / base_name), relative))
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
    expected |= {
        "grad." + n.replace(".default", "").replace("_vector.weight", "_vector"): p.grad.contiguous()
        for n, p in adapters.items()
    }
    save_file(expected, folder / "expected.safetensors")


def check(folder):
    folder = pathlib.Path(folder)
    hone = load_file(folder / "hone.safetensors")
    config = LoraConfig.from_pretrained(folder)
    model = PeftModel.from_pretrained(base(config.base_model_name_or_path), folder).eval()
    logits = model(hone["tokens"].long()[None]).logits[0]
    difference = ((logits - hone["logits"]).abs().max() / logits.abs().max()).item()
    print(f"largest difference of the logits, relative to the largest: {difference:.2e}")
    sys.exit(0 if difference < 1e-4 else 1)


if sys.argv[1:2] == ["check"]:
    check(sys.argv[2])
else:
    if not sys.argv[1:] or any(name.startswith("four_bit") for name in sys.argv[1:]):
        make_base()
    for seed, (name, (base_name, four_bit, config)) in enumerate(ADAPTERS.items()):
        if not sys.argv[1:] or name in sys.argv[1:]:
            make(seed, name, base_name, four_bit, config)
