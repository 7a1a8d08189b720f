#include "model/cost/energy_table.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "model/config/error.hpp"
#include "model/config/presets.hpp"
#include "model/network/file.hpp"

namespace m3sim::cost {
namespace {

__extension__ using Wide = __int128;

constexpr std::string_view kHeader = "row,unit,value,low,high,group,toggle,source";
constexpr std::size_t kColumns = 8;
constexpr std::int64_t kLargestValue = 1'000'000'000;  // 1 uJ or 1 MW: counts cannot overflow

std::string_view row_name(std::size_t index) {
  return index < timing::kEventCount ? timing::kEventNames[index]
                                     : kSupplyNames[index - timing::kEventCount];
}

std::string_view row_unit(std::size_t index) {
  if (index < timing::kEventCount) return "fJ";
  switch (static_cast<Supply>(index - timing::kEventCount)) {
    case Supply::kPlCycle:
    case Supply::kDramByte: return "fJ";
    case Supply::kPlStatic:
    case Supply::kPs:
    case Supply::kDramStandby: return "mW";
  }
  return {};
}

std::optional<std::size_t> row_index(std::string_view name) {
  for (std::size_t i = 0; i < timing::kEventCount + kSupplyCount; ++i) {
    if (row_name(i) == name) return i;
  }
  return std::nullopt;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// The columns of a line; the last one takes the rest.
std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> columns;
  while (columns.size() + 1 < kColumns) {
    const std::size_t comma = line.find(',');
    if (comma == std::string_view::npos) break;
    columns.push_back(trimmed(line.substr(0, comma)));
    line.remove_prefix(comma + 1);
  }
  columns.push_back(trimmed(line));
  return columns;
}

/// Reads one line at a time and says where a fault is.
class Reader {
 public:
  explicit Reader(const std::string& shown) : shown_(shown) {}

  std::vector<EnergyRow> rows(std::string_view text) {
    std::vector<std::optional<EnergyRow>> found(timing::kEventCount + kSupplyCount);
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      take(trimmed(text.substr(0, end)), found);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    std::vector<EnergyRow> rows;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!found[i]) throw InputError(shown_, "has no row " + std::string(row_name(i)));
      rows.push_back(std::move(*found[i]));
    }
    return rows;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw InputError(shown_, line_, message);
  }

  void take(std::string_view line, std::vector<std::optional<EnergyRow>>& found) {
    if (line.empty() || line.front() == '#') return;
    if (!has_header_) {
      if (line != kHeader) fail("must be the header " + std::string(kHeader));
      has_header_ = true;
      return;
    }
    const auto columns = split(line);
    if (columns.size() != kColumns) {
      fail("has " + std::to_string(columns.size()) + " columns, must have " +
           std::to_string(kColumns));
    }
    const auto index = row_index(columns[0]);
    if (!index) fail("unknown row " + std::string(columns[0]));
    if (found[*index]) fail("row " + std::string(columns[0]) + " stands twice");
    found[*index] = row(columns, row_unit(*index));
  }

  EnergyRow row(const std::vector<std::string_view>& columns, std::string_view unit) const {
    EnergyRow row;
    row.name = columns[0];
    row.unit = columns[1];
    if (row.unit != unit) fail("unit of " + row.name + " must be " + std::string(unit));
    row.value = number("value", columns[2], kLargestValue);
    row.low = number("low", columns[3], kLargestValue);
    row.high = number("high", columns[4], kLargestValue);
    if (row.low > row.value || row.value > row.high) {
      fail("must have low <= value <= high, has " + std::to_string(row.low) + ", " +
           std::to_string(row.value) + ", " + std::to_string(row.high));
    }
    const auto group = std::find(kComponentNames.begin(), kComponentNames.end(), columns[5]);
    if (group == kComponentNames.end()) fail("unknown group " + std::string(columns[5]));
    row.group = static_cast<Component>(group - kComponentNames.begin());
    if (columns[6] != "-") row.toggle_percent = static_cast<int>(number("toggle", columns[6], 100));
    row.source = columns[7];
    if (row.source.empty()) fail("row " + row.name + " must name its source");
    return row;
  }

  std::int64_t number(const char* column, std::string_view text, std::int64_t largest) const {
    std::int64_t value = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > largest) {
      fail(std::string(column) + " = " + std::string(text) + ": must be a whole number from 0 to " +
           std::to_string(largest));
    }
    return value;
  }

  const std::string& shown_;
  long line_ = 0;
  bool has_header_ = false;
};

}  // namespace

EnergyTable EnergyTable::read(const std::filesystem::path& file) {
  const auto found = find_config_file(file);
  if (!found) throw InputError(file.string(), "no such energy table");
  EnergyTable table;
  table.name_ = found->shown;
  table.rows_ = Reader(found->shown).rows(read_file(found->path));
  return table;
}

EnergyTable EnergyTable::scaled(const std::vector<Component>& groups, std::int64_t ppm,
                                const std::string& remark) const {
  constexpr std::int64_t kMillion = 1'000'000;
  const auto times = [&](std::int64_t value) {
    return static_cast<std::int64_t>((static_cast<Wide>(value) * ppm + kMillion / 2) / kMillion);
  };
  const std::string places = std::to_string(kMillion + ppm % kMillion).substr(1);
  EnergyTable table = *this;
  for (EnergyRow& row : table.rows_) {
    if (std::find(groups.begin(), groups.end(), row.group) == groups.end()) continue;
    for (std::int64_t* value : {&row.value, &row.low, &row.high}) *value = times(*value);
    row.source += "; x " + std::to_string(ppm / kMillion) + "." + places + " fitted: " + remark;
  }
  return table;
}

std::string EnergyTable::text() const {
  std::string text(kHeader);
  text += '\n';
  for (const EnergyRow& row : rows_) {
    text += row.name + "," + row.unit;
    for (const std::int64_t value : {row.value, row.low, row.high})
      text += "," + std::to_string(value);
    text += "," + std::string(kComponentNames[static_cast<std::size_t>(row.group)]) + "," +
            (row.toggle_percent < 0 ? "-" : std::to_string(row.toggle_percent)) + "," +
            row.source + "\n";
  }
  return text;
}

}  // namespace m3sim::cost
