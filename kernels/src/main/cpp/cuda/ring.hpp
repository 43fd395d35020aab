// Rings of stages in shared memory, each with barriers of its own.
#pragma once

#include <cstdint>

namespace hone {

// Which of STAGES buffers is used next, and its barriers' parity.
template <int STAGES>
struct Ring {
  int stage = 0;
  uint32_t parity = 0;

  __device__ void next() {
    if (++stage == STAGES) {
      stage = 0;
      parity ^= 1;
    }
  }
};

}  // namespace hone
