#include "shared_memory.hpp"

#include <link.h>

#include <cstring>
#include <string>

#include "block.hpp"

namespace emulator {
namespace {

constexpr uint32_t UNDEFINED = 0xff;  // bytes of it are NaN in every type
constexpr size_t MARGIN = 1024;
// Where a GPU's own begins, and no multiple of more than 16; where variables begin; of blocks of a cluster.
constexpr uint32_t DYNAMIC = 1024 + 16, VARIABLES = 256 << 10, RANK_SHIFT = 24;

struct Storage {
  char* begin;
  size_t bytes;
};

thread_local char some_variable;

Storage find_variables() {
  some_variable = 0;  // has the storage made
  Storage found{};
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* to) {
        char* begin = static_cast<char*>(info->dlpi_tls_data);
        for (int i = 0; i < info->dlpi_phnum && begin != nullptr; i++) {
          const ElfW(Phdr)& header = info->dlpi_phdr[i];
          if (header.p_type != PT_TLS || &some_variable < begin || &some_variable >= begin + header.p_memsz) continue;
          *static_cast<Storage*>(to) = {begin, header.p_memsz};
        }
        return 0;
      },
      &found);
  if (found.begin == nullptr) throw Fault("the loader does not say where this library's thread-local storage is");
  return found;
}

// Another thread of the host has its own.
const Storage& variables() {
  static const char* of = nullptr;
  static Storage storage;
  if (of != &some_variable) {
    storage = find_variables();
    of = &some_variable;
  }
  return storage;
}

SharedMemory* present = nullptr;  // whose variables are in place

std::string hex(uint32_t number) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%x", number);
  return text;
}

}  // namespace

void SharedMemory::begin(size_t bytes) {
  bytes_ = bytes;
  memory_.resize(1024 + DYNAMIC + bytes + MARGIN);
  std::memset(memory_.data(), UNDEFINED, memory_.size());
  if (cluster.size() == 1) {
    present = this;
    std::memset(variables().begin, UNDEFINED, variables().bytes);
  } else {
    present = nullptr;
    variables_.assign(variables().bytes, static_cast<char>(UNDEFINED));
  }
}

void SharedMemory::enter() {
  if (present == this) return;
  if (present != nullptr) present->variables_.assign(variables().begin, variables().begin + variables().bytes);
  std::memcpy(variables().begin, variables_.data(), variables().bytes);
  present = this;
}

void SharedMemory::check() const {
  const char* end = base() + DYNAMIC + bytes_;
  for (size_t i = 0; i < MARGIN; i++) {
    if (end[i] != static_cast<char>(UNDEFINED)) {
      throw Fault("a thread wrote " + std::to_string(i) + " bytes beyond the " + std::to_string(bytes_) +
                  " bytes of shared memory that the launch asked for");
    }
  }
}

// Address 0: aligned as the addresses are.
char* SharedMemory::base() const {
  return reinterpret_cast<char*>((reinterpret_cast<uintptr_t>(memory_.data()) + 1023) & ~uintptr_t{1023});
}

void* SharedMemory::dynamic() const { return base() + DYNAMIC; }

char* SharedMemory::at(uint32_t address, uint32_t bytes) const {
  if (address % bytes != 0) {
    throw Fault("shared memory's address " + hex(address) + " is no multiple of " + std::to_string(bytes));
  }
  if (address >= VARIABLES && address + bytes <= VARIABLES + variables().bytes) {
    const size_t offset = address - VARIABLES;
    return present == this ? variables().begin + offset : const_cast<char*>(variables_.data()) + offset;
  }
  if (address < DYNAMIC || address + bytes > DYNAMIC + bytes_) {
    throw Fault("shared memory's address " + hex(address) + " is outside the " + std::to_string(bytes_) +
                " bytes from " + hex(DYNAMIC) + " that the launch asked for");
  }
  return base() + address;
}

uint32_t SharedMemory::address(const void* memory) const {
  const char* place = static_cast<const char*>(memory);
  if (place >= base() && place <= base() + DYNAMIC + bytes_) return static_cast<uint32_t>(place - base());
  if (place >= variables().begin && place < variables().begin + variables().bytes) {
    return VARIABLES + static_cast<uint32_t>(place - variables().begin);
  }
  throw Fault("a pointer that is none to shared memory is made an address in it");
}

uint32_t address_of(const void* shared) { return me->block->shared.address(shared); }

char* shared_at(uint32_t address, uint32_t bytes) {
  const uint32_t rank = address >> RANK_SHIFT;
  if (rank > cluster.size()) throw Fault("shared memory's address " + hex(address) + " is in no block of the cluster");
  const Block& block = rank == 0 ? *me->block : cluster[rank - 1];
  if (block.running == 0) {
    throw Fault("a thread reaches for shared memory of block " + std::to_string(block.rank) +
                " of the cluster, which has ended");
  }
  return block.shared.at(address & ((1u << RANK_SHIFT) - 1), bytes);
}

uint32_t address_in_block(uint32_t address, unsigned rank) {
  if (rank >= cluster.size()) throw Fault("the cluster has no block " + std::to_string(rank));
  return (address & ((1u << RANK_SHIFT) - 1)) | (rank + 1) << RANK_SHIFT;
}

}  // namespace emulator
