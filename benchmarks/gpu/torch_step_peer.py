"""What StepTimings measures, by PyTorch and transformers on the same GPU:

    torch_step_peer.py RESULT.json PART... [--peers eager ...] [--seconds 8] [--device cpu --tiny]

Parts and rough seconds on an H100: sft-0.5b 40, sft-1.5b 50, sft-3b 60, varied 60, decode 20, decode-static 120, generate 60,
grpo-small 40, grpo 120. The large product is timed before and after each row, to say whether the GPU was as fast all along.
Rows have the names of hone's and say whose they are:

    eager           transformers' model and loss, default SDPA, float32 weights under bfloat16 autocast, fused AdamW: what
                    its Trainer does with bf16=True, and the state that hone keeps too
    eager, bf16     the same with weights and moments of bfloat16 and no float32 ones: less state, less exact updates
    best            bfloat16 weights with float32 master weights and moments; layers compiled, cuDNN's attention, chunked
                    cross-entropy, fused AdamW
    best, bf16      the same with weights and moments of bfloat16 and no float32 ones
    generate        transformers' generate on one left-padded batch
    generate_batch  transformers' continuous batching
"""

import argparse
import json
import math
import statistics
import subprocess
import time
import traceback
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM, Qwen2Config

import torch_generation as generation
import torch_training as training

# hidden, intermediate, layers, heads, key-value heads: Qwen2.5's config.json
SHAPES = {
    "0.5B": (896, 4864, 24, 14, 2),
    "1.5B": (1536, 8960, 28, 12, 2),
    "3B": (2048, 11008, 36, 16, 2),
}
STEP_TOKENS, LENGTH = 16384, 4096
TEXTS_OF_A_STEP = 32
WARM_UPS, STEPS = 3, 10


class Bench:
    def __init__(self, arguments):
        self.device = arguments.device
        self.tiny = arguments.tiny
        self.only, self.seconds = arguments.peers, arguments.seconds
        self.file = arguments.result
        self.workload = json.loads((Path(__file__).parent / "workload.json").read_text())
        self.rows, self.failures = [], {}
        self.copy, self.matmul = self.copy_rate(), self.matmul_rate()

    # ---- models ----------------------------------------------------------------------------------------------------

    def config(self, size):
        hidden, intermediate, layers, heads, kv_heads = SHAPES[size]
        vocabulary = 151936
        if self.tiny:
            hidden, intermediate, layers, heads, kv_heads, vocabulary = 64, 128, 2, 4, 2, 512
        return Qwen2Config(
            vocab_size=vocabulary,
            hidden_size=hidden,
            intermediate_size=intermediate,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            num_key_value_heads=kv_heads,
            max_position_embeddings=32768,
            rope_parameters={"rope_type": "default", "rope_theta": 1e6},
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=None,
            pad_token_id=0,
        )

    def model(self, size, dtype):
        training.free()
        with torch.device(self.device):
            return AutoModelForCausalLM.from_config(self.config(size), dtype=dtype, attn_implementation="sdpa")

    @staticmethod
    def multiplied(config):
        """Weights that a token is multiplied by: matrices, and the embedding once, as the classifier."""
        head_dim = config.hidden_size // config.num_attention_heads
        attention = config.hidden_size * head_dim * 2 * (config.num_attention_heads + config.num_key_value_heads)
        layer = attention + 3 * config.hidden_size * config.intermediate_size
        return config.num_hidden_layers * layer + config.vocab_size * config.hidden_size

    def operations(self, config, length):
        """As StepTimings counts them: 6 N + 6 layers heads headDim length a token."""
        return length * (6 * self.multiplied(config) + 6 * config.num_hidden_layers * config.hidden_size * length)

    # ---- measuring -------------------------------------------------------------------------------------------------

    def synchronize(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def times(self, call, steps, warm_ups):
        """Seconds of each call; no more calls after --seconds, but at least three."""
        for _ in range(warm_ups):
            call()
        taken = []
        while len(taken) < steps and (len(taken) < 3 or sum(taken) < self.seconds):
            self.synchronize()
            start = time.perf_counter()
            call()
            self.synchronize()
            taken.append(time.perf_counter() - start)
        return taken

    def matmul_rate(self):
        n = 64 if self.tiny else 8192
        a, b = (torch.randn(n, n, device=self.device, dtype=torch.bfloat16) for _ in range(2))
        return 2 * n**3 / statistics.median(self.times(lambda: a @ b.T, 30, 3))

    def copy_rate(self):
        x = torch.randn((1 << 28) >> (12 if self.tiny else 0), device=self.device)
        y = torch.empty_like(x)
        return 2 * x.nbytes / statistics.median(self.times(lambda: y.copy_(x), 30, 3))

    def attempt(self, what, peer, measure):
        """Adds the row that `measure` gives: (seconds, tokens, further figures)."""
        if self.only and peer not in self.only:
            return
        start = time.perf_counter()
        row = {"what": what, "peer": peer}
        try:
            training.free()
            seconds, tokens, more = measure()
            row |= {"milliseconds": seconds * 1e3, "rate": tokens / seconds, "more": more}
            if self.device == "cuda":
                more["allocated_bytes"] = torch.cuda.max_memory_allocated()
                more["reserved_bytes"] = torch.cuda.max_memory_reserved()
            before, self.matmul = self.matmul, self.matmul_rate()
            more |= {"matmul_flops_before": before, "matmul_flops_after": self.matmul}
            self.rows.append(row)
            print(
                f"{what:28s} {peer:16s} {row['milliseconds']:10.3f} ms {row['rate']:12.0f} tokens/s  {more}"
                f"  ({time.perf_counter() - start:.0f} s in all)",
                flush=True,
            )
        except Exception as error:
            self.failures[f"{what}, {peer}"] = f"{type(error).__name__}: {error}".splitlines()[0]
            print(f"{what}, {peer}: FAILED after {time.perf_counter() - start:.0f} s", flush=True)
            traceback.print_exc()
        self.write()

    def write(self):
        report = {
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "device": torch.cuda.get_device_name() if self.device == "cuda" else "cpu",
            "driver": driver(),
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "copy_bytes_per_s": self.copy,
            "matmul_flops": self.matmul,
            "rows": self.rows,
            "failures": self.failures,
        }
        Path(self.file).write_text(json.dumps(report, indent=2) + "\n")

    # ---- training --------------------------------------------------------------------------------------------------

    def sft(self, size):
        self.peers(f"sft {size}", size, self.sft_steps)

    def peers(self, what, size, steps, best=True):
        """Each peer's row; steps(model, optimizer, loss) measures one."""
        state = {}

        def with_model(dtype, prepare=None):
            state["model"] = self.model(size, dtype)
            if prepare:
                prepare(state["model"])
            return state["model"]

        def eager():
            model = with_model(torch.float32)
            with training.autocast(self.device):
                return steps(model, training.Plain(model.parameters()), training.eager_loss)

        def eager_bf16():
            model = with_model(torch.bfloat16)
            return steps(model, training.Plain(model.parameters()), training.eager_loss)

        def best_bf16():
            model = with_model(torch.bfloat16, training.compile_layers)
            with training.cudnn_attention():
                return steps(model, training.Plain(model.parameters()), training.chunked_loss)

        def best_masters():
            model = with_model(torch.bfloat16, training.compile_layers)
            with training.cudnn_attention():
                return steps(model, training.Masters(model.parameters()), training.chunked_loss)

        rows = [("eager", eager), ("eager, bf16", eager_bf16)]
        if best:
            rows += [("best", best_masters), ("best, bf16", best_bf16)]
        for peer, measure in rows:
            self.attempt(what, peer, measure)
            state.clear()

    def sft_steps(self, model, optimizer, loss):
        length = LENGTH // (64 if self.tiny else 1)
        tokens = torch.randint(0, model.config.vocab_size, (STEP_TOKENS // LENGTH, length), device=self.device)
        for passes, recompute in training.PASSES:
            parts = training.rectangles(tokens, passes)
            with training.checkpointed(model, recompute):
                losses = []
                call = lambda: losses.append(training.train_step(model, optimizer, parts, loss))
                if not self.fits(call, optimizer):
                    continue
                taken = self.times(call, STEPS, WARM_UPS - 1)
            median = statistics.median(taken)
            rate = self.operations(model.config, length) * tokens.shape[0] / median
            more = {"passes": passes, "recompute": recompute, "tflops": rate / 1e12, "loss": losses[-1]}
            return median, tokens.numel(), more | {"share_of_matmul": rate / self.matmul}
        raise MemoryError("no way to cut the step fits")

    def fits(self, call, optimizer):
        try:
            call()
            return True
        except torch.OutOfMemoryError:
            pass
        for parameter in optimizer.parameters:
            parameter.grad = None
        training.free()
        return False

    def varied(self):
        """Texts of varied length, padded in passes of 8, 4 or 2, whichever fits."""
        texts = self.workload["texts"]
        if self.tiny:
            texts = [max(2, length // 16) for length in texts[:64]]
        self.peers("varied 1.5B", "1.5B", lambda *peer: self.varied_epoch(texts, *peer), best=False)

    def varied_epoch(self, texts, model, optimizer, loss):
        steps = [texts[i : i + TEXTS_OF_A_STEP] for i in range(0, len(texts), TEXTS_OF_A_STEP)]
        longest = max(steps, key=max)
        for size in (8, 4, 2):
            make = lambda part: training.padded(part, size, model.config.vocab_size, self.device)
            warm_up = lambda: training.train_step(model, optimizer, make(longest), loss)
            if not self.fits(warm_up, optimizer):
                continue
            parts = [make(step) for step in steps]
            padded = sum(ids.numel() for step in parts for ids, _, _ in step)
            epoch = lambda: [training.train_step(model, optimizer, part, loss) for part in parts]
            seconds = self.times(epoch, 1, 0)[0]
            return seconds / len(steps), sum(texts) / len(steps), {"texts_of_a_pass": size, "padded_tokens": padded}
        raise MemoryError("no way to cut the step fits")

    # ---- generation ------------------------------------------------------------------------------------------------

    def decode(self, static=False):
        batches = [1, 8 if self.tiny else 256]
        model = self.model("1.5B", torch.bfloat16)
        context = 1024 // (16 if self.tiny else 1)
        for batch in batches:
            measure = lambda: generation.decode(model, batch, context, static, self.synchronize)
            self.attempt(f"decode 1.5B, batch {batch}", "generate, static" if static else "generate", measure)

    def generate(self):
        prompts, completions = self.workload["prompts"], self.workload["completions"]
        if self.tiny:
            prompts, completions = ([max(2, length // 16) for length in some[:16]] for some in (prompts, completions))
        model = self.model("1.5B", torch.bfloat16)
        for peer, call in (("generate", generation.static_batch), ("generate_batch", generation.continuous_batch)):
            self.attempt("generate 1.5B", peer, lambda: call(model, prompts, completions, self.synchronize))

    def grpo(self, prompts, samples, length):
        if self.tiny:
            prompts, samples, length = 2, 4, 8
        what = f"grpo 1.5B, {prompts} x {samples} x {length}"

        def measure():
            model = self.model("1.5B", torch.bfloat16)
            optimizer = training.Plain(model.parameters())
            prompt = 128 // (16 if self.tiny else 1)
            return generation.grpo(model, optimizer, prompts, samples, prompt, length, self.synchronize)

        self.attempt(what, "eager, bf16", measure)

    def run(self, parts):
        calls = {
            "sft-0.5b": lambda: self.sft("0.5B"),
            "sft-1.5b": lambda: self.sft("1.5B"),
            "sft-3b": lambda: self.sft("3B"),
            "varied": self.varied,
            "decode": self.decode,
            "decode-static": lambda: self.decode(static=True),
            "generate": self.generate,
            "grpo-small": lambda: self.grpo(16, 8, 256),
            "grpo": lambda: self.grpo(64, 8, 512),
        }
        for part in parts:
            start = time.perf_counter()
            calls[part]()
            print(f"part {part}: {time.perf_counter() - start:.0f} s", flush=True)


def driver():
    try:
        query = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
        return subprocess.run(query, capture_output=True, text=True, check=True).stdout.split()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result")
    parser.add_argument("parts", nargs="+", metavar="part")
    parser.add_argument("--peers", nargs="+", help="these alone")
    parser.add_argument("--seconds", type=float, default=8, help="of a row's steps, about")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--tiny", action="store_true", help="tiny shapes, to try the script out")
    arguments = parser.parse_args()
    torch.manual_seed(1)
    transformers.logging.set_verbosity_error()
    Bench(arguments).run(arguments.parts)


if __name__ == "__main__":
    main()
