// Descriptions of tensors by which a thread has a whole box of one copied into shared memory (sm_90 and newer).
#pragma once

#include <cuda.h>

#include "attention.hpp"

namespace hone {

// Rows of heads [tokens, heads, head_dim], copied in boxes of `rows` tokens of one head: a panel of 64 columns. What lies
// outside the tensor becomes zeros.
CUtensorMap heads_map(const AttentionShape& shape, HeadRows<const bf16> of, int heads, int rows);

}  // namespace hone
