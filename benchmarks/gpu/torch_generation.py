"""Completions as transformers draws them, and a step of GRPO made of its parts."""

import statistics
import time

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig, StoppingCriteria, StoppingCriteriaList
from transformers.generation.continuous_batching.utils import WorkloadHints

DECODED, WARM_UPS = 48, 8
LIMIT_SECONDS = 120
SMALL_CACHE = {"num_blocks": 64, "max_batch_tokens": 64, "block_size": 16}


class Clock(StoppingCriteria):
    """Notes when each step is done; stops nothing."""

    def __init__(self, synchronize):
        self.synchronize = synchronize
        self.moments = []

    def __call__(self, ids, scores, **_):
        self.synchronize()
        self.moments.append(time.perf_counter())
        return torch.zeros(ids.shape[0], dtype=torch.bool, device=ids.device)


def sampled(new_tokens, **more):
    return GenerationConfig(
        max_new_tokens=new_tokens, do_sample=True, temperature=1.0, top_k=0, top_p=1.0, pad_token_id=0, **more
    )


@torch.inference_mode()
def decode(model, batch, context, static, synchronize):
    """Milliseconds of a greedy step of generate at about `context` tokens."""
    model.eval()
    length = context - DECODED // 2
    ids = torch.randint(0, model.config.vocab_size, (batch, length), device=model.device)
    settings = GenerationConfig(max_new_tokens=DECODED, do_sample=False, pad_token_id=0)
    if static:
        settings.cache_implementation = "static"
    clock = Clock(synchronize)
    start = time.perf_counter()
    for _ in range(2 if static else 1):  # the first compiles
        clock.moments.clear()
        model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            generation_config=settings,
            stopping_criteria=StoppingCriteriaList([clock]),
        )
    whole = time.perf_counter() - start
    steps = [after - before for before, after in zip(clock.moments, clock.moments[1:])][WARM_UPS - 1 :]
    median = statistics.median(steps)
    return median, batch, {"slowest_ms": max(steps) * 1e3, "whole_s": whole}


@torch.inference_mode()
def static_batch(model, prompts, completions, synchronize):
    """All prompts in one left-padded batch until the longest completion is done; only what was asked for counts."""
    model.eval()
    lengths = torch.tensor(prompts)
    width = int(lengths.max())
    ids = torch.randint(0, model.config.vocab_size, (len(prompts), width))
    mask = (torch.arange(width)[None] >= width - lengths[:, None]).long()
    ids, mask = ids.to(model.device), mask.to(model.device)
    call = lambda new: model.generate(ids, attention_mask=mask, generation_config=sampled(new))
    call(4)
    synchronize()
    start = time.perf_counter()
    call(max(completions))
    synchronize()
    return time.perf_counter() - start, sum(completions), {}


def continuous_batch(model, prompts, completions, synchronize):
    """transformers' continuous batching; each request ends at its own number of tokens."""
    model.eval()
    generator = torch.Generator().manual_seed(1)
    inputs = [torch.randint(0, model.config.vocab_size, (n,), generator=generator).tolist() for n in prompts]
    # On a GPU it sizes itself by what memory is left; on a CPU that would be all of it.
    sizes = ContinuousBatchingConfig(**({} if model.device.type == "cuda" else SMALL_CACHE))
    start = time.perf_counter()
    with model.continuous_batching_context_manager(
        generation_config=sampled(max(completions), eos_token_id=-1),
        continuous_batching_config=sizes,
        workload_hints=WorkloadHints(max(prompts), max(completions), len(prompts)),
        block=True,
        timeout=5,
    ) as manager:
        all_requests(manager, inputs[:4], [4] * 4)
        ready = time.perf_counter()
        drawn = all_requests(manager, inputs, completions)
        synchronize()
        seconds = time.perf_counter() - ready
    if drawn != sum(completions):
        raise RuntimeError(f"{drawn} tokens were drawn, not {sum(completions)}")
    return seconds, drawn, {"start_s": ready - start}


def all_requests(manager, inputs, completions):
    for ids, new_tokens in zip(inputs, completions):
        manager.add_request(ids, max_new_tokens=new_tokens, eos_token_id=-1)
    drawn = finished = 0
    end = time.perf_counter() + LIMIT_SECONDS
    while finished < len(inputs):
        if time.perf_counter() > end:
            raise TimeoutError(f"{finished} of {len(inputs)} requests ended in {LIMIT_SECONDS} s")
        result = manager.get_result(timeout=1)
        if result is not None and result.is_finished():
            if result.error:
                raise RuntimeError(result.error)
            drawn += len(result.generated_tokens)
            finished += 1
        elif result is None and not manager.is_running():
            raise RuntimeError("the generation thread ended")
    return drawn


def grpo(model, optimizer, prompts, samples, prompt_length, new_tokens, synchronize, sequences_of_a_pass=8):
    """Completions by generate, then one update on all of them with random advantages; log-probabilities are taken as
    TRL takes them, from whole logits, and the first update needs no others."""
    ids = torch.randint(0, model.config.vocab_size, (prompts, prompt_length), device=model.device)
    ids = ids.repeat_interleave(samples, 0)
    call = lambda new: model.generate(
        ids, attention_mask=torch.ones_like(ids), generation_config=sampled(new, min_new_tokens=new)
    )
    model.eval()
    with torch.no_grad():
        call(4)
        synchronize()
        start = time.perf_counter()
        sequences = call(new_tokens)
    synchronize()
    rollout = time.perf_counter() - start
    model.train()
    advantages = torch.randn(len(sequences), device=model.device)
    for first in range(0, len(sequences), sequences_of_a_pass):
        part = sequences[first : first + sequences_of_a_pass]
        logits = model(part, use_cache=False, logits_to_keep=new_tokens + 1).logits[:, :-1]
        chosen = part[:, -new_tokens:]
        logprobs = torch.log_softmax(logits.float(), -1).gather(-1, chosen[..., None])[..., 0]
        ratios = (logprobs - logprobs.detach()).exp()
        advantage = advantages[first : first + len(part), None]
        loss = -(torch.min(ratios * advantage, ratios.clamp(0.8, 1.2) * advantage)).sum()
        (loss / (len(sequences) * new_tokens)).backward()
    optimizer.step()
    synchronize()
    whole = time.perf_counter() - start
    return whole, len(sequences) * new_tokens, {"rollout_s": rollout, "update_s": whole - rollout}
