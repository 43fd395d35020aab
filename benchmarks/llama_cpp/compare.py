"""Compares what llama.cpp computes of the folders that hone exports with what `hone serve` says of them; see run."""

import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.request

sources = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(sources / "gguf-py"))

import llama_cpp
import numpy
import torch
import transformers

import tokenizer_folders

# Gemma's gelu is read from a table of halves in llama.cpp.
TOLERANCE = {"gemma2": 5e-3, "gemma3": 5e-3}
USUAL_TOLERANCE = 1e-4
GREEDY = 16
TEXTS = [
    "What is 12 plus 30? Let us think step by step, and say 42.\n",
    "Größe,  naïve, 漢字 and 😀 are 5 words;\tdef add(a, b):\n    return a + b\n\n",
    "A train leaves at 9:45 and arrives at 13:07. How long did it take? It took 3 hours and 22 minutes, I'd say.",
]
KINDS = {"full": "fine-tuned", "merged": "adapters merged, bfloat16", "adapters": "adapters beside the model"}
SHAPE = dict(hidden_size=64, intermediate_size=96, num_hidden_layers=2, max_position_embeddings=256, initializer_range=0.2)
HEADS = dict(num_attention_heads=4, num_key_value_heads=2)
GEMMA = dict(num_attention_heads=4, num_key_value_heads=2, head_dim=32, query_pre_attn_scalar=32, sliding_window=16)
LLAMA3 = dict(
    rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32,
    rope_theta=500000.0,
)
LONGROPE = dict(
    rope_type="longrope", short_factor=[1.0, 1.1, 1.3, 1.5, 1.7, 2.0], long_factor=[1.2, 2.5, 4.0, 5.0, 6.0, 7.0],
    rope_theta=10000.0, partial_rotary_factor=0.75, original_max_position_embeddings=256,
)
# Where it stands beside rope_parameters it counts in transformers: short factors up to it, long ones past it.
SHORT = dict(sliding_window=None, rope_parameters=LONGROPE, original_max_position_embeddings=256)
LONG = SHORT | dict(original_max_position_embeddings=64)
YARN = dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=64, rope_theta=1000000.0)
# llama.cpp computes no window but Gemma's: of these as many tokens are compared as the window is long.
WINDOW = 20
# Tokenizer, configuration, what differs.
FAMILIES = {
    "llama2": ("llama-spm", transformers.LlamaConfig, HEADS),
    "llama3.1": ("llama-bpe", transformers.LlamaConfig, HEADS | dict(rope_parameters=LLAMA3)),
    "llama3.2": ("llama-bpe", transformers.LlamaConfig, HEADS | dict(rope_parameters=LLAMA3, tie_word_embeddings=True)),
    "smollm": ("gpt-2", transformers.LlamaConfig, HEADS | dict(tie_word_embeddings=True)),
    "mistral": ("llama-spm", transformers.MistralConfig, HEADS | dict(sliding_window=None, head_dim=32)),
    "mistral-window": ("llama-spm", transformers.MistralConfig, HEADS | dict(sliding_window=WINDOW, head_dim=32)),
    "qwen2.5": ("qwen2", transformers.Qwen2Config, HEADS | dict(tie_word_embeddings=True)),
    "qwen2.5-untied": ("qwen2", transformers.Qwen2Config, HEADS | dict(tie_word_embeddings=False, rope_parameters=YARN)),
    "qwen3": ("qwen2", transformers.Qwen3Config, HEADS | dict(tie_word_embeddings=True, head_dim=32)),
    "qwen3-untied": ("qwen2", transformers.Qwen3Config, HEADS | dict(tie_word_embeddings=False, head_dim=32)),
    "phi3": ("llama-spm", transformers.Phi3Config, HEADS | dict(sliding_window=None)),
    "phi3-window": ("llama-spm", transformers.Phi3Config, HEADS | dict(sliding_window=WINDOW)),
    "phi3.5-long": ("llama-spm", transformers.Phi3Config, HEADS | LONG),
    "phi3.5": ("llama-spm", transformers.Phi3Config, HEADS | SHORT),
    "phi4": ("gpt-2", transformers.Phi3Config, HEADS | dict(sliding_window=None)),
    "gemma2": ("llama-spm without prefix", transformers.Gemma2Config, GEMMA),
    "gemma3": ("llama-spm without prefix", transformers.Gemma3TextConfig, GEMMA | dict(num_hidden_layers=6)),
    "olmo2": ("gpt-2", transformers.Olmo2Config, HEADS),
    "smollm3": ("llama-bpe", transformers.SmolLM3Config, HEADS | dict(num_hidden_layers=4)),
}


def base(name, folder):
    """A tiny model of random weights, as transformers writes it."""
    tokenizer, config, keys = FAMILIES[name]
    folder.mkdir(parents=True)
    size, begin, end = tokenizer_folders.write(sources, tokenizer, folder)
    torch.manual_seed(7)
    shape = SHAPE | keys | dict(vocab_size=size, bos_token_id=begin, eos_token_id=end, pad_token_id=None)
    model = transformers.AutoModelForCausalLM.from_config(config(**shape))
    with torch.no_grad():
        for key, weight in model.named_parameters():
            if "norm" in key:
                weight += 0.1 * torch.randn_like(weight)
    model.save_pretrained(folder)
    if tokenizer == "gpt-2" and config is transformers.Phi3Config:
        # By this llama.cpp tells Phi-4's tokenizer from Phi-3's.
        file = folder / "tokenizer_config.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | dict(tokenizer_class="GPT2Tokenizer")))


def hone(*arguments):
    done = subprocess.run([os.environ["HONE"], *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"hone {' '.join(map(str, arguments))} failed:\n{done.stdout}{done.stderr}")


def exported(folder, kind):
    """Two steps of training over the model, and what hone writes of them for others."""
    pairs = folder / "pairs.jsonl"
    pairs.write_text(
        "".join(
            json.dumps(dict(id=str(i), domain="d", prompt=text, answer="42", response="It is 42.", verifier="math")) + "\n"
            for i, text in enumerate(TEXTS * 4)
        )
    )
    how = "full" if kind == "full" else "lora"
    lora = "  lora: {r: 4, lora_alpha: 16, target_modules: [all-linear]}\n" if how == "lora" else ""
    recipe = folder / f"{how}.yaml"
    recipe.write_text(
        f"model:\n  path: base\n  dtype: float32\n  apply_chat_template: never\n{lora}data:\n  - file: pairs.jsonl\n"
        "sft: {max_steps: 2, tokens_per_step: 256, max_length: 128, learning_rate: 3.0e-3}\n"
    )
    run = folder / f"{how}-run"
    if not run.exists():
        hone("train", recipe, "--output-dir", run)
    to = folder / kind
    # Rounded once, so that both read the same weights.
    more = ["--merge", "--dtype", "bfloat16"] if kind == "merged" else []
    hone("export", run, *more, "--to", to)
    return to


def converted(folder, *base):
    """The folder as a GGUF file; of adapters, where the model they belong to is given."""
    file = folder.parent / f"{folder.name}.gguf"
    script = "convert_lora_to_gguf.py" if base else "convert_hf_to_gguf.py"
    of = ["--base", *base] if base else []
    command = [sys.executable, sources / script, folder, *of, "--outtype", "f32", "--outfile", file]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{folder}: the converter refuses it:\n{done.stdout}{done.stderr}")
    return file


class Served:
    """`hone serve`, asked for the log-probabilities of prompts."""

    def __init__(self, folder):
        command = [os.environ["HONE"], "serve", str(folder), "--port", "0", "--name", "model", "--dtype", "float32"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            if found := re.search(r"(http://\S+)/v1;", line):
                self.url = found[1]
                return
        raise SystemExit(f"hone serve {folder} ended before it served")

    def scored(self, prompt):
        """Of each token but the first its log-probability and the largest there is."""
        body = dict(prompt=prompt, max_tokens=0, echo=True, logprobs=1)
        request = urllib.request.Request(
            self.url + "/v1/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            logprobs = json.load(answer)["choices"][0]["logprobs"]
        largest = [max(top.values()) for top in logprobs["top_logprobs"][1:]]
        return logprobs["token_logprobs"][1:], largest

    def close(self):
        self.process.terminate()
        self.process.wait()


def compare(folder, file, adapters=None, window=None):
    """Within a window, if there is one: log-probabilities compared, their largest difference, greedy tokens that differ, and texts read differently."""
    model = llama_cpp.Llama(
        str(file), n_ctx=256, n_batch=256, logits_all=True, type_k=0, type_v=0, flash_attn=False, swa_full=True,
        n_threads=1, n_threads_batch=1, verbose=False, lora_path=adapters and str(adapters),
    )
    served = Served(folder)
    compared, worst, differing, texts = 0, 0.0, 0, 0
    try:
        for text in TEXTS:
            tokens = model.tokenize(text.encode(), add_bos=True, special=False)
            prompt = len(tokens)
            model.reset()
            model.eval(tokens)
            for _ in range(GREEDY):
                tokens.append(int(numpy.argmax(model.scores[model.n_tokens - 1])))
                model.eval(tokens[-1:])
            logits = model.scores[: len(tokens) - 1].astype(numpy.float64)
            logprobs = logits - numpy.log(numpy.exp(logits - logits.max(-1, keepdims=True)).sum(-1, keepdims=True))
            logprobs -= logits.max(-1, keepdims=True)
            own, largest = served.scored(tokens)
            for at, token in enumerate(tokens[1:window]):
                worst = max(worst, abs(own[at] - logprobs[at, token]))
                compared += 1
                differing += at + 1 >= prompt and own[at] != largest[at]
            read, _ = served.scored(text)
            texts += read != own[: prompt - 1]
    finally:
        served.close()
        model.close()
    return compared, worst, differing, texts


def main():
    out = pathlib.Path(sys.argv[2])
    failed = False
    print("| family | folder | log-probabilities | largest difference | greedy tokens that differ | texts read differently |")
    print("| --- | --- | ---: | ---: | ---: | ---: |")
    for name in sys.argv[3:] or FAMILIES:
        folder = out / name
        shutil.rmtree(folder, ignore_errors=True)
        base(name, folder / "base")
        window = WINDOW if name.endswith("-window") else None
        for kind, what in KINDS.items():
            to = exported(folder, kind)
            if kind == "adapters":
                compared, worst, differing, texts = compare(
                    to, converted(folder / "base"), converted(to, folder / "base"), window=window
                )
            else:
                compared, worst, differing, texts = compare(to, converted(to), window=window)
            failed |= not worst < TOLERANCE.get(name, USUAL_TOLERANCE) or differing > 0 or texts > 0
            print(
                f"| {name} | {what} | {compared} | {worst:.1e}"
                f" | {differing} of {0 if window else len(TEXTS) * GREEDY} | {texts} of {len(TEXTS)} |",
                flush=True,
            )
        shutil.rmtree(folder)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
