// Work shared among threads, and the memory each keeps for it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <new>
#include <type_traits>

namespace hone::HONE_VARIANT {

typedef void (*Work)(void* context, int64_t task);

// Calls work(context, task) for every task in [0, tasks) on up to `team` threads, the caller's included.
void run_tasks(int team, int64_t tasks, Work work, void* context);

// Calls body(task) for every task in [0, tasks). Threads take the next task when they are free, so a task must not
// care who runs it: each owns what it writes.
template <typename Body>
void parallel(int threads, int64_t tasks, Body&& body) {
  int team = static_cast<int>(std::min<int64_t>(threads, tasks));
  if (team <= 1) {
    for (int64_t task = 0; task < tasks; task++) body(task);
    return;
  }
  run_tasks(
      team, tasks,
      [](void* context, int64_t task) { (*static_cast<std::remove_reference_t<Body>*>(context))(task); }, &body);
}

// Splits [0, count) into ranges of a size that pays for waking a thread and calls body(begin, end) for each. The
// ranges do not depend on the number of threads beyond one or many; use it where elements are independent.
template <typename Body>
void parallel_ranges(int threads, int64_t count, int64_t least, Body&& body) {
  int64_t ranges = std::clamp<int64_t>(count / std::max<int64_t>(least, 1), 1, 4 * static_cast<int64_t>(threads));
  if (threads == 1) ranges = 1;
  parallel(threads, ranges, [&](int64_t i) { body(count * i / ranges, count * (i + 1) / ranges); });
}

// What a thread keeps between calls: one buffer a purpose, grown when needed.
enum Purpose {
  PACKED_A,
  PACKED_B,
  PARTIAL_C,
  DEQUANTIZED,
  BLOCK_SUMS,
  ATTENTION,
  CHOSEN_X,
  CHOSEN_D_X,
  PURPOSES
};

class Buffers {
 public:
  ~Buffers() {
    for (Buffer& buffer : buffers_) std::free(buffer.data);
  }

  // At least `floats` of memory, aligned to a cache line, contents undefined.
  float* get(Purpose purpose, int64_t floats) {
    Buffer& buffer = buffers_[purpose];
    if (buffer.floats < floats) {
      std::free(buffer.data);
      buffer = Buffer{};
      void* data = std::aligned_alloc(64, (floats * sizeof(float) + 63) / 64 * 64);
      if (data == nullptr) throw std::bad_alloc();
      buffer = Buffer{static_cast<float*>(data), floats};
    }
    return buffer.data;
  }

 private:
  struct Buffer {
    float* data = nullptr;
    int64_t floats = 0;
  };
  Buffer buffers_[PURPOSES];
};

inline thread_local Buffers this_thread;

}  // namespace hone::HONE_VARIANT
