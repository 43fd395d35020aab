"""Writes what TRL's own trainers compute: losses of GRPOTrainer, RLOOTrainer and DPOTrainer, and their gradients; and
the defaults of GRPOConfig.

  python3 -m venv /tmp/trl && /tmp/trl/bin/pip install trl
  /tmp/trl/bin/python trainer/src/test/python/make_rl_fixtures.py trainer/src/test/resources/rl

The trainers' _compute_loss is called as it is, on an object that holds only the settings it reads; in place of a model it
is given log-probabilities to differentiate by.
"""
import dataclasses
import json
import sys
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import torch
import trl
from trl import DPOTrainer, GRPOConfig, GRPOTrainer, RLOOTrainer

torch.manual_seed(5)
LENGTHS = [5, 3, 8, 1, 6, 4]
LONGEST = max(LENGTHS)
MAX_COMPLETION_LENGTH = 12
SETTINGS = dict(epsilon=0.2, epsilon_high=0.2, delta=None, beta=0.0, importance_sampling_level="token",
                use_bias_correction_kl=True)
CASES = [
    dict(name="grpo", loss_type="grpo"),
    dict(name="grpo held to a reference", loss_type="grpo", beta=0.04),
    dict(name="grpo held to a reference, plain k3", loss_type="grpo", beta=0.04, use_bias_correction_kl=False),
    dict(name="grpo with delta", loss_type="grpo", delta=1.4),
    dict(name="dr_grpo", loss_type="dr_grpo"),
    dict(name="dapo, clip higher", loss_type="dapo", epsilon_high=0.28),
    dict(name="dapo, truncated importance sampling", loss_type="dapo", epsilon_high=0.28, corrected=True),
    dict(name="gspo", loss_type="grpo", importance_sampling_level="sequence", epsilon=0.05, epsilon_high=0.08),
    dict(name="gspo held to a reference", loss_type="grpo", importance_sampling_level="sequence", epsilon=0.3,
         epsilon_high=0.4, beta=0.1),
    dict(name="gspo, truncated importance sampling", loss_type="grpo", importance_sampling_level="sequence",
         epsilon=0.3, epsilon_high=0.4, corrected=True),
    dict(name="cispo", loss_type="cispo", epsilon_high=1.1),
    dict(name="cispo held to a reference", loss_type="cispo", epsilon_high=5.0, beta=0.04),
    dict(name="rloo", loss_type="rloo"),
]


def rounded(shape, scale, shift=0.0):
    """Numbers that are the same in 32 bits."""
    return ((torch.randn(shape) * scale + shift) * 1024).round().double() / 1024


class Accelerator:
    num_processes = 1
    device = torch.device("cpu")
    sync_gradients = True

    gather = gather_for_metrics = staticmethod(lambda x: x)
    reduce = staticmethod(lambda x, reduction: x)


def policy_gradient(case, data):
    settings = {**SETTINGS, **case}
    logprobs = data["logprobs"].clone().requires_grad_()
    fake = SimpleNamespace(
        args=SimpleNamespace(delta=settings["delta"], use_bias_correction_kl=settings["use_bias_correction_kl"],
                             steps_per_generation=1),
        model=SimpleNamespace(training=True), accelerator=Accelerator(), loss_type=settings["loss_type"],
        beta=settings["beta"], epsilon_low=settings["epsilon"], epsilon_high=settings["epsilon_high"],
        importance_sampling_level=settings["importance_sampling_level"], top_entropy_quantile=1.0,
        off_policy_mask_threshold=None, max_completion_length=MAX_COMPLETION_LENGTH, aux_loss_enabled=False,
        use_vllm=bool(settings.get("corrected")), vllm_importance_sampling_correction=True,
        current_gradient_accumulation_steps=1, _entropy_bonus_enabled=False, use_adaptive_entropy=False,
        _metrics={"train": defaultdict(list)},
        _get_per_token_logps_and_entropies=lambda *a, **k: (logprobs, torch.zeros_like(logprobs), None))
    mask = data["mask"]
    inputs = dict(prompt_ids=torch.zeros(len(LENGTHS), 1, dtype=torch.long),
                  prompt_mask=torch.ones(len(LENGTHS), 1, dtype=torch.long),
                  completion_ids=torch.zeros(len(LENGTHS), LONGEST, dtype=torch.long), completion_mask=mask,
                  advantages=data["advantages"], old_per_token_logps=data["old"], ref_per_token_logps=data["reference"],
                  num_items_in_batch=mask.sum(), importance_sampling_ratio=data["corrections"],
                  old_logps=(data["old"] * mask).sum(1))
    trainer = RLOOTrainer if settings["loss_type"] == "rloo" else GRPOTrainer
    loss = trainer._compute_loss(fake, fake.model, inputs)
    loss.backward()
    return loss.item(), logprobs.grad


def rows(tensor):
    return [tensor[i, :length].tolist() for i, length in enumerate(LENGTHS)]


def losses():
    shape = (len(LENGTHS), LONGEST)
    old = rounded(shape, 0.8, -2.0)
    data = dict(old=old, logprobs=old + rounded(shape, 0.3), reference=old + rounded(shape, 0.5),
                advantages=rounded((len(LENGTHS),), 1.2), corrections=rounded(shape, 0.2, 1.0),
                mask=torch.tensor([[int(t < length) for t in range(LONGEST)] for length in LENGTHS]))
    cases = []
    for case in CASES:
        loss, gradient = policy_gradient(case, data)
        settings = {key: value for key, value in {**SETTINGS, **case}.items() if value is not None}
        cases.append({**settings, "loss": loss, "gradient": rows(gradient)})
    return dict(trl=trl.__version__, max_completion_length=MAX_COMPLETION_LENGTH,
                advantages=data["advantages"].tolist(), cases=cases,
                **{key: rows(data[key]) for key in ("logprobs", "old", "reference", "corrections")})


def preference(loss_type, beta, label_smoothing, data):
    chosen, rejected = LENGTHS[:3], LENGTHS[3:]
    logprobs = data["logprobs"].clone().requires_grad_()
    # One prompt token, so that the completion starts at the second.
    completion_mask = torch.cat([torch.zeros(len(LENGTHS), 1, dtype=torch.long), data["mask"]], 1)

    def model(labels=None, **ignored):
        zeros = torch.zeros_like(logprobs)
        return SimpleNamespace(log_probs=logprobs * data["mask"], entropy=zeros, mean_logits=zeros,
                               is_top1=zeros.bool())

    fake = SimpleNamespace(
        model=SimpleNamespace(training=True), accelerator=Accelerator(), aux_loss_enabled=False, ld_alpha=None,
        precompute_ref_logps=True, f_divergence_type="reverse_kl", loss_types=[loss_type], loss_weights=[1.0],
        beta=beta, label_smoothing=label_smoothing, use_weighting=False, _metrics={"train": defaultdict(list)},
        _total_train_tokens=0, _tp_size=1)
    reference = (data["reference"] * data["mask"]).sum(1)
    inputs = dict(input_ids=torch.zeros(len(LENGTHS), LONGEST + 1, dtype=torch.long),
                  attention_mask=completion_mask, completion_mask=completion_mask,
                  ref_chosen_logps=reference[:len(chosen)], ref_rejected_logps=reference[len(chosen):])
    loss = DPOTrainer._compute_loss(fake, model, inputs, False)
    loss.backward()
    return loss.item(), logprobs.grad


def preferences():
    shape = (len(LENGTHS), LONGEST)
    reference = rounded(shape, 0.8, -2.0)
    data = dict(reference=reference, logprobs=reference + rounded(shape, 0.4),
                mask=torch.tensor([[int(t < length) for t in range(LONGEST)] for length in LENGTHS]))
    cases = []
    for loss_type, beta, smoothing in [("sigmoid", 0.1, 0.0), ("sigmoid", 0.7, 0.0), ("robust", 0.3, 0.1),
                                       ("hinge", 0.5, 0.0), ("ipo", 0.2, 0.0)]:
        loss, gradient = preference(loss_type, beta, smoothing, data)
        cases.append(dict(name=f"{loss_type}, beta {beta}", loss_type=loss_type, beta=beta, label_smoothing=smoothing,
                          loss=loss, gradient=rows(gradient)))
    return dict(trl=trl.__version__, chosen=3, cases=cases,
                **{key: rows(data[key]) for key in ("logprobs", "reference")})


def defaults():
    """Of the settings that a recipe's section rl has under the same name, but max_steps, which there is no end without."""
    shared = ("num_generations", "max_completion_length", "temperature", "learning_rate", "lr_scheduler_type",
              "weight_decay", "max_grad_norm", "top_k", "top_p", "min_p", "loss_type", "importance_sampling_level",
              "scale_rewards", "epsilon", "epsilon_high", "delta", "beta", "use_bias_correction_kl", "entropy_coef",
              "num_iterations", "mask_truncated_completions")
    values = {field.name: field.default for field in dataclasses.fields(GRPOConfig)}
    return dict(trl=trl.__version__, warmup_steps=values["warmup_steps"], shared={key: values[key] for key in shared})


def write(path, value):
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    write(folder / "trl-losses.json", losses())
    write(folder / "trl-preferences.json", preferences())
    write(folder / "trl-defaults.json", defaults())
