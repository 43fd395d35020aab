#include <cstdlib>
#include <new>

#include "cpu/cpu.hpp"

namespace hone {
namespace HONE_VARIANT {

static constexpr int64_t ALIGNMENT = 256;

static float* aligned(int64_t bytes) {
  void* memory = nullptr;
  if (bytes < 0 || posix_memalign(&memory, ALIGNMENT, bytes > 0 ? bytes : 1) != 0) throw std::bad_alloc();
  return static_cast<float*>(memory);
}

Kernels* create(int threads, const char* description) { return new Cpu(threads, description); }

Cpu::Cpu(int threads, const char* description) : threads(threads) {
  strncpy(text, description, sizeof text - 1);
  text[sizeof text - 1] = 0;
}

Cpu::~Cpu() {
  for (float* block : blocks) free(block);
}

float* Cpu::scratch(Use use, int64_t floats) {
  if (sizes[use] < floats) {
    free(blocks[use]);
    blocks[use] = nullptr;
    sizes[use] = 0;
    blocks[use] = aligned(floats * sizeof(float));
    sizes[use] = floats;
  }
  return blocks[use];
}

const char* Cpu::description() { return text; }

Address Cpu::allocate(int64_t bytes) { return aligned(bytes); }
void Cpu::release(Address memory) { free(memory); }
void Cpu::zero(Address to, int64_t bytes) { memset(to, 0, bytes); }
void Cpu::copy(Address to, Address from, int64_t bytes) { memmove(to, from, bytes); }
void Cpu::copy_from_host(Address to, Address host, int64_t bytes) { memcpy(to, host, bytes); }
void Cpu::copy_to_host(Address host, Address from, int64_t bytes) { memcpy(host, from, bytes); }
void Cpu::synchronize() {}

void Cpu::sample(int64_t rows, int64_t vocabulary, Address logits, Address temperatures, Address top_ks, Address top_ps,
                 Address min_ps, Address seeds, Address tokens, Address logprobs) {
  sample_rows(threads, rows, vocabulary, static_cast<float*>(logits), static_cast<float*>(temperatures),
              static_cast<int32_t*>(top_ks), static_cast<float*>(top_ps), static_cast<float*>(min_ps),
              static_cast<int64_t*>(seeds), static_cast<int32_t*>(tokens), static_cast<float*>(logprobs));
}

}  // namespace HONE_VARIANT
}  // namespace hone
