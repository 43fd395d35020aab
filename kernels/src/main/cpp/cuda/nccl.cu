// NCCL, opened at run time.
#include "nccl.hpp"

#include <string>

#include "runtime_library.hpp"

namespace hone {

Nccl::Nccl() {
  const RuntimeLibrary library(
      "libnccl.so.2",
      "the PyPI package nvidia-nccl-cu" + std::to_string(CUDART_VERSION / 1000) + " and with the system's libnccl2", "NCCL 2.14");
  library.find("ncclGetUniqueId", get_unique_id);
  library.find("ncclCommInitRankConfig", init_rank);
  library.find("ncclCommAbort", abort);
  library.find("ncclCommGetAsyncError", get_async_error);
  library.find("ncclGetErrorString", get_error_string);
  library.find("ncclGroupStart", group_start);
  library.find("ncclGroupEnd", group_end);
  library.find("ncclSend", send);
  library.find("ncclRecv", receive);
  library.find("ncclAllGather", all_gather);
  library.find("ncclBroadcast", broadcast);
}

}  // namespace hone
