// CUDA's runtime over the emulator. A stream is a list of things to do, and they are done when the host waits: what the host
// reads without waiting is not there yet. A graph is such a list too.
#include <cuda_runtime_api.h>

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "block.hpp"
#include "device_memory.hpp"

using Work = std::vector<std::function<void()>>;

struct CUstream_st {
  Work queue;
  bool capturing = false;
};

struct CUevent_st {
  CUstream_st* stream = nullptr;
  int ahead = 0;  // records of it that the stream has not come to
};

struct CUgraph_st {
  Work work;
};

struct CUgraphExec_st {
  Work work;
};

namespace emulator {
namespace {

// The compute capability that the device says it has: HONE_EMULATED_GPU, 90 or 80.
int capability() {
  const char* asked = std::getenv("HONE_EMULATED_GPU");
  return asked == nullptr ? 90 : std::atoi(asked);
}

cudaError_t last_error = cudaSuccess;
std::string fault;  // what the last cudaErrorLaunchFailure was

cudaError_t remember(cudaError_t status) {
  if (status != cudaSuccess) last_error = status;
  return status;
}

CUstream_st default_stream;

CUstream_st& of(cudaStream_t stream) { return stream == nullptr ? default_stream : *stream; }

std::mutex busy;

// Does what can be done, on one of the host's threads at a time. What comes after `enough` stays to be done, and what comes
// after something that is not ready yet.
template <typename Enough>
cudaError_t do_ready(CUstream_st& stream, Enough enough) {
  const std::lock_guard<std::mutex> alone(busy);
  Work work = std::exchange(stream.queue, {});
  auto next = work.begin();
  try {
    for (; next != work.end() && !enough(); next++) (*next)();
    stream.queue.assign(next, work.end());
    check_margins();
    return cudaSuccess;
  } catch (const NotYet&) {
    stream.queue.assign(next, work.end());
    return cudaErrorNotReady;
  } catch (const Fault& found) {
    fault = found.what();
    return remember(cudaErrorLaunchFailure);
  }
}

template <typename Enough>
cudaError_t do_until(CUstream_st& stream, Enough enough) {
  cudaError_t status;
  while ((status = do_ready(stream, enough)) == cudaErrorNotReady) std::this_thread::sleep_for(std::chrono::microseconds(50));
  return status;
}

cudaError_t do_all(CUstream_st& stream) {
  return do_until(stream, [] { return false; });
}

}  // namespace

void enqueue(cudaStream_t stream, std::function<void()> work) { of(stream).queue.push_back(std::move(work)); }

cudaError_t set_attribute(cudaFuncAttribute attribute, int value) {
  const uint32_t most = capability() >= 90 ? SharedMemory::MOST_BYTES : 163 << 10;
  const bool fits = attribute != cudaFuncAttributeMaxDynamicSharedMemorySize || (value >= 0 && value <= int(most));
  return remember(fits ? cudaSuccess : cudaErrorInvalidValue);
}

cudaError_t enqueue(const std::string& kernel, const cudaLaunchConfig_t& config, std::function<void()> body) {
  Launch asked{kernel, config.gridDim, config.blockDim, dim3(), config.dynamicSmemBytes, std::move(body)};
  for (unsigned i = 0; i < config.numAttrs; i++) {
    const uint3 size = config.attrs[i].val.clusterDim;
    if (config.attrs[i].id == cudaLaunchAttributeClusterDimension) asked.cluster = dim3(size.x, size.y, size.z);
    if (config.attrs[i].id == cudaLaunchAttributeProgrammaticStreamSerialization) {
      asked.early = config.attrs[i].val.programmaticStreamSerializationAllowed != 0;
    }
  }
  const dim3 grid = asked.grid, block = asked.block, size = asked.cluster;
  const uint64_t threads = uint64_t{block.x} * block.y * block.z;
  if (threads == 0 || threads > 1024 || grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > 0x7fffffff ||
      grid.y > 65535 || grid.z > 65535 || asked.shared_bytes > SharedMemory::MOST_BYTES || size.x * size.y * size.z > 16 ||
      grid.x % size.x != 0 || grid.y % size.y != 0 || grid.z % size.z != 0) {
    return remember(cudaErrorInvalidConfiguration);
  }
  of(config.stream).queue.push_back([asked] { run(asked); });
  return cudaSuccess;
}

}  // namespace emulator

using namespace emulator;

cudaError_t cudaGetLastError() { return std::exchange(last_error, cudaSuccess); }

const char* cudaGetErrorString(cudaError_t status) {
  switch (status) {
    case cudaSuccess: return "no error";
    case cudaErrorInvalidValue: return "invalid argument";
    case cudaErrorMemoryAllocation: return "out of memory";
    case cudaErrorInvalidConfiguration: return "invalid configuration argument";
    case cudaErrorLaunchFailure: return fault.c_str();
    case cudaErrorStreamCaptureInvalidated: return "operation failed due to a previous error during capture";
    default: return "an error the emulator does not make";
  }
}

cudaError_t cudaDriverGetVersion(int* version) {
  *version = CUDART_VERSION;
  return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}

// Who asks is told of a GPU of its own.
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  static std::atomic<int> told{0};
  const int number[] = {getpid(), told++};
  std::memset(properties->uuid.bytes, 0, sizeof properties->uuid.bytes);
  std::memcpy(properties->uuid.bytes, number, sizeof number);
  std::snprintf(properties->name, sizeof properties->name, "an emulated GPU");
  properties->major = capability() / 10;
  properties->minor = capability() % 10;
  properties->multiProcessorCount = 16;
  properties->totalGlobalMem = DEVICE_BYTES;
  return cudaSuccess;
}

cudaError_t cudaSetDevice(int) { return cudaSuccess; }

cudaError_t cudaGetDriverEntryPointByVersion(const char* symbol, void** function, unsigned, unsigned long long,
                                             cudaDriverEntryPointQueryResult* result) {
  const bool known = std::strcmp(symbol, "cuTensorMapEncodeTiled") == 0;
  *function = known ? reinterpret_cast<void*>(&cuTensorMapEncodeTiled) : nullptr;
  *result = known ? cudaDriverEntryPointSuccess : cudaDriverEntryPointSymbolNotFound;
  return cudaSuccess;
}

// ---- memory --------------------------------------------------------------------------------------------------------------

cudaError_t cudaMalloc(void** memory, size_t bytes) {
  *memory = allocate(bytes);
  return remember(*memory == nullptr ? cudaErrorMemoryAllocation : cudaSuccess);
}

cudaError_t cudaFree(void* memory) {
  if (memory == nullptr) return cudaSuccess;
  try {
    release(memory);
    return cudaSuccess;
  } catch (const Fault& found) {
    fault = found.what();
    return remember(cudaErrorLaunchFailure);
  }
}

cudaError_t cudaMallocHost(void** memory, size_t bytes) {
  *memory = std::malloc(bytes);
  return remember(*memory == nullptr ? cudaErrorMemoryAllocation : cudaSuccess);
}

cudaError_t cudaFreeHost(void* memory) {
  std::free(memory);
  return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  *free = free_bytes();
  *total = DEVICE_BYTES;
  return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream) {
  of(stream).queue.push_back([=] { std::memset(to, value, bytes); });
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  of(stream).queue.push_back([=] { std::memmove(to, from, bytes); });
  return cudaSuccess;
}

// ---- streams and graphs ------------------------------------------------------------------------------------------------

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new CUstream_st;
  return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (of(stream).capturing) return remember(cudaErrorStreamCaptureInvalidated);
  return do_all(of(stream));
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return do_ready(of(stream), [] { return false; });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new CUevent_st;
  return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  event->stream = &of(stream);
  event->ahead++;
  of(stream).queue.push_back([event] { event->ahead--; });
  return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (event->stream == nullptr) return cudaSuccess;
  return do_until(*event->stream, [event] { return event->ahead == 0; });
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  const cudaError_t status = do_all(*stream);
  stream->capturing = true;
  return status;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = new CUgraph_st{std::exchange(stream->queue, {})};
  stream->capturing = false;
  return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* ready, cudaGraph_t graph, unsigned long long) {
  *ready = new CUgraphExec_st{graph->work};
  return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t ready, cudaStream_t stream) {
  Work& queue = of(stream).queue;
  queue.insert(queue.end(), ready->work.begin(), ready->work.end());
  return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t ready) {
  delete ready;
  return cudaSuccess;
}
