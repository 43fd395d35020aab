"""PyTorch's side of operations.py: torch_peer.py DEVICE. The rows that OpRows has, same shapes and numbers, asked for and timed
as OpTimings says. Rows are called as hone's are, those with several peers with the peer's name behind a comma."""

import functools
import json
import math
import sys
import time

try:
    import torch
except ImportError:
    sys.exit("torch_peer.py: PyTorch is not installed")
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

DEVICE = sys.argv[1]
SHRINK = 1 if DEVICE == "cuda" else 64
WARM_UPS = 2
BACKENDS = (("flash", SDPBackend.FLASH_ATTENTION), ("cudnn", SDPBackend.CUDNN_ATTENTION))


def scaled(size):
    return max(1, size // SHRINK)


def normal(*shape, dtype=torch.bfloat16):
    return torch.randn(*shape, device=DEVICE, dtype=dtype)


def synchronize():
    if DEVICE == "cuda":
        torch.cuda.synchronize()


# ---- rows: each makes its tensors and gives the call to be timed -----------------------------------------------------------


def copy():
    a, b = (normal(scaled(1 << 28), dtype=torch.float32) for _ in range(2))
    return lambda: b.copy_(a)


def matmul(m, n, k):
    x, w = normal(scaled(m), scaled(k)), normal(scaled(n), scaled(k))
    return lambda: x @ w.T


def attention(head_dim, length, backend, backward):
    kv_heads = max(1, 2048 // head_dim // 4 // SHRINK)
    heads = 4 * kv_heads if SHRINK == 1 else kv_heads
    batch, length = 16384 // length, scaled(length)
    q, d_out = (normal(batch, heads, length, head_dim) for _ in range(2))
    k, v = (normal(batch, kv_heads, length, head_dim) for _ in range(2))
    for tensor in (q, k, v):
        tensor.requires_grad_(True)

    def forward():
        with sdpa_kernel(backend):
            return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)

    if not backward:
        return forward
    out = forward()
    return lambda: torch.autograd.grad(out, (q, k, v), d_out, retain_graph=True)


def decoded_attention(sequences, backend):
    """Keys and values of a sequence lie together, where hone's are in the blocks of its cache."""
    q = normal(sequences, 12, 1, 128)
    k, v = (normal(sequences, 2, scaled(1024), 128) for _ in range(2))

    def call():
        with sdpa_kernel(backend):
            return F.scaled_dot_product_attention(q, k, v, enable_gqa=True)

    return call


def cross_entropy():
    x = normal(scaled(8192), scaled(4096)).requires_grad_()
    weight = (normal(scaled(131072), scaled(4096)) * 0.02).requires_grad_()
    targets = torch.randint(0, len(weight), (len(x),), device=DEVICE)
    return lambda: torch.autograd.grad(F.cross_entropy((x @ weight.T).float(), targets), (x, weight))


def adamw(clip):
    parameter = normal(scaled(256 << 20), dtype=torch.float32).requires_grad_()
    parameter.grad = torch.randn_like(parameter)
    optimizer = torch.optim.AdamW([parameter], lr=1e-4, fused=True)

    def clip_and_step():
        torch.nn.utils.clip_grad_norm_([parameter], 1.0)
        optimizer.step()

    return clip_and_step if clip else optimizer.step


def compiled(function):
    """A trial leaves out that code is made of what was traced."""
    return torch.compile(function, dynamic=False, backend="inductor" if DEVICE == "cuda" else "aot_eager")


def backward_of(function, *inputs):
    """The backward pass of a compiled function, with random gradients of its results."""
    results = compiled(function)(*(tensor.requires_grad_() for tensor in inputs))
    gradients = [torch.randn_like(result) for result in results]
    return lambda: torch.autograd.grad(results, inputs, gradients, retain_graph=True)


def norm(x, residual, weight):
    total = x + residual
    return total, F.rms_norm(total, weight.shape, weight, 1e-6)


def rmsnorm(backward):
    x, residual, weight = normal(scaled(16384), 2048), normal(scaled(16384), 2048), normal(2048)
    if backward:
        return backward_of(norm, x, residual, weight)
    function = compiled(norm)
    return lambda: function(x, residual, weight)


def gated(gate_up):
    gate, up = gate_up.chunk(2, -1)
    return (F.silu(gate) * up,)


def swiglu(backward):
    gate_up = normal(scaled(16384), 2 * 8960)
    if backward:
        return backward_of(gated, gate_up)
    function = compiled(gated)
    return lambda: function(gate_up)


def add():
    x, residual = (normal(scaled(16384), 2048) for _ in range(2))
    out = torch.empty_like(x)
    return lambda: torch.add(x, residual, out=out)


def rope():
    heads = normal(scaled(16384), 32, 64)
    angles = torch.rand(4096, 32, device=DEVICE) * 2 * math.pi
    cos, sin = angles.cos(), angles.sin()
    positions = torch.randint(0, 4096, (len(heads),), device=DEVICE)

    def turned(heads, positions, cos, sin):
        c, s = cos[positions][:, None], sin[positions][:, None]
        first, second = heads.float().chunk(2, -1)
        return torch.cat((first * c - second * s, second * c + first * s), -1).to(heads.dtype)

    function = compiled(turned)
    return lambda: function(heads, positions, cos, sin)


def global_norm():
    gradient = normal(scaled(256 << 20), dtype=torch.float32)
    return lambda: torch.linalg.vector_norm(gradient)


def all_rows():
    rows = {
        "copy": copy,
        "matmul 8192 x 8192 x 8192": functools.partial(matmul, 8192, 8192, 8192),
        "matmul qkv, Qwen2.5-1.5B": functools.partial(matmul, 16384, 2048, 1536),
        "matmul gate and up, Qwen2.5-1.5B": functools.partial(matmul, 16384, 17920, 1536),
        "matmul down, Qwen2.5-1.5B": functools.partial(matmul, 16384, 1536, 8960),
        "linear cross-entropy, forward and backward": cross_entropy,
        "add": add,
        "global norm": global_norm,
        "rmsnorm forward with residual, compiled": functools.partial(rmsnorm, backward=False),
        "rmsnorm backward, compiled": functools.partial(rmsnorm, backward=True),
        "rope, compiled": rope,
        "swiglu forward, compiled": functools.partial(swiglu, backward=False),
        "swiglu backward, compiled": functools.partial(swiglu, backward=True),
        "adamw, float32, fused": functools.partial(adamw, clip=False),
        "clip and step, float32, fused": functools.partial(adamw, clip=True),
    }
    for sequences in (1, 16, 256):
        for name, backend in BACKENDS:
            what = f"attention of single tokens, {sequences} x 1024 keys, {name}"
            rows[what] = functools.partial(decoded_attention, sequences, backend)
    for head_dim in (64, 96, 128):
        for length in (2048, 4096, 8192, 16384):
            for name, backend in BACKENDS:
                shape = f", head dim {head_dim}, length {length}, {name}"
                for direction in ("forward", "backward"):
                    make = functools.partial(attention, head_dim, length, backend, direction == "backward")
                    rows[f"attention {direction}{shape}"] = make
    return rows


# ---- requests --------------------------------------------------------------------------------------------------------------


class Peer:
    def __init__(self):
        # So many bytes that the host has asked for a call before they are written, and its own time does not count.
        self.flush = torch.zeros(scaled(128 << 20), device=DEVICE)
        self.rows, self.opened = all_rows(), {}

    def answer(self, request):
        verb, _, what = request.partition(" ")
        if verb == "rows":
            name = torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu"
            return {"device": name, "torch": torch.__version__, "rows": list(self.rows)}
        if verb == "open":
            return self.open(what)
        if verb == "time":
            calls, _, what = what.partition(" ")
            return {"seconds": self.seconds(self.opened[what], int(calls))}
        if verb == "close":
            self.opened.pop(what, None)
            if DEVICE == "cuda":
                torch.cuda.empty_cache()
            return {}
        raise ValueError(f"there is no request {verb}")

    def open(self, what):
        call = self.opened[what] = self.rows[what]()
        call()
        if DEVICE != "cuda":
            return {}
        # Once more, for what it takes beside inputs and results, without what is only made once.
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        results = call()
        torch.cuda.synchronize()
        results = results if isinstance(results, tuple) else (results,)
        kept = sum(result.nbytes for result in results if result is not None)
        return {"extra_bytes": torch.cuda.max_memory_allocated() - before - kept}

    def seconds(self, call, calls):
        """Of each call behind one that overwrites the cache, less those of that one alone."""
        seconds = []
        for i in range(-WARM_UPS, calls):
            alone = self.wall(self.flush.zero_)
            both = self.wall(lambda: (self.flush.zero_(), call()))
            if i >= 0:
                seconds.append(both - alone)
        return seconds

    @staticmethod
    def wall(work):
        synchronize()
        start = time.perf_counter()
        work()
        synchronize()
        return time.perf_counter() - start


def lost():
    """Whether the device does nothing any more: the fault of one call is then that of all that follow."""
    try:
        synchronize()
        return False
    except RuntimeError:
        return True


def main():
    torch.manual_seed(1)
    peer = Peer()
    for line in sys.stdin:
        try:
            answer = peer.answer(line.rstrip("\n"))
        except Exception as error:
            answer = {"failure": f"{type(error).__name__}: {error}".splitlines()[0], "lost": lost()}
        print(json.dumps(answer), flush=True)


main()
