// The threads of a block, or of the blocks of a cluster: fibers that take turns on the thread that asked for the kernel.
//
// A thread runs until it waits, for lanes of its warp, for a barrier, for copies or products. Which warp is next, and in
// which direction its lanes go, is drawn at random (HONE_EMULATOR_SEED), so that what is not ordered by a barrier comes in
// every order; the same seed has the same course. What is asynchronous is as late as it may be: see asynchronous.hpp.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "asynchronous.hpp"
#include "boxes.hpp"
#include "fiber.hpp"
#include "shared_memory.hpp"

namespace emulator {

// What a GPU would do wrong without a word, or hang at: one sentence.
struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Block;
struct Warp;

// What a thread waits for: that (*word & mask) is no longer `value`.
struct Waiting {
  const uint32_t* word = nullptr;
  uint32_t mask = 0, value = 0;
  const char* what = nullptr;
  uint32_t which = 0;

  bool over() const { return word == nullptr || (*word & mask) != value; }
};

struct Thread {
  Fiber fiber;
  Block* block;
  Warp* warp;
  unsigned number, lane;  // in the block, in the warp
  uint3 index;
  bool ended;
  bool waited_for_earlier;  // kernels
  Waiting waiting;
  uint32_t cluster_times;  // how often the cluster's barrier had been passed when this thread arrived at it
  Copies copies;
  Products products;
};

// Lanes that have come to an operation of their warp, each with what it brings.
struct Meeting {
  uint32_t arrived = 0, times = 0;
  const char* what = nullptr;
  void* brought[32];
};

struct Warp {
  uint32_t lanes;  // that exist
  unsigned number;
  Meeting whole;
  std::map<uint32_t, Meeting> partial;  // by the lanes that take part
};

struct Barrier {
  unsigned arrived = 0, threads = 0;  // threads: that it is for; 0: all that have not ended
  uint32_t times = 0;
  bool vote = false, result = false;
};

struct Block {
  static constexpr int BARRIERS = 16;

  uint3 index;
  unsigned rank;     // in its cluster
  unsigned running;  // threads that have not ended
  std::vector<Thread*> threads;
  std::vector<Warp> warps;
  Barrier barriers[BARRIERS];
  SharedMemory shared;
};

struct Launch {
  std::string kernel;
  dim3 grid, block, cluster;
  size_t shared_bytes;
  std::function<void()> body;  // of one thread
  bool early = false;          // it may begin before those ahead of it have ended
};

extern Thread* me;             // that runs
extern const Launch* launch;  // under way
extern std::vector<Block>& cluster;

// Runs all blocks of a grid. Throws Fault.
void run(const Launch& launch);

void wait_while(const uint32_t& word, uint32_t mask, uint32_t value, const char* what, uint32_t which = 0);

// Barrier `id` of the block, for `threads` of its threads, 0: all. Whether any of them voted yes, where this one waits.
bool arrive(unsigned id, unsigned threads, bool wait, bool vote = false);

// The two halves of a barrier for all threads of the cluster: barrier.cluster.
void arrive_at_cluster();
void wait_for_cluster();

// Puts 4 or 8 bytes into shared memory of a block of the cluster, some time later, and tells a barrier there: st.async.
void send(uint32_t to, const void* value, int bytes, uint32_t barrier);

// Has a box copied, some time later.
void copy(const Box& box);

// Throws Fault where lanes have come for something else.
void arrive_at(Meeting& meeting, uint32_t mask, const char* what, void* mine);

// Has the lanes of `mask` meet; the last of them does join(brought), by lane, for all.
template <typename Join>
void meet(uint32_t mask, const char* what, void* mine, Join join) {
  Meeting& meeting = mask == 0xffffffffu ? me->warp->whole : me->warp->partial[mask];
  arrive_at(meeting, mask, what, mine);
  if (meeting.arrived != (mask & me->warp->lanes)) {
    return wait_while(meeting.times, ~0u, meeting.times, what, mask);
  }
  join(meeting.brought);
  meeting.arrived = 0;
  meeting.times++;
}

}  // namespace emulator
