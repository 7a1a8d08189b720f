#include "model/config/config.hpp"

#include <set>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

#include "model/config/validate.hpp"

namespace m3sim {
namespace {

using Origins = std::unordered_map<std::string, Origin>;

std::string unknown_key(const Setting& setting) {
  const Key* near = Registry::instance().nearest(setting.key);
  return setting.origin.text() + ": " + setting.key + " = " + setting.value + ": unknown key; " +
         (near != nullptr ? "did you mean " + near->name() + "?" : "m3sim keys lists all");
}

}  // namespace

std::vector<std::reference_wrapper<const ConfigEntry>> Config::unknowns() const {
  std::vector<std::reference_wrapper<const ConfigEntry>> found;
  for (const ConfigEntry& entry : entries) {
    if (entry.key->provenance() == Provenance::kUnknown) found.emplace_back(entry);
  }
  return found;
}

const ConfigEntry& Config::entry(const std::string& key) const {
  for (const ConfigEntry& candidate : entries) {
    if (candidate.key->name() == key) return candidate;
  }
  throw std::out_of_range("no key " + key);
}

Config load_config(const ConfigSources& sources) {
  Diagnostics diagnostics;
  std::vector<Setting> settings;
  for (const std::string& file : sources.files) {
    for (Setting& setting : read_ini(file, diagnostics)) settings.push_back(std::move(setting));
  }
  for (const std::string& text : sources.assignments) {
    read_assignment(text, settings, diagnostics);
  }

  Config config;
  Origins origins;
  std::set<std::string_view> refused;
  for (const Setting& setting : settings) {
    const Key* key = Registry::instance().find(setting.key);
    if (key == nullptr) {
      diagnostics.push_back(unknown_key(setting));
    } else if (const auto fault = key->assign(config.values, setting.value)) {
      diagnostics.push_back(setting.origin.text() + ": " + setting.key + " = " + setting.value +
                            ": " + *fault);
      refused.insert(key->name());
    } else {
      origins[setting.key] = setting.origin;
    }
  }

  for (const auto& key : Registry::instance().keys()) {
    const auto origin = origins.find(key->name());
    config.entries.push_back({key.get(), key->text(config.values), key->value(config.values),
                              origin == origins.end() ? Origin{} : origin->second});
  }
  for (const Violation& violation : find_violations(config.values)) {
    if (!violation.concerns(refused)) diagnostics.push_back(violation.line(config));
  }
  if (!diagnostics.empty()) throw ConfigError(std::move(diagnostics));
  return config;
}

void validate(const AcceleratorConfig& values) {
  Config config{values, {}};
  for (const auto& key : Registry::instance().keys()) {
    config.entries.push_back({key.get(), key->text(values), key->value(values), {}});
  }
  Diagnostics diagnostics;
  for (const Violation& violation : find_violations(values)) {
    diagnostics.push_back(violation.line(config));
  }
  if (!diagnostics.empty()) throw ConfigError(std::move(diagnostics));
}

}  // namespace m3sim
