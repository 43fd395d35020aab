"""Makes the fixtures of ParityTest: tiny random models, and what transformers computes with them.

    pip install torch transformers safetensors
    python trainer/src/test/python/make_parity_fixtures.py

Each folder of trainer/src/test/resources/parity/ gets config.json and model.safetensors as transformers saves them, and
expected.safetensors: sequences (tokens, offsets, prompt_lengths), logits, the mean cross-entropy of the responses (loss),
its gradient by every parameter (grad.NAME), and greedy continuations of the prompts (greedy).
"""

import pathlib

import torch
import transformers
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

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
MODELS = {
    "llama": LlamaForCausalLM(
        LlamaConfig(num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True, rms_norm_eps=1e-5, **SHAPE)
    ),
    "qwen2": Qwen2ForCausalLM(
        Qwen2Config(
            num_attention_heads=2, num_key_value_heads=1, tie_word_embeddings=False, rope_theta=1000000.0, **SHAPE
        )
    ),
}


def randomize(model, generator):
    # Defaults leave norms at one and biases at zero, where a mistake would not show.
    for name, parameter in model.named_parameters():
        if name.endswith("norm.weight"):
            parameter.data = 1 + 0.3 * torch.randn(parameter.shape, generator=generator)
        else:
            parameter.data = 0.25 * torch.randn(parameter.shape, generator=generator)


def main():
    for seed, (name, model) in enumerate(MODELS.items()):
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


main()
