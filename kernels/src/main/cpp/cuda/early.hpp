// Kernels that begin before those ahead of them in the stream have ended: programmatic dependent launch (sm_90 and newer;
// elsewhere they begin in their turn).
#pragma once

#include <cuda_runtime.h>

#include "cuda_kernels.hpp"

namespace hone {

// In a kernel launched early, before it reads what another kernel wrote or writes anything.
__device__ inline void wait_for_earlier_kernels() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

// In any kernel: a kernel after this one that is launched early may begin now.
__device__ inline void let_later_kernels_begin() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

// early: whether the GPU knows such launches.
template <typename... Parameters, typename... Arguments>
void launch_early(bool early, void (*kernel)(Parameters...), unsigned blocks, unsigned threads, cudaStream_t stream,
                  Arguments... arguments) {
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attribute.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(blocks);
  config.blockDim = dim3(threads);
  config.stream = stream;
  config.attrs = &attribute;
  config.numAttrs = early ? 1 : 0;
  check(cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...), "launching a kernel");
}

}  // namespace hone
