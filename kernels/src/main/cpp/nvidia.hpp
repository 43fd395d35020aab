// What NVIDIA has on this machine, found without CUDA's toolkit or runtime: the driver's library is opened at run time.
#pragma once

namespace hone {

// The GPUs as the driver lists them to this process (CUDA_VISIBLE_DEVICES chooses); none is started. First a line with
// the newest CUDA that the driver runs, "13.0"; then one for each GPU: name, compute capability "9.0" and bytes of memory,
// with tabs between. Good until the next call.
// Throws std::runtime_error where there is no driver, no GPU, or the driver does not work.
const char* list_gpus();

// Where the loader finds the shared library `name`, on its own or in $CUDA_HOME or /usr/local/cuda; null where it does
// not. Good until the next call.
const char* find_cuda_library(const char* name);

}  // namespace hone
