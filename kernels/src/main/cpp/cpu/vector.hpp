// One vector register of floats, in GCC's vector extensions: the same source serves every instruction set.
#pragma once

#include <cstdint>
#include <cstring>
#include <utility>

namespace hone {
namespace HONE_VARIANT {

#if defined(__AVX512F__)
constexpr int LANES = 16;
#else
constexpr int LANES = 8;
#endif

typedef float Vector __attribute__((vector_size(4 * LANES)));
typedef int32_t IntVector __attribute__((vector_size(4 * LANES)));
typedef uint32_t UintVector __attribute__((vector_size(4 * LANES)));
// A cast between vectors of one size keeps the bits.
typedef uint16_t HalfVector __attribute__((vector_size(2 * LANES)));

struct Bf16 {
  uint16_t bits;
};

// How many of a vector's lanes count: all, or the first few at the end of a row.
struct Whole {
  constexpr operator int64_t() const { return LANES; }
};
struct Part {
  int64_t count;
  operator int64_t() const { return count; }
};

inline Vector splat(float value) { return value - Vector{}; }

inline Vector load(const float* from, Whole = {}) {
  Vector v;
  memcpy(&v, from, sizeof v);
  return v;
}
inline Vector load(const float* from, Part part) {
  float lanes[LANES] = {};
  for (int64_t i = 0; i < part.count; i++) lanes[i] = from[i];
  return load(lanes);
}
inline void store(float* to, Vector v, Whole = {}) { memcpy(to, &v, sizeof v); }
inline void store(float* to, Vector v, Part part) {
  for (int64_t i = 0; i < part.count; i++) to[i] = v[i];
}

inline Vector widen(HalfVector bits) {
  UintVector wide = __builtin_convertvector(bits, UintVector) << 16;
  return (Vector)wide;
}
// To nearest even; what is not a number stays so.
inline HalfVector narrow(Vector v) {
  UintVector bits = (UintVector)v;
  UintVector rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  UintVector quiet = (bits >> 16) | 0x40;
  return __builtin_convertvector(v != v ? quiet : rounded, HalfVector);
}
inline Vector load(const Bf16* from, Whole = {}) {
  HalfVector bits;
  memcpy(&bits, from, sizeof bits);
  return widen(bits);
}
inline Vector load(const Bf16* from, Part part) {
  HalfVector bits = {};
  for (int64_t i = 0; i < part.count; i++) bits[i] = from[i].bits;
  return widen(bits);
}
inline void store(Bf16* to, Vector v, Whole = {}) {
  HalfVector bits = narrow(v);
  memcpy(to, &bits, sizeof bits);
}
inline void store(Bf16* to, Vector v, Part part) {
  HalfVector bits = narrow(v);
  for (int64_t i = 0; i < part.count; i++) to[i].bits = bits[i];
}

inline float get(const float* from) { return *from; }
inline float get(const Bf16* from) {
  uint32_t bits = static_cast<uint32_t>(from->bits) << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// Calls f(i, lanes) for each vector of a row of n elements.
template <class F>
inline void each_vector(int64_t n, F f) {
  int64_t i = 0;
  for (; i + LANES <= n; i += LANES) f(i, Whole{});
  if (i < n) f(i, Part{n - i});
}

inline Vector max(Vector a, Vector b) { return a > b ? a : b; }

// The lanes' sum, always paired the same way.
inline float sum(Vector v) {
  float lanes[LANES];
  store(lanes, v);
  for (int width = LANES / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; i++) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}
inline float largest(Vector v) {
  float lanes[LANES];
  store(lanes, v);
  float m = lanes[0];
  for (int i = 1; i < LANES; i++) m = lanes[i] > m ? lanes[i] : m;
  return m;
}

template <int STEP, int... LANE>
inline void exchange(Vector& a, Vector& b, std::integer_sequence<int, LANE...>) {
  const IntVector low = {((LANE & STEP) ? LANES + LANE - STEP : LANE)...};
  const IntVector high = {((LANE & STEP) ? LANES + LANE : LANE + STEP)...};
  Vector first = __builtin_shuffle(a, b, low);
  b = __builtin_shuffle(a, b, high);
  a = first;
}
template <int STEP>
inline void transpose_step(Vector* rows) {
  for (int i = 0; i < LANES; i++) {
    if ((i & STEP) == 0) exchange<STEP>(rows[i], rows[i + STEP], std::make_integer_sequence<int, LANES>());
  }
}
// LANES rows become LANES columns: squares off the diagonal change places, of ever larger size (Eklundh 1972).
inline void transpose(Vector* rows) {
  transpose_step<1>(rows);
  transpose_step<2>(rows);
  transpose_step<4>(rows);
  if constexpr (LANES == 16) transpose_step<8>(rows);
}

// e^x to about one unit in the last place: x = n ln 2 + r, e^r by a polynomial (coefficients of Cephes' expf).
inline Vector exp(Vector x) {
  x = x < -87.33654f ? splat(-87.33654f) : x;
  x = x > 88.37626f ? splat(88.37626f) : x;
  const float to_integer = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
  Vector n = (x * 1.44269504f + to_integer) - to_integer;
  Vector r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  Vector p = splat(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  IntVector power = (__builtin_convertvector(n, IntVector) + 127) << 23;
  return p * (Vector)power;
}

}  // namespace HONE_VARIANT
}  // namespace hone
