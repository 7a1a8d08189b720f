#include "model/explore/pareto.hpp"

#include <algorithm>
#include <cmath>

namespace m3sim::explore {
bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool smaller = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    smaller = smaller || a[i] < b[i];
  }
  return smaller;
}

std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& objectives) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    const auto& point = objectives[i];
    if (std::none_of(point.begin(), point.end(), [](double v) { return std::isnan(v); })) {
      order.push_back(i);
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return objectives[a] < objectives[b]; });
  // In this order no point dominates an earlier one, so comparing with the front suffices.
  std::vector<std::size_t> front;
  for (const std::size_t candidate : order) {
    const bool dominated = std::any_of(front.begin(), front.end(), [&](std::size_t member) {
      return dominates(objectives[member], objectives[candidate]);
    });
    if (!dominated) front.push_back(candidate);
  }
  return front;
}

}  // namespace m3sim::explore
