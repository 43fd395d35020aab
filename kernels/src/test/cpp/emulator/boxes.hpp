// A box of a tensor on its way into shared memory: cp.async.bulk.tensor of three dimensions, one of a head's panels.
#pragma once

#include <cuda.h>

namespace emulator {

struct Box {
  uint32_t to;
  CUtensorMap map;
  int column, head, row;  // where it begins
  uint32_t barrier;

  // NaN until it arrives.
  void undefine() const;
  void arrive() const;
};

}  // namespace emulator
