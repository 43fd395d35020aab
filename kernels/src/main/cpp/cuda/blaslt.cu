// cuBLASLt, opened at run time.
//
// cuBLASLt counts matrices by columns, and the transpose of a row-major matrix is the same memory counted by columns:
// c^T = op(b)^T op(a)^T, so b is its first operand and a its second.
#include "blaslt.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "cuda_kernels.hpp"

namespace hone {
namespace {

constexpr size_t WORKSPACE = 64 << 20;
const std::string NAME = "libcublasLt.so." + std::to_string(CUDART_VERSION / 1000);

void* open_library() {
  std::vector<std::string> places{NAME};
  if (const char* home = std::getenv("CUDA_HOME"); home != nullptr) {
    places.push_back(std::string(home) + "/lib64/" + NAME);
    places.push_back(std::string(home) + "/lib/" + NAME);
  }
  places.push_back("/usr/local/cuda/lib64/" + NAME);
  for (const std::string& place : places) {
    if (void* library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL); library != nullptr) return library;
  }
  throw std::runtime_error(NAME + " is not found by the loader, in $CUDA_HOME or in /usr/local/cuda: it comes with the CUDA " +
                           std::to_string(CUDART_VERSION / 1000) + " toolkit and with the PyPI package nvidia-cublas; "
                           "add its directory to LD_LIBRARY_PATH");
}

template <typename Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) throw std::runtime_error(NAME + " has no function " + name);
}

// The largest power of two, up to 256, that an address is a multiple of.
int64_t alignment(const void* address) {
  const auto bits = reinterpret_cast<uintptr_t>(address) | 256;
  return static_cast<int64_t>(bits & -bits);
}

}  // namespace

BlasLt::BlasLt() {
  void* library = open_library();
  find(library, "cublasLtCreate", create_);
  find(library, "cublasLtDestroy", destroy_);
  find(library, "cublasLtGetStatusString", status_string_);
  find(library, "cublasLtMatmulDescCreate", operation_create_);
  find(library, "cublasLtMatmulDescSetAttribute", operation_set_);
  find(library, "cublasLtMatrixLayoutCreate", layout_create_);
  find(library, "cublasLtMatmulPreferenceCreate", preference_create_);
  find(library, "cublasLtMatmulPreferenceSetAttribute", preference_set_);
  find(library, "cublasLtMatmulPreferenceDestroy", preference_destroy_);
  find(library, "cublasLtMatmulAlgoGetHeuristic", heuristic_);
  find(library, "cublasLtMatmul", matmul_);
}

BlasLt::~BlasLt() {
  if (handle_ != nullptr) destroy_(handle_);
  cudaFree(workspace_);
}

void BlasLt::open(cudaStream_t stream) {
  stream_ = stream;
  check(create_(&handle_), "starting cuBLASLt");
  hone::check(cudaMalloc(&workspace_, WORKSPACE), "allocating cuBLASLt's workspace");
}

void BlasLt::check(cublasStatus_t status, const char* doing) const {
  if (status != CUBLAS_STATUS_SUCCESS) {
    throw std::runtime_error(std::string("cuBLASLt failed at ") + doing + ": " + status_string_(status));
  }
}

BlasLt::Plan BlasLt::make(const Product& p, const Key& key) {
  Plan plan;
  check(operation_create_(&plan.operation, CUBLAS_COMPUTE_32F, CUDA_R_32F), "describing a matmul");
  auto set = [&](cublasLtMatmulDescAttributes_t attribute, auto value) {
    check(operation_set_(plan.operation, attribute, &value, sizeof value), "describing a matmul");
  };
  set(CUBLASLT_MATMUL_DESC_TRANSA, p.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(CUBLASLT_MATMUL_DESC_TRANSB, p.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N);
  if (p.bias != nullptr) {
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS);
    set(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, p.type);
    set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, p.bias);
  }
  auto layout = [&](cudaDataType type, int64_t rows, int64_t columns, int64_t stride) {
    cublasLtMatrixLayout_t made;
    check(layout_create_(&made, type, rows, columns, stride), "describing a matrix");
    return made;
  };
  plan.a = p.transpose_b ? layout(p.type, p.k, p.n, p.ldb) : layout(p.type, p.n, p.k, p.ldb);
  plan.b = p.transpose_a ? layout(p.type, p.m, p.k, p.lda) : layout(p.type, p.k, p.m, p.lda);
  plan.c = layout(p.c_type, p.n, p.m, p.ldc);

  cublasLtMatmulPreference_t preference;
  check(preference_create_(&preference), "choosing an algorithm");
  auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
    check(preference_set_(preference, attribute, &value, sizeof value), "choosing an algorithm");
  };
  prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, static_cast<uint64_t>(WORKSPACE));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, static_cast<uint32_t>(key[13]));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, static_cast<uint32_t>(key[12]));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, static_cast<uint32_t>(key[14]));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, static_cast<uint32_t>(key[14]));
  // Where the rows of c are tokens, k is never split: how it is split would follow from the number of tokens, and a
  // row's sum with it.
  if (!p.transpose_a) {
    prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, static_cast<uint32_t>(CUBLASLT_REDUCTION_SCHEME_NONE));
  }
  cublasLtMatmulHeuristicResult_t result{};
  int found = 0;
  const cublasStatus_t status =
      heuristic_(handle_, plan.operation, plan.a, plan.b, plan.c, plan.c, preference, 1, &result, &found);
  preference_destroy_(preference);
  if (status != CUBLAS_STATUS_SUCCESS || found == 0) {
    throw std::runtime_error("cuBLASLt has no algorithm for a product of [" + std::to_string(p.m) + ", " +
                             std::to_string(p.k) + "] and [" + std::to_string(p.k) + ", " + std::to_string(p.n) +
                             "]: " + status_string_(status));
  }
  plan.algorithm = result.algo;
  return plan;
}

const BlasLt::Plan& BlasLt::plan(const Product& p) {
  const Key key{p.type,
                p.c_type,
                p.transpose_a,
                p.transpose_b,
                p.m,
                p.n,
                p.k,
                p.lda,
                p.ldb,
                p.ldc,
                p.bias != nullptr,
                p.accumulate,
                alignment(p.a),
                alignment(p.b),
                alignment(p.c),
                alignment(p.bias)};
  const auto known = plans_.find(key);
  return known != plans_.end() ? known->second : plans_.emplace(key, make(p, key)).first->second;
}

void BlasLt::multiply(const Product& p) {
  const Plan& planned = plan(p);
  if (p.bias != nullptr) {
    check(operation_set_(planned.operation, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &p.bias, sizeof p.bias),
          "describing a matmul");
  }
  const float alpha = 1, beta = p.accumulate ? 1 : 0;
  check(matmul_(handle_, planned.operation, &alpha, p.b, planned.a, p.a, planned.b, &beta, p.c, planned.c, p.c,
                planned.c, &planned.algorithm, workspace_, WORKSPACE, stream_),
        "matmul");
}

}  // namespace hone
