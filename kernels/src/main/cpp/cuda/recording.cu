// Recordings are CUDA graphs, captured from the stream: a launch of hundreds of kernels costs the host about what one does.
//
// HONE_CUDA_GRAPHS=0 has the device make none, HONE_CUDA_SYNC=1 too: a fault in a graph names no operation.
#include <stdexcept>
#include <string>

#include "cuda_kernels.hpp"

namespace hone {

void CudaKernels::require_not_recording(const char* doing) const {
  if (recording_) throw std::invalid_argument(std::string(doing) + " cannot be recorded: do it before the recording");
}

bool CudaKernels::records() { return records_; }

void CudaKernels::begin_recording() {
  if (!records_) throw std::invalid_argument("recordings are switched off by HONE_CUDA_GRAPHS=0 or HONE_CUDA_SYNC=1");
  require_not_recording("another recording");
  enter();
  check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "beginning a recording");
  recording_ = true;
}

Address CudaKernels::end_recording() {
  if (!recording_) throw std::invalid_argument("no recording has begun");
  recording_ = false;
  cudaGraph_t graph = nullptr;
  check(cudaStreamEndCapture(stream_, &graph), "ending a recording");
  cudaGraphExec_t recording = nullptr;
  const cudaError_t status = cudaGraphInstantiate(&recording, graph, 0);
  cudaGraphDestroy(graph);
  check(status, "making a recording ready");
  return recording;
}

void CudaKernels::cancel_recording() {
  if (!recording_) return;
  recording_ = false;
  cudaGraph_t graph = nullptr;
  cudaStreamEndCapture(stream_, &graph);
  if (graph != nullptr) cudaGraphDestroy(graph);
  cudaGetLastError();  // what ended the recording has been reported
}

void CudaKernels::replay(Address recording) {
  require_not_recording("a replay");
  enter();
  check(cudaGraphLaunch(static_cast<cudaGraphExec_t>(recording), stream_), "replaying a recording");
  last_op_ = "a recorded operation";
}

// One under way is freed when it is done.
void CudaKernels::release_recording(Address recording) {
  enter();
  check(cudaGraphExecDestroy(static_cast<cudaGraphExec_t>(recording)), "releasing a recording");
}

}  // namespace hone
