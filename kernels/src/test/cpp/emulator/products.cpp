// wgmma and mma.sync.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "block.hpp"

namespace emulator {
namespace {

// PTX ISA, "Matrix Descriptor Format" of wgmma: addresses and strides in 16 bytes.
struct Descriptor {
  uint32_t start, leading, stride;

  explicit Descriptor(uint64_t bits)
      : start((bits & 0x3fff) << 4), leading((bits >> 16 & 0x3fff) << 4), stride((bits >> 32 & 0x3fff) << 4) {
    if (bits >> 62 != 1 || (bits >> 49 & 7) != 0) {
      throw Fault("wgmma's operand is not described as swizzled by 128 bytes and begun at a multiple of 1024: the"
                  " emulator knows no other");
    }
  }

  // The swizzle exchanges the eight chunks of 128 bytes by the address itself.
  float at(uint32_t offset) const {
    const uint32_t address = start + offset;
    uint16_t bits;
    std::memcpy(&bits, shared_at(address ^ (address >> 7 & 7) << 4, 2), 2);
    return to_float(bits);
  }
  // Rows of memory are the operand's rows, or columns for b, and k runs along them.
  float along(uint32_t row, uint32_t k) const { return at(row / 8 * stride + row % 8 * 128 + k * 2); }
  // Rows of memory are k.
  float across(uint32_t column, uint32_t k) const {
    return at(column / 64 * leading + k / 8 * stride + k % 8 * 128 + column % 64 * 2);
  }
};

constexpr int DEPTH = 16, ROWS = 16;  // k of an instruction; rows of a warp

// Where mma and wgmma have the elements of a warp's 16 rows: register i of a lane.
int row_of(unsigned lane, int i) { return lane / 4 + i / 2 % 2 * 8; }
int column_of(unsigned lane, int i) { return i / 4 * 8 + lane % 4 * 2 + i % 2; }

// a [16, 16] from four registers of each lane.
template <typename RegistersOf>
void gather(float (&a)[ROWS * DEPTH], RegistersOf registers_of) {
  for (unsigned lane = 0; lane < 32; lane++) {
    const uint32_t* registers = registers_of(lane);
    for (int r = 0; r < 4; r++) {
      float* to = a + (lane / 4 + r % 2 * 8) * DEPTH + r / 2 * 8 + lane % 4 * 2;
      to[0] = to_float(registers[r] & 0xffff);
      to[1] = to_float(registers[r] >> 16);
    }
  }
}

}  // namespace

float to_float(uint16_t bfloat16) {
  const uint32_t bits = uint32_t{bfloat16} << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

void multiply_add(float* c, const float* a, const float* b, int rows, int columns, int depth) {
  for (int r = 0; r < rows; r++) {
    for (int k = 0; k < depth; k++) {
      const float x = a[r * depth + k];
      for (int j = 0; j < columns; j++) c[r * columns + j] = std::fmaf(x, b[k * columns + j], c[r * columns + j]);
    }
  }
}

void Products::clear() {
  accumulators_.clear();
  products_.clear();
  groups_.clear();
  begun_ = done_ = 0;
  fenced_ = stale_ = false;
}

// Those of these registers, begun with what they hold.
Products::Accumulators& Products::accumulators(float* registers, int count) {
  for (Accumulators& known : accumulators_) {
    if (known.registers == registers) return known;
  }
  accumulators_.push_back({registers, std::vector<float>(registers, registers + count), 0});
  return accumulators_.back();
}

void Products::multiply(float* c, int count, bool add, const Operand& a, uint64_t b, bool b_by_columns) {
  if (!fenced_) throw Fault("wgmma without a wgmma.fence since registers were last waited for");
  if (stale_) throw Fault("wgmma reads shared memory that copies wrote without a fence.proxy.async since");
  if (accumulators(c, count).pending++ == 0) std::fill_n(c, count, NAN);
  products_.push({c, count, add, a, b, b_by_columns});
  begun_++;
}

void Products::commit() { groups_.push(begun_); }

void Products::wait(size_t left) {
  fenced_ = false;
  for (; groups_.size() > left; groups_.pop()) {
    while (done_ < groups_.front()) {
      meet(0xffffffffu, "wgmma", this, [&](void** brought) {
        Products* lanes[32];
        for (int lane = 0; lane < 32; lane++) lanes[lane] = static_cast<Products*>(brought[lane]);
        compute(lanes, me->warp->number);
      });
    }
  }
}

// The first product of each lane.
void Products::compute(Products* const (&lanes)[32], unsigned warp) {
  const Product product = lanes[0]->products_.front();
  const int columns = product.count * 2;
  for (const Products* lane : lanes) {
    if (lane->products_.size() == 0 || lane->products_.front().b != product.b ||
        lane->products_.front().a.descriptor != product.a.descriptor) {
      throw Fault("the lanes of warp " + std::to_string(warp) + " ask for different wgmmas");
    }
  }
  float a[ROWS * DEPTH];
  if (product.a.in_registers) {
    gather(a, [&](unsigned lane) { return lanes[lane]->products_.front().a.registers; });
  } else {
    const Descriptor from(product.a.descriptor);
    for (int i = 0; i < ROWS * DEPTH; i++) a[i] = from.along(warp % 4 * ROWS + i / DEPTH, i % DEPTH);
  }
  std::vector<float> b(DEPTH * columns), c(ROWS * columns);
  const Descriptor from(product.b);
  for (int k = 0; k < DEPTH; k++) {
    for (int j = 0; j < columns; j++) b[k * columns + j] = product.b_by_columns ? from.across(j, k) : from.along(j, k);
  }
  Accumulators* sums[32];
  for (unsigned lane = 0; lane < 32; lane++) {
    sums[lane] = &lanes[lane]->accumulators(lanes[lane]->products_.front().c, product.count);
  }
  auto each = [&](auto body) {
    for (unsigned lane = 0; lane < 32; lane++) {
      float* values = sums[lane]->values.data();
      for (int i = 0; i < columns / 2; i++) body(values[i], c[row_of(lane, i) * columns + column_of(lane, i)]);
    }
  };
  if (product.add) each([](float value, float& element) { element = value; });
  multiply_add(c.data(), a, b.data(), ROWS, columns, DEPTH);
  each([](float& value, float element) { value = element; });
  for (unsigned lane = 0; lane < 32; lane++) {
    Products& mine = *lanes[lane];
    mine.products_.pop();
    mine.done_++;
    if (--sums[lane]->pending > 0) continue;
    std::copy(sums[lane]->values.begin(), sums[lane]->values.end(), sums[lane]->registers);
    mine.accumulators_.erase(mine.accumulators_.begin() + (sums[lane] - mine.accumulators_.data()));
  }
}

// ---- mma.sync ----------------------------------------------------------------------------------------------------------

void multiply_by_warp(float* c, const uint32_t* a, uint32_t b0, uint32_t b1) {
  struct Mine {
    float* c;
    const uint32_t* a;
    uint32_t b[2];
  } mine{c, a, {b0, b1}};
  meet(0xffffffffu, "mma.sync", &mine, [](void** brought) {
    constexpr int COLUMNS = 8;
    auto of = [&](unsigned lane) -> Mine& { return *static_cast<Mine*>(brought[lane]); };
    float left[ROWS * DEPTH], right[DEPTH * COLUMNS], sums[ROWS * COLUMNS];
    gather(left, [&](unsigned lane) { return of(lane).a; });
    for (unsigned lane = 0; lane < 32; lane++) {
      for (int r = 0; r < 4; r++) {
        const uint32_t both = of(lane).b[r / 2];
        right[(r / 2 * 8 + lane % 4 * 2 + r % 2) * COLUMNS + lane / 4] = to_float(r % 2 == 0 ? both & 0xffff : both >> 16);
        sums[row_of(lane, r) * COLUMNS + column_of(lane, r)] = of(lane).c[r];
      }
    }
    multiply_add(sums, left, right, ROWS, COLUMNS, DEPTH);
    for (unsigned lane = 0; lane < 32; lane++) {
      for (int r = 0; r < 4; r++) of(lane).c[r] = sums[row_of(lane, r) * COLUMNS + column_of(lane, r)];
    }
  });
}

uint32_t transpose_by_warp(uint32_t two) {
  struct Mine {
    uint32_t two, result;
  } mine{two, 0};
  meet(0xffffffffu, "movmatrix", &mine, [](void** brought) {
    auto at = [&](unsigned row, unsigned column) {
      return static_cast<Mine*>(brought[row * 4 + column / 2])->two >> column % 2 * 16 & 0xffff;
    };
    for (unsigned lane = 0; lane < 32; lane++) {
      const unsigned i = lane / 4, j = lane % 4 * 2;
      static_cast<Mine*>(brought[lane])->result = at(j, i) | at(j + 1, i) << 16;
    }
  });
  return mine.result;
}

void load_matrices_by_warp(uint32_t* to, int matrices, uint32_t address, bool transposed) {
  struct Mine {
    uint32_t* to;
    uint32_t address;
  } mine{to, address};
  meet(0xffffffffu, transposed ? "ldmatrix.trans" : "ldmatrix", &mine, [=](void** brought) {
    auto of = [&](unsigned lane) -> Mine& { return *static_cast<Mine*>(brought[lane]); };
    for (int m = 0; m < matrices; m++) {
      uint16_t matrix[8][8];
      for (int r = 0; r < 8; r++) std::memcpy(matrix[r], shared_at(of(m * 8 + r).address, 16), 16);
      for (unsigned lane = 0; lane < 32; lane++) {
        const unsigned i = lane / 4, j = lane % 4 * 2;
        of(lane).to[m] = transposed ? matrix[j][i] | uint32_t{matrix[j + 1][i]} << 16
                                    : matrix[i][j] | uint32_t{matrix[i][j + 1]} << 16;
      }
    }
  });
}

}  // namespace emulator
