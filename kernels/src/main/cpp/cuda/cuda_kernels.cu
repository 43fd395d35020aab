// The device itself: what it is, its memory and its one stream.
#include "cuda_kernels.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "blaslt.hpp"
#include "communicator.hpp"

namespace hone {
namespace {

constexpr int64_t STAGING = 8 << 20;  // bytes of pinned memory each way

std::string gibibytes(size_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f GiB", static_cast<double>(bytes) / (1 << 30));
  return text;
}

// Whether the environment has a variable of that value.
bool is_set(const char* name, const char* value) {
  const char* found = std::getenv(name);
  return found != nullptr && std::strcmp(found, value) == 0;
}

__global__ void probe_kernel() {}

}  // namespace

void check(cudaError_t status, const char* doing) {
  if (status != cudaSuccess) {
    throw std::runtime_error(std::string("the GPU failed at ") + doing + ": " + cudaGetErrorString(status));
  }
}

CudaKernels::CudaKernels(int device) : device_(device) {
  int driver = 0;
  if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0) {
    throw std::runtime_error("there is no NVIDIA driver: libcuda.so.1 is not found");
  }
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaErrorInsufficientDriver) {
    throw std::runtime_error("the NVIDIA driver is older than the CUDA " + std::to_string(CUDART_VERSION / 1000) + "." +
                             std::to_string(CUDART_VERSION % 1000 / 10) +
                             " this library was built with: update the driver or build with an older toolkit");
  }
  if (status != cudaSuccess || count == 0) {
    throw std::runtime_error(std::string("no NVIDIA GPU is usable: ") +
                             (status == cudaSuccess ? "the driver lists none" : cudaGetErrorString(status)));
  }
  if (device < 0 || device >= count) {
    throw std::invalid_argument("there is no GPU " + std::to_string(device) + ": this machine has " +
                                std::to_string(count) + ", numbered from 0");
  }
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, device), "reading the GPU's properties");
  if (properties.major < 8) {
    throw std::runtime_error(std::string(properties.name) + " has compute capability " +
                             std::to_string(properties.major) + "." + std::to_string(properties.minor) +
                             ", the cuda device needs 8.0 or newer");
  }
  check(cudaSetDevice(device), "choosing the GPU");
  cudaFuncAttributes attributes;
  const cudaError_t found = cudaFuncGetAttributes(&attributes, probe_kernel);
  if (found == cudaErrorNoKernelImageForDevice || found == cudaErrorInvalidDeviceFunction) {
    throw std::runtime_error(std::string("this build of libhone_cuda has no code for ") + properties.name +
                             ", of compute capability " + std::to_string(properties.major) + "." +
                             std::to_string(properties.minor) + ": it was compiled for " HONE_CUDA_ARCHITECTURES
                             "; build it for that GPU too, by HONE_CUDA_ARCHITECTURES");
  }
  check(found, "starting");
  processors_ = properties.multiProcessorCount;
  sm90_ = HONE_SM90 != 0 && properties.major == 9;
  // Code made for an older GPU does not wait; an older driver may not know such launches in a recording.
  early_ = properties.major >= 9 && attributes.ptxVersion >= 90 && driver >= 12030 && !is_set("HONE_CUDA_EARLY", "0");
  description_ = std::string(properties.name) + ", sm_" + std::to_string(properties.major) +
                 std::to_string(properties.minor) + ", " + std::to_string(processors_) + " multiprocessors, " +
                 gibibytes(properties.totalGlobalMem) + ", driver for CUDA " + std::to_string(driver / 1000) + "." +
                 std::to_string(driver % 1000 / 10);
  synchronous_ = is_set("HONE_CUDA_SYNC", "1");
  records_ = !synchronous_ && !is_set("HONE_CUDA_GRAPHS", "0");
  blas_ = std::make_unique<BlasLt>();
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "making a stream");
  check(cudaMallocHost(reinterpret_cast<void**>(&staging_), 2 * STAGING), "allocating pinned memory");
  blas_->open(stream_);
}

CudaKernels::~CudaKernels() {
  cudaSetDevice(device_);
  communicator_.reset();
  cudaStreamSynchronize(stream_);
  blas_.reset();
  cudaFree(scratch_);
  for (void* scratch : recorded_scratches_) cudaFree(scratch);
  cudaFreeHost(staging_);
  for (const auto& copy : host_copies_) {
    cudaFreeHost(copy->pinned);
    cudaEventDestroy(copy->arrived);
  }
  cudaStreamDestroy(stream_);
}

void CudaKernels::enter() { done(cudaSetDevice(device_), last_op_); }

void CudaKernels::launched(const char* op) { done(cudaGetLastError(), op); }

void CudaKernels::done(cudaError_t status, const char* op) {
  last_op_ = op;
  if (synchronous_ && status == cudaSuccess) status = cudaStreamSynchronize(stream_);
  if (status == cudaSuccess) return;
  // Whatever is asked for after a fault reports it.
  throw std::runtime_error(std::string("the GPU failed at ") + (synchronous_ ? "" : "or before ") + op + ": " +
                           cudaGetErrorString(status) +
                           (synchronous_ ? "" : " (HONE_CUDA_SYNC=1 names the operation itself)"));
}

void* CudaKernels::scratch(int64_t bytes) {
  if (bytes > scratch_bytes_) {
    require_not_recording("an operation that needs more scratch memory than those before it");
    if (scratch_recorded_) {
      recorded_scratches_.push_back(scratch_);
      scratch_recorded_ = false;
    } else {
      synchronize();
      check(cudaFree(scratch_), "releasing scratch memory");
    }
    scratch_ = nullptr;
    scratch_bytes_ = 0;
    scratch_ = allocate(bytes);
    scratch_bytes_ = bytes;
  }
  if (recording_) scratch_recorded_ = true;
  return scratch_;
}

const char* CudaKernels::description() { return description_.c_str(); }

Address CudaKernels::allocate(int64_t bytes) {
  if (bytes < 0) throw std::invalid_argument("bytes must not be negative: " + std::to_string(bytes));
  require_not_recording("allocating memory");
  enter();
  void* memory = nullptr;
  const cudaError_t status = cudaMalloc(&memory, std::max<int64_t>(bytes, 1));
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "asking for free memory");
    throw std::runtime_error("out of memory: cannot allocate " + gibibytes(bytes) + "; the GPU has " + gibibytes(free) +
                             " free of " + gibibytes(total));
  }
  check(status, "allocating memory");
  return memory;
}

void CudaKernels::release(Address memory) {
  require_not_recording("releasing memory");
  // After a fault, which what met it has reported, memory goes with the process.
  cudaSetDevice(device_);
  if (cudaStreamSynchronize(stream_) == cudaSuccess) cudaFree(memory);
}

int64_t CudaKernels::free_memory() {
  enter();
  size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "asking for free memory");
  return static_cast<int64_t>(free);
}

void CudaKernels::zero(Address to, int64_t bytes) {
  enter();
  done(cudaMemsetAsync(to, 0, bytes, stream_), "zero");
}

void CudaKernels::copy(Address to, Address from, int64_t bytes) {
  enter();
  done(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream_), "copy");
}

// Through pinned memory, where copies queue like kernels: the driver's path for pageable memory would wait for the
// device. The caller's memory has been read when this returns, the device's is written in the stream's order.
void CudaKernels::copy_from_host(Address to, Address host, int64_t bytes) {
  require_not_recording("copying to the GPU");
  enter();
  for (int64_t at = 0; at < bytes;) {
    if (staged_ == STAGING) synchronize();
    const int64_t count = std::min(STAGING - staged_, bytes - at);
    std::memcpy(staging_ + staged_, static_cast<const char*>(host) + at, count);
    done(cudaMemcpyAsync(static_cast<char*>(to) + at, staging_ + staged_, count, cudaMemcpyHostToDevice, stream_),
         "copying to the GPU");
    staged_ += count;
    at += count;
  }
}

void CudaKernels::copy_to_host(Address host, Address from, int64_t bytes) {
  require_not_recording("copying from the GPU");
  enter();
  for (int64_t at = 0; at < bytes; at += STAGING) {
    const int64_t count = std::min(STAGING, bytes - at);
    char* arrived = staging_ + STAGING;
    check(cudaMemcpyAsync(arrived, static_cast<const char*>(from) + at, count, cudaMemcpyDeviceToHost, stream_),
          "copying from the GPU");
    synchronize();
    std::memcpy(static_cast<char*>(host) + at, arrived, count);
  }
}

CudaKernels::HostCopy& CudaKernels::idle_copy(int64_t bytes) {
  for (const auto& copy : host_copies_) {
    if (!copy->under_way && copy->capacity >= bytes) return *copy;
  }
  int64_t capacity = 4096;  // of few sizes, so that passes of many lengths share rooms
  while (capacity < bytes) capacity *= 2;
  HostCopy copy{nullptr, capacity, 0, nullptr, false};
  check(cudaMallocHost(reinterpret_cast<void**>(&copy.pinned), capacity), "allocating pinned memory");
  check(cudaEventCreateWithFlags(&copy.arrived, cudaEventDisableTiming), "making an event");
  host_copies_.push_back(std::make_unique<HostCopy>(copy));
  return *host_copies_.back();
}

Address CudaKernels::begin_copy_to_host(Address from, int64_t bytes) {
  require_not_recording("copying from the GPU");
  enter();
  HostCopy& copy = idle_copy(bytes);
  copy.bytes = bytes;
  done(cudaMemcpyAsync(copy.pinned, from, bytes, cudaMemcpyDeviceToHost, stream_), "copying from the GPU");
  check(cudaEventRecord(copy.arrived, stream_), "copying from the GPU");
  copy.under_way = true;
  return &copy;
}

// The room of a copy that nobody wants is another's at once: that one comes later in the stream, and its event too.
void CudaKernels::end_copy_to_host(Address begun, Address host) {
  HostCopy& copy = *static_cast<HostCopy*>(begun);
  copy.under_way = false;
  if (host == nullptr) return;
  require_not_recording("waiting for the GPU");
  enter();
  done(cudaEventSynchronize(copy.arrived), last_op_);
  std::memcpy(host, copy.pinned, copy.bytes);
}

void CudaKernels::synchronize() {
  require_not_recording("waiting for the GPU");
  done(cudaStreamSynchronize(stream_), last_op_);
  staged_ = 0;
}

}  // namespace hone

extern "C" __attribute__((visibility("default"))) hone::Kernels* hone_create(int device, int) {
  return new hone::CudaKernels(device);
}
