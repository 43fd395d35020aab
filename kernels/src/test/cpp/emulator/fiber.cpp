#include "fiber.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>

// void switch_stack(void** leave, void* enter): what a function must preserve goes onto the stack left, and comes from the
// stack entered. Also the System V ABI's six registers on a fiber's first entry.
extern "C" void switch_stack(void** leave, void* enter);
asm(R"(
.text
.globl switch_stack
.hidden switch_stack
.type switch_stack, @function
switch_stack:
  push %rbp
  push %rbx
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, (%rdi)
  mov %rsi, %rsp
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbx
  pop %rbp
  ret
.size switch_stack, . - switch_stack
)");

namespace emulator {
namespace {

constexpr size_t GUARD_BYTES = 4096;  // a stack that overflows faults

}  // namespace

Fiber::Fiber() {
  void* memory = mmap(nullptr, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, GUARD_BYTES, PROT_NONE) != 0) throw std::bad_alloc();
  stack_ = static_cast<char*>(memory);
}

Fiber::~Fiber() { munmap(stack_, STACK_BYTES); }

void Fiber::begin(void (*body)()) {
  // As if switch_stack had been called at the first instruction of `body`: six registers, where to return to, and what
  // would be its own return address, for the alignment.
  void** top = reinterpret_cast<void**>(stack_ + STACK_BYTES);
  *--top = nullptr;
  *--top = reinterpret_cast<void*>(body);
  for (int i = 0; i < 6; i++) *--top = nullptr;
  own_ = top;
}

void Fiber::resume() { switch_stack(&resumer_, own_); }

void Fiber::yield() { switch_stack(&own_, resumer_); }

}  // namespace emulator
