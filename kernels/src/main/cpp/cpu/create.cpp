// The library's one door: makes the device of the best instruction set this processor has.
#include <stdexcept>

#include "../kernels.hpp"

#if defined(__x86_64__)
extern "C" hone::Kernels* hone_create_avx2(int threads);
extern "C" hone::Kernels* hone_create_avx512(int threads);
#else
extern "C" hone::Kernels* hone_create_generic(int threads);
#endif

extern "C" __attribute__((visibility("default"))) hone::Kernels* hone_create(int device, int threads) {
  if (device != 0) throw std::invalid_argument("the cpu device has number 0 alone");
  if (threads < 0) throw std::invalid_argument("threads must be 0 (one a core) or more");
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl")) {
    return hone_create_avx512(threads);
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return hone_create_avx2(threads);
  throw std::runtime_error("this processor has no AVX2 and FMA, which the cpu device needs: use the nd4j device");
#else
  return hone_create_generic(threads);
#endif
}
