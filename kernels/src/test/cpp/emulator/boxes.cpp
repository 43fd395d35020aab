// Boxes of tensors, which a thread has copied into shared memory as panels of 128-byte rows, swizzled.
#include "boxes.hpp"

#include <cstring>
#include <string>

#include "asynchronous.hpp"
#include "block.hpp"
#include "device_memory.hpp"

namespace emulator {
namespace {

constexpr uint32_t ROW = 128, PANEL = 1024;  // bytes; where a swizzled panel begins

}  // namespace

void Box::undefine() const {
  if (to % PANEL != 0) throw Fault("a swizzled box is copied to no multiple of 1024 in shared memory");
  for (cuuint32_t row = 0; row < map.box[2]; row++) std::memset(shared_at(to + row * ROW, 1), 0xff, ROW);
}

void Box::arrive() const {
  for (cuuint32_t row = 0; row < map.box[2]; row++) {
    for (uint32_t chunk = 0; chunk < ROW / 16; chunk++) {
      char* place = shared_at(to + row * ROW + (chunk ^ row % 8) * 16, 16);
      for (uint32_t i = 0; i < 8; i++) {
        const int64_t at[] = {column + int64_t{chunk} * 8 + i, head, this->row + int64_t{row}};
        bool inside = true;
        for (int d = 0; d < 3; d++) inside &= at[d] >= 0 && at[d] < static_cast<int64_t>(map.sizes[d]);
        if (inside) {
          const char* from = map.base + at[0] * 2 + at[1] * map.strides[0] + at[2] * map.strides[1];
          check_device_memory(from, 2);
          std::memcpy(place + i * 2, from, 2);
        } else {
          std::memset(place + i * 2, 0, 2);
        }
      }
    }
  }
  expect_bytes(barrier, -static_cast<int>(map.box[2] * ROW));
}

}  // namespace emulator

// What the driver asks of a tensor, as far as it concerns boxes of one head's rows.
CUresult cuTensorMapEncodeTiled(CUtensorMap* map, CUtensorMapDataType, cuuint32_t rank, void* base, const cuuint64_t* sizes,
                                const cuuint64_t* strides, const cuuint32_t* box, const cuuint32_t* steps,
                                CUtensorMapInterleave, CUtensorMapSwizzle, CUtensorMapL2promotion, CUtensorMapFloatOOBfill) {
  bool fits = rank == 3 && reinterpret_cast<uintptr_t>(base) % 16 == 0 && box[0] * 2 == 128 && box[1] == 1;
  for (int d = 0; d < 3; d++) fits &= sizes[d] > 0 && sizes[d] <= 1ull << 32 && box[d] <= 256 && steps[d] == 1;
  for (int d = 0; d < 2; d++) fits &= strides[d] % 16 == 0 && strides[d] < 1ull << 40;
  if (!fits) return CUDA_ERROR_INVALID_VALUE;
  *map = {static_cast<const char*>(base), {sizes[0], sizes[1], sizes[2]}, {strides[0], strides[1]}, {box[0], box[1], box[2]}};
  return CUDA_SUCCESS;
}
