"""Trains the same in hone and in TRL, and compares: `run` says how to call it."""
import json
import math
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HONE = shlex.split(os.environ.get("HONE", str(ROOT / "hone")))
OUT = ROOT / "target/rl-peer"
BASE = ROOT / "recipes/quickstart/base"
PROMPTS, GROUP, LONGEST = 8, 8, 64  # a step: 64 completions
LEARNING_RATE = 1.5e-4
# Of each size, and how many of them do not count: at 1M those in which Java compiles what a step runs, some 20 seconds, on
# the same processors.
STEPS = {"1M": (300, 100), "15M": (6, 2)}
SIZES = {
    "1M": dict(hidden_size=128, intermediate_size=352, num_hidden_layers=4, num_attention_heads=4,
               num_key_value_heads=2, max_position_embeddings=512, tie_word_embeddings=False),
    "15M": dict(hidden_size=384, intermediate_size=1024, num_hidden_layers=8, num_attention_heads=6,
                num_key_value_heads=6, max_position_embeddings=512, tie_word_embeddings=False),
}


def hone(recipe, name):
    """Runs a recipe; the run's directory."""
    folder, file = OUT / name, OUT / f"{name}.yaml"
    subprocess.run(["rm", "-rf", str(folder)], check=True)
    file.write_text(json.dumps(recipe, indent=1))
    with open(OUT / f"{name}.log", "w") as log:
        if subprocess.run([*HONE, "train", str(file), "--output-dir", str(folder)], stdout=log, stderr=log).returncode:
            sys.exit((OUT / f"{name}.log").read_text())
    return folder


def common(model):
    return dict(device="cpu", model=model, data=[dict(generator="arithmetic", levels=[3, 4], count=2400, seed=10)],
                checkpoint=dict(save_steps=100000))


def random_model(size):
    """The folder of a model of random weights that never ends: its completions all have the longest length there is.

    hone makes it, by one step of fine-tuning at a learning rate of 0. Then the first number of each token's embedding is
    made large, no layer adds to it, and in the classifier it takes much from the logit of the end and nothing from
    others. So both sides draw, and learn from, as many tokens, whatever their chance. (Were the two tied, a token would
    be followed by itself.)
    """
    import torch
    from safetensors.torch import load_file, save_file

    sft = dict(max_steps=1, tokens_per_step=4096, max_length=256, learning_rate=0.0)
    run = hone(dict(common(dict(tokenizer=str(BASE / "tokenizer.json"), config=SIZES[size])), seed=1, sft=sft),
               f"random-{size}")
    folder = OUT / f"endless-{size}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(max((run / "checkpoints").glob("step-*")) / "model", folder)
    weights = load_file(folder / "model.safetensors")
    weights["model.embed_tokens.weight"][:, 0] = 0.1
    for name, weight in weights.items():
        if name.endswith(("o_proj.weight", "down_proj.weight")):
            weight[0] = 0
    weights["lm_head.weight"][:, 0] = 0
    weights["lm_head.weight"][json.loads((folder / "generation_config.json").read_text())["eos_token_id"], 0] = -50
    save_file({name: value.to(torch.float32).contiguous() for name, value in weights.items()},
              folder / "model.safetensors", metadata=dict(format="pt"))
    return folder


def reinforced(model, steps, seed, rewards=()):
    return hone(dict(
        common(dict(path=str(model))), seed=seed,
        sft=dict(max_steps=0, tokens_per_step=4096, max_length=256, adam_beta2=0.999),
        rl=dict(max_steps=steps, prompts_per_step=PROMPTS, num_generations=GROUP, max_completion_length=LONGEST,
                learning_rate=LEARNING_RATE, lr_scheduler_type="constant", warmup_ratio=0.0, rewards=list(rewards))), "run")


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def steps_of(run):
    """The events of the steps, with the seconds of each."""
    events = [event for event in lines(run / "events.jsonl") if event["event"] == "rl"]
    for event in events:
        event["seconds"] = sum(event[phase + "_seconds"] for phase in ("generate", "verify", "score", "update", "idle"))
    return events


def prompts(run, steps):
    """What hone asked, in its order."""
    rows = []
    for step in range(steps):
        samples = lines(run / "samples" / f"rl-step-{step}.jsonl")
        rows += [dict(prompt=one["prompt"], answer=one["answer"]) for one in samples[::GROUP]]
    return rows


def correct(completions, answer, **ignored):
    """The verifier's rule for whole numbers: what follows the last "Answer:" is the key."""
    found = [re.findall(r"Answer:\s*([^\n]*)", text) for text in completions]
    return [float(bool(one) and one[-1].strip() == key.strip()) for one, key in zip(found, answer)]


def repetition(completion_ids, **ignored):
    """hone's reward of the same name over single tokens, in which a random model's completions differ."""
    def penalty(tokens):
        return len(set(tokens)) / len(tokens) - 1 if tokens else 0.0

    return [penalty([int(t) for t in tokens]) for tokens in completion_ids]


def peer_model(folder):
    import torch
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    torch.set_num_threads(int(os.environ["HONE_THREADS"]))
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"), eos_token="<|endoftext|>",
                                        pad_token="<|pad|>", padding_side="left")
    return AutoModelForCausalLM.from_pretrained(str(folder), dtype=torch.float32), tokenizer


def trl(folder, asked, steps, seed, reward=correct):
    """(rewards, seconds, mean lengths of completions) of each step in TRL."""
    from datasets import Dataset
    from transformers import TrainerCallback
    from trl import GRPOConfig, GRPOTrainer

    class Clock(TrainerCallback):
        seconds = []

        def on_step_begin(self, *args, **kwargs):
            self.start = time.perf_counter()

        def on_step_end(self, *args, **kwargs):
            self.seconds.append(time.perf_counter() - self.start)

    Clock.seconds = []
    model, tokenizer = peer_model(folder)
    config = GRPOConfig(
        output_dir=str(OUT / "trl"), max_steps=steps, per_device_train_batch_size=GROUP * PROMPTS,
        num_generations=GROUP, max_completion_length=LONGEST, learning_rate=LEARNING_RATE,
        lr_scheduler_type="constant", warmup_steps=0, adam_beta2=0.999, beta=0.0, loss_type="dapo",
        scale_rewards="group", shuffle_dataset=False, seed=seed, use_cpu=True, bf16=False,
        gradient_checkpointing=False, logging_steps=1, save_strategy="no", report_to=[], disable_tqdm=True)
    trainer = GRPOTrainer(model=model, reward_funcs=reward, args=config, train_dataset=Dataset.from_list(asked),
                          processing_class=tokenizer, callbacks=[Clock()])
    trainer.train()
    steps = [row for row in trainer.state.log_history if "reward" in row]
    return [row["reward"] for row in steps], Clock.seconds, [row["completions/mean_length"] for row in steps]


def generate(folder, asked):
    """Tokens a second of transformers' generate, the best of three, all 64 drawn to the same length."""
    import torch

    model, tokenizer = peer_model(folder)
    batch = tokenizer([row["prompt"] for row in asked[:PROMPTS] for _ in range(GROUP)], return_tensors="pt",
                      padding=True)
    best = 0
    for _ in range(3):
        start = time.perf_counter()
        with torch.inference_mode():
            drawn = model.eval().generate(
                input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], do_sample=True, top_k=0,
                min_new_tokens=LONGEST, max_new_tokens=LONGEST, pad_token_id=tokenizer.pad_token_id)
        new = drawn.shape[1] - batch["input_ids"].shape[1]
        assert new == LONGEST
        best = max(best, len(drawn) * new / (time.perf_counter() - start))
    return best


def speed(size="1M", steps=None, warm_up=None):
    """Random weights never answer, so the reward is one that varies: else groups teach nothing and hone need not update."""
    steps, warm_up = (int(given or usual) for given, usual in zip((steps, warm_up), STEPS[size]))
    if steps <= warm_up:
        sys.exit(f"STEPS is {steps} but the first {warm_up} do not count; ask for more")
    model = random_model(size)
    run = reinforced(model, steps, 1, [dict(name="repetition", ngram=1)])
    events = steps_of(run)[warm_up:]
    asked = prompts(run, steps)
    assert all(event["degenerate_groups"] <= 1 for event in events), [e["degenerate_groups"] for e in events]
    rolled = max(event["tokens"] / event["generate_seconds"] for event in events)
    generated = generate(model, asked)
    _, seconds, lengths = trl(model, asked, steps, 1, repetition)
    assert set(lengths) | {event["completion_length"] for event in events} == {LONGEST}, lengths
    seconds = seconds[warm_up:]
    ours, theirs = (statistics.median(values) for values in ([event["seconds"] for event in events], seconds))
    result = dict(size=size, threads=int(os.environ["HONE_THREADS"]), steps=len(events), hone_step_s=ours, trl_step_s=theirs,
                  step_ratio=theirs / ours, completion_tokens=statistics.mean(e["completion_length"] for e in events),
                  hone_rollout_tokens_per_s=rolled, transformers_tokens_per_s=generated,
                  rollout_ratio=rolled / generated,
                  hone_phases={phase: statistics.median(event[phase + "_seconds"] for event in events)
                               for phase in ("generate", "verify", "score", "update", "idle")})
    print(f"{size}: a step of 64 completions of {result['completion_tokens']:.0f} tokens takes hone {ours:.3f} s, TRL "
          f"{theirs:.3f} s: {theirs / ours:.2f} times as fast")
    print(f"{size}: a rollout at batch 64, tokens a second: hone {rolled:,.0f}, transformers' generate "
          f"{generated:,.0f}: {rolled / generated:.2f} times as many")
    print(json.dumps(result))


def fine_tuned():
    """The folder of a model that answers some problems and not others: the quickstart's base, fine-tuned for a while."""
    data = [dict(generator="arithmetic", levels=[3, 4], count=800, seed=10, direct_share=0.4, checked_share=0.5)]
    sft = dict(max_steps=200, tokens_per_step=2048, max_length=256, learning_rate=2e-3, lr_scheduler_type="cosine")
    run = hone(dict(common(dict(path=str(BASE))), seed=1, data=data, sft=sft), "fine-tuned")
    return max((run / "checkpoints").glob("step-*")) / "model"


def welch(a, b):
    """The difference of two means and half of its 95 % interval, by Welch's t-test."""
    variances = [statistics.variance(values) / len(values) for values in (a, b)]
    freedom = sum(variances) ** 2 / sum(v ** 2 / (len(values) - 1) for v, values in zip(variances, (a, b)))
    return statistics.mean(a) - statistics.mean(b), quantile(freedom) * math.sqrt(sum(variances))


def quantile(freedom):
    """Of Student's t, 97.5 %: the numbers of the tables, interpolated in 1 / freedom."""
    table = [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (6, 2.447), (8, 2.306), (10, 2.228),
             (15, 2.131), (30, 2.042), (1e9, 1.960)]
    for (low, above), (high, below) in zip(table, table[1:]):
        if freedom <= high:
            share = (1 / low - 1 / max(freedom, 1)) / (1 / low - 1 / high)
            return above + share * (below - above)


def curves(steps="30", seeds="5", model=None):
    """Each side's rewards, seed by seed; they agree where intervals of the differences of their means hold 0."""
    steps, seeds = int(steps), int(seeds)
    start = Path(model).resolve() if model else fine_tuned()
    rewards = {"hone": [], "TRL": []}
    for seed in range(1, seeds + 1):
        run = reinforced(start, steps, seed)
        rewards["hone"].append([event["reward"] for event in steps_of(run)])
        rewards["TRL"].append(trl(start, prompts(run, steps), steps, seed)[0])
        for side, values in rewards.items():
            print(f"seed {seed}, {side}: first quarter {statistics.mean(values[-1][:steps // 4]):.3f}, last quarter "
                  f"{statistics.mean(values[-1][-(steps // 4):]):.3f}", flush=True)
    compared, agree = {}, True
    for name, part in (("all steps", slice(None)), ("first quarter", slice(steps // 4)),
                       ("last quarter", slice(-(steps // 4), None))):
        ours, theirs = ([statistics.mean(values[part]) for values in rewards[side]] for side in ("hone", "TRL"))
        apart, half = welch(ours, theirs)
        compared[name] = dict(hone=statistics.mean(ours), trl=statistics.mean(theirs), difference=apart,
                              low=apart - half, high=apart + half)
        agree &= abs(apart) <= half
        print(f"{name}: mean reward hone {statistics.mean(ours):.3f} ({min(ours):.3f} to {max(ours):.3f}), TRL "
              f"{statistics.mean(theirs):.3f} ({min(theirs):.3f} to {max(theirs):.3f}), difference {apart:+.3f}, 95% "
              f"interval {apart - half:+.3f} to {apart + half:+.3f}")
    print("the curves agree within the seeds' spread" if agree else "the curves differ by more than the seeds do")
    (OUT / "curves.json").write_text(json.dumps(dict(steps=steps, compared=compared, rewards=rewards)) + "\n")
    (OUT / "curves.svg").write_text(drawn(rewards))
    sys.exit(0 if agree else 1)


def drawn(rewards):
    """Mean rewards of each side by step, and between which they lie, as SVG."""
    width, height, left, top = 640, 320, 48, 16
    steps = len(rewards["hone"][0])
    highest = max(value for side in rewards.values() for values in side for value in values) * 1.05

    def point(step, value):
        return (f"{left + step * (width - left - 16) / (steps - 1):.1f},"
                f"{height - 32 - value / highest * (height - 32 - top):.1f}")

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
             f'font-size="12"><rect width="{width}" height="{height}" fill="white"/>']
    for tick in range(5):
        value = highest * tick / 4
        x, y = point(0, value).split(",")
        parts.append(f'<line x1="{x}" y1="{y}" x2="{width - 16}" y2="{y}" stroke="#ddd"/>'
                     f'<text x="{left - 6}" y="{y}" text-anchor="end" dominant-baseline="middle">{value:.2f}</text>')
    for (side, seeds), colour, place in zip(rewards.items(), ("#1f6fb2", "#c8501e"), (0, 1)):
        columns = list(zip(*seeds))
        band = ([point(step, max(column)) for step, column in enumerate(columns)]
                + [point(step, min(column)) for step, column in reversed(list(enumerate(columns)))])
        line = [point(step, statistics.mean(column)) for step, column in enumerate(columns)]
        parts.append(f'<polygon points="{" ".join(band)}" fill="{colour}" opacity="0.18"/>'
                     f'<polyline points="{" ".join(line)}" fill="none" stroke="{colour}" stroke-width="2"/>'
                     f'<text x="{left + 8}" y="{height - 64 + 16 * place}" fill="{colour}">{side}, mean of {len(seeds)} '
                     f'seeds and their range</text>')
    parts.append(f'<text x="{(left + width) / 2}" y="{height - 8}" text-anchor="middle">reward by step, 1 to {steps}</text></svg>')
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    {"speed": speed, "curves": curves}[sys.argv[1]](*sys.argv[2:])
