"""Steps of supervised fine-tuning as PyTorch and transformers make them: eager, and with all that torch offers."""

import contextlib
import gc

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

LEARNING_RATE = 1e-5
CHUNK = 2048

# Out of memory, a step is cut into more passes; as a last resort layers are computed twice.
PASSES = [(1, False), (2, False), (4, False), (4, True)]


class ChunkedCrossEntropy(torch.autograd.Function):
    """Classifier and mean cross-entropy over chunks of tokens: whole logits are never kept. The classifier's gradient is
    summed in float32."""

    @staticmethod
    def forward(context, hidden, weight, targets, count):
        d_hidden = torch.empty_like(hidden)
        d_weight = torch.zeros_like(weight, dtype=torch.float32)
        total = torch.zeros((), device=hidden.device, dtype=torch.float32)
        for start in range(0, hidden.shape[0], CHUNK):
            chunk = slice(start, start + CHUNK)
            loss, d_logits = loss_and_gradient(hidden[chunk] @ weight.T, targets[chunk], 1 / count)
            total += loss
            torch.mm(d_logits, weight, out=d_hidden[chunk])
            d_weight += d_logits.T @ hidden[chunk]
        context.save_for_backward(d_hidden, d_weight.to(weight.dtype))
        return total

    @staticmethod
    def backward(context, gradient):
        d_hidden, d_weight = context.saved_tensors
        return d_hidden * gradient, d_weight * gradient, None, None


@torch.compile(dynamic=False)
def loss_and_gradient(logits, targets, scale):
    """The loss of a chunk and its gradient by the logits; targets of -100 do not count."""
    values = logits.float()
    maximum = values.amax(-1, keepdim=True)
    exponentials = (values - maximum).exp()
    sums = exponentials.sum(-1, keepdim=True)
    counts = (targets >= 0).float()[:, None] * scale
    at_target = values.gather(-1, targets.clamp(min=0)[:, None])
    loss = ((maximum + sums.log() - at_target) * counts).sum()
    is_target = torch.arange(logits.shape[-1], device=logits.device)[None] == targets[:, None]
    gradient = (exponentials / sums - is_target.float()) * counts
    return loss, gradient.to(logits.dtype)


class Masters:
    """AdamW over float32 copies of bfloat16 weights, as the fused optimizer has none of its own."""

    def __init__(self, parameters):
        self.parameters = list(parameters)
        self.masters = [p.detach().float() for p in self.parameters]
        for master in self.masters:
            master.grad = torch.zeros_like(master)
        self.optimizer = adamw(self.masters)

    def step(self):
        torch._foreach_copy_([m.grad for m in self.masters], [p.grad for p in self.parameters])
        nn.utils.clip_grad_norm_(self.masters, 1.0)
        self.optimizer.step()
        with torch.no_grad():
            torch._foreach_copy_(self.parameters, self.masters)
        for parameter in self.parameters:
            parameter.grad = None


class Plain:
    """AdamW over the weights as they are."""

    def __init__(self, parameters):
        self.parameters = list(parameters)
        self.optimizer = adamw(self.parameters)

    def step(self):
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()


def adamw(parameters):
    return torch.optim.AdamW(parameters, lr=LEARNING_RATE, betas=(0.9, 0.95), weight_decay=0.1, fused=True)


def eager_loss(model, ids, labels, mask, count):
    """transformers' own loss: whole logits, in float32."""
    return model(input_ids=ids, attention_mask=mask, labels=labels, num_items_in_batch=count, use_cache=False).loss


def chunked_loss(model, ids, labels, mask, count):
    hidden = model.model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
    targets = nn.functional.pad(labels[:, 1:], (0, 1), value=-100)
    return ChunkedCrossEntropy.apply(hidden.flatten(0, 1), model.lm_head.weight, targets.flatten(), count)


def train_step(model, optimizer, passes, loss_of):
    """passes: (ids, labels, mask or None) of each."""
    count = torch.tensor(sum(int((labels[:, 1:] >= 0).sum()) for _, labels, _ in passes), device=passes[0][0].device)
    total = 0
    for ids, labels, mask in passes:
        loss = loss_of(model, ids, labels, mask, count)
        loss.backward()
        total += loss.detach()
    optimizer.step()
    return float(total)


def compile_layers(model):
    """Compiles a layer, for all of its kind at once: the whole model would take minutes."""
    # One code object serves all sizes and numbers of passes; beyond the limit it would go on uncompiled.
    torch._dynamo.config.recompile_limit = 64
    for layer in model.model.layers:
        layer.compile(dynamic=False)
    model.model.norm.compile(dynamic=False)


def cudnn_attention():
    """cuDNN first: on Hopper PyTorch prefers FlashAttention 2, which is slower."""
    return sdpa_kernel([SDPBackend.CUDNN_ATTENTION, SDPBackend.FLASH_ATTENTION, SDPBackend.MATH], set_priority=True)


def autocast(device):
    return torch.autocast(device, dtype=torch.bfloat16)


def free():
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def rectangles(tokens, passes):
    """A step's sequences of one length, cut into passes; every token but the first of a sequence has a loss."""
    return [(part, part, None) for part in tokens.chunk(min(passes, tokens.shape[0]))]


def padded(texts, size, vocabulary, device):
    """A step's texts, padded to the longest of each pass of `size` texts."""
    generator = torch.Generator().manual_seed(1)
    passes = []
    for start in range(0, len(texts), size):
        lengths = torch.tensor(texts[start : start + size])
        ids = torch.randint(0, vocabulary, (len(lengths), int(lengths.max())), generator=generator)
        mask = torch.arange(ids.shape[1])[None] < lengths[:, None]
        labels = ids.masked_fill(~mask, -100)
        passes.append((ids.to(device), labels.to(device), mask.long().to(device)))
    return passes


@contextlib.contextmanager
def checkpointed(model, wanted):
    if wanted:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    try:
        yield
    finally:
        model.gradient_checkpointing_disable()
