// Sums are taken by a kernel of ours and not by NCCL, whose order follows from what it chooses for the machines at hand: each
// process gets everybody's numbers of its share, adds them in the order of ranks, and gives the sums to all. That moves the
// bytes of a reduce-scatter and an all-gather.
#include "communicator.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "cuda_kernels.hpp"

namespace hone {
namespace {

constexpr std::chrono::microseconds PAUSE{50};
constexpr int64_t LANES = 4;  // numbers of 16 bytes, by which copies are fast
constexpr int64_t MOST_BLOCKS = 1024, THREADS = 256;

// sum [shard] = x [0] + x [1] + ... of x [size, shard].
__global__ void sum_ranks_kernel(int size, int64_t shard, const float* x, float* sum) {
  for (int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < shard; i += int64_t{gridDim.x} * blockDim.x) {
    float total = x[i];
    for (int rank = 1; rank < size; rank++) total += x[rank * shard + i];
    sum[i] = total;
  }
}

}  // namespace

Communicator::Communicator(cudaStream_t stream) : stream_(stream) {}

Communicator::~Communicator() { leave(); }

ncclUniqueId Communicator::make_id() {
  ncclUniqueId id;
  check(nccl_.get_unique_id(&id), "making an id for the processes");
  return id;
}

void Communicator::join(const ncclUniqueId& id, int rank, int size, float* scratch) {
  const std::lock_guard<std::mutex> alone(busy_);
  scratch_ = scratch;
  rank_ = rank;
  size_ = size;
  ncclConfig_t config;
  config.blocking = 0;
  settle(nccl_.init_rank(&communicator_, size, id, rank, &config), "joining the GPUs of the processes");
}

void Communicator::all_reduce(int64_t n, float* x) {
  const std::lock_guard<std::mutex> alone(busy_);
  require_joined();
  for (int64_t begin = 0; begin < n;) {
    const int64_t count = std::min(CHUNK, n - begin);
    int64_t shard = count / size_;
    if (shard > LANES) shard -= shard % LANES;
    if (shard > 0) {
      add_up(shard, x + begin, scratch_);
      begin += shard * size_;
    } else {
      // Fewer than there are processes, so zeros behind them.
      float* padded = scratch_ + size_;
      hone::check(cudaMemsetAsync(padded, 0, size_ * sizeof(float), stream_), "all_reduce");
      hone::check(cudaMemcpyAsync(padded, x + begin, count * sizeof(float), cudaMemcpyDeviceToDevice, stream_), "all_reduce");
      add_up(1, padded, scratch_);
      hone::check(cudaMemcpyAsync(x + begin, padded, count * sizeof(float), cudaMemcpyDeviceToDevice, stream_), "all_reduce");
      begin = n;
    }
  }
  wait("all_reduce");
}

void Communicator::add_up(int64_t shard, float* x, float* received) {
  check(nccl_.group_start(), "all_reduce");
  for (int peer = 0; peer < size_; peer++) {
    check(nccl_.send(x + peer * shard, shard, ncclFloat32, peer, communicator_, stream_), "all_reduce");
    check(nccl_.receive(received + peer * shard, shard, ncclFloat32, peer, communicator_, stream_), "all_reduce");
  }
  settle(nccl_.group_end(), "all_reduce");
  float* own = x + rank_ * shard;
  const auto blocks = static_cast<unsigned>(std::min(MOST_BLOCKS, (shard + THREADS - 1) / THREADS));
  sum_ranks_kernel<<<blocks, THREADS, 0, stream_>>>(size_, shard, received, own);
  hone::check(cudaGetLastError(), "all_reduce");
  settle(nccl_.all_gather(own, x, shard, ncclFloat32, communicator_, stream_), "all_reduce");
}

void Communicator::broadcast(int64_t bytes, void* x) {
  const std::lock_guard<std::mutex> alone(busy_);
  require_joined();
  if (bytes == 0) return;
  settle(nccl_.broadcast(x, x, bytes, ncclUint8, 0, communicator_, stream_), "broadcast_bytes");
  wait("broadcast_bytes");
}

// By aborting it also where all went well: nothing is under way then, and no other process is waited for. With a GPU that
// failed NCCL is left alone; it ends with the process.
float* Communicator::leave() {
  left_ = true;
  const std::lock_guard<std::mutex> alone(busy_);
  if (communicator_ != nullptr) {
    const cudaError_t status = cudaStreamQuery(stream_);
    if (status == cudaSuccess || status == cudaErrorNotReady) nccl_.abort(communicator_);
    cudaGetLastError();
  }
  communicator_ = nullptr;
  return std::exchange(scratch_, nullptr);
}

void Communicator::require_joined() const {
  if (communicator_ == nullptr) throw std::invalid_argument("this process has joined no others");
}

void Communicator::settle(ncclResult_t status, const char* doing) {
  while (status == ncclInProgress) {
    pause();
    check(nccl_.get_async_error(communicator_, &status), doing);
  }
  check(status, doing);
}

void Communicator::wait(const char* doing) {
  for (cudaError_t status; (status = cudaStreamQuery(stream_)) != cudaSuccess;) {
    if (status != cudaErrorNotReady) hone::check(status, doing);
    cudaGetLastError();  // which that is not
    pause();
    ncclResult_t error = ncclSuccess;
    check(nccl_.get_async_error(communicator_, &error), doing);
    check(error, doing);
  }
}

void Communicator::pause() const {
  if (left_) throw std::runtime_error("this process has left the others");
  std::this_thread::sleep_for(PAUSE);
}

void Communicator::check(ncclResult_t status, const char* doing) const {
  if (status != ncclSuccess && status != ncclInProgress) {
    throw std::runtime_error(std::string("the GPU failed at ") + doing + ": NCCL says " + nccl_.get_error_string(status) +
                             " (HONE_NCCL=0 does without it)");
  }
}

}  // namespace hone
