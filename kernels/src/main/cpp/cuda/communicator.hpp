// This process's GPU among those of several processes, by NCCL.
//
// Who is lost is not always noticed by NCCL, so nothing here waits without an end: the communicator is one of NCCL's that do
// not block, and whether something is done is asked again and again, until another thread leaves.
#pragma once

#include <cuda_runtime_api.h>

#include <atomic>
#include <cstdint>
#include <mutex>

#include "nccl.hpp"

namespace hone {

class Communicator {
 public:
  // Numbers that are added up at a time, so many that connections are busy and scratch memory stays small.
  static constexpr int64_t CHUNK = 16 << 20;

  // Opens NCCL; throws std::runtime_error where it is missing.
  explicit Communicator(cudaStream_t stream);
  ~Communicator();

  ncclUniqueId make_id();
  // scratch: F32 [CHUNK] of the GPU's memory.
  void join(const ncclUniqueId& id, int rank, int size, float* scratch);
  void all_reduce(int64_t n, float* x);
  void broadcast(int64_t bytes, void* x);
  // For any thread, and for good. What is under way throws; then gives the scratch memory back, or null.
  float* leave();

 private:
  void require_joined() const;
  // x [size, shard] becomes the sum of all processes' x.
  void add_up(int64_t shard, float* x, float* received);
  // Waits until NCCL has given the GPU what it was asked for.
  void settle(ncclResult_t status, const char* doing);
  // Waits until the GPU has done it.
  void wait(const char* doing);
  void pause() const;
  void check(ncclResult_t status, const char* doing) const;

  Nccl nccl_;
  cudaStream_t stream_;
  std::mutex busy_;
  std::atomic<bool> left_{false};
  ncclComm_t communicator_ = nullptr;
  int rank_ = 0, size_ = 0;
  float* scratch_ = nullptr;
};

}  // namespace hone
