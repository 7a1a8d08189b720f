#include "model/explore/axis.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <random>
#include <set>
#include <string_view>

#include "model/config/error.hpp"
#include "model/config/registry.hpp"
#include "model/config/settings.hpp"
#include "model/explore/random.hpp"

namespace m3sim::explore {
namespace {

bool read_number(std::string_view text, std::int64_t& value) {
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc() && end == text.data() + text.size();
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end; (end = text.find(separator)) != text.npos; text.remove_prefix(end + 1)) {
    parts.push_back(text.substr(0, end));
  }
  parts.push_back(text);
  return parts;
}

/// Appends `from:to:+step` or `from:to:xfactor`.
void add_range(const std::string& where, std::string_view item, std::vector<std::string>& values) {
  const std::vector<std::string_view> parts = split(item, ':');
  std::int64_t from = 0, to = 0, by = 0;
  const bool is_range = parts.size() == 3 && read_number(parts[0], from) &&
                        read_number(parts[1], to) && parts[2].size() > 1 &&
                        (parts[2][0] == '+' || parts[2][0] == 'x') &&
                        read_number(parts[2].substr(1), by);
  if (!is_range) throw UsageError(where + "a range is FROM:TO:+STEP or FROM:TO:xFACTOR");
  const bool multiply = parts[2][0] == 'x';
  if (multiply ? by < 2 || from < 1 : by < 1) {
    throw UsageError(where + "a range must grow");
  }
  if (from > to) throw UsageError(where + "the range is empty");
  for (std::int64_t value = from;;) {
    values.push_back(std::to_string(value));
    if (values.size() > kMostPoints) throw UsageError(where + "too many values");
    if (multiply ? value > to / by : value > to - by) return;
    value = multiply ? value * by : value + by;
  }
}

std::vector<std::size_t> random_column(std::mt19937_64& random, std::size_t count,
                                       std::size_t size) {
  std::vector<std::size_t> column(count);
  for (std::size_t& index : column) index = below(random, size);
  return column;
}

std::vector<std::size_t> latin_column(std::mt19937_64& random, std::size_t count,
                                      std::size_t size) {
  std::vector<std::size_t> column(count);
  std::iota(column.begin(), column.end(), std::size_t{0});
  for (std::size_t i = count; i > 1; --i) std::swap(column[i - 1], column[below(random, i)]);
  constexpr std::uint64_t kFine = 1'000'000;  // steps within a part
  for (std::size_t& part : column) {
    part = static_cast<std::size_t>((part * kFine + below(random, kFine)) * size / (count * kFine));
  }
  return column;
}

Axis make_axis(const std::string& where, const std::string& key_name, std::string_view values) {
  Axis axis{key_name, {}};
  const Key* key = Registry::instance().find(axis.key);
  if (key == nullptr) {
    const Key* near = Registry::instance().nearest(axis.key);
    throw UsageError(
        where + "unknown key; " +
        (near != nullptr ? "did you mean " + near->name() + "?" : "m3sim keys lists all"));
  }
  for (const std::string_view item : split(values, ',')) {
    if (item.empty()) throw UsageError(where + "a value is missing");
    if (item.find(':') != item.npos) {
      add_range(where, item, axis.values);
    } else {
      axis.values.emplace_back(item);
    }
  }
  AcceleratorConfig scratch;
  std::set<std::string> seen;
  for (std::string& value : axis.values) {
    if (const auto fault = key->assign(scratch, value))
      throw UsageError(where + value + ": " + *fault);
    value = key->text(scratch);
    if (!seen.insert(value).second) throw UsageError(where + value + ": is there twice");
  }
  return axis;
}

}  // namespace

Axis parse_axis(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string where = "--axis " + text + ": ";
  if (equals == std::string::npos) throw UsageError(where + "must be KEY=VALUES");
  return make_axis(where, text.substr(0, equals), std::string_view(text).substr(equals + 1));
}

std::vector<Axis> read_axes(const std::string& file) {
  Diagnostics faults;
  std::vector<Axis> axes;
  for (const Setting& setting : read_ini(file, faults)) {
    std::string values = setting.value;
    std::erase_if(values, [](char c) { return c == ' ' || c == '\t'; });
    axes.push_back(
        make_axis(setting.origin.text() + ": " + setting.key + " = " + setting.value + ": ",
                  setting.key, values));
  }
  if (!faults.empty()) throw ConfigError(faults);
  if (axes.empty()) throw InputError(file, "has no axis");
  return axes;
}

std::vector<Choice> grid(const std::vector<Axis>& axes) {
  std::size_t count = 1;
  for (const Axis& axis : axes) {
    if (count > kMostPoints / axis.values.size()) {
      throw UsageError("the grid has more than " + std::to_string(kMostPoints) +
                       " points; --sample takes some of them");
    }
    count *= axis.values.size();
  }
  std::vector<Choice> points(count, Choice(axes.size()));
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t rest = i;
    for (std::size_t a = axes.size(); a-- > 0; rest /= axes[a].values.size()) {
      points[i][a] = rest % axes[a].values.size();
    }
  }
  return points;
}

std::vector<Choice> sample(const std::vector<Axis>& axes, std::size_t count, std::uint64_t seed,
                           Sampling sampling) {
  std::mt19937_64 random(seed);
  std::vector<Choice> drawn(count, Choice(axes.size()));
  for (std::size_t a = 0; a < axes.size(); ++a) {
    const auto draw = sampling == Sampling::kRandom ? random_column : latin_column;
    const std::vector<std::size_t> column = draw(random, count, axes[a].values.size());
    for (std::size_t i = 0; i < count; ++i) drawn[i][a] = column[i];
  }
  std::vector<Choice> points;
  std::set<Choice> seen;
  for (Choice& point : drawn) {
    if (seen.insert(point).second) points.push_back(std::move(point));
  }
  return points;
}

std::vector<Choice> shard_of(const std::vector<Choice>& points, std::size_t shard,
                             std::size_t shards) {
  std::vector<Choice> part;
  for (std::size_t i = shard - 1; i < points.size(); i += shards) part.push_back(points[i]);
  return part;
}

}  // namespace m3sim::explore
