#include "block.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <random>
#include <utility>

dim3 gridDim, blockDim;

namespace emulator {

Thread* me = nullptr;
const Launch* launch = nullptr;
// Never taken down: the host may exit while a kernel runs.
std::vector<Block>& cluster = *new std::vector<Block>;

namespace {

std::minstd_rand draws(std::getenv("HONE_EMULATOR_SEED") == nullptr ? 1 : std::atoi(std::getenv("HONE_EMULATOR_SEED")));
std::exception_ptr failure;
Barrier cluster_barrier;
constexpr uint32_t NOT_ARRIVED = ~0u;

struct Sent {
  uint32_t to, barrier;
  char value[8];
  int bytes;
};
std::vector<Sent> on_their_way;
std::vector<std::pair<Block*, Box>> boxes;

void run_thread() {
  try {
    launch->body();
    if (launch->early && !me->waited_for_earlier) throw Fault("a kernel launched early has not waited for earlier kernels");
  } catch (...) {
    failure = std::current_exception();
  }
  me->ended = true;
  me->fiber.yield();
}

// Threads, and their stacks, are kept from block to block.
Thread* thread(size_t number) {
  static auto& threads = *new std::deque<Thread>;
  while (threads.size() <= number) threads.emplace_back();
  return &threads[number];
}

void complete(Barrier& barrier) {
  barrier.arrived = 0;
  barrier.result = barrier.vote;
  barrier.vote = false;
  barrier.times++;
}

unsigned running_in_cluster() {
  unsigned running = 0;
  for (const Block& block : cluster) running += block.running;
  return running;
}

void begin(Block& block, uint3 index, unsigned rank) {
  const dim3 size = launch->block;
  const unsigned threads = size.x * size.y * size.z;
  block.index = index;
  block.rank = rank;
  block.running = threads;
  block.threads.clear();
  block.warps.assign((threads + 31) / 32, Warp());
  for (Barrier& barrier : block.barriers) barrier = Barrier();
  for (unsigned i = 0; i < threads; i++) {
    Thread& t = *thread(rank * threads + i);
    t.block = &block;
    t.warp = &block.warps[i / 32];
    t.warp->number = i / 32;
    t.number = i;
    t.lane = i % 32;
    t.warp->lanes |= 1u << t.lane;
    t.index = {i % size.x, i / size.x % size.y, i / size.x / size.y};
    t.ended = false;
    t.waited_for_earlier = false;
    t.waiting = Waiting();
    t.cluster_times = NOT_ARRIVED;
    t.copies.clear();
    t.products.clear();
    t.fiber.begin(run_thread);
    block.threads.push_back(&t);
  }
  block.shared.begin(launch->shared_bytes);
}

void resume(Thread& thread) {
  me = &thread;
  thread.fiber.resume();
  if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
  if (!thread.ended) return;
  Block& block = *thread.block;
  block.running--;
  Barrier& all = block.barriers[0];
  if (all.arrived > 0 && all.threads == 0 && all.arrived == block.running) complete(all);
  if (cluster_barrier.arrived > 0 && cluster_barrier.arrived == running_in_cluster()) complete(cluster_barrier);
}

// Whether a thread of it could go on.
bool run_warp(Block& block, Warp& warp) {
  const unsigned first = warp.number * 32, count = std::min<unsigned>(32, block.threads.size() - first);
  bool ever = false;
  for (bool any = true; any;) {
    any = false;
    const bool backward = draws() & 64;
    for (unsigned i = 0; i < count; i++) {
      Thread& t = *block.threads[first + (backward ? count - 1 - i : i)];
      if (t.ended || !t.waiting.over()) continue;
      resume(t);
      any = true;
    }
    ever |= any;
    if (draws() % 8 == 0) break;  // the others have not to wait until this one must
  }
  return ever;
}

std::string words(const Thread& thread) {
  const Waiting& w = thread.waiting;
  char which[16];
  std::snprintf(which, sizeof which, " 0x%x", w.which);
  return thread.ended ? "have ended" : std::string("wait for ") + w.what + which;
}

// Which threads wait for what.
std::string stuck() {
  std::string all;
  for (const Block& block : cluster) {
    for (size_t i = 0, j; i < block.threads.size(); i = j) {
      const std::string what = words(*block.threads[i]);
      for (j = i + 1; j < block.threads.size() && words(*block.threads[j]) == what;) j++;
      if (all.size() > 600) return all + " and so on";
      all += (all.empty() ? "" : ", ") +
             (cluster.size() > 1 ? "of block " + std::to_string(block.rank) + " " : std::string()) + "threads " +
             std::to_string(i) + " to " + std::to_string(j - 1) + " " + what;
    }
  }
  return all;
}

// Some element, which is taken away.
template <typename T>
T draw_from(std::vector<T>& all) {
  std::swap(all[draws() % all.size()], all.back());
  const T drawn = all.back();
  all.pop_back();
  return drawn;
}

// One warp's copies that some barrier waits for arrive, or a box, or something sent. Whether there was any.
bool deliver() {
  if (!on_their_way.empty()) {
    const Sent sent = draw_from(on_their_way);
    std::memcpy(shared_at(sent.to, sent.bytes), sent.value, sent.bytes);
    expect_bytes(sent.barrier, -sent.bytes);
    return true;
  }
  if (!boxes.empty()) {
    const auto [block, box] = draw_from(boxes);
    block->shared.enter();
    me = block->threads[0];
    box.arrive();
    return true;
  }
  std::vector<std::pair<Block*, unsigned>> warps;
  for (Block& block : cluster) {
    for (const Thread* t : block.threads) {
      if (t->copies.owes_arrival() && (warps.empty() || warps.back() != std::pair{&block, t->number / 32})) {
        warps.emplace_back(&block, t->number / 32);
      }
    }
  }
  if (warps.empty()) return false;
  const auto [block, warp] = warps[draws() % warps.size()];
  block->shared.enter();
  for (Thread* t : block->threads) {
    if (t->number / 32 != warp) continue;
    me = t;
    t->copies.deliver();
  }
  return true;
}

void run_cluster() {
  std::vector<unsigned> order;
  while (running_in_cluster() > 0) {
    bool any = false;
    for (size_t b = 0, first = draws() % cluster.size(); b < cluster.size(); b++) {
      Block& block = cluster[(first + b) % cluster.size()];
      block.shared.enter();
      order.resize(block.warps.size());
      for (unsigned w = 0; w < order.size(); w++) order[w] = w;
      std::shuffle(order.begin(), order.end(), draws);
      for (unsigned w : order) any |= run_warp(block, block.warps[w]);
    }
    if (!any && !deliver()) throw Fault("no thread can go on: " + stuck());
  }
  for (Block& block : cluster) block.shared.check();
}

}  // namespace

void run(const Launch& asked) {
  launch = &asked;
  gridDim = asked.grid;
  blockDim = asked.block;
  const dim3 grid = asked.grid, size = asked.cluster;
  cluster.resize(size.x * size.y * size.z);
  uint3 at{};
  try {
    for (at.z = 0; at.z < grid.z; at.z += size.z) {
      for (at.y = 0; at.y < grid.y; at.y += size.y) {
        for (at.x = 0; at.x < grid.x; at.x += size.x) {
          cluster_barrier = Barrier();
          on_their_way.clear();
          boxes.clear();
          for (unsigned i = 0; i < cluster.size(); i++) {
            begin(cluster[i], {at.x + i % size.x, at.y + i / size.x % size.y, at.z + i / size.x / size.y}, i);
          }
          run_cluster();
        }
      }
    }
  } catch (const Fault& fault) {
    throw Fault(asked.kernel + ", block (" + std::to_string(at.x) + ", " + std::to_string(at.y) + ", " +
                std::to_string(at.z) + "): " + fault.what());
  }
}

void wait_while(const uint32_t& word, uint32_t mask, uint32_t value, const char* what, uint32_t which) {
  me->waiting = {&word, mask, value, what, which};
  if (!me->waiting.over()) me->fiber.yield();
}

void arrive_at(Meeting& meeting, uint32_t mask, const char* what, void* mine) {
  if ((mask >> me->lane & 1) == 0) {
    throw Fault("lane " + std::to_string(me->lane) + " is not among those that it says take part in " + what);
  }
  if (meeting.arrived != 0 && meeting.what != what && std::strcmp(meeting.what, what) != 0) {
    throw Fault("lanes of warp " + std::to_string(me->warp->number) + " meet, some for " + meeting.what +
                ", some for " + what);
  }
  meeting.what = what;
  meeting.arrived |= 1u << me->lane;
  meeting.brought[me->lane] = mine;
}

bool arrive(unsigned id, unsigned threads, bool wait, bool vote) {
  if (id >= Block::BARRIERS) throw Fault("there is no barrier " + std::to_string(id));
  Barrier& barrier = me->block->barriers[id];
  if (barrier.arrived > 0 && barrier.threads != threads) {
    throw Fault("barrier " + std::to_string(id) + " is asked for by threads that say it is for " +
                std::to_string(barrier.threads) + " and for " + std::to_string(threads) + " threads");
  }
  barrier.threads = threads;
  barrier.vote |= vote;
  if (++barrier.arrived == (threads == 0 ? me->block->running : threads)) {
    complete(barrier);
  } else if (wait) {
    wait_while(barrier.times, ~0u, barrier.times, "barrier", id);
  }
  return barrier.result;
}

void arrive_at_cluster() {
  me->cluster_times = cluster_barrier.times;
  if (++cluster_barrier.arrived == running_in_cluster()) complete(cluster_barrier);
}

void send(uint32_t to, const void* value, int bytes, uint32_t barrier) {
  Sent sent{to, barrier, {}, bytes};
  std::memcpy(sent.value, value, bytes);
  std::memset(shared_at(to, bytes), 0xff, bytes);  // NaN until it comes
  on_their_way.push_back(sent);
}

void copy(const Box& box) {
  box.undefine();
  boxes.emplace_back(me->block, box);
}

void wait_for_cluster() {
  if (me->cluster_times == NOT_ARRIVED) throw Fault("a thread waits for the cluster's barrier and has not arrived at it");
  wait_while(cluster_barrier.times, ~0u, std::exchange(me->cluster_times, NOT_ARRIVED), "the cluster's barrier");
}

}  // namespace emulator
