// The device itself: what it is, and its memory.
#include "cpu_kernels.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "parallel.hpp"
#include "tile.hpp"

namespace hone::HONE_VARIANT {
namespace {

constexpr int64_t ALIGNMENT = 256;  // what tensors of an arena start at
constexpr int64_t HUGE_PAGE = 2 << 20;
constexpr const char* NO_RECORDINGS = "the cpu device has no recordings";
constexpr const char* NO_GPU = "the cpu device has no GPU to exchange with those of other processes";

// An operation is done when it returns, a copy to the host when it has begun.
struct HostCopy {
  std::vector<char> bytes;
};

std::string processor() {
  std::ifstream information("/proc/cpuinfo");
  for (std::string line; std::getline(information, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  return "CPU";
}

#if defined(__AMX_BF16__)
constexpr const char* VECTORS = "AVX-512 and AMX";
#elif defined(__AVX512F__)
constexpr const char* VECTORS = "AVX-512";
#elif defined(__AVX2__)
constexpr const char* VECTORS = "AVX2";
#else
constexpr const char* VECTORS = "128-bit vectors";
#endif

}  // namespace

CpuKernels::CpuKernels(int threads) : threads_(threads > 0 ? threads : static_cast<int>(std::thread::hardware_concurrency())) {
  description_ =
      processor() + ", " + VECTORS + ", " + std::to_string(threads_) + (threads_ == 1 ? " thread" : " threads");
}

const char* CpuKernels::description() { return description_.c_str(); }

Address CpuKernels::allocate(int64_t bytes) {
  if (bytes < 0) throw std::invalid_argument("bytes must not be negative: " + std::to_string(bytes));
  // Linux would promise what it does not have and kill the process later.
  int64_t machine = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  const int64_t alignment = bytes >= HUGE_PAGE ? HUGE_PAGE : ALIGNMENT;
  const int64_t size = std::max(round_up(bytes, alignment), alignment);
  void* memory = bytes > machine ? nullptr : std::aligned_alloc(alignment, size);
  if (memory == nullptr) {
    throw std::runtime_error("out of memory: cannot allocate " + std::to_string(bytes) + " bytes; this machine has " +
                             std::to_string(machine));
  }
#if defined(MADV_HUGEPAGE)
  // Small pages cost a walk through the page tables every kilobyte or two of an activation.
  if (alignment == HUGE_PAGE) madvise(memory, size, MADV_HUGEPAGE);
#endif
  return memory;
}

void CpuKernels::release(Address memory) { std::free(memory); }

// Linux says what is free, but not what it would make free.
int64_t CpuKernels::free_memory() { return INT64_MAX; }

void CpuKernels::zero(Address to, int64_t bytes) {
  parallel_ranges(threads_, bytes, 1 << 20,
                  [&](int64_t begin, int64_t end) { std::memset(static_cast<char*>(to) + begin, 0, end - begin); });
}

void CpuKernels::copy(Address to, Address from, int64_t bytes) {
  parallel_ranges(threads_, bytes, 1 << 20, [&](int64_t begin, int64_t end) {
    std::memcpy(static_cast<char*>(to) + begin, static_cast<const char*>(from) + begin, end - begin);
  });
}

void CpuKernels::copy_from_host(Address to, Address host, int64_t bytes) { copy(to, host, bytes); }

void CpuKernels::copy_to_host(Address host, Address from, int64_t bytes) { copy(host, from, bytes); }

Address CpuKernels::begin_copy_to_host(Address from, int64_t bytes) {
  const char* begin = static_cast<const char*>(from);
  return new HostCopy{std::vector<char>(begin, begin + bytes)};
}

void CpuKernels::end_copy_to_host(Address copy, Address host) {
  const std::unique_ptr<HostCopy> ended(static_cast<HostCopy*>(copy));
  if (host != nullptr) std::memcpy(host, ended->bytes.data(), ended->bytes.size());
}

void CpuKernels::synchronize() {}

// An operation is a function call here: there is nothing to gain by recording it.
bool CpuKernels::records() { return false; }
void CpuKernels::begin_recording() { throw std::invalid_argument(NO_RECORDINGS); }
Address CpuKernels::end_recording() { throw std::invalid_argument(NO_RECORDINGS); }
void CpuKernels::cancel_recording() { throw std::invalid_argument(NO_RECORDINGS); }
void CpuKernels::replay(Address) { throw std::invalid_argument(NO_RECORDINGS); }
void CpuKernels::release_recording(Address) { throw std::invalid_argument(NO_RECORDINGS); }

bool CpuKernels::collects() { return false; }
const char* CpuKernels::collective_member() { throw std::invalid_argument(NO_GPU); }
void CpuKernels::make_collective_id(Address) { throw std::invalid_argument(NO_GPU); }
void CpuKernels::join_collective(Address, int, int) { throw std::invalid_argument(NO_GPU); }
void CpuKernels::leave_collective() { throw std::invalid_argument(NO_GPU); }
void CpuKernels::all_reduce(int64_t, Address) { throw std::invalid_argument(NO_GPU); }
void CpuKernels::broadcast_bytes(int64_t, Address) { throw std::invalid_argument(NO_GPU); }

}  // namespace hone::HONE_VARIANT

#define HONE_JOIN(a, b) a##b
#define HONE_FACTORY(variant) HONE_JOIN(hone_create_, variant)

extern "C" hone::Kernels* HONE_FACTORY(HONE_VARIANT)(int threads) {
  return new hone::HONE_VARIANT::CpuKernels(threads);
}
