// NCCL, opened at run time.
#include "nccl.hpp"

#include <dlfcn.h>

#include <stdexcept>
#include <string>

#include "../library_places.hpp"

namespace hone {
namespace {

const std::string NAME = "libnccl.so.2";

void* open_library() {
  for (const std::string& place : library_places(NAME)) {
    if (void* library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL); library != nullptr) return library;
  }
  throw std::runtime_error(NAME + " is not found by the loader, in $CUDA_HOME or in /usr/local/cuda: it comes with the PyPI "
                           "package nvidia-nccl-cu" + std::to_string(CUDART_VERSION / 1000) +
                           " and with the system's libnccl2; add its directory to LD_LIBRARY_PATH");
}

template <typename Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) throw std::runtime_error(NAME + " has no function " + name + ": NCCL 2.14 or newer is needed");
}

}  // namespace

Nccl::Nccl() {
  void* library = open_library();
  find(library, "ncclGetUniqueId", get_unique_id);
  find(library, "ncclCommInitRankConfig", init_rank);
  find(library, "ncclCommAbort", abort);
  find(library, "ncclCommGetAsyncError", get_async_error);
  find(library, "ncclGetErrorString", get_error_string);
  find(library, "ncclGroupStart", group_start);
  find(library, "ncclGroupEnd", group_end);
  find(library, "ncclSend", send);
  find(library, "ncclRecv", receive);
  find(library, "ncclAllGather", all_gather);
  find(library, "ncclBroadcast", broadcast);
}

}  // namespace hone
