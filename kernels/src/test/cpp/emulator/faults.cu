// That the emulator finds what it is there to find: small kernels, each right, and each with one fault planted.
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "early.hpp"
#include "wgmma.hpp"

namespace hone {
namespace {

constexpr int LAUNCHES = 10;  // a race shows in some order

// What a faulty kernel does: gives a wrong result, or a sentence with these words.
constexpr const char* WRONG = nullptr;

int failures = 0;

struct Numbers {
  static constexpr int COUNT = 64 * 64;
  float* device = nullptr;

  Numbers() { cudaMalloc(reinterpret_cast<void**>(&device), COUNT * sizeof(float)); }
  ~Numbers() { cudaFree(device); }
};

// launch(out) fills out[0, count), right(i) is what it should hold.
void expect(const char* what, bool faulty, const char* words, int count, const std::function<void(float*)>& launch,
            const std::function<float(int)>& right) {
  bool wrong = false;
  std::string sentence;
  for (int i = 0; i < LAUNCHES; i++) {
    Numbers out;
    launch(out.device);
    const cudaError_t status = cudaStreamSynchronize(nullptr);
    if (status != cudaSuccess) {
      sentence = cudaGetErrorString(status);
      break;
    }
    for (int j = 0; j < count; j++) wrong |= !(out.device[j] == right(j));
  }
  const bool as_expected = !faulty          ? !wrong && sentence.empty()
                           : words == WRONG ? wrong && sentence.empty()
                                            : sentence.find(words) != std::string::npos;
  const char* found = !sentence.empty() ? sentence.c_str() : wrong ? "a wrong result" : "right";
  std::printf("%-34s %-7s %s%s\n", what, faulty ? "planted" : "none", found, as_expected ? "" : "   NOT AS EXPECTED");
  failures += !as_expected;
}

// ---- barriers ----------------------------------------------------------------------------------------------------------

template <bool FAULTY>
__global__ void reverse_kernel(float* out) {
  __shared__ float numbers[64];
  numbers[threadIdx.x] = threadIdx.x;
  if (!FAULTY) __syncthreads();
  out[threadIdx.x] = numbers[63 - threadIdx.x];
}

template <bool FAULTY>
__global__ void reverse_warp_kernel(float* out) {
  __shared__ float numbers[32];
  numbers[threadIdx.x] = threadIdx.x;
  if (!FAULTY) __syncwarp();
  out[threadIdx.x] = numbers[31 - threadIdx.x];
}

template <bool FAULTY>
__global__ void divergent_kernel(float* out) {
  float value = threadIdx.x;
  if (!FAULTY || threadIdx.x < 16) value = __shfl_sync(0xffffffffu, value, 5);
  if (FAULTY && threadIdx.x >= 16) value = __any_sync(0xffffffffu, value > 5);
  out[threadIdx.x] = value;
}

template <bool FAULTY>
__global__ void few_arrivals_kernel(float* out) {
  __shared__ uint64_t barrier;
  const uint32_t at = static_cast<uint32_t>(__cvta_generic_to_shared(&barrier));
  if (threadIdx.x == 0) barrier_init(at, 64);
  __syncthreads();
  if (!FAULTY || threadIdx.x < 32) barrier_arrive(at);
  barrier_wait(at, 0);
  out[threadIdx.x] = threadIdx.x;
}

template <bool FAULTY>
__global__ void named_barrier_kernel(float* out) {
  if (threadIdx.x < 32) {
    sync_at<64>(1);
  } else {
    arrive_at<FAULTY ? 96 : 64>(1);
  }
  out[threadIdx.x] = threadIdx.x;
}

// ---- kernels that begin early ------------------------------------------------------------------------------------------

template <bool FAULTY>
__global__ void early_kernel(float* out) {
  let_later_kernels_begin();
  if (FAULTY && threadIdx.x >= 32) return;
  wait_for_earlier_kernels();
  out[threadIdx.x] = threadIdx.x;
}

// ---- memory ------------------------------------------------------------------------------------------------------------

template <bool FAULTY>
__global__ void beyond_shared_kernel(float* out) {
  extern __shared__ float numbers[];
  numbers[threadIdx.x + (FAULTY ? 1 : 0)] = threadIdx.x;
  out[threadIdx.x] = threadIdx.x;
}

template <bool FAULTY>
__global__ void beyond_device_kernel(float* out) {
  out[FAULTY ? Numbers::COUNT : 0] = 0;
  out[threadIdx.x] = threadIdx.x;
}

// ---- copies ------------------------------------------------------------------------------------------------------------

// Rows of four through a ring of two stages.
template <bool NO_WAIT, bool TOO_EARLY>
__global__ void copies_kernel(const float* from, float* out) {
  __shared__ uint4 ring[2][32];
  auto copy = [&](int row) {
    copy_chunk(static_cast<uint32_t>(__cvta_generic_to_shared(&ring[row % 2][threadIdx.x])),
               from + row * 128 + threadIdx.x * 4, true);
    commit_copies();
  };
  copy(0);
  for (int row = 0; row < 8; row++) {
    if (TOO_EARLY && row < 6) copy(row + 2);  // over the row that is about to be read
    if (row < 7) copy(row + 1);
    if (!NO_WAIT) wait_for_copies<1>();
    if (row == 7) wait_for_copies<0>();
    __syncwarp();
    const float* mine = reinterpret_cast<const float*>(ring[row % 2]);
    for (int i = 0; i < 4; i++) out[row * 128 + threadIdx.x * 4 + i] = mine[(threadIdx.x * 4 + i + 64) % 128];
    __syncwarp();
  }
}

// ---- boxes of tensors --------------------------------------------------------------------------------------------------

constexpr int TOKENS = 10, HEADS = 2, HEAD_DIM = 80;
constexpr int BOX_ROWS = 8, BOX_COLUMN = 32, BOX_HEAD = 1, BOX_ROW = 5;  // it sticks out in both directions

float box_element(int token, int head, int column) {
  const bool inside = token < TOKENS && column < HEAD_DIM;
  return inside ? static_cast<float>((token * 7 + head * 3 + column) % 11 + 1) : 0.0f;
}

template <bool NO_WAIT>
__global__ void box_kernel(const __grid_constant__ CUtensorMap map, float* out) {
  extern __shared__ uint4 shared[];
  const uint32_t memory = (static_cast<uint32_t>(__cvta_generic_to_shared(shared)) + 1023) & ~1023u;
  const Panels<BOX_ROWS, 64> panel{memory};
  const uint32_t barrier = memory + panel.BYTES;
  if (threadIdx.x == 0) {
    barrier_init(barrier, 1);
    publish_barriers();
    barrier_expect(barrier, panel.BYTES);
    copy_box(memory, &map, BOX_COLUMN, BOX_HEAD, BOX_ROW, barrier);
  }
  __syncwarp();
  if (!NO_WAIT) barrier_wait(barrier, 0);
  for (int i = threadIdx.x; i < BOX_ROWS * 64; i += 32) {
    const uint32_t chunk = panel.at(i / 64, i % 64 / 8);
    out[i] = __bfloat162float(*reinterpret_cast<const bf16*>(emulator::shared_at(chunk + i % 8 * 2, 2)));
  }
}

template <bool NO_WAIT>
void expect_box(const char* what) {
  auto launch = [](float* out) {
    static bf16* tensor = nullptr;
    if (tensor == nullptr) cudaMalloc(reinterpret_cast<void**>(&tensor), TOKENS * HEADS * HEAD_DIM * sizeof(bf16));
    for (int i = 0; i < TOKENS * HEADS * HEAD_DIM; i++) {
      tensor[i] = box_element(i / (HEADS * HEAD_DIM), i / HEAD_DIM % HEADS, i % HEAD_DIM);
    }
    const cuuint64_t sizes[] = {HEAD_DIM, HEADS, TOKENS}, strides[] = {HEAD_DIM * 2, HEADS * HEAD_DIM * 2};
    const cuuint32_t box[] = {64, 1, BOX_ROWS}, steps[] = {1, 1, 1};
    CUtensorMap map;
    cuTensorMapEncodeTiled(&map, CU_TENSOR_MAP_DATA_TYPE_BFLOAT16, 3, tensor, sizes, strides, box, steps,
                           CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_256B,
                           CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
    box_kernel<NO_WAIT><<<1, 32, 3072>>>(map, out);
  };
  expect(what, NO_WAIT, WRONG, BOX_ROWS * 64, launch,
         [](int i) { return box_element(BOX_ROW + i / 64, BOX_HEAD, BOX_COLUMN + i % 64); });
}

// ---- clusters ----------------------------------------------------------------------------------------------------------

// Each block of two reads the other's shared memory, first what the launch asked for, then a variable.
template <bool EARLY, bool GONE>
__global__ void neighbours_kernel(float* out) {
  extern __shared__ float numbers[];
  __shared__ float variables[32];
  const int i = threadIdx.x, block = blockIdx.x;
  numbers[i] = block * 100 + i;
  variables[i] = block * 100 + i + 50;
  emulator::arrive_at_cluster();
  if (!EARLY) emulator::wait_for_cluster();
  auto other = [&](const float* shared) {
    const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(shared));
    return *reinterpret_cast<const float*>(emulator::shared_at(emulator::address_in_block(address, 1 - block), 4));
  };
  out[block * 64 + i] = other(numbers + 31 - i);
  out[block * 64 + 32 + i] = other(variables + i);
  if (EARLY) emulator::wait_for_cluster();
  if (GONE) return;
  emulator::arrive_at_cluster();
  emulator::wait_for_cluster();
}

template <bool EARLY, bool GONE>
void expect_neighbours(const char* what, const char* words) {
  auto launch = [](float* out) {
    cudaLaunchAttribute attribute{};
    attribute.id = cudaLaunchAttributeClusterDimension;
    attribute.val.clusterDim = {2, 1, 1};
    cudaLaunchConfig_t config{};
    config.gridDim = dim3(2);
    config.blockDim = dim3(32);
    config.dynamicSmemBytes = 32 * sizeof(float);
    config.attrs = &attribute;
    config.numAttrs = 1;
    cudaLaunchKernelEx(&config, neighbours_kernel<EARLY, GONE>, out);
  };
  expect(what, EARLY || GONE, words, 128, launch, [](int place) {
    const int block = 1 - place / 64, i = place % 32;
    return static_cast<float>(block * 100 + (place % 64 < 32 ? 31 - i : i + 50));
  });
}

// ---- wgmma -------------------------------------------------------------------------------------------------------------

enum class Planted { NOTHING, WRONG_SWIZZLE, NO_WAIT, NO_FENCE, NO_PROXY_FENCE };

constexpr int SIDE = 64;

float left_at(int row, int k) { return static_cast<float>((row * 7 + k * 3) % 11 - 5); }
float right_at(int column, int k) { return static_cast<float>((column * 5 + k) % 7 - 3); }

// out [64, 64] = a [64, 64] b [64, 64]^T.
template <Planted PLANTED>
__global__ void wgmma_kernel(const bf16* a, const bf16* b, float* out) {
  extern __shared__ uint4 shared[];
  const uint32_t memory = (static_cast<uint32_t>(__cvta_generic_to_shared(shared)) + 1023) & ~1023u;
  using Operand = Panels<SIDE, SIDE>;
  const Operand left{memory}, right{memory + Operand::BYTES};
  const uint32_t barrier = memory + 2 * Operand::BYTES;
  if (threadIdx.x == 0) barrier_init(barrier, 128);
  __syncthreads();
  for (int i = threadIdx.x; i < SIDE * 8; i += 128) {
    const int row = i / 8, chunk = i % 8;
    const uint32_t to = PLANTED == Planted::WRONG_SWIZZLE ? left.at(0, chunk) + row * 128 : left.at(row, chunk);
    copy_chunk(to, a + row * SIDE + chunk * 8, true);
    copy_chunk(right.at(row, chunk), b + row * SIDE + chunk * 8, true);
  }
  barrier_arrive_with_copies(barrier);
  barrier_wait(barrier, 0);
  if (PLANTED != Planted::NO_PROXY_FENCE) fence_for_wgmma();
  Accumulators<SIDE> sums;
  sums.pin();
  if (PLANTED != Planted::NO_FENCE) wgmma_fence();
  multiply_rows(sums, left, right);
  wgmma_commit();
  if (PLANTED != Planted::NO_WAIT) wgmma_wait<0>();
  sums.pin();
  for (int i = 0; i < SIDE / 2; i++) {
    const int row = threadIdx.x / 4 + threadIdx.x / 32 * 8 + i / 2 % 2 * 8;
    out[row * SIDE + i / 4 * 8 + threadIdx.x % 4 * 2 + i % 2] = sums.at[i];
  }
}

template <Planted PLANTED>
void launch_wgmma(float* out) {
  static std::vector<bf16> host;
  if (host.empty()) {
    for (int i = 0; i < SIDE * SIDE; i++) host.push_back(left_at(i / SIDE, i % SIDE));
    for (int i = 0; i < SIDE * SIDE; i++) host.push_back(right_at(i / SIDE, i % SIDE));
  }
  static bf16* operands = nullptr;
  if (operands == nullptr) cudaMalloc(reinterpret_cast<void**>(&operands), host.size() * sizeof(bf16));
  cudaMemcpyAsync(operands, host.data(), host.size() * sizeof(bf16), cudaMemcpyHostToDevice, nullptr);
  wgmma_kernel<PLANTED><<<1, 128, 1024 + 2 * SIDE * SIDE * 2 + 8>>>(operands, operands + SIDE * SIDE, out);
}

float product_at(int place) {
  float sum = 0;
  for (int k = 0; k < SIDE; k++) sum += left_at(place / SIDE, k) * right_at(place % SIDE, k);
  return sum;
}

template <Planted PLANTED>
void expect_wgmma(const char* what, const char* words) {
  expect(what, PLANTED != Planted::NOTHING, words, SIDE * SIDE, launch_wgmma<PLANTED>, product_at);
}

void run() {
  auto count = [](int i) { return static_cast<float>(i); };
  auto both = [&](const char* what, auto right_kernel, auto faulty_kernel, int threads, const char* words,
                  std::function<float(int)> right) {
    const size_t shared = 64 * sizeof(float);
    expect(what, false, words, threads, [=](float* out) { right_kernel<<<1, threads, shared>>>(out); }, right);
    expect(what, true, words, threads, [=](float* out) { faulty_kernel<<<1, threads, shared>>>(out); }, right);
  };
  both("__syncthreads left out", reverse_kernel<false>, reverse_kernel<true>, 64, WRONG,
       [](int i) { return 63.0f - i; });
  both("__syncwarp left out", reverse_warp_kernel<false>, reverse_warp_kernel<true>, 32, WRONG,
       [](int i) { return 31.0f - i; });
  both("lanes that part", divergent_kernel<false>, divergent_kernel<true>, 32, "meet, some for",
       [](int) { return 5.0f; });
  both("too few arrivals", few_arrivals_kernel<false>, few_arrivals_kernel<true>, 64,
       "no thread can go on: threads 0 to 63 wait for the even phase of the barrier", count);
  both("a barrier's threads miscounted", named_barrier_kernel<false>, named_barrier_kernel<true>, 64,
       "barrier 1 is asked for by", count);
  both("writes beyond shared memory", beyond_shared_kernel<false>, beyond_shared_kernel<true>, 64,
       "bytes beyond the 256 bytes", count);
  both("writes beyond an allocation", beyond_device_kernel<false>, beyond_device_kernel<true>, 64,
       "beyond the 16384 bytes of an allocation", count);

  auto early = [&](bool faulty, void (*kernel)(float*)) {
    expect("a thread does not wait its turn", faulty, "has not waited for earlier kernels", 64,
           [=](float* out) { launch_early(true, kernel, 1, 64, 0, nullptr, out); }, count);
  };
  early(false, early_kernel<false>);
  early(true, early_kernel<true>);

  Numbers numbers;
  for (int i = 0; i < Numbers::COUNT; i++) numbers.device[i] = static_cast<float>(i);
  const float* from = numbers.device;
  auto rotated = [](int i) { return static_cast<float>(i / 128 * 128 + (i + 64) % 128); };
  auto copies = [&](const char* what, bool faulty, auto kernel) {
    expect(what, faulty, WRONG, 1024, [=](float* out) { kernel<<<1, 32>>>(from, out); }, rotated);
  };
  copies("copies", false, copies_kernel<false, false>);
  copies("copies not waited for", true, copies_kernel<true, false>);
  copies("copies over what is still read", true, copies_kernel<false, true>);

  expect_wgmma<Planted::NOTHING>("wgmma", WRONG);
  expect_wgmma<Planted::WRONG_SWIZZLE>("wgmma of rows not swizzled", WRONG);
  expect_wgmma<Planted::NO_WAIT>("wgmma not waited for", WRONG);
  expect_wgmma<Planted::NO_FENCE>("wgmma.fence left out", "without a wgmma.fence");
  expect_wgmma<Planted::NO_PROXY_FENCE>("fence.proxy.async left out", "without a fence.proxy.async");

  expect_box<false>("boxes of a tensor");
  expect_box<true>("a box not waited for");

  expect_neighbours<false, false>("blocks of a cluster", WRONG);
  expect_neighbours<true, false>("a cluster's barrier not waited for", WRONG);
  expect_neighbours<false, true>("the last barrier left out", "of the cluster, which has ended");

  Numbers out;
  reverse_kernel<false><<<1, 64>>>(out.device);
  const bool too_early = out.device[0] == 63;
  cudaStreamSynchronize(nullptr);
  std::printf("%-34s %-7s %s\n", "the host does not wait", "planted", too_early ? "NOT AS EXPECTED" : "not there yet");
  failures += too_early || out.device[0] != 63;
}

}  // namespace
}  // namespace hone

int main() {
  hone::run();
  std::printf(hone::failures == 0 ? "all as expected\n" : "%d NOT AS EXPECTED\n", hone::failures);
  return hone::failures == 0 ? 0 : 1;
}
