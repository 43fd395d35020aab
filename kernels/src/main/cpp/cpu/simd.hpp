// Vectors of floats, as wide as the variant's registers, over GCC's vector extensions. Every fused multiply-add is
// written as fma(), so that results do not depend on what the compiler contracts.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace hone::HONE_VARIANT {

#if defined(__AVX512F__)
constexpr int LANES = 16;
#elif defined(__AVX2__)
constexpr int LANES = 8;
#else
constexpr int LANES = 4;
#endif

typedef float Vec __attribute__((vector_size(LANES * 4)));
typedef int32_t IntVec __attribute__((vector_size(LANES * 4)));
typedef uint32_t BitsVec __attribute__((vector_size(LANES * 4)));
typedef uint16_t HalfBitsVec __attribute__((vector_size(LANES * 2)));

// The upper half of a float.
struct BFloat16 {
  uint16_t bits;
};

// IEEE 754 binary16.
struct Float16 {
  uint16_t bits;
};

inline Vec broadcast(float x) {
#if defined(__AVX512F__)
  return _mm512_set1_ps(x);
#elif defined(__AVX2__)
  return _mm256_set1_ps(x);
#else
  return x - Vec{};
#endif
}

inline Vec fma(Vec a, Vec b, Vec c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#else
  Vec sum;
  for (int i = 0; i < LANES; i++) sum[i] = __builtin_fmaf(a[i], b[i], c[i]);
  return sum;
#endif
}

inline Vec sqrt(Vec x) {
#if defined(__AVX512F__)
  return _mm512_sqrt_ps(x);
#elif defined(__AVX2__)
  return _mm256_sqrt_ps(x);
#elif defined(__aarch64__)
  return vsqrtq_f32(x);
#else
  for (int i = 0; i < LANES; i++) x[i] = __builtin_sqrtf(x[i]);
  return x;
#endif
}

// Where b is NaN the result is a.
inline Vec max(Vec a, Vec b) { return b > a ? b : a; }

inline Vec as_floats(BitsVec bits) { return reinterpret_cast<Vec>(bits); }
inline BitsVec as_bits(Vec x) { return reinterpret_cast<BitsVec>(x); }

inline float to_float(float x) { return x; }
inline float to_float(BFloat16 x) {
  uint32_t bits = static_cast<uint32_t>(x.bits) << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

// ---- loads and stores; those with n take the first n <= LANES elements and fill with zero ----

inline Vec load(const float* p) {
  Vec x;
  std::memcpy(&x, p, sizeof x);
  return x;
}

inline void store(float* p, Vec x) { std::memcpy(p, &x, sizeof x); }

inline Vec load(const BFloat16* p) {
  HalfBitsVec halves;
  std::memcpy(&halves, p, sizeof halves);
  return as_floats(__builtin_convertvector(halves, BitsVec) << 16);
}

// Exact; a signalling NaN becomes a quiet one.
inline Vec load(const Float16* p) {
#if defined(__AVX512F__)
  // All lanes: GCC warns of its own unmasked intrinsic.
  return _mm512_maskz_cvtph_ps(0xffff, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
#elif defined(__AVX2__)
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#elif defined(__aarch64__)
  return vcvt_f32_f16(vld1_f16(reinterpret_cast<const __fp16*>(p)));
#else
  HalfBitsVec halves;
  std::memcpy(&halves, p, sizeof halves);
  BitsVec bits = __builtin_convertvector(halves, BitsVec);
  // Moved to a float's place the exponent lacks 112; a product makes up for it, and normal numbers of subnormal ones.
  BitsVec magnitude = (bits & 0x7fff) << 13;
  BitsVec finite = as_bits(as_floats(magnitude) * broadcast(0x1p112f));
  BitsVec infinite = magnitude | 0x7f800000 | ((magnitude & 0x7fffff) != 0 ? BitsVec{} + 0x400000 : BitsVec{});
  return as_floats((magnitude >= 0xf800000 ? infinite : finite) | (bits & 0x8000) << 16);
#endif
}

// Rounds to nearest even; a NaN stays one.
inline HalfBitsVec narrowed(Vec x) {
  BitsVec bits = as_bits(x);
  BitsVec rounded = bits + 0x7fff + ((bits >> 16) & 1);
  BitsVec quiet = bits | 0x400000;
  return __builtin_convertvector((x == x ? rounded : quiet) >> 16, HalfBitsVec);
}

// A float as its nearest bfloat16, ties away from zero, and the signed rest; see split in kernels.hpp.
struct Halves {
  HalfBitsVec upper, rest;
};

inline Halves split(Vec x) {
  BitsVec bits = as_bits(x);
  BitsVec quiet = (bits | 0x400000) & 0xffff0000;
  BitsVec whole = x == x ? bits : quiet;
  BitsVec upper = x == x ? bits + 0x8000 : quiet;
  return {__builtin_convertvector(upper >> 16, HalfBitsVec), __builtin_convertvector(whole & 0xffff, HalfBitsVec)};
}

inline Vec join(Halves halves) {
  BitsVec upper = __builtin_convertvector(halves.upper, BitsVec) << 16;
  BitsVec rest = (__builtin_convertvector(halves.rest, BitsVec) ^ 0x8000) - 0x8000;  // its sign extended
  return as_floats(upper + rest);
}

inline void store(BFloat16* p, Vec x) {
  HalfBitsVec halves = narrowed(x);
  std::memcpy(p, &halves, sizeof halves);
}

// Stores past the caches, to p aligned as the vector; what is stored so is seen by others after stream_fence().
inline void stream(float* p, Vec x) {
#if defined(__AVX512F__)
  _mm512_stream_ps(p, x);
#elif defined(__AVX2__)
  _mm256_stream_ps(p, x);
#else
  store(p, x);
#endif
}

inline void stream(BFloat16* p, HalfBitsVec x) {
#if defined(__AVX512F__)
  _mm256_stream_si256(reinterpret_cast<__m256i*>(p), reinterpret_cast<__m256i>(x));
#elif defined(__AVX2__)
  _mm_stream_si128(reinterpret_cast<__m128i*>(p), reinterpret_cast<__m128i>(x));
#else
  std::memcpy(p, &x, sizeof x);
#endif
}

inline void stream_fence() {
#if defined(__x86_64__)
  _mm_sfence();
#endif
}

#if defined(__AVX512F__)
inline __mmask16 first(int64_t n) { return static_cast<__mmask16>((1u << n) - 1); }
inline Vec load(const float* p, int64_t n) { return _mm512_maskz_loadu_ps(first(n), p); }
inline void store(float* p, Vec x, int64_t n) { _mm512_mask_storeu_ps(p, first(n), x); }
#elif defined(__AVX2__)
inline __m256i first(int64_t n) {
  const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), lanes);
}
inline Vec load(const float* p, int64_t n) { return _mm256_maskload_ps(p, first(n)); }
inline void store(float* p, Vec x, int64_t n) { _mm256_maskstore_ps(p, first(n), x); }
#else
inline Vec load(const float* p, int64_t n) {
  Vec x{};
  std::memcpy(&x, p, n * sizeof(float));
  return x;
}
inline void store(float* p, Vec x, int64_t n) { std::memcpy(p, &x, n * sizeof(float)); }
#endif

inline Vec load(const BFloat16* p, int64_t n) {
  BFloat16 all[LANES] = {};
  std::memcpy(all, p, n * sizeof(BFloat16));
  return load(all);
}

inline Vec load(const Float16* p, int64_t n) {
  Float16 all[LANES] = {};
  std::memcpy(all, p, n * sizeof(Float16));
  return load(all);
}

inline void store(BFloat16* p, Vec x, int64_t n) {
  BFloat16 all[LANES];
  store(all, x);
  std::memcpy(p, all, n * sizeof(BFloat16));
}

inline HalfBitsVec load_halves(const void* p, int64_t n) {
  HalfBitsVec halves{};
  std::memcpy(&halves, p, n * sizeof(uint16_t));
  return halves;
}
inline void store_halves(void* p, HalfBitsVec halves, int64_t n) { std::memcpy(p, &halves, n * sizeof(uint16_t)); }

// Calls body(i, n) for the vectors of [0, count): n is LANES but for the last.
template <typename Body>
inline void for_vectors(int64_t count, Body&& body) {
  int64_t i = 0;
  for (; i + LANES <= count; i += LANES) body(i, std::integral_constant<int64_t, LANES>{});
  if (i < count) body(i, count - i);
}

// A whole vector, when the count is known to be one.
template <typename T>
inline Vec load(const T* p, std::integral_constant<int64_t, LANES>) {
  return load(p);
}
template <typename T>
inline void store(T* p, Vec x, std::integral_constant<int64_t, LANES>) {
  store(p, x);
}

// `x` in its first n lanes, `other` in the rest.
inline Vec keep_first(Vec x, int64_t n, Vec other) {
  IntVec lanes;
  for (int i = 0; i < LANES; i++) lanes[i] = i;
  return lanes < static_cast<int32_t>(n) ? x : other;
}
inline Vec keep_first(Vec x, std::integral_constant<int64_t, LANES>, Vec) { return x; }

// ---- reductions, always by the same tree ----

template <typename Combine>
inline float reduce(Vec x, Combine combine) {
  float lanes[LANES];
  store(lanes, x);
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) lanes[i] = combine(lanes[i], lanes[i + width]);
  }
  return lanes[0];
}
inline float reduce_sum(Vec x) {
  return reduce(x, [](float a, float b) { return a + b; });
}
inline float reduce_max(Vec x) {
  return reduce(x, [](float a, float b) { return b > a ? b : a; });
}

// ---- exp: 2^n times a polynomial in the rest (Cody and Waite's reduction); error below 2 ulp ----

// Zero below -87.3, constant above 88.3, NaN for NaN, exactly 1 for 0.
inline Vec exp(Vec x) {
  const Vec low = broadcast(-87.33f), high = broadcast(88.37f), shifter = broadcast(12582912.0f);
  Vec y = x > high ? high : x;
  y = y < low ? low : y;
  Vec shifted = fma(y, broadcast(1.44269504f), shifter);  // its low bits hold the integer nearest to y / ln 2
  Vec n = shifted - shifter;
  Vec r = fma(n, broadcast(-0.693145752f), y);
  r = fma(n, broadcast(-1.42860677e-6f), r);
  Vec p = broadcast(1.98412698e-4f);
  p = fma(p, r, broadcast(1.38888889e-3f));
  p = fma(p, r, broadcast(8.33333333e-3f));
  p = fma(p, r, broadcast(4.16666667e-2f));
  p = fma(p, r, broadcast(1.66666667e-1f));
  p = fma(p, r, broadcast(0.5f));
  p = fma(p, r, broadcast(1.0f));
  p = fma(p, r, broadcast(1.0f));
  Vec scale = as_floats((as_bits(shifted) + 127u) << 23);
  Vec result = p * scale;
  return x < low ? Vec{} : result;
}

inline float exp(float x) { return exp(broadcast(x))[0]; }

// ---- tanh: 1 - 2 / (exp(2 |x|) + 1), and x times a polynomial in x^2 where that would cancel; error below 3 ulp ----

inline Vec tanh(Vec x) {
  const Vec positive = x < 0.0f ? -x : x;
  const Vec far = 1.0f - 2.0f / (exp(positive + positive) + 1.0f);
  const Vec square = x * x;
  Vec p = broadcast(-5.92795014e-3f);
  p = fma(p, square, broadcast(2.08633672e-2f));
  p = fma(p, square, broadcast(-5.38159981e-2f));
  p = fma(p, square, broadcast(1.33324400e-1f));
  p = fma(p, square, broadcast(-3.33333224e-1f));
  const Vec near = fma(p * square, x, x);
  return positive < 0.625f ? near : x < 0.0f ? -far : far;
}

}  // namespace hone::HONE_VARIANT
