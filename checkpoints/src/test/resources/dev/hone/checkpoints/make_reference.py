"""Writes reference.safetensors with Hugging Face's own library: pip install safetensors numpy ml_dtypes"""

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

save_file(
    {
        "f32": np.arange(6, dtype=np.float32).reshape(2, 3) / 2,
        "f16": np.array([1.5, -65504, 2.0**-24, np.inf], dtype=np.float16),
        "bf16": np.array([1.0, -3.140625, 1e30], dtype=ml_dtypes.bfloat16),
        "f64": np.array([np.pi]),
        "i64": np.array([1, -(2**40)], dtype=np.int64),
        "i32": np.array([5, -7], dtype=np.int32),
        "u8": np.array([0, 1, 255], dtype=np.uint8),
        "flag": np.array([True, False]),
        "scalar": np.array(42, dtype=np.float32),
        "empty": np.zeros((0, 4), dtype=np.float32),
    },
    "reference.safetensors",
    metadata={"format": "pt"},
)

save_file(
    {
        "half": np.array([1.0, -3.140625], dtype=ml_dtypes.bfloat16),
        "ids": np.array([5, -7], dtype=np.int32),
        "weight": np.arange(6, dtype=np.float32).reshape(2, 3) / 2,
        "steps": np.array([2**40], dtype=np.int64),
    },
    "written.safetensors",
    metadata={"format": "pt"},
)
