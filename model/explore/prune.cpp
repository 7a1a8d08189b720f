#include "model/explore/prune.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/explore/bounds.hpp"
#include "model/explore/pareto.hpp"

namespace m3sim::explore {

std::vector<double> Pruner::values(const TaskResult& result, double missing) const {
  std::vector<double> values;
  for (const FigureName& name : objectives_) {
    const double value = as_double(name.of(result));
    values.push_back(std::isnan(value) ? missing : value);
  }
  return values;
}

void Pruner::add(const std::string& hash, const TaskResult& result) {
  const Member member{hash, values(result, std::numeric_limits<double>::infinity())};
  std::vector<Member>& front = fronts_[{result.task, result.image}];
  const auto beaten_by = [](const Member& a) {
    return [&a](const Member& b) { return dominates(b.objectives, a.objectives); };
  };
  if (std::any_of(front.begin(), front.end(), beaten_by(member))) return;
  std::erase_if(front, [&](const Member& b) { return beaten_by(b)(member); });
  front.push_back(member);
}

std::string Pruner::reason(const Point& point) const {
  if (fronts_.empty()) return {};
  // An objective without a bound may be anything.
  const std::vector<double> bound =
      values(least(point.values, table_), -std::numeric_limits<double>::infinity());
  std::string hashes;
  for (const auto& [task, front] : fronts_) {
    const auto better = std::find_if(front.begin(), front.end(), [&](const Member& member) {
      return dominates(member.objectives, bound);
    });
    if (better == front.end()) return {};
    if (hashes.find(better->hash) == std::string::npos) {
      hashes += (hashes.empty() ? "" : ", ") + better->hash;
    }
  }
  return "its lower bounds are dominated by " + hashes;
}

}  // namespace m3sim::explore
