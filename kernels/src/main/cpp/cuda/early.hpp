// Kernels that begin before those ahead of them in the stream have ended: programmatic dependent launch (sm_90 and newer;
// elsewhere they begin in their turn). A decoding step is a row of kernels that take microseconds each: launching one, and the
// first reads of what it needs of weights, then pass while those before it work. Recorded as a CUDA graph they do the same.
//
// A kernel launched early begins when every block of the one before it has begun and called let_later_kernels_begin(), or
// has ended. That one may itself have begun early, and not have waited yet: so kernels of any distance before it may still be
// at work. wait_for_earlier_kernels() returns when the kernel before it has ended, with all that it wrote to be seen; that one
// waited in its turn before it ended, so all before it have ended too. From this follow the rules:
//
// - A kernel launched early waits, in every thread and on every path, also where it has nothing to do: else it could end
//   before those before it, and what comes after it would not wait for them.
// - Before it waits it writes nothing to global memory, for what it overwrites may still be in use, and of what kernels wrote
//   it reads only what was there when the last kernel launched without this began. A step begins with such a kernel, the
//   embedding's, after all before it has ended. So a product's weights may be read at once, and what was copied to the device:
//   the tables of cosines and sines, a step's positions. Kernels that make weights (convert, split, AdamW) are none of a
//   pass's; who has a product of few tokens read what they made, without a pass, puts a copy or an ordinary launch between.
//   What may just have been written is only asked for, into the second-level cache, which is where it is written.
// - A kernel that calls let_later_kernels_begin() does it first, whether it was launched early or not. Its blocks are all on
//   the multiprocessors when the next kernel's come, so those that wait take nothing but room that is free: an early launch
//   costs the large kernels of training nothing.
// - What is no kernel of ours needs no care. After a copy, or memory set, an early launch is an ordinary one. cuBLASLt may
//   launch kernels of its own early, which then wait before they read; one of ours after them waits for what they wrote.
//
// HONE_CUDA_EARLY=0 in the environment launches all kernels in their turn, to tell a fault of these rules from others.
#pragma once

#include <cuda_runtime.h>

#include "ptx.hpp"

namespace hone {

// early: whether the GPU knows such launches. What goes wrong is cudaGetLastError's, as of any launch.
template <typename... Parameters, typename... Arguments>
void launch_early(bool early, void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared_bytes, cudaStream_t stream,
                  Arguments... arguments) {
  cudaLaunchAttribute attribute{};
  attribute.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attribute.val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared_bytes;
  config.stream = stream;
  config.attrs = &attribute;
  config.numAttrs = early ? 1 : 0;
  cudaLaunchKernelEx(&config, kernel, static_cast<Parameters>(arguments)...);
}

}  // namespace hone
