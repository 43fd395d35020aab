"""Compares what vLLM computes of the folders that hone exports with what `hone serve` says of them; see run."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.request

import torch
import transformers
from vllm import LLM, SamplingParams

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKENIZER = ROOT / "recipes" / "quickstart" / "base" / "tokenizer.json"
# Both compute in float32, vLLM's attention in blocks of its own.
TOLERANCE = 1e-3
GREEDY = 16
PROMPTS = [5, 23, 48]
SHAPE = dict(
    hidden_size=128, intermediate_size=192, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=256, pad_token_id=None,
)
LLAMA3 = dict(
    rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32,
    rope_theta=500000.0,
)
YARN = dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=32, rope_theta=1000000.0)
LONGROPE = dict(
    rope_type="longrope", short_factor=[1.0 + i / 16 for i in range(16)], long_factor=[1.0 + i / 4 for i in range(16)],
    rope_theta=10000.0, original_max_position_embeddings=32,
)
GEMMA = dict(head_dim=32, query_pre_attn_scalar=32, sliding_window=16)
FAMILIES = {
    "llama": (transformers.LlamaConfig, dict(rope_parameters=LLAMA3, tie_word_embeddings=True)),
    "mistral": (transformers.MistralConfig, dict(sliding_window=16)),
    "qwen2": (transformers.Qwen2Config, dict(tie_word_embeddings=True)),
    "qwen3": (transformers.Qwen3Config, dict(head_dim=32, tie_word_embeddings=True, rope_parameters=YARN)),
    "phi3": (transformers.Phi3Config, dict(sliding_window=16)),
    "phi3.5": (transformers.Phi3Config, dict(rope_parameters=LONGROPE, original_max_position_embeddings=32)),
    "gemma2": (transformers.Gemma2Config, GEMMA),
    "gemma3": (transformers.Gemma3TextConfig, GEMMA | dict(num_hidden_layers=6)),
    "olmo2": (transformers.Olmo2Config, dict()),
    "smollm3": (transformers.SmolLM3Config, dict(num_hidden_layers=4)),
}


def base(name, folder):
    """A tiny model of random weights, as transformers writes it."""
    config, keys = FAMILIES[name]
    folder.mkdir(parents=True)
    shutil.copy(TOKENIZER, folder)
    size = len(json.loads(TOKENIZER.read_text())["model"]["vocab"])
    torch.manual_seed(7)
    model = transformers.AutoModelForCausalLM.from_config(config(**SHAPE | keys, vocab_size=size, bos_token_id=0, eos_token_id=0))
    with torch.no_grad():
        for key, weight in model.named_parameters():
            if "norm" in key:
                weight += 0.1 * torch.randn_like(weight)
            else:
                weight.copy_(0.15 * torch.randn_like(weight))
    model.save_pretrained(folder)
    return size


def hone(*arguments):
    done = subprocess.run([os.environ["HONE"], *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"hone {' '.join(map(str, arguments))} failed:\n{done.stdout}{done.stderr}")


def exported(folder):
    """Two steps of training over the model, and what hone writes of it for others."""
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        "model: {path: base, dtype: float32}\ndata:\n  - {generator: arithmetic, count: 40}\n"
        "sft: {max_steps: 2, tokens_per_step: 256, max_length: 256, learning_rate: 3.0e-3}\n"
    )
    hone("train", recipe, "--output-dir", folder / "run")
    hone("export", folder / "run", "--to", folder / "exported")
    return folder / "exported"


def served(folder, tokens):
    """Of each sequence the log-probabilities of its tokens but the first, and the largest there are."""
    command = [os.environ["HONE"], "serve", str(folder), "--port", "0", "--name", "model", "--dtype", "float32"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        url = next(found[1] for line in process.stdout if (found := re.search(r"(http://\S+)/v1;", line)))
        body = dict(prompt=tokens, max_tokens=0, echo=True, logprobs=1)
        request = urllib.request.Request(
            url + "/v1/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            choices = json.load(answer)["choices"]
        return [
            (choice["logprobs"]["token_logprobs"][1:], [max(top.values()) for top in choice["logprobs"]["top_logprobs"][1:]])
            for choice in choices
        ]
    finally:
        process.terminate()
        process.wait()


def compare(folder, size):
    """Log-probabilities compared, their largest difference, and greedy tokens that differ."""
    model = LLM(
        model=str(folder), dtype="float32", skip_tokenizer_init=True, enforce_eager=True, max_model_len=256,
        enable_prefix_caching=False,
    )
    generator = torch.Generator().manual_seed(3)
    prompts = [torch.randint(1, size, (length,), generator=generator).tolist() for length in PROMPTS]
    asked = SamplingParams(
        temperature=0, max_tokens=GREEDY, ignore_eos=True, logprobs=1, prompt_logprobs=1, detokenize=False
    )
    answers = model.generate([dict(prompt_token_ids=prompt) for prompt in prompts], asked, use_tqdm=False)
    texts = [prompt + list(answer.outputs[0].token_ids) for prompt, answer in zip(prompts, answers)]
    compared, worst, differing = 0, 0.0, 0
    for prompt, text, answer, (own, largest) in zip(prompts, texts, answers, served(folder, texts)):
        rows = answer.prompt_logprobs[1:] + answer.outputs[0].logprobs
        for at, token in enumerate(text[1:]):
            worst = max(worst, abs(own[at] - rows[at][token].logprob))
            compared += 1
            differing += at + 1 >= len(prompt) and own[at] != largest[at]
    return compared, worst, differing


def main():
    out = pathlib.Path(sys.argv[1])
    if sys.argv[2] == "--one":
        # A process each: vLLM keeps its memory.
        folder = out / sys.argv[3]
        shutil.rmtree(folder, ignore_errors=True)
        size = base(sys.argv[3], folder / "base")
        compared, worst, differing = compare(exported(folder), size)
        print(f"| {sys.argv[3]} | {compared} | {worst:.1e} | {differing} of {len(PROMPTS) * GREEDY} |", flush=True)
        sys.exit(0 if worst < TOLERANCE and differing == 0 else 1)
    print("| family | log-probabilities | largest difference | greedy tokens that differ |")
    print("| --- | ---: | ---: | ---: |", flush=True)
    failed = False
    for name in sys.argv[2].split(",") if sys.argv[2] else FAMILIES:
        done = subprocess.run([sys.executable, __file__, str(out), "--one", name], capture_output=True, text=True)
        rows = [line for line in done.stdout.splitlines() if line.startswith("| ")]
        print(rows[0] if rows else f"| {name} | failed | | |", flush=True)
        failed |= done.returncode != 0
        if done.returncode:
            (out / f"{name}.log").write_text(done.stdout + done.stderr)
    sys.exit(failed)


if __name__ == "__main__":
    main()
