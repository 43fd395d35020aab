// In place of NCCL: what goes from rank to rank goes through Unix sockets named by the collective's id, between processes of
// this machine or threads of one. Like all that is asynchronous it is as late as it may be: what was asked for is in the
// stream only when the program has heard that it is, and is done when the program waits for the stream. A rank that is gone is
// never noticed.
#include "nccl.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "block.hpp"

namespace hone {
namespace {

constexpr int LATENESS = 3;  // times that the program asks and hears that it is not ready yet

// A socket to each other rank: a rank listens for those above it.
struct Peers {
  Peers(std::string id, int rank, int size) : id(std::move(id)), rank(rank), size(size), sockets(size, -1) {
    listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const auto [address, length] = name(rank);
    bind(listening, reinterpret_cast<const sockaddr*>(&address), length);
    listen(listening, size);
  }

  ~Peers() {
    for (const int socket : sockets) close(socket);
    close(listening);
  }

  std::pair<sockaddr_un, socklen_t> name(int of) const {
    const std::string text = "hone-nccl-" + id + "-" + std::to_string(of);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    text.copy(address.sun_path + 1, text.size());  // begins with a zero: no file
    return {address, static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + text.size())};
  }

  // Goes on connecting; whether all are there.
  bool connected() {
    for (int peer = 0; peer < rank; peer++) {
      if (sockets[peer] >= 0) continue;
      const int made = socket(AF_UNIX, SOCK_STREAM, 0);
      const auto [address, length] = name(peer);
      if (connect(made, reinterpret_cast<const sockaddr*>(&address), length) == 0) {
        send(made, &rank, sizeof rank, MSG_NOSIGNAL);
        sockets[peer] = made;
      } else {
        close(made);
      }
    }
    for (int came; (came = accept(listening, nullptr, nullptr)) >= 0;) {
      int peer = 0;
      recv(came, &peer, sizeof peer, MSG_WAITALL);
      sockets[peer] = came;
    }
    return std::count(sockets.begin(), sockets.end(), -1) == 1;
  }

  std::string id;
  int rank, size;
  int listening;
  std::vector<int> sockets;  // none to itself
  std::atomic<bool> left{false};
};

// Bytes that go to a rank, or come from one, behind their number.
struct Transfer {
  int peer;
  bool sends;
  char* data;
  uint64_t bytes;
  uint64_t told = 0, header = 0, done = 0;  // `told`: bytes of the header; `header`: the other's number

  // As much as the socket takes or has. Whether all is done.
  bool go_on(int socket) {
    if (sends && told == 0) header = bytes;
    while (told < sizeof header || done < bytes) {
      const bool first = told < sizeof header;
      char* at = first ? reinterpret_cast<char*>(&header) + told : data + done;
      const size_t count = first ? sizeof header - told : bytes - done;
      const ssize_t moved = sends ? ::send(socket, at, count, MSG_NOSIGNAL | MSG_DONTWAIT) : recv(socket, at, count, MSG_DONTWAIT);
      if (moved <= 0) return false;
      (first ? told : done) += moved;
      if (!sends && told == sizeof header && header != bytes) {
        throw emulator::Fault("a rank receives " + std::to_string(bytes) + " bytes and rank " + std::to_string(peer) +
                              " sends it " + std::to_string(header));
      }
    }
    return true;
  }
};

// What ranks do in one call, or in one group of calls.
struct Exchange {
  std::shared_ptr<Peers> peers;
  std::vector<Transfer> transfers;

  void go_on() {
    if (peers->left) return;
    bool all = true;
    for (Transfer& transfer : transfers) all &= transfer.peer == peers->rank || transfer.go_on(peers->sockets[transfer.peer]);
    if (!all) throw emulator::NotYet();
    to_itself();
  }

  void to_itself() {
    std::vector<const Transfer*> sent, received;
    for (const Transfer& transfer : transfers) {
      if (transfer.peer == peers->rank) (transfer.sends ? sent : received).push_back(&transfer);
    }
    if (sent.size() != received.size()) throw emulator::Fault("a rank sends to itself what it does not receive");
    for (size_t i = 0; i < sent.size(); i++) std::memmove(received[i]->data, sent[i]->data, received[i]->bytes);
  }
};

}  // namespace

struct ncclComm {
  std::shared_ptr<Peers> peers;
  int late = LATENESS;
  bool joined = false;
  std::shared_ptr<Exchange> asked;  // not in the stream yet
  cudaStream_t stream = nullptr;
};

namespace {

// What one of the host's threads asks for together.
struct Group {
  bool begun = false;
  ncclComm_t communicator = nullptr;
  cudaStream_t stream = nullptr;
  std::vector<Transfer> transfers;
};

// The calling thread's. Not thread_local, which kernels' shared memory is.
Group& group() {
  static std::mutex access;
  static auto& groups = *new std::map<std::thread::id, Group>;
  const std::lock_guard<std::mutex> alone(access);
  return groups[std::this_thread::get_id()];
}

ncclResult_t get_unique_id(ncclUniqueId* id) {
  std::random_device random;
  std::memset(id, 0, sizeof *id);
  std::snprintf(id->internal, sizeof id->internal, "%08x%08x", random(), random());
  return ncclSuccess;
}

ncclResult_t init_rank(ncclComm_t* communicator, int size, ncclUniqueId id, int rank, ncclConfig_t* config) {
  if (config->magic != 0xcafebeef || config->blocking != 0) return ncclInvalidUsage;
  *communicator = new ncclComm{std::make_shared<Peers>(id.internal, rank, size)};
  return ncclInProgress;
}

ncclResult_t abort(ncclComm_t communicator) {
  communicator->peers->left = true;
  delete communicator;
  return ncclSuccess;
}

ncclResult_t get_async_error(ncclComm_t communicator, ncclResult_t* error) {
  *error = ncclInProgress;
  if (communicator->late > 0) {
    communicator->late--;
  } else if (communicator->joined || communicator->peers->connected()) {
    communicator->joined = true;
    if (communicator->asked != nullptr) {
      emulator::enqueue(communicator->stream, [exchange = communicator->asked] { exchange->go_on(); });
      communicator->asked = nullptr;
    }
    *error = ncclSuccess;
  }
  return ncclSuccess;
}

const char* get_error_string(ncclResult_t result) {
  return result == ncclInvalidUsage ? "invalid usage" : "an error the emulator does not make";
}

ncclResult_t ask(ncclComm_t communicator, std::vector<Transfer> transfers, cudaStream_t stream) {
  if (!communicator->joined || communicator->asked != nullptr) return ncclInvalidUsage;
  communicator->asked = std::make_shared<Exchange>(Exchange{communicator->peers, std::move(transfers)});
  communicator->stream = stream;
  communicator->late = LATENESS;
  return ncclInProgress;
}

ncclResult_t group_start() {
  group().begun = true;
  return ncclSuccess;
}

ncclResult_t group_end() {
  Group ended = std::exchange(group(), {});
  return ask(ended.communicator, std::move(ended.transfers), ended.stream);
}

uint64_t bytes_of(size_t count, ncclDataType_t type) { return count * (type == ncclFloat32 ? 4 : 1); }

ncclResult_t add(Transfer transfer, ncclComm_t communicator, cudaStream_t stream) {
  Group& together = group();
  together.communicator = communicator;
  together.stream = stream;
  together.transfers.push_back(transfer);
  return together.begun ? ncclSuccess : group_end();
}

ncclResult_t send(const void* from, size_t count, ncclDataType_t type, int peer, ncclComm_t communicator,
                  cudaStream_t stream) {
  return add({peer, true, static_cast<char*>(const_cast<void*>(from)), bytes_of(count, type)}, communicator, stream);
}

ncclResult_t receive(void* to, size_t count, ncclDataType_t type, int peer, ncclComm_t communicator, cudaStream_t stream) {
  return add({peer, false, static_cast<char*>(to), bytes_of(count, type)}, communicator, stream);
}

ncclResult_t all_gather(const void* from, void* to, size_t count, ncclDataType_t type, ncclComm_t communicator,
                        cudaStream_t stream) {
  const uint64_t bytes = bytes_of(count, type);
  std::vector<Transfer> transfers;
  for (int peer = 0; peer < communicator->peers->size; peer++) {
    transfers.push_back({peer, true, static_cast<char*>(const_cast<void*>(from)), bytes});
    transfers.push_back({peer, false, static_cast<char*>(to) + peer * bytes, bytes});
  }
  return ask(communicator, std::move(transfers), stream);
}

ncclResult_t broadcast(const void* from, void* to, size_t count, ncclDataType_t type, int root, ncclComm_t communicator,
                       cudaStream_t stream) {
  const Peers& peers = *communicator->peers;
  std::vector<Transfer> transfers;
  if (peers.rank == root) {
    for (int peer = 0; peer < peers.size; peer++) {
      transfers.push_back({peer, true, static_cast<char*>(const_cast<void*>(from)), bytes_of(count, type)});
    }
  }
  transfers.push_back({root, false, static_cast<char*>(to), bytes_of(count, type)});
  return ask(communicator, std::move(transfers), stream);
}

}  // namespace

Nccl::Nccl()
    : get_unique_id(hone::get_unique_id),
      init_rank(hone::init_rank),
      abort(hone::abort),
      get_async_error(hone::get_async_error),
      get_error_string(hone::get_error_string),
      group_start(hone::group_start),
      group_end(hone::group_end),
      send(hone::send),
      receive(hone::receive),
      all_gather(hone::all_gather),
      broadcast(hone::broadcast) {}

}  // namespace hone
