// cuBLASLt, opened at run time.
//
// cuBLASLt counts matrices by columns, and the transpose of a row-major matrix is the same memory counted by columns:
// c^T = op(b)^T op(a)^T, so b is its first operand and a its second.
#include "blaslt.hpp"

#include <cublasLt.h>

#include <array>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "cuda_kernels.hpp"
#include "runtime_library.hpp"

namespace hone {
namespace {

constexpr size_t WORKSPACE = 64 << 20;
constexpr int MOST_CANDIDATES = 8, TIMED_CALLS = 2;
// Of fewer rows cuBLASLt knows only algorithms that are slow where k is not to be split; those for so many rows do better.
constexpr int64_t FEWEST_ROWS = 128;

// The largest power of two, up to 256, that an address is a multiple of.
int64_t alignment(const void* address) {
  const auto bits = reinterpret_cast<uintptr_t>(address) | 256;
  return static_cast<int64_t>(bits & -bits);
}

// The smallest number that is at least n and has but its first two binary digits set: what is chosen for it serves all
// numbers a little smaller.
int64_t about(int64_t n) {
  int64_t step = 1;
  while (n > step * 4) step *= 2;
  return (n + step - 1) / step * step;
}

// A sum over all elements of c [m, n], each mixed with its place.
template <typename T>
__global__ void fingerprint_kernel(int64_t m, int64_t n, const T* c, int64_t ldc, unsigned long long* sum) {
  unsigned long long mine = 0;
  for (int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < m * n; i += int64_t{gridDim.x} * blockDim.x) {
    unsigned long long bits = (static_cast<unsigned long long>(i) << 32 | c[i / n * ldc + i % n]) * 0x9e3779b97f4a7c15ull;
    bits ^= bits >> 29;
    mine += bits * 0xbf58476d1ce4e5b9ull;
  }
  atomicAdd(sum, mine);
}

}  // namespace

// The dimension that counts tokens varies from call to call, k where a is transposed, else m: an algorithm is chosen once
// for tokens of about one number, by time, among those that give the same bits.
class BlasLt::Library {
 public:
  Library();
  ~Library();

  void open(cudaStream_t stream);
  void multiply(const Product& product);

 private:
  // A product in cuBLASLt's words.
  struct Described {
    cublasLtMatmulDescOpaque_t operation;
    cublasLtMatrixLayoutOpaque_t a, b, c;
  };
  using Key = std::array<int64_t, 16>;

  Described describe(const Product& product) const;
  const cublasLtMatmulAlgo_t& algorithm(const Product& product, Described& described);
  std::vector<cublasLtMatmulAlgo_t> candidates(const Product& product, const Key& key) const;
  // The fastest of the candidates that give the first one's bits.
  cublasLtMatmulAlgo_t fastest(const Product& product, Described& described,
                               const std::vector<cublasLtMatmulAlgo_t>& candidates) const;
  cublasStatus_t run(const Product& product, Described& described, const cublasLtMatmulAlgo_t& algorithm,
                     void* c) const;
  void check(cublasStatus_t status, const char* doing) const;

  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
  void* workspace_ = nullptr;
  cublasLtHandle_t handle_ = nullptr;
  std::map<Key, cublasLtMatmulAlgo_t> algorithms_;

  decltype(&cublasLtCreate) create_;
  decltype(&cublasLtDestroy) destroy_;
  decltype(&cublasLtGetStatusString) status_string_;
  decltype(&cublasLtMatmulDescInit_internal) operation_init_;
  decltype(&cublasLtMatmulDescSetAttribute) operation_set_;
  decltype(&cublasLtMatrixLayoutInit_internal) layout_init_;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create_;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set_;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy_;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic_;
  decltype(&cublasLtMatmulAlgoCheck) algorithm_check_;
  decltype(&cublasLtMatmul) matmul_;
};

BlasLt::Library::Library() {
  const std::string toolkit = "CUDA " + std::to_string(CUDART_VERSION / 1000);
  const RuntimeLibrary library("libcublasLt.so." + std::to_string(CUDART_VERSION / 1000),
                               "the " + toolkit + " toolkit and with the PyPI package nvidia-cublas", toolkit);
  library.find("cublasLtCreate", create_);
  library.find("cublasLtDestroy", destroy_);
  library.find("cublasLtGetStatusString", status_string_);
  library.find("cublasLtMatmulDescInit_internal", operation_init_);
  library.find("cublasLtMatmulDescSetAttribute", operation_set_);
  library.find("cublasLtMatrixLayoutInit_internal", layout_init_);
  library.find("cublasLtMatmulPreferenceCreate", preference_create_);
  library.find("cublasLtMatmulPreferenceSetAttribute", preference_set_);
  library.find("cublasLtMatmulPreferenceDestroy", preference_destroy_);
  library.find("cublasLtMatmulAlgoGetHeuristic", heuristic_);
  library.find("cublasLtMatmulAlgoCheck", algorithm_check_);
  library.find("cublasLtMatmul", matmul_);
}

BlasLt::Library::~Library() {
  if (handle_ != nullptr) destroy_(handle_);
  if (begin_ != nullptr) cudaEventDestroy(begin_);
  if (end_ != nullptr) cudaEventDestroy(end_);
  cudaFree(workspace_);
}

void BlasLt::Library::open(cudaStream_t stream) {
  stream_ = stream;
  check(create_(&handle_), "starting cuBLASLt");
  hone::check(cudaMalloc(&workspace_, WORKSPACE), "allocating cuBLASLt's workspace");
  hone::check(cudaEventCreate(&begin_), "making an event");
  hone::check(cudaEventCreate(&end_), "making an event");
}

void BlasLt::Library::check(cublasStatus_t status, const char* doing) const {
  if (status != CUBLAS_STATUS_SUCCESS) {
    throw std::runtime_error(std::string("cuBLASLt failed at ") + doing + ": " + status_string_(status));
  }
}

BlasLt::Library::Described BlasLt::Library::describe(const Product& p) const {
  Described d;
  check(operation_init_(&d.operation, sizeof d.operation, CUBLAS_COMPUTE_32F, CUDA_R_32F), "describing a matmul");
  auto set = [&](cublasLtMatmulDescAttributes_t attribute, auto value) {
    check(operation_set_(&d.operation, attribute, &value, sizeof value), "describing a matmul");
  };
  set(CUBLASLT_MATMUL_DESC_TRANSA, p.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N);
  set(CUBLASLT_MATMUL_DESC_TRANSB, p.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N);
  if (p.bias != nullptr) {
    set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS);
    set(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, p.type);
    set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, p.bias);
  }
  auto layout = [&](cublasLtMatrixLayoutOpaque_t& made, cudaDataType type, int64_t rows, int64_t columns,
                    int64_t stride) {
    check(layout_init_(&made, sizeof made, type, rows, columns, stride), "describing a matrix");
  };
  p.transpose_b ? layout(d.a, p.type, p.k, p.n, p.ldb) : layout(d.a, p.type, p.n, p.k, p.ldb);
  p.transpose_a ? layout(d.b, p.type, p.m, p.k, p.lda) : layout(d.b, p.type, p.k, p.m, p.lda);
  layout(d.c, p.c_type, p.n, p.m, p.ldc);
  return d;
}

std::vector<cublasLtMatmulAlgo_t> BlasLt::Library::candidates(const Product& p, const Key& key) const {
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
  // k is never split: how it is would follow from the number of tokens, and a row's sum with it.
  prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, static_cast<uint32_t>(CUBLASLT_REDUCTION_SCHEME_NONE));

  std::vector<cublasLtMatmulAlgo_t> all;
  auto ask = [&](const Product& product) {
    Described d = describe(product);
    std::array<cublasLtMatmulHeuristicResult_t, MOST_CANDIDATES> results{};
    int found = 0;
    if (heuristic_(handle_, &d.operation, &d.a, &d.b, &d.c, &d.c, preference, MOST_CANDIDATES, results.data(), &found) ==
        CUBLAS_STATUS_SUCCESS) {
      for (int i = 0; i < found; i++) {
        if (results[i].state == CUBLAS_STATUS_SUCCESS) all.push_back(results[i].algo);
      }
    }
  };
  if (!p.transpose_a && p.m < FEWEST_ROWS) {
    Product taller = p;
    taller.m = FEWEST_ROWS;
    ask(taller);
  }
  ask(p);
  preference_destroy_(preference);
  return all;
}

cublasStatus_t BlasLt::Library::run(const Product& p, Described& d, const cublasLtMatmulAlgo_t& algorithm,
                                    void* c) const {
  const float alpha = 1, beta = p.accumulate ? 1 : 0;
  return matmul_(handle_, &d.operation, &alpha, p.b, &d.a, p.a, &d.b, &beta, c, &d.c, c, &d.c, &algorithm, workspace_,
                 WORKSPACE, stream_);
}

cublasLtMatmulAlgo_t BlasLt::Library::fastest(const Product& p, Described& d,
                                              const std::vector<cublasLtMatmulAlgo_t>& candidates) const {
  // What is accumulated into must not be touched, so these try on memory of their own, as long as there is some.
  const int64_t bytes = ((p.m - 1) * p.ldc + p.n) * (p.c_type == CUDA_R_32F ? 4 : 2);
  char* memory = nullptr;
  if (cudaMalloc(reinterpret_cast<void**>(&memory), 256 + (p.accumulate ? bytes : 0)) != cudaSuccess) {
    cudaGetLastError();
    return candidates[0];
  }
  auto* fingerprint = reinterpret_cast<unsigned long long*>(memory);
  void* c = p.accumulate ? memory + 256 : p.c;
  size_t best = candidates.size();
  unsigned long long expected = 0;
  float best_time = 0;
  for (size_t i = 0; i < candidates.size(); i++) {
    hone::check(cudaMemsetAsync(memory, 0, p.accumulate ? 256 + bytes : 256, stream_), "choosing an algorithm");
    if (run(p, d, candidates[i], c) != CUBLAS_STATUS_SUCCESS) continue;
    if (p.c_type == CUDA_R_32F) {
      fingerprint_kernel<<<512, 256, 0, stream_>>>(p.m, p.n, static_cast<const uint32_t*>(c), p.ldc, fingerprint);
    } else {
      fingerprint_kernel<<<512, 256, 0, stream_>>>(p.m, p.n, static_cast<const uint16_t*>(c), p.ldc, fingerprint);
    }
    unsigned long long bits = 0;
    hone::check(cudaMemcpyAsync(&bits, fingerprint, sizeof bits, cudaMemcpyDeviceToHost, stream_), "choosing an algorithm");
    hone::check(cudaStreamSynchronize(stream_), "choosing an algorithm");
    if (best == candidates.size()) {
      expected = bits;
    } else if (bits != expected) {
      continue;
    }
    hone::check(cudaEventRecord(begin_, stream_), "choosing an algorithm");
    for (int call = 0; call < TIMED_CALLS; call++) run(p, d, candidates[i], c);
    hone::check(cudaEventRecord(end_, stream_), "choosing an algorithm");
    hone::check(cudaEventSynchronize(end_), "choosing an algorithm");
    float time = 0;
    hone::check(cudaEventElapsedTime(&time, begin_, end_), "choosing an algorithm");
    if (best == candidates.size() || time < best_time) {
      best = i;
      best_time = time;
    }
  }
  cudaFree(memory);
  return candidates[best == candidates.size() ? 0 : best];
}

const cublasLtMatmulAlgo_t& BlasLt::Library::algorithm(const Product& p, Described& d) {
  const Key key{p.type,
                p.c_type,
                p.transpose_a,
                p.transpose_b,
                p.transpose_a ? p.m : about(p.m),
                p.n,
                p.transpose_a ? about(p.k) : p.k,
                p.lda,
                p.ldb,
                p.ldc,
                p.bias != nullptr,
                p.accumulate,
                alignment(p.a),
                alignment(p.b),
                alignment(p.c),
                alignment(p.bias)};
  const auto known = algorithms_.find(key);
  if (known != algorithms_.end()) return known->second;
  std::vector<cublasLtMatmulAlgo_t> all = candidates(p, key), fit;
  for (const cublasLtMatmulAlgo_t& one : all) {
    cublasLtMatmulHeuristicResult_t result{};
    if (algorithm_check_(handle_, &d.operation, &d.a, &d.b, &d.c, &d.c, &one, &result) == CUBLAS_STATUS_SUCCESS &&
        result.state == CUBLAS_STATUS_SUCCESS && result.workspaceSize <= WORKSPACE) {
      fit.push_back(one);
    }
  }
  if (fit.empty()) {
    throw std::runtime_error("cuBLASLt has no algorithm for a product of [" + std::to_string(p.m) + ", " +
                             std::to_string(p.k) + "] and [" + std::to_string(p.k) + ", " + std::to_string(p.n) + "]");
  }
  return algorithms_.emplace(key, fastest(p, d, fit)).first->second;
}

void BlasLt::Library::multiply(const Product& p) {
  Described d = describe(p);
  check(run(p, d, algorithm(p, d), p.c), "matmul");
}

BlasLt::BlasLt() : library_(std::make_unique<Library>()) {}
BlasLt::~BlasLt() = default;
void BlasLt::open(cudaStream_t stream) { library_->open(stream); }
void BlasLt::multiply(const Product& product) { library_->multiply(product); }

}  // namespace hone
