// Which tokens of a pass the classifier computes; all implementations choose alike.
#pragma once

#include <cstdint>
#include <vector>

namespace hone {

// The tokens that have a target, in order.
inline std::vector<int32_t> tokens_with_targets(int64_t tokens, const int32_t* targets) {
  std::vector<int32_t> chosen;
  chosen.reserve(tokens);
  for (int64_t t = 0; t < tokens; t++) {
    if (targets[t] >= 0) chosen.push_back(static_cast<int32_t>(t));
  }
  return chosen;
}

}  // namespace hone
