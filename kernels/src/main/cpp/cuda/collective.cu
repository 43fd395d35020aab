// GPUs of several processes.
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "communicator.hpp"
#include "cuda_kernels.hpp"

namespace hone {

static_assert(sizeof(ncclUniqueId) == COLLECTIVE_ID_BYTES);

bool CudaKernels::collects() { return true; }

const char* CudaKernels::collective_member() {
  enter();
  if (communicator_ == nullptr) {
    cudaDeviceProp properties;
    check(cudaGetDeviceProperties(&properties, device_), "reading the GPU's properties");
    communicator_ = std::make_unique<Communicator>(stream_);
    char digits[3];
    for (const char byte : properties.uuid.bytes) {
      std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(byte));
      member_ += digits;
    }
  }
  return member_.c_str();
}

Communicator& CudaKernels::communicator() {
  if (communicator_ == nullptr) throw std::invalid_argument("NCCL has not been opened");
  return *communicator_;
}

void CudaKernels::make_collective_id(Address id) {
  enter();
  const ncclUniqueId made = communicator().make_id();
  std::memcpy(id, &made, sizeof made);
}

void CudaKernels::join_collective(Address id, int rank, int size) {
  Communicator& all = communicator();
  ncclUniqueId shared;
  std::memcpy(&shared, id, sizeof shared);
  all.join(shared, rank, size, static_cast<float*>(allocate(Communicator::CHUNK * sizeof(float))));
}

void CudaKernels::leave_collective() {
  cudaSetDevice(device_);
  if (float* scratch = communicator().leave(); scratch != nullptr) release(scratch);
}

void CudaKernels::all_reduce(int64_t n, Address x) {
  require_not_recording("an exchange with other processes");
  enter();
  communicator().all_reduce(n, static_cast<float*>(x));
  last_op_ = "all_reduce";
}

void CudaKernels::broadcast_bytes(int64_t bytes, Address x) {
  require_not_recording("an exchange with other processes");
  enter();
  communicator().broadcast(bytes, x);
  last_op_ = "broadcast_bytes";
}

}  // namespace hone
