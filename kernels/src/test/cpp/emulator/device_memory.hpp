// Device memory: each allocation between two margins, all of it NaN at first.
#pragma once

#include <cstddef>

namespace emulator {

constexpr size_t DEVICE_BYTES = size_t{16} << 30;

// Null where there is not so much left.
void* allocate(size_t bytes);
// Throw Fault where a margin was written to.
void release(void* memory);
void check_margins();
size_t free_bytes();
// Throws Fault where [from, from + bytes) is not part of one allocation.
void check_device_memory(const void* from, size_t bytes);

}  // namespace emulator
