// A block's shared memory and its 32-bit addresses.
//
// What a launch asks for lies in a piece of memory of its own, NaN at first and with a margin behind it that must stay as it
// is. A kernel's __shared__ variables are thread_local, and nothing else of this library is: so they are its thread-local
// storage, whose place the loader knows; of the blocks of a cluster, that of the running one is there and the others' aside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace emulator {

class SharedMemory {
 public:
  static constexpr uint32_t MOST_BYTES = 227 << 10;

  void begin(size_t bytes);
  // Its variables take their place.
  void enter();
  // Throws Fault where the margin was written to.
  void check() const;

  void* dynamic() const;
  // Throws Fault where [address, address + bytes) is not all the block's, or `address` no multiple of `bytes`.
  char* at(uint32_t address, uint32_t bytes) const;
  uint32_t address(const void* memory) const;

 private:
  char* base() const;

  std::vector<char> memory_;
  size_t bytes_ = 0;
  std::vector<char> variables_;  // while another block's are in place
};

// As PTX has it, of the thread that runs. An address of another block of the cluster carries its rank.
uint32_t address_of(const void* shared);
char* shared_at(uint32_t address, uint32_t bytes);
uint32_t address_in_block(uint32_t address, unsigned rank);

}  // namespace emulator
