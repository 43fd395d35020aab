"""PyTorch's times for what OpTimings measures, same shapes and numbers, on the same GPU: torch_peer.py RESULT.json"""

import json
import statistics
import sys

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

CALLS = 30
flush = torch.zeros(64 << 20, device="cuda")
rows = []


def normal(*shape, grad=False):
    return torch.randn(*shape, device="cuda", dtype=torch.bfloat16).requires_grad_(grad)


def measure(what, call, work, unit):
    """Adds a row; work is bytes or operations of one call."""
    try:
        seconds = []
        for i in range(-3, CALLS):
            begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            flush.zero_()
            begin.record()
            call()
            end.record()
            torch.cuda.synchronize()
            if i >= 0:
                seconds.append(begin.elapsed_time(end) / 1e3)
        median = statistics.median(seconds)
        scale = 1e9 if unit == "GB/s" else 1e12
        row = {"what": what, "milliseconds": median * 1e3, "rate": work / median / scale, "unit": unit}
    except RuntimeError as error:
        row = {"what": what, "failure": str(error).splitlines()[0]}
    rows.append(row)
    print(row, flush=True)


def attention(head_dim, length, name, backend):
    heads, kv_heads, batch = 2048 // head_dim, 2048 // head_dim // 4, 16384 // length
    q = normal(batch, heads, length, head_dim, grad=True)
    k, v = (normal(batch, kv_heads, length, head_dim, grad=True) for _ in range(2))
    d_out = normal(batch, heads, length, head_dim)
    work = 4 * 16384 * length * heads * head_dim / 2
    shape = f", head dim {head_dim}, length {length}, {name}"

    def forward():
        with sdpa_kernel(backend):
            return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)

    measure("attention forward" + shape, forward, work, "TFLOP/s")
    try:
        out = forward()
    except RuntimeError:
        return
    backward = lambda: torch.autograd.grad(out, (q, k, v), d_out, retain_graph=True)
    measure("attention backward" + shape, backward, 2.5 * work, "TFLOP/s")


def main():
    a, b = torch.randn(2, 1 << 28, device="cuda")
    measure("copy", lambda: b.copy_(a), 2 << 30, "GB/s")
    del a, b
    for what, m, n, k in [
        ("matmul 8192 x 8192 x 8192", 8192, 8192, 8192),
        ("matmul qkv, Qwen2.5-1.5B", 16384, 2048, 1536),
        ("matmul gate and up, Qwen2.5-1.5B", 16384, 17920, 1536),
        ("matmul down, Qwen2.5-1.5B", 16384, 1536, 8960),
    ]:
        x, w = normal(m, k), normal(n, k)
        measure(what, lambda: x @ w.T, 2 * m * n * k, "TFLOP/s")

    parameter = torch.randn(256 << 20, device="cuda").requires_grad_()
    parameter.grad = torch.randn_like(parameter)
    adamw = torch.optim.AdamW([parameter], lr=1e-4, fused=True)
    measure("adamw, float32, fused", adamw.step, 28 * parameter.numel(), "GB/s")

    def clip_and_step():
        torch.nn.utils.clip_grad_norm_([parameter], 1.0)
        adamw.step()

    # The bytes that have to move; clipping in place moves 8 more a parameter.
    measure("clip and step, float32, fused", clip_and_step, 32 * parameter.numel(), "GB/s")
    del parameter, adamw

    x, weight = normal(8192, 4096, grad=True), (normal(131072, 4096) * 0.02).requires_grad_()
    targets = torch.randint(0, 131072, (8192,), device="cuda")

    def cross_entropy():
        torch.autograd.grad(F.cross_entropy((x @ weight.T).float(), targets), (x, weight))

    measure("linear cross-entropy, forward and backward", cross_entropy, 6 * 8192 * 4096 * 131072, "TFLOP/s")
    torch.cuda.reset_peak_memory_stats()
    before, gradients = torch.cuda.memory_allocated(), x.nbytes + weight.nbytes
    cross_entropy()
    rows[-1]["extra_bytes"] = torch.cuda.max_memory_allocated() - before - gradients
    del x, weight

    for head_dim in (64, 128):
        for length in (2048, 4096, 8192, 16384):
            for name, backend in (("flash", SDPBackend.FLASH_ATTENTION), ("cudnn", SDPBackend.CUDNN_ATTENTION)):
                attention(head_dim, length, name, backend)

    report = {"device": torch.cuda.get_device_name(), "torch": torch.__version__, "timings": rows}
    with open(sys.argv[1], "w") as file:
        json.dump(report, file, indent=2)


main()
