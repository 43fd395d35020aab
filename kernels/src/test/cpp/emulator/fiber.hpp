// A course of execution with a stack of its own. Who resumes it goes on when it yields, and it goes on where it yielded
// when it is resumed again: no more happens than that a stack pointer and six registers are exchanged.
#pragma once

#include <cstddef>

namespace emulator {

class Fiber {
 public:
  Fiber();
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // The next resume() begins `body`, which must not return but yield for the last time.
  void begin(void (*body)());
  void resume();
  // By what runs on the fiber.
  void yield();

 private:
  static constexpr size_t STACK_BYTES = 128 << 10;

  char* stack_;
  void* own_;      // its stack pointer while it does not run
  void* resumer_;  // that of who resumed it
};

}  // namespace emulator
