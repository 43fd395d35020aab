// Kernels that begin before those ahead of them in the stream have ended: programmatic dependent launch (sm_90 and newer;
// elsewhere they begin in their turn).
#pragma once

#include <cuda_runtime.h>

#include "cuda_kernels.hpp"
#include "ptx.hpp"

namespace hone {

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
