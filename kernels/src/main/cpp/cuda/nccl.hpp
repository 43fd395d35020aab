// NCCL, opened at run time: hone is built and distributed without it. CUDA toolkits have no nccl.h, so what is used of it is
// declared here, under its names, as NCCL 2.14 and all newer ones have it.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>

namespace hone {

using ncclComm_t = struct ncclComm*;

struct ncclUniqueId {
  char internal[128];
};

enum ncclResult_t { ncclSuccess = 0, ncclInvalidUsage = 5, ncclInProgress = 7 };
enum ncclDataType_t { ncclUint8 = 1, ncclFloat32 = 7 };

// As of NCCL 2.14, which newer ones read no further where `version` says so.
struct ncclConfig_t {
  size_t size = sizeof(ncclConfig_t);
  unsigned magic = 0xcafebeef;
  unsigned version = 21400;
  int blocking;
};

struct Nccl {
  // Throws std::runtime_error naming the library and where to get it.
  Nccl();

  ncclResult_t (*get_unique_id)(ncclUniqueId* id);
  ncclResult_t (*init_rank)(ncclComm_t* communicator, int size, ncclUniqueId id, int rank, ncclConfig_t* config);
  ncclResult_t (*abort)(ncclComm_t communicator);
  ncclResult_t (*get_async_error)(ncclComm_t communicator, ncclResult_t* error);
  const char* (*get_error_string)(ncclResult_t result);
  ncclResult_t (*group_start)();
  ncclResult_t (*group_end)();
  ncclResult_t (*send)(const void* from, size_t count, ncclDataType_t type, int peer, ncclComm_t communicator,
                       cudaStream_t stream);
  ncclResult_t (*receive)(void* to, size_t count, ncclDataType_t type, int peer, ncclComm_t communicator,
                          cudaStream_t stream);
  ncclResult_t (*all_gather)(const void* from, void* to, size_t count, ncclDataType_t type, ncclComm_t communicator,
                             cudaStream_t stream);
  ncclResult_t (*broadcast)(const void* from, void* to, size_t count, ncclDataType_t type, int root,
                            ncclComm_t communicator, cudaStream_t stream);
};

}  // namespace hone
