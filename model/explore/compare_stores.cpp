#include "model/explore/compare_stores.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "model/config/error.hpp"

namespace m3sim::explore {
namespace {

using Point = StoreReader::Point;

/// Inputs by name, without the digests of their files.
std::string named_inputs(const std::string& inputs) {
  std::string text;
  std::istringstream lines(inputs);
  for (std::string line; std::getline(lines, line);) {
    const std::string name = line.substr(0, line.find(" sha256:"));
    if (name != "energy table") text += name + "\n";
  }
  return text;
}

/// Keys that both stores know, and of these the ones that differ within either.
struct Keys {
  std::set<std::string> common, varying;

  Keys(const StoreReader& before, const StoreReader& after) {
    const std::vector<Point>&a = before.points(), &b = after.points();
    if (a.empty() || b.empty()) return;
    for (const auto& [key, value] : a.front().keys) {
      if (b.front().keys.count(key) == 0) continue;
      common.insert(key);
      for (const auto* points : {&a, &b}) {
        for (const Point& point : *points) {
          if (point.keys.at(key) != value) varying.insert(key);
        }
      }
    }
  }

  std::string identity(const Point& point) const {
    std::string text = named_inputs(point.inputs);
    for (const std::string& key : common) text += key + "=" + point.keys.at(key) + "\n";
    return text;
  }
  std::string name(const Point& point) const {
    std::string text;
    for (const std::string& key : varying) {
      text += (text.empty() ? "" : " ") + key + "=" + point.keys.at(key);
    }
    return text.empty() ? "the point" : text;
  }
};

report::ComparedFile compared(const std::string& name, const Point* before, const Point* after,
                              const StoreReader& old_store, const StoreReader& new_store,
                              const report::Tolerances& tolerances) {
  report::ComparedFile file{name, {}, {}};
  if (after == nullptr) {
    file.failure = "no new result";
  } else if (before == nullptr) {
    file.failure = "no baseline";
  } else if (before->state != after->state) {
    file.failure = "was " + state_name(before->state) + ", is " + state_name(after->state) +
                   (after->message.empty() ? "" : ": " + after->message);
  } else if (before->state == State::kDone) {
    file.comparison =
        report::compare(old_store.report(before->hash), new_store.report(after->hash), tolerances);
  }
  return file;
}

}  // namespace

std::vector<report::ComparedFile> compare_stores(const StoreReader& before,
                                                 const StoreReader& after,
                                                 const report::Tolerances& tolerances) {
  const Keys keys(before, after);
  std::map<std::pair<std::string, std::string>, std::pair<const Point*, const Point*>> pairs;
  for (const Point& point : before.points()) {
    pairs[{keys.name(point), keys.identity(point)}].first = &point;
  }
  for (const Point& point : after.points()) {
    pairs[{keys.name(point), keys.identity(point)}].second = &point;
  }
  std::vector<report::ComparedFile> files;
  for (const auto& [name, pair] : pairs) {
    files.push_back(compared(name.first, pair.first, pair.second, before, after, tolerances));
  }
  return files;
}

}  // namespace m3sim::explore
