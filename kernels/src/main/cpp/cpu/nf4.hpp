// Weights of 4 bits, as kernels.hpp describes them.
#pragma once

#include <algorithm>

#include "simd.hpp"

namespace hone::HONE_VARIANT {

struct Nf4 {
  static constexpr int64_t BLOCK = 64, GROUP = 256;
  static constexpr int LEVELS = 16;

  const uint8_t* codes;
  const uint8_t* absmax;
  const float* scales;
  const float* table;

  float scale(int64_t block) const { return table[LEVELS + absmax[block]] * scales[1 + block / GROUP] + scales[0]; }

  // to [count] = elements [begin, begin + count).
  void dequantize(int64_t begin, int64_t count, float* to) const {
    const int64_t end = begin + count;
    for (int64_t e = begin; e < end;) {
      const int64_t stop = std::min(end, (e / BLOCK + 1) * BLOCK);
      const float s = scale(e / BLOCK);
      if (stop - e == BLOCK) {
        whole_block(codes + e / 2, s, to + (e - begin));
        e = stop;
      } else {
        for (; e < stop; e++) to[e - begin] = table[e % 2 == 0 ? codes[e / 2] >> 4 : codes[e / 2] & 15] * s;
      }
    }
  }

 private:
  void whole_block(const uint8_t* from, float s, float* to) const {
#if defined(__AVX512F__)
    const __m512 levels = _mm512_mul_ps(_mm512_loadu_ps(table), _mm512_set1_ps(s));
    for (int i = 0; i < BLOCK; i += LANES) {
      _mm512_storeu_ps(to + i, _mm512_permutexvar_ps(_mm512_cvtepu8_epi32(halves(from + i / 2)), levels));
    }
#elif defined(__AVX2__)
    const __m256 low = _mm256_mul_ps(_mm256_loadu_ps(table), _mm256_set1_ps(s));
    const __m256 high = _mm256_mul_ps(_mm256_loadu_ps(table + LANES), _mm256_set1_ps(s));
    for (int i = 0; i < BLOCK; i += 2 * LANES) {
      const __m128i sixteen = halves(from + i / 2);
      for (int half = 0; half < 2; half++) {
        const __m256i code = _mm256_cvtepu8_epi32(half == 0 ? sixteen : _mm_srli_si128(sixteen, LANES));
        const __m256 upper = _mm256_castsi256_ps(_mm256_slli_epi32(code, 28));  // the sign is the code's highest bit
        _mm256_storeu_ps(to + i + half * LANES, _mm256_blendv_ps(_mm256_permutevar8x32_ps(low, code),
                                                                 _mm256_permutevar8x32_ps(high, code), upper));
      }
    }
#else
    for (int i = 0; i < BLOCK; i += 2) {
      to[i] = table[from[i / 2] >> 4] * s;
      to[i + 1] = table[from[i / 2] & 15] * s;
    }
#endif
  }

#if defined(__AVX2__)
  // The sixteen codes of eight bytes, one a byte.
  static __m128i halves(const uint8_t* from) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(from));
    const __m128i mask = _mm_set1_epi8(15);
    return _mm_unpacklo_epi8(_mm_and_si128(_mm_srli_epi16(bytes, 4), mask), _mm_and_si128(bytes, mask));
  }
#endif
};

}  // namespace hone::HONE_VARIANT
