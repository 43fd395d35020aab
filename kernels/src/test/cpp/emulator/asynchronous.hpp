// What a thread has begun and not waited for: copies into shared memory and wgmma's products.
//
// They take effect when the program waits for them and not before; until then what they will write is NaN. So a kernel that
// reads too early, or overwrites what is still to be read, computes something else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace emulator {

// First in, first out; emptied, it keeps its memory.
template <typename T>
class Queue {
 public:
  void push(const T& value) { values_.push_back(value); }
  void pop() {
    if (++first_ == values_.size()) clear();
  }
  void clear() {
    values_.clear();
    first_ = 0;
  }
  const T& front() const { return values_[first_]; }
  size_t size() const { return values_.size() - first_; }

 private:
  std::vector<T> values_;
  size_t first_ = 0;
};

class Copies {
 public:
  void clear();
  void copy(uint32_t to, const void* from, uint32_t bytes, bool real);
  // Of a barrier in shared memory, once the copies so far have arrived.
  void owe_arrival(uint32_t barrier);
  void commit();
  // All groups but the `left` last committed arrive.
  void wait(size_t left);

  bool owes_arrival() const { return arrivals_ > 0; }
  // Those before the first arrival owed arrive, and it is made.
  void deliver();

 private:
  struct Action {
    uint32_t to;
    const void* from;  // null: zeros
    uint32_t bytes;    // 0: an arrival
  };
  void perform_first();

  Queue<Action> actions_;
  Queue<size_t> groups_;  // how many actions had been begun at each commit
  size_t performed_ = 0;
  int arrivals_ = 0;
};

// One thread's part of wgmma.
class Products {
 public:
  struct Operand {
    bool in_registers;
    uint32_t registers[4];
    uint64_t descriptor;
  };

  void clear();
  // c [64, 2 * count] (+)= a b; b_by_columns: b's k are rows of memory.
  void multiply(float* c, int count, bool add, const Operand& a, uint64_t b, bool b_by_columns);
  void fence() { fenced_ = true; }
  void commit();
  void wait(size_t left);
  // Shared memory was written by copies since the last fence.proxy.async that wgmma does not see otherwise.
  void stale(bool is) { stale_ = is; }

 private:
  // Accumulators on their way: the registers are NaN meanwhile.
  struct Accumulators {
    float* registers;
    std::vector<float> values;
    int pending;
  };
  struct Product {
    float* c;
    int count;
    bool add;
    Operand a;
    uint64_t b;
    bool b_by_columns;
  };
  static void compute(Products* const (&lanes)[32], unsigned warp);

  Accumulators& accumulators(float* registers, int count);

  std::vector<Accumulators> accumulators_;
  Queue<Product> products_;
  Queue<size_t> groups_;
  size_t begun_ = 0, done_ = 0;
  bool fenced_ = false, stale_ = false;
};

// mbarrier: 8 bytes of shared memory that count arrivals, and bytes on their way.
void init_barrier(uint32_t barrier, uint32_t arrivals);
void arrive_at_barrier(uint32_t barrier);
// Negative where they have come.
void expect_bytes(uint32_t barrier, int bytes);
void wait_for_barrier(uint32_t barrier, uint32_t parity);

float to_float(uint16_t bfloat16);

// c [rows, columns] += a [rows, depth] b [depth, columns], each sum in the order of k.
void multiply_add(float* c, const float* a, const float* b, int rows, int columns, int depth);

}  // namespace emulator
