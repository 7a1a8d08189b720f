// How evenly a layer's router spread its tokens over the experts.
#pragma once

#include <cstdint>
#include <vector>

#include "model/report/decimal.hpp"

namespace m3sim::report {

struct Spread {
  std::int64_t choices = 0;  ///< tokens times experts per token
  int active = 0;            ///< experts that got a token
  int longest = 0;           ///< tokens of the one with most
  /// Inverse Simpson index, (sum q)^2 / sum q^2: E for even queues of E experts, 1 for a single one.
  Ratio effective;
  /// Gini coefficient of the queues, idle experts included: 0 for even ones, 1 - 1/E for a single.
  Ratio gini;
};

/// `queue`: tokens of each expert. All ratios 0 where there is none.
Spread spread(const std::vector<int>& queue);

/// Of several layers: sums of choices and active experts, the longest queue of all, and the means of
/// the layers' ratios, which keep six decimals.
Spread spread(const std::vector<std::vector<int>>& queues);

}  // namespace m3sim::report
