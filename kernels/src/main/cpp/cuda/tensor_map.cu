#include "tensor_map.hpp"

#include <stdexcept>
#include <string>

#include "cuda_kernels.hpp"

namespace hone {
namespace {

using Encode = decltype(&cuTensorMapEncodeTiled);

// Of the driver, which is opened at run time.
Encode find_encode() {
  void* function = nullptr;
  cudaDriverEntryPointQueryResult result;
#if CUDART_VERSION >= 12050
  const cudaError_t status =
      cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &function, 12000, cudaEnableDefault, &result);
#else
  const cudaError_t status = cudaGetDriverEntryPoint("cuTensorMapEncodeTiled", &function, cudaEnableDefault, &result);
#endif
  check(status, "looking for the driver's tensor maps");
  if (function == nullptr) throw std::runtime_error("the NVIDIA driver has no tensor maps: update it to one for CUDA 12");
  return reinterpret_cast<Encode>(function);
}

}  // namespace

CUtensorMap heads_map(const AttentionShape& shape, HeadRows<const bf16> of, int heads, int rows) {
  static const Encode encode = find_encode();
  const cuuint64_t sizes[] = {static_cast<cuuint64_t>(shape.head_dim), static_cast<cuuint64_t>(heads),
                              static_cast<cuuint64_t>(shape.tokens)};
  const cuuint64_t strides[] = {sizes[0] * sizeof(bf16), of.stride * sizeof(bf16)};  // bytes
  const cuuint32_t box[] = {64, 1, static_cast<cuuint32_t>(rows)}, steps[] = {1, 1, 1};
  CUtensorMap map;
  const CUresult status = encode(&map, CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 3, const_cast<bf16*>(of.base), sizes, strides, box,
                                 steps, CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
                                 CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (status != CUDA_SUCCESS) {
    throw std::runtime_error("attention: the driver cannot describe a tensor of heads, error " + std::to_string(status));
  }
  return map;
}

}  // namespace hone
