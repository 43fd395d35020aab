"""Writes what PyTorch's autograd computes of a loss with a bonus for entropy.

  python3 kernels/src/test/python/make_entropy_fixture.py kernels/src/test/resources/entropy-bonus.txt

One line a tensor: its name, then its numbers. Each case begins with its scale.
"""
import sys

import torch

torch.manual_seed(3)
TOKENS, WIDTH, VOCABULARY = 5, 6, 37
TARGETS = [3, -1, 36, 0, 17]


def rounded(*shape):
    """Numbers that are the same in 32 bits."""
    return (torch.randn(shape) * 1024).round().double() / 1024


def case(scale, softcap, out):
    x, weight = rounded(TOKENS, WIDTH).requires_grad_(), rounded(VOCABULARY, WIDTH).requires_grad_()
    coefficients, bonuses = rounded(TOKENS), rounded(TOKENS)
    logits = x @ weight.T
    if softcap:
        logits = softcap * torch.tanh(logits / softcap)
    distribution = torch.distributions.Categorical(logits=scale * logits)
    targets = torch.tensor(TARGETS)
    loss = -(coefficients * distribution.log_prob(targets.clamp(min=0)) + bonuses * distribution.entropy())
    loss[targets >= 0].sum().backward()
    for name, tensor in dict(scale=torch.tensor([scale]), softcap=torch.tensor([softcap]), x=x, weight=weight,
                             coefficients=coefficients, bonuses=bonuses, d_x=x.grad, d_weight=weight.grad).items():
        print(name, *(f"{v:.9g}" for v in tensor.flatten().tolist()), file=out)


with open(sys.argv[1], "w") as out:
    case(0.75, 0.0, out)
    case(1.5, 2.0, out)
