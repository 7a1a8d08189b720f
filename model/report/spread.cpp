#include "model/report/spread.hpp"

#include <algorithm>
#include <cstdlib>

namespace m3sim::report {

Spread spread(const std::vector<int>& queue) {
  Spread result;
  Wide squares = 0, differences = 0;
  for (const int tokens : queue) {
    result.choices += tokens;
    result.active += tokens > 0 ? 1 : 0;
    result.longest = std::max(result.longest, tokens);
    squares += Wide{tokens} * tokens;
    for (const int other : queue) differences += std::abs(tokens - other);
  }
  result.effective = {Wide{result.choices} * result.choices, squares};
  result.gini = {differences, 2 * static_cast<Wide>(queue.size()) * result.choices};
  return result;
}

Spread spread(const std::vector<std::vector<int>>& queues) {
  constexpr int kDecimals = 6;
  constexpr Wide kUnit = 1'000'000;
  Spread all;
  Wide effective = 0, gini = 0;
  for (const std::vector<int>& queue : queues) {
    const Spread layer = spread(queue);
    all.choices += layer.choices;
    all.active += layer.active;
    all.longest = std::max(all.longest, layer.longest);
    effective += layer.effective.scaled(kDecimals);
    gini += layer.gini.scaled(kDecimals);
  }
  all.effective = {effective, kUnit * static_cast<Wide>(queues.size())};
  all.gini = {gini, kUnit * static_cast<Wide>(queues.size())};
  return all;
}

}  // namespace m3sim::report
