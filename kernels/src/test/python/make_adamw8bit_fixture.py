"""Makes the fixture of Adamw8bitTest: what torchao's AdamW8bit makes of a tensor in three steps.

    pip install torch torchao
    python kernels/src/test/python/make_adamw8bit_fixture.py      makes kernels/src/test/resources/adamw8bit.bin

Little endian: int32 elements and steps; float32 maps [2, 256], of the first and of the second moment; float32 start; float32
gradient of each step; then after the steps float32 parameter, uint8 codes and float32 absmax of the first moment, and of the
second. torchao 0.18.0, torch 2.15.0. No gradient is so small that its square would be rounded to zero, where hone differs.
"""

import os
import pathlib
import struct

os.environ["TORCHDYNAMO_DISABLE"] = "1"

import numpy
import torch
from torchao.optim import AdamW8bit

OUT = pathlib.Path(__file__).parent.parent / "resources" / "adamw8bit.bin"
ELEMENTS, STEPS = 4096, 3

generator = torch.Generator().manual_seed(1)


def normal():
    return torch.randn(ELEMENTS, generator=generator)


start = normal()
spread = [10 ** -torch.rand(ELEMENTS, generator=generator) for _ in range(STEPS)]
gradients = [torch.sign(g) * (0.05 + g.abs()) * s for g, s in zip([normal() for _ in range(STEPS)], spread)]
parameter = torch.nn.Parameter(start.clone())
optimizer = AdamW8bit([parameter], lr=torch.tensor(0.01), betas=(0.9, 0.95), eps=1e-8, weight_decay=0.1, block_size=256)
for gradient in gradients:
    parameter.grad = gradient
    optimizer.step()
state = optimizer.state[parameter]
m, v = state["exp_avg"], state["exp_avg_sq"]
parts = [m.qmap, v.qmap, start, *gradients, parameter.detach(), m.codes, m.scale, v.codes, v.scale]
data = b"".join(numpy.ascontiguousarray(part.numpy()).tobytes() for part in parts)
OUT.write_bytes(struct.pack("<ii", ELEMENTS, STEPS) + data)
