#!/usr/bin/env bash
# Fetches a CUDA toolkit from NVIDIA's PyPI packages, without root: nvcc, headers, the static runtime, cuobjdump and the
# headers and library of cuBLASLt.
#
#   kernels/src/main/cpp/cuda/toolkit.sh DIRECTORY      about 900 MB beneath DIRECTORY
#   CUDA_HOME=DIRECTORY/nvidia/cu13 ./hone build
#
# nvcc of CUDA 13 needs g++ 6 to 15. For a GPU whose driver is of CUDA 12, install that toolkit from NVIDIA instead.
set -euo pipefail

directory=${1:?usage: toolkit.sh DIRECTORY}
mkdir -p "$directory/wheels"
python3 -m pip download --quiet --only-binary :all: --no-deps --dest "$directory/wheels" \
  nvidia-cuda-nvcc==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-nvvm==13.0.88 nvidia-cuda-runtime==13.0.96 \
  nvidia-cuda-cccl==13.0.85 nvidia-cublas==13.10.0.20 nvidia-cuda-cuobjdump==13.5.37
for wheel in "$directory"/wheels/*.whl; do
  python3 -m zipfile -e "$wheel" "$directory"
done
chmod +x "$directory"/nvidia/cu13/bin/* "$directory"/nvidia/cu13/nvvm/bin/*
echo "CUDA_HOME=$directory/nvidia/cu13"
