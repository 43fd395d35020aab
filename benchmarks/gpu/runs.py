#!/usr/bin/env python3
"""Runs as a user starts them, on a device: twice the same, and once ended by SIGKILL in every stage and resumed.

  runs.py OUT DEVICE MODEL HONE...     HONE... is the command line that starts hone

Fine-tunes MODEL (the quickstart's base) and reinforces it by GRPO. All three runs must end with the same bits of weights
and optimizer, and the log-probabilities of rollouts must be those of training. Writes OUT/gpu-runs.json; exit code 1 where
they are not.
"""
import hashlib
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

TASK = dict(generator="arithmetic", levels=[2, 3])
RECIPE = dict(
    seed=7,
    data=[dict(TASK, count=2400, seed=10)],
    sft=dict(max_steps=60, tokens_per_step=1024, max_length=256, learning_rate=2e-3, lr_scheduler_type="cosine"),
    rl=dict(max_steps=8, prompts_per_step=8, num_generations=4, max_completion_length=64, learning_rate=1e-4),
    evaluation=dict(benchmark=[dict(TASK, count=100, seed=12)], temperature=0.0, max_tokens=64),
    checkpoint=dict(save_steps=8))
# The events after which a run is killed: in the middle of fine-tuning, of an evaluation, of reinforcement.
KILLS = [("train", 21), ("train", 46), ("phase_started", 60), ("rl", 62), ("rl", 66)]
LONGEST_SECONDS = 300


def events(run):
    """What a run has told so far, but for a last line that is half written."""
    file = run / "events.jsonl"
    lines = file.read_text().split("\n")[:-1] if file.exists() else []
    return [json.loads(line) for line in lines]


def log_of(run):
    return run.with_suffix(".log").open("a")


def finish(run, command):
    with log_of(run) as log:
        status = subprocess.run(command, stdout=log, stderr=log, timeout=LONGEST_SECONDS).returncode
    if status != 0:
        raise SystemExit(f"{run} ended with {status}:\n" + run.with_suffix(".log").read_text()[-2000:])


def kill_after(run, command, event, step):
    """Ends a run once it has told of an event at a step."""
    with log_of(run) as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    deadline = time.monotonic() + LONGEST_SECONDS
    while not any(one["event"] == event and one["step"] >= step for one in events(run)):
        if process.poll() is not None:
            raise SystemExit(f"{run}: ended by itself before {event} {step}; {run.with_suffix('.log')} says why")
        if time.monotonic() > deadline:
            process.kill()
            raise SystemExit(f"{run}: no {event} {step} within {LONGEST_SECONDS} s")
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()


def bits(run):
    """A hash of each file of tensors in the last checkpoint."""
    last = max((run / "checkpoints").glob("step-*"))
    return {str(file.relative_to(last)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(last.rglob("*.safetensors"))}


def main():
    if len(sys.argv) < 5:
        raise SystemExit(__doc__)
    out, device, model, hone = Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3], sys.argv[4:]
    runs = out / "runs"
    shutil.rmtree(runs, ignore_errors=True)
    runs.mkdir(parents=True)
    recipe = runs / "recipe.yaml"
    recipe.write_text(json.dumps(dict(RECIPE, device=device, model=dict(path=model)), indent=1))

    def train(name):
        return [*hone, "train", str(recipe), "--output-dir", str(runs / name)]

    finish(runs / "whole", train("whole"))
    finish(runs / "again", train("again"))
    killed = runs / "killed"
    resume = [*hone, "resume", str(killed)]
    kills = iter(KILLS)
    kill_after(killed, train("killed"), *next(kills))
    for kill in kills:
        kill_after(killed, resume, *kill)
    finish(killed, resume)

    summary = json.loads((runs / "whole/summary.json").read_text())
    told = events(runs / "whole")
    started = next(one for one in told if one["event"] == "run_started")
    result = dict(
        device=started["device"], description=started["description"], dtype=started["dtype"],
        seconds=round(summary["seconds"], 1),
        accuracy={one["name"]: one["accuracy"] for one in summary["phases"]},
        again_same_bits=bits(runs / "again") == bits(runs / "whole"),
        killed=len(KILLS), resumed_same_bits=bits(killed) == bits(runs / "whole"),
        logprob_mismatch=max(one["logprob_mismatch"] for one in told if one["event"] == "rl"))
    (out / "gpu-runs.json").write_text(json.dumps(result, indent=1) + "\n")
    for key, value in result.items():
        print(f"{key:18} {value}")
    return 0 if result["again_same_bits"] and result["resumed_same_bits"] and result["logprob_mismatch"] == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
