"""Makes the fixtures of Nf4Test: weights that bitsandbytes quantised to NF4 with double quantisation.

    pip install torch bitsandbytes
    python kernels/src/test/python/make_nf4_fixtures.py      makes kernels/src/test/resources/nf4/

Each NAME.bin is little endian: int32 rows and columns; float32 weight [rows, columns]; uint8 codes; uint8 absmax of each
block of 64; float32 offset, and scale of each 256 blocks; float32 levels, 16 of elements and 256 of absmax; float32
dequantised weight. bitsandbytes quantises on the processor here; its kernel for even rows that are no multiple of 64
(0.50) dequantises wrongly, so there are none.
"""

import pathlib
import struct

import numpy
import torch
from bitsandbytes.functional import dequantize_4bit, quantize_4bit

OUT = pathlib.Path(__file__).parent.parent / "resources" / "nf4"
SHAPES = {"even": (40, 448), "uneven": (7, 33), "zero": (2, 128)}

for seed, (name, (rows, columns)) in enumerate(SHAPES.items()):
    generator = torch.Generator().manual_seed(seed)
    weight = 0.05 * torch.randn(rows, columns, generator=generator)
    if name == "zero":
        weight[0] = 0
    codes, state = quantize_4bit(weight, blocksize=64, compress_statistics=True, quant_type="nf4")
    parts = [
        weight,
        codes.flatten(),
        state.absmax,
        state.offset.reshape(1),
        state.state2.absmax,
        state.code,
        state.state2.code,
        dequantize_4bit(codes, state),
    ]
    data = b"".join(numpy.ascontiguousarray(part.numpy()).tobytes() for part in parts)
    (OUT / f"{name}.bin").write_bytes(struct.pack("<ii", rows, columns) + data)
