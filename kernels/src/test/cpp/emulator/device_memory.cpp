#include "device_memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

#include "block.hpp"

namespace emulator {
namespace {

constexpr size_t MARGIN = 4096;
constexpr size_t MOST_POISONED = 64 << 20;  // a large allocation is an arena, of which a little is touched
constexpr char UNDEFINED = '\xff';

auto& access = *new std::mutex;  // of the host's threads
auto& allocations = *new std::map<uintptr_t, size_t>;  // address to bytes
size_t used = 0;

uintptr_t number(const void* address) { return reinterpret_cast<uintptr_t>(address); }

size_t whole_pages(size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

void check(uintptr_t begin, size_t bytes) {
  const char* memory = reinterpret_cast<const char*>(begin);
  auto untouched = [](char byte) { return byte == UNDEFINED; };
  if (!std::all_of(memory - MARGIN, memory, untouched) || !std::all_of(memory + bytes, memory + bytes + MARGIN, untouched)) {
    throw Fault("a kernel wrote before or beyond the " + std::to_string(bytes) + " bytes of an allocation");
  }
}

}  // namespace

void* allocate(size_t bytes) {
  const std::lock_guard<std::mutex> alone(access);
  if (bytes > DEVICE_BYTES - used) return nullptr;
  const size_t mapped = whole_pages(bytes) + 2 * MARGIN;
  void* memory = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
  char* begin = static_cast<char*>(memory) + MARGIN;
  std::memset(memory, UNDEFINED, MARGIN);
  std::memset(begin + bytes, UNDEFINED, MARGIN);
  if (bytes <= MOST_POISONED) std::memset(begin, UNDEFINED, bytes);
  allocations[number(begin)] = bytes;
  used += bytes;
  return begin;
}

void release(void* memory) {
  const std::lock_guard<std::mutex> alone(access);
  const auto found = allocations.find(number(memory));
  if (found == allocations.end()) throw Fault("memory is freed that was not allocated, or twice");
  const auto [begin, bytes] = *found;
  allocations.erase(found);
  used -= bytes;
  check(begin, bytes);
  munmap(reinterpret_cast<char*>(begin) - MARGIN, whole_pages(bytes) + 2 * MARGIN);
}

void check_margins() {
  const std::lock_guard<std::mutex> alone(access);
  for (const auto& [begin, bytes] : allocations) check(begin, bytes);
}

size_t free_bytes() {
  const std::lock_guard<std::mutex> alone(access);
  return DEVICE_BYTES - used;
}

void check_device_memory(const void* from, size_t bytes) {
  const std::lock_guard<std::mutex> alone(access);
  auto after = allocations.upper_bound(number(from));
  if (after != allocations.begin()) {
    const auto& [begin, all] = *--after;
    if (number(from) + bytes <= begin + all) return;
  }
  throw Fault("a copy reads outside all allocations");
}

}  // namespace emulator
