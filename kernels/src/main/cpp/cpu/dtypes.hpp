// From a dtype number to a C++ type.
#pragma once

#include <stdexcept>

#include "../kernels.hpp"
#include "simd.hpp"

namespace hone::HONE_VARIANT {

template <typename T>
struct Type {
  using type = T;
};

// Calls body with Type<float> or Type<BFloat16>.
template <typename Body>
inline void with_type(int dtype, Body&& body) {
  switch (dtype) {
    case F32: return body(Type<float>{});
    case BF16: return body(Type<BFloat16>{});
    default: throw std::invalid_argument("dtype must be F32 or BF16");
  }
}

inline int64_t size_of(int dtype) { return dtype == BF16 ? 2 : 4; }

}  // namespace hone::HONE_VARIANT
