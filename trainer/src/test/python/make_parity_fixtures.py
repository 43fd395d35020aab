"""Makes the fixtures of ParityTest: tiny random models, and what transformers computes with them.

    pip install torch transformers safetensors
    python trainer/src/test/python/make_parity_fixtures.py [NAME...]

Each folder of trainer/src/test/resources/parity/ gets config.json and model.safetensors as transformers saves them, and
expected.safetensors: sequences (tokens, offsets, prompt_lengths), logits, the mean cross-entropy of the responses (loss),
its gradient by every parameter (grad.NAME), and greedy continuations of the prompts (greedy). rope.safetensors gets the
frequencies and the amplitude of each kind of rotary scaling.
"""

import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file
from transformers import (
    Gemma2Config, Gemma2ForCausalLM, Gemma3ForCausalLM, Gemma3TextConfig, LlamaConfig, LlamaForCausalLM, MistralConfig,
    MistralForCausalLM, Olmo2Config, Olmo2ForCausalLM, Phi3Config, Phi3ForCausalLM, Qwen2Config, Qwen2ForCausalLM,
    Qwen3Config, Qwen3ForCausalLM, SmolLM3Config, SmolLM3ForCausalLM,
)
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

ROOT = pathlib.Path(__file__).parent.parent / "resources" / "parity"
LENGTHS = [7, 1 + 1, 19, 12]
PROMPTS = [3, 1, 5, 11]
GREEDY = 8

SHAPE = dict(
    vocab_size=97,
    hidden_size=24,
    intermediate_size=40,
    num_hidden_layers=3,
    max_position_embeddings=64,
    initializer_range=0.3,
    use_cache=True,
)
# Smaller, for the families that came later; eager attention, as scores are capped in no other.
SMALL = SHAPE | dict(hidden_size=16, intermediate_size=24, num_hidden_layers=2, attn_implementation="eager", pad_token_id=None)
GEMMA = SMALL | dict(
    num_attention_heads=4, num_key_value_heads=2, head_dim=6, query_pre_attn_scalar=10, sliding_window=4, num_hidden_layers=3
)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=16, rope_theta=500.0)
YARN = dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16, rope_theta=10000.0)
LONGROPE = dict(rope_type="longrope", short_factor=[1.0, 1.1, 1.3], long_factor=[1.2, 2.5, 4.0], rope_theta=10000.0,
                partial_rotary_factor=0.75, original_max_position_embeddings=48)
# Long factors for any sequence of two tokens and more.
LONG = LONGROPE | dict(original_max_position_embeddings=1, attention_factor=1.2)
MODELS = {
    "llama": lambda: LlamaForCausalLM(
        LlamaConfig(num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True, rms_norm_eps=1e-5, **SHAPE)
    ),
    "qwen2": lambda: Qwen2ForCausalLM(
        Qwen2Config(
            num_attention_heads=2, num_key_value_heads=1, tie_word_embeddings=False, rope_theta=1000000.0, **SHAPE
        )
    ),
    "llama3": lambda: LlamaForCausalLM(
        LlamaConfig(num_attention_heads=2, num_key_value_heads=1, rope_parameters=LLAMA3, **SMALL)
    ),
    "mistral": lambda: MistralForCausalLM(
        MistralConfig(num_attention_heads=4, num_key_value_heads=2, sliding_window=5, **SMALL)
    ),
    "qwen3": lambda: Qwen3ForCausalLM(
        Qwen3Config(
            num_attention_heads=4, num_key_value_heads=2, head_dim=8, tie_word_embeddings=True, rope_parameters=YARN,
            **SMALL
        )
    ),
    "phi3": lambda: Phi3ForCausalLM(
        Phi3Config(
            num_attention_heads=2, num_key_value_heads=1, rope_parameters=LONGROPE, original_max_position_embeddings=48,
            **SMALL
        )
    ),
    "phi3_long": lambda: Phi3ForCausalLM(
        Phi3Config(
            num_attention_heads=2, num_key_value_heads=1, rope_parameters=LONG, original_max_position_embeddings=1,
            sliding_window=5, **SMALL
        )
    ),
    "gemma2": lambda: Gemma2ForCausalLM(
        Gemma2Config(attn_logit_softcapping=2.0, final_logit_softcapping=3.0, **GEMMA)
    ),
    "gemma3": lambda: Gemma3ForCausalLM(
        Gemma3TextConfig(
            layer_types=["sliding_attention", "full_attention", "sliding_attention"],
            rope_parameters={
                "full_attention": dict(rope_type="linear", factor=8.0, rope_theta=1000000.0),
                "sliding_attention": dict(rope_type="default", rope_theta=10000.0),
            },
            **GEMMA,
        )
    ),
    "olmo2": lambda: Olmo2ForCausalLM(Olmo2Config(num_attention_heads=4, num_key_value_heads=2, **SMALL)),
    "smollm3": lambda: SmolLM3ForCausalLM(
        SmolLM3Config(num_attention_heads=4, num_key_value_heads=2, no_rope_layer_interval=2, rope_theta=2000.0, **SMALL)
    ),
}

# Of heads of 16 elements: scaling, positions the model knows, length of the sequence to come.
ROPES = {
    "default": (dict(rope_type="default"), 64, 64),
    "linear": (dict(rope_type="linear", factor=4.0), 64, 64),
    "dynamic_short": (dict(rope_type="dynamic", factor=4.0), 64, 64),
    "dynamic_long": (dict(rope_type="dynamic", factor=4.0), 64, 200),
    "llama3": (LLAMA3 | dict(original_max_position_embeddings=512), 4096, 64),
    "yarn": (YARN | dict(original_max_position_embeddings=512), 2048, 64),
    "yarn_tuned": (YARN | dict(beta_fast=20, beta_slow=2, attention_factor=1.4, truncate=False), 64, 64),
    "longrope_short": (LONGROPE | dict(short_factor=[1.0, 1.1, 1.3, 1.7, 2.0, 3.0], long_factor=[1, 2, 3, 4, 5, 6]), 96, 48),
    "longrope_long": (LONGROPE | dict(short_factor=[1.0, 1.1, 1.3, 1.7, 2.0, 3.0], long_factor=[1, 2, 3, 4, 5, 6]), 96, 49),
}


def randomize(model, generator):
    # Defaults leave norms at one and biases at zero, where a mistake would not show.
    gemma = model.config.model_type.startswith("gemma")
    for name, parameter in model.named_parameters():
        if name.endswith("norm.weight"):
            parameter.data = (0 if gemma else 1) + 0.3 * torch.randn(parameter.shape, generator=generator)
        else:
            parameter.data = 0.25 * torch.randn(parameter.shape, generator=generator)


def make_model(name, seed):
    model = MODELS[name]()
    generator = torch.Generator().manual_seed(seed)
    randomize(model, generator)
    model.eval()
    folder = ROOT / name
    model.save_pretrained(folder)
    sequences = [torch.randint(0, SHAPE["vocab_size"], (n,), generator=generator) for n in LENGTHS]
    logits, losses = [], []
    for tokens, prompt in zip(sequences, PROMPTS):
        out = model(tokens[None]).logits[0]
        logits.append(out)
        losses.append(torch.nn.functional.cross_entropy(out[prompt - 1 : -1], tokens[prompt:], reduction="sum"))
    loss = sum(losses) / sum(n - p for n, p in zip(LENGTHS, PROMPTS))
    loss.backward()
    greedy = [
        model.generate(
            tokens[None, :prompt], attention_mask=torch.ones(1, prompt), max_new_tokens=GREEDY, do_sample=False,
            eos_token_id=None, pad_token_id=0,
            # transformers drops the cache where the factors change, which here is after the first token.
            use_cache=name != "phi3_long",
        )[0, prompt:]
        for tokens, prompt in zip(sequences, PROMPTS)
    ]
    expected = {
        "tokens": torch.cat(sequences).int(),
        "offsets": torch.tensor([0] + LENGTHS).cumsum(0).int(),
        "prompt_lengths": torch.tensor(PROMPTS).int(),
        "logits": torch.cat(logits).detach(),
        "loss": loss.detach()[None],
        "greedy": torch.stack(greedy).int(),
    }
    expected |= {"grad." + n: p.grad.contiguous() for n, p in model.named_parameters()}
    save_file(expected, folder / "expected.safetensors", metadata={"transformers": transformers.__version__})
    (folder / "generation_config.json").unlink(missing_ok=True)


def make_ropes():
    folder = ROOT / "rope"
    folder.mkdir(exist_ok=True)
    tensors = {}
    for name, (scaling, positions, length) in ROPES.items():
        config = Phi3Config(
            hidden_size=32, num_attention_heads=2, max_position_embeddings=positions,
            original_max_position_embeddings=scaling.get("original_max_position_embeddings", positions),
        ) if name.startswith("longrope") else LlamaConfig(
            hidden_size=32, num_attention_heads=2, head_dim=16, max_position_embeddings=positions
        )
        config.rope_parameters = {"rope_theta": 10000.0} | scaling
        if scaling["rope_type"] == "default":
            frequencies, amplitude = 1 / 10000.0 ** (torch.arange(0, 16, 2).float() / 16), 1.0
        else:
            frequencies, amplitude = ROPE_INIT_FUNCTIONS[scaling["rope_type"]](config, "cpu", seq_len=length)
        tensors[name] = torch.cat([frequencies, torch.tensor([amplitude])]).contiguous()
        shape = dict(
            architectures=["Phi3ForCausalLM" if name.startswith("longrope") else "LlamaForCausalLM"], vocab_size=8,
            hidden_size=32, intermediate_size=8, num_hidden_layers=1, num_attention_heads=2,
            max_position_embeddings=positions, rope_parameters=config.rope_parameters,
        )
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "config.json").write_text(json.dumps(shape, indent=1) + "\n")
    tensors["lengths"] = torch.tensor([length for _, _, length in ROPES.values()]).int()
    save_file(tensors, folder / "rope.safetensors", metadata={"transformers": transformers.__version__})


def main():
    for seed, name in enumerate(MODELS):
        if name in sys.argv[1:] or len(sys.argv) == 1:
            make_model(name, seed)
    if "rope" in sys.argv[1:] or len(sys.argv) == 1:
        make_ropes()


main()
