// Takes the best variant of the operations that this processor runs. Compiled for any processor, as is sampling.cpp.
#include <omp.h>

#include <stdexcept>
#include <string>

#include "kernels.hpp"

namespace hone {

namespace avx2 {
Kernels* create(int threads, const char* description);
}
namespace avx512 {
Kernels* create(int threads, const char* description);
}
namespace generic {
Kernels* create(int threads, const char* description);
}

static std::string describe(const char* instructions, int threads) {
  std::string processor = "processor";
#if defined(__x86_64__)
  unsigned int words[13] = {};
  for (unsigned int leaf = 0; leaf < 3; leaf++) {
    unsigned int* w = words + leaf * 4;
    __asm__("cpuid" : "=a"(w[0]), "=b"(w[1]), "=c"(w[2]), "=d"(w[3]) : "a"(0x80000002u + leaf), "c"(0));
  }
  processor = reinterpret_cast<const char*>(words);
  while (!processor.empty() && processor.back() == ' ') processor.pop_back();
#endif
  return processor + ", " + instructions + ", " + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
}

}  // namespace hone

extern "C" __attribute__((visibility("default"))) hone::Kernels* hone_open(int, int threads) {
  if (threads <= 0) threads = omp_get_num_procs();
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    return hone::avx512::create(threads, hone::describe("AVX-512", threads).c_str());
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return hone::avx2::create(threads, hone::describe("AVX2", threads).c_str());
  }
  throw std::runtime_error("this processor has neither AVX2 nor AVX-512");
#else
  return hone::generic::create(threads, hone::describe("portable vectors", threads).c_str());
#endif
}
