"""Completes the requests of a JSON file by transformers, once for each line read; prints each's tokens and the seconds.

    python batching_peer.py static|continuous MODEL_FOLDER REQUESTS.json BATCH

Of a line "seconds [[tokens of request 0], ...]". static: `generate` on BATCH requests after another in the order they came,
padded to the longest prompt and to the most tokens; what a request did not ask for is cut off. continuous: transformers'
own continuous batching.
"""

import json
import os
import sys
import time

import torch
from transformers import AutoModelForCausalLM, ContinuousBatchingConfig, GenerationConfig

PAD = 0


def static(model, requests, batch):
    answers = []
    for start in range(0, len(requests), batch):
        part = requests[start : start + batch]
        longest = max(len(r["prompt"]) for r in part)
        ids = torch.tensor([[PAD] * (longest - len(r["prompt"])) + r["prompt"] for r in part])
        mask = torch.tensor([[0] * (longest - len(r["prompt"])) + [1] * len(r["prompt"]) for r in part])
        most = max(r["max_tokens"] for r in part)
        out = model.generate(input_ids=ids, attention_mask=mask, max_new_tokens=most, min_new_tokens=most,
                             do_sample=False, pad_token_id=PAD)
        answers += [row[longest : longest + r["max_tokens"]].tolist() for row, r in zip(out, part)]
    return answers


def continuous(model, requests, batch):
    positions = max(len(r["prompt"]) + r["max_tokens"] for r in requests)
    blocks = (positions + 31) // 32 * batch
    config = ContinuousBatchingConfig(block_size=32, num_blocks=blocks, max_batch_tokens=2048)
    with model.continuous_batching_context_manager(
        generation_config=GenerationConfig(do_sample=False, eos_token_id=-1, pad_token_id=PAD),
        continuous_batching_config=config, block=True, timeout=5, warmup=False,
    ) as manager:
        names = [manager.add_request(r["prompt"], max_new_tokens=r["max_tokens"]) for r in requests]
        done = {}
        while len(done) < len(names):
            result = manager.get_result(timeout=1)
            if result is not None and result.is_finished():
                done[result.request_id] = result.generated_tokens
            elif result is None and not manager.is_running():
                raise SystemExit("transformers' continuous batching ended early")
    return [done[name] for name in names]


if __name__ == "__main__":
    kind, folder, file, batch = sys.argv[1:5]
    torch.set_num_threads(int(os.environ.get("HONE_THREADS", "2")))
    implementation = "sdpa" if kind == "static" else "paged|sdpa"
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation=implementation).eval()
    with open(file, encoding="utf-8") as opened:
        requests = json.load(opened)
    for _ in sys.stdin:
        started = time.perf_counter()
        with torch.inference_mode():
            answers = {"static": static, "continuous": continuous}[kind](model, requests, int(batch))
        print(time.perf_counter() - started, json.dumps(answers), flush=True)
