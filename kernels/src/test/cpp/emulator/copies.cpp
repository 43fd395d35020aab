#include <cstring>
#include <string>

#include "block.hpp"
#include "device_memory.hpp"

namespace emulator {

void Copies::clear() {
  actions_.clear();
  groups_.clear();
  performed_ = 0;
  arrivals_ = 0;
}

void Copies::copy(uint32_t to, const void* from, uint32_t bytes, bool real) {
  if (real) check_device_memory(from, bytes);
  std::memset(shared_at(to, bytes), 0xff, bytes);  // NaN until they arrive
  actions_.push({to, real ? from : nullptr, bytes});
}

void Copies::owe_arrival(uint32_t barrier) {
  actions_.push({barrier, nullptr, 0});
  arrivals_++;
}

void Copies::commit() { groups_.push(performed_ + actions_.size()); }

void Copies::wait(size_t left) {
  for (; groups_.size() > left; groups_.pop()) {
    while (performed_ < groups_.front()) perform_first();
  }
}

void Copies::deliver() {
  for (const int before = arrivals_; before > 0 && arrivals_ == before;) perform_first();
}

void Copies::perform_first() {
  const Action action = actions_.front();
  actions_.pop();
  performed_++;
  if (action.bytes == 0) {
    arrivals_--;
    arrive_at_barrier(action.to);
  } else if (action.from == nullptr) {
    std::memset(shared_at(action.to, action.bytes), 0, action.bytes);
  } else {
    std::memcpy(shared_at(action.to, action.bytes), action.from, action.bytes);
  }
}

// ---- mbarrier --------------------------------------------------------------------------------------------------------

namespace {

struct CountingBarrier {
  uint32_t phase : 1, pending : 15, arrivals : 15, unused : 1;
  int32_t bytes : 24;  // expected and not there yet
  uint32_t mark : 8;
};
static_assert(sizeof(CountingBarrier) == 8);

constexpr uint32_t MARK = 0xb5, MOST_ARRIVALS = (1 << 15) - 1;

CountingBarrier& barrier_at(uint32_t address) {
  auto& barrier = *reinterpret_cast<CountingBarrier*>(shared_at(address, 8));
  if (barrier.mark != MARK) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%x", address);
    throw Fault(std::string("there is no barrier at shared memory's address ") + text + ": it was not initialised");
  }
  return barrier;
}

void complete_if_all_is_there(CountingBarrier& barrier) {
  if (barrier.pending > 0 || barrier.bytes != 0) return;
  barrier.phase ^= 1;
  barrier.pending = barrier.arrivals;
}

}  // namespace

void init_barrier(uint32_t address, uint32_t arrivals) {
  if (arrivals < 1 || arrivals > MOST_ARRIVALS) throw Fault("a barrier is for " + std::to_string(arrivals) + " arrivals");
  auto& barrier = *reinterpret_cast<CountingBarrier*>(shared_at(address, 8));
  barrier = {0, arrivals, arrivals, 0, 0, MARK};
}

void arrive_at_barrier(uint32_t address) {
  CountingBarrier& barrier = barrier_at(address);
  if (barrier.pending == 0) throw Fault("a barrier of " + std::to_string(barrier.arrivals) + " arrivals has one more");
  barrier.pending--;
  complete_if_all_is_there(barrier);
}

void expect_bytes(uint32_t address, int bytes) {
  CountingBarrier& barrier = barrier_at(address);
  barrier.bytes += bytes;
  complete_if_all_is_there(barrier);
}

void wait_for_barrier(uint32_t address, uint32_t parity) {
  const auto* word = reinterpret_cast<const uint32_t*>(&barrier_at(address));
  const bool odd = parity & 1;
  wait_while(*word, 1, odd, odd ? "the odd phase of the barrier at" : "the even phase of the barrier at", address);
}

}  // namespace emulator
