"""Trains in TRL what a run of hone trained, and prints both side by side.

  trl_peer.py RUN BASE STEPS SEED

RUN is the directory of the run: its samples say which prompts each step had, its events what it earned and how long it
took. BASE is the model both start from.
"""
import json
import os
import re
import sys
import time
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

GROUP, PROMPTS, LONGEST = 8, 8, 64
run, base, steps, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def prompts():
    rows = []
    for step in range(steps):
        samples = lines(run / "samples" / f"rl-step-{step}.jsonl")
        rows += [dict(prompt=one["prompt"], answer=one["answer"]) for one in samples[::GROUP]]
    return rows


def correct(completions, answer, **ignored):
    """The verifier's rule for whole numbers: what follows the last "Answer:" is the key."""
    found = [re.findall(r"Answer:\s*([^\n]*)", text) for text in completions]
    return [float(bool(one) and one[-1].strip() == key.strip()) for one, key in zip(found, answer)]


class Clock(TrainerCallback):
    def __init__(self):
        self.seconds = []

    def on_step_begin(self, *args, **kwargs):
        self.start = time.perf_counter()

    def on_step_end(self, *args, **kwargs):
        self.seconds.append(time.perf_counter() - self.start)


def tokenizer():
    return PreTrainedTokenizerFast(tokenizer_file=base + "/tokenizer.json", eos_token="<|endoftext|>",
                                   pad_token="<|pad|>", padding_side="left")


def train():
    clock = Clock()
    config = GRPOConfig(
        output_dir=str(run / "trl"), max_steps=steps, per_device_train_batch_size=GROUP * PROMPTS, num_generations=GROUP,
        max_completion_length=LONGEST, learning_rate=2e-4, lr_scheduler_type="constant", warmup_steps=0, adam_beta2=0.999,
        beta=0.0, loss_type="dapo", scale_rewards="group", shuffle_dataset=False, seed=seed, use_cpu=True, bf16=False,
        gradient_checkpointing=False, logging_steps=1, save_strategy="no", report_to=[], disable_tqdm=True)
    trainer = GRPOTrainer(
        model=AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), reward_funcs=correct, args=config,
        train_dataset=Dataset.from_list(prompts()), processing_class=tokenizer(), callbacks=[clock])
    trainer.train()
    rewards = [row["reward"] for row in trainer.state.log_history if "reward" in row]
    return rewards, clock.seconds


def rollout_speed(batch=64):
    """Tokens a second of transformers' generate, all at once."""
    tokens = tokenizer()
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).eval()
    asked = tokens([row["prompt"] for row in prompts()[:PROMPTS] for _ in range(batch // PROMPTS)],
                   return_tensors="pt", padding=True)
    best = 0
    for _ in range(3):
        start = time.perf_counter()
        with torch.no_grad():
            drawn = model.generate(input_ids=asked["input_ids"], attention_mask=asked["attention_mask"], do_sample=True,
                                   max_new_tokens=LONGEST, pad_token_id=tokens.pad_token_id,
                                   eos_token_id=tokens.eos_token_id)
        new = drawn[:, asked["input_ids"].shape[1]:]
        best = max(best, (new != tokens.pad_token_id).sum().item() / (time.perf_counter() - start))
    return best


def mean(values):
    return sum(values) / len(values)


if __name__ == "__main__":
    hone = [event for event in lines(run / "events.jsonl") if event["event"] == "rl"]
    rewards, seconds = train()
    print("step\thone reward\tTRL reward\thone s\tTRL s")
    for step, event in enumerate(hone):
        whole = sum(event[phase + "_seconds"] for phase in ("generate", "verify", "score", "update", "idle"))
        event["seconds"] = whole
        print(f"{step}\t{event['reward']:.3f}\t{rewards[step]:.3f}\t{whole:.3f}\t{seconds[step]:.3f}")
    skip = min(3, len(hone) - 1)  # Warm-up of both.
    ours, theirs = mean([e["seconds"] for e in hone[skip:]]), mean(seconds[skip:])
    last = max(1, len(hone) // 3)
    print(f"mean reward of the last {last} steps: hone {mean([e['reward'] for e in hone[-last:]]):.3f}, "
          f"TRL {mean(rewards[-last:]):.3f}")
    print(f"seconds a step: hone {ours:.3f}, TRL {theirs:.3f}: {theirs / ours:.2f} times as fast")
    rolled = mean([e["tokens"] / e["generate_seconds"] for e in hone[skip:]])
    peer = rollout_speed()
    print(f"rollout tokens a second at batch {GROUP * PROMPTS}: hone {rolled:,.0f}, transformers {peer:,.0f}: "
          f"{rolled / peer:.2f} times")
