#include "model/report/compare.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string_view>

#include "model/config/error.hpp"
#include "model/network/file.hpp"

namespace m3sim::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "m3sim.report/1";

bool matches(std::string_view pattern, std::string_view path) {
  if (pattern.empty()) return path.empty();
  if (pattern.front() != '*') {
    return !path.empty() && pattern.front() == path.front() &&
           matches(pattern.substr(1), path.substr(1));
  }
  const bool across = pattern.substr(0, 2) == "**";
  pattern.remove_prefix(across ? 2 : 1);
  for (std::size_t i = 0; i <= path.size(); ++i) {
    if (matches(pattern, path.substr(i))) return true;
    if (i < path.size() && path[i] == '/' && !across) return false;
  }
  return false;
}

/// What a list calls its element, by the first of these keys it has.
std::string element_name(const Json& element) {
  if (!element.is_object()) return {};
  for (const char* key : {"task", "name", "stage", "part", "port", "resource", "key"}) {
    const auto found = element.find(key);
    if (found != element.end() && found->is_string()) return found->get<std::string>();
  }
  for (const char* key : {"expert", "layer"}) {
    const auto found = element.find(key);
    if (found != element.end() && found->is_number_integer()) return key + found->dump();
  }
  return {};
}

std::string join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "/" + name;
}

std::string shown(const Json& value) {
  if (value.is_object() || value.is_array()) return "present";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

class Comparer {
 public:
  Comparer(const Tolerances& tolerances, Comparison& result)
      : tolerances_(tolerances), result_(result) {}

  void compare(const std::string& path, const Json& before, const Json& after) {
    if (tolerances_.ignores(path)) return;
    if (before.is_object() && after.is_object()) {
      objects(path, before, after);
    } else if (before.is_array() && after.is_array()) {
      lists(path, before, after);
    } else {
      figures(path, before, after);
    }
  }

 private:
  void objects(const std::string& path, const Json& before, const Json& after) {
    for (const auto& [key, value] : before.items()) {
      const std::string below = join(path, key);
      const auto found = after.find(key);
      found == after.end() ? one_sided(below, shown(value), "-") : compare(below, value, *found);
    }
  }

  void lists(const std::string& path, const Json& before, const Json& after) {
    const std::vector<std::string> old_names = element_names(before);
    const std::vector<std::string> new_names = element_names(after);
    std::map<std::string, std::size_t> place;
    for (std::size_t i = 0; i < new_names.size(); ++i) place[new_names[i]] = i;
    for (std::size_t i = 0; i < old_names.size(); ++i) {
      const std::string below = join(path, old_names[i]);
      const auto found = place.find(old_names[i]);
      if (found == place.end()) {
        one_sided(below, shown(before[i]), "-");
      } else {
        compare(below, before[i], after[found->second]);
        place.erase(found);
      }
    }
    for (const std::string& name : new_names) {
      if (place.count(name) != 0) one_sided(join(path, name), "-", shown(after[place[name]]));
    }
  }

  void one_sided(const std::string& path, const std::string& before, const std::string& after) {
    if (tolerances_.ignores(path)) return;
    ++result_.figures;
    result_.differences.push_back({path, before, after, std::nullopt});
  }

  void figures(const std::string& path, const Json& before, const Json& after) {
    ++result_.figures;
    if (before == after) return;
    Difference difference{path, shown(before), shown(after), std::nullopt};
    if (before.is_number() && after.is_number()) {
      const double from = before.get<double>(), to = after.get<double>();
      if (tolerances_.allows(path, from, to)) return;
      if (from != 0) difference.relative = (to - from) / std::abs(from);
    }
    result_.differences.push_back(std::move(difference));
  }

  const Tolerances& tolerances_;
  Comparison& result_;
};

/// First to start of the kernels of the first task that has one with a difference; one that only
/// the new report has starts when it says.
std::string first_diverging(const Comparison& comparison, const Json& before, const Json& after) {
  std::set<std::string> moved;
  for (const Difference& difference : comparison.differences) {
    // tasks/TASK/kernels/KERNEL[/...]
    std::size_t end = 0;
    for (int name = 0; name < 4 && end != std::string::npos; ++name) {
      end = difference.path.find('/', end + (name > 0 ? 1 : 0));
    }
    moved.insert(difference.path.substr(0, end));
  }
  const auto tasks = before.find("tasks");
  if (tasks == before.end()) return {};
  const std::vector<std::string> task_names = element_names(*tasks);
  for (std::size_t t = 0; t < tasks->size(); ++t) {
    std::string first;
    std::int64_t first_start = std::numeric_limits<std::int64_t>::max();
    for (const Json* report : {&before, &after}) {
      const Json& list = report->at("tasks");
      if (t >= list.size() || !list[t].contains("kernels")) continue;
      const Json& kernels = list[t]["kernels"];
      const std::vector<std::string> names = element_names(kernels);
      for (std::size_t k = 0; k < names.size(); ++k) {
        const std::int64_t start = kernels[k].value("start", std::int64_t{0});
        if (moved.count("tasks/" + task_names[t] + "/kernels/" + names[k]) == 0) continue;
        if (start < first_start) first = names[k], first_start = start;
      }
    }
    if (!first.empty()) return task_names[t] + ": " + first;
  }
  return {};
}

Json without_ignored(const std::string& path, const Json& value, const Tolerances& tolerances) {
  if (value.is_object()) {
    Json kept = Json::object();
    for (const auto& [key, below] : value.items()) {
      const std::string name = join(path, key);
      if (!tolerances.ignores(name)) kept[key] = without_ignored(name, below, tolerances);
    }
    return kept;
  }
  if (value.is_array()) {
    Json kept = Json::array();
    const std::vector<std::string> names = element_names(value);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string name = join(path, names[i]);
      if (!tolerances.ignores(name)) kept.push_back(without_ignored(name, value[i], tolerances));
    }
    return kept;
  }
  return value;
}

/// Objects and lists down to the kernels over several lines, deeper ones on one.
void print(std::ostream& out, const Json& value, int depth) {
  constexpr int kKernelDepth = 4;
  if (depth >= kKernelDepth || !value.is_structured() || value.empty()) {
    out << value.dump();
    return;
  }
  const std::string indent(static_cast<std::size_t>(depth) + 1, ' ');
  const char* separator = "\n";
  out << (value.is_object() ? '{' : '[');
  for (const auto& [key, below] : value.items()) {
    out << separator << indent;
    if (value.is_object()) out << Json(key).dump() << ": ";
    print(out, below, depth + 1);
    separator = ",\n";
  }
  out << '\n' << indent.substr(1) << (value.is_object() ? '}' : ']');
}

}  // namespace

std::vector<std::string> element_names(const Json& list) {
  std::vector<std::string> names;
  std::map<std::string, int> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    std::string name = element_name(list[i]);
    if (name.empty()) name = std::to_string(i);
    const int count = ++seen[name];
    names.push_back(count == 1 ? name : name + "#" + std::to_string(count));
  }
  return names;
}

Tolerances Tolerances::read(const std::string& file) {
  Tolerances result;
  std::istringstream lines(read_file(file));
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    std::istringstream words(line.substr(0, line.find('#')));
    std::string pattern, limit, more;
    if (!(words >> pattern)) continue;
    if (!(words >> limit) || (words >> more)) {
      throw InputError(file, number, "must be a pattern and a tolerance");
    }
    Rule rule{pattern, Rule::Kind::kAbsolute, 0};
    if (limit == "ignore") {
      rule.kind = Rule::Kind::kIgnore;
    } else if (limit != "exact") {
      std::string_view digits = limit;
      if (digits.back() == '%') rule.kind = Rule::Kind::kRelative, digits.remove_suffix(1);
      const char* end = digits.data() + digits.size();
      const auto [stop, fault] = std::from_chars(digits.data(), end, rule.limit);
      if (fault != std::errc() || stop != end || !(rule.limit >= 0)) {
        throw InputError(file, number, pattern, limit,
                         "must be exact, ignore, a number or a percentage");
      }
      if (rule.kind == Rule::Kind::kRelative) rule.limit /= 100;
    }
    result.rules_.push_back(std::move(rule));
  }
  return result;
}

const Tolerances::Rule* Tolerances::rule(const std::string& path) const {
  for (auto rule = rules_.rbegin(); rule != rules_.rend(); ++rule) {
    if (matches(rule->pattern, path)) return &*rule;
  }
  return nullptr;
}

bool Tolerances::ignores(const std::string& path) const {
  if (path == "version") return true;
  const Rule* found = rule(path);
  return found != nullptr && found->kind == Rule::Kind::kIgnore;
}

bool Tolerances::allows(const std::string& path, double before, double after) const {
  const Rule* found = rule(path);
  if (found == nullptr) return before == after;
  const double scale = found->kind == Rule::Kind::kRelative ? std::abs(before) : 1;
  return std::abs(after - before) <= found->limit * scale;
}

Json read_report(const std::string& file) {
  const std::string text = read_file(file);
  Json report = Json::parse(text, nullptr, false);
  if (report.is_discarded()) throw InputError(file, "is no JSON");
  const auto schema = report.is_object() ? report.find("schema") : report.end();
  if (!report.is_object() || schema == report.end() || *schema != kSchema ||
      !report.contains("tasks") || !report["tasks"].is_array()) {
    throw InputError(file, std::string("is no report of m3sim (") + kSchema + ")");
  }
  return report;
}

Comparison compare(const Json& before, const Json& after, const Tolerances& tolerances) {
  Comparison result;
  Comparer(tolerances, result).compare("", before, after);
  result.first_kernel = first_diverging(result, before, after);
  return result;
}

std::string baseline_text(const Json& report, const Tolerances& tolerances) {
  std::ostringstream out;
  print(out, without_ignored("", report, tolerances), 0);
  out << '\n';
  return std::move(out).str();
}

}  // namespace m3sim::report
