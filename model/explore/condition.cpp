#include "model/explore/condition.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "model/config/error.hpp"

namespace m3sim::explore {
namespace {

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

Condition::Condition(const std::string& text) {
  const std::string kAnd = " and ";
  for (std::size_t begin = 0; begin != std::string::npos;) {
    const std::size_t end = text.find(kAnd, begin);
    const std::string part = text.substr(begin, end == std::string::npos ? end : end - begin);
    begin = end == std::string::npos ? end : end + kAnd.size();

    const std::size_t at = part.find_first_of("<>=!");
    const std::size_t after = part.find_first_not_of("<>=!", at);
    std::string relation;
    double bound = 0;
    if (at != std::string::npos && after != std::string::npos) {
      relation = part.substr(at, after - at);
      const std::string number = trimmed(part.substr(after));
      const char* stop = number.data() + number.size();
      const auto [read, fault] = std::from_chars(number.data(), stop, bound);
      if (fault != std::errc() || read != stop) relation.clear();
    }
    bool known = false;
    for (const char* each : {"<", "<=", ">", ">=", "=", "!="}) known = known || relation == each;
    if (!known) {
      throw UsageError("--where " + text +
                       ": must be comparisons of a figure with a number, like "
                       "'latency_ms<40 and resources.bram18<=1824'");
    }
    comparisons_.push_back({FigureName(trimmed(part.substr(0, at))), relation, bound});
  }
}

bool Condition::needs_report() const {
  return std::any_of(comparisons_.begin(), comparisons_.end(),
                     [](const Comparison& c) { return c.figure.needs_report(); });
}

bool Condition::holds(const TaskResult& result) const {
  for (const Comparison& c : comparisons_) {
    const double value = as_double(c.figure.of(result));
    if (std::isnan(value)) return false;
    const bool met = c.relation == "<"    ? value < c.bound
                     : c.relation == "<=" ? value <= c.bound
                     : c.relation == ">"  ? value > c.bound
                     : c.relation == ">=" ? value >= c.bound
                     : c.relation == "="  ? value == c.bound
                                          : value != c.bound;
    if (!met) return false;
  }
  return true;
}

}  // namespace m3sim::explore
