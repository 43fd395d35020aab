// The library's one door: makes the device of the best instruction set this processor has.
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "../kernels.hpp"

#if defined(HONE_AMX)
#include <sys/syscall.h>
#include <unistd.h>
#endif

#if defined(__x86_64__)
extern "C" hone::Kernels* hone_create_avx2(int threads);
extern "C" hone::Kernels* hone_create_avx512(int threads);
#if defined(HONE_AMX)
extern "C" hone::Kernels* hone_create_amx(int threads);
#endif
#else
extern "C" hone::Kernels* hone_create_generic(int threads);
#endif

namespace {

#if defined(__x86_64__)
enum Isa { AVX2, AVX512, AMX };

// The best that may be used, where the environment names one: to compare them, and to test them all on one machine.
Isa highest() {
  const char* named = std::getenv("HONE_MAX_ISA");
  const std::string name = named == nullptr ? "amx" : named;
  if (name == "amx") return AMX;
  if (name == "avx512") return AVX512;
  if (name == "avx2") return AVX2;
  throw std::invalid_argument("the environment's HONE_MAX_ISA must be avx2, avx512 or amx, not \"" + name + "\"");
}

bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl");
}
#endif

#if defined(HONE_AMX)
// Linux gives a process the tiles' registers when it asks for them.
bool has_amx() {
  constexpr int REQUEST_PERMISSION = 0x1023, TILE_DATA = 18;
  return has_avx512() && __builtin_cpu_supports("amx-bf16") &&
         syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}
#endif

}  // namespace

extern "C" __attribute__((visibility("default"))) hone::Kernels* hone_create(int device, int threads) {
  if (device != 0) throw std::invalid_argument("the cpu device has number 0 alone");
  if (threads < 0) throw std::invalid_argument("threads must be 0 (one a core) or more");
#if defined(__x86_64__)
  __builtin_cpu_init();
  const Isa isa = highest();
#if defined(HONE_AMX)
  if (isa >= AMX && has_amx()) return hone_create_amx(threads);
#endif
  if (isa >= AVX512 && has_avx512()) return hone_create_avx512(threads);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return hone_create_avx2(threads);
  throw std::runtime_error("this processor has no AVX2 and FMA, which the cpu device needs: use the nd4j device");
#else
  return hone_create_generic(threads);
#endif
}
