#include "model/cost/device.hpp"

#include <charconv>
#include <map>
#include <optional>

#include "model/config/error.hpp"
#include "model/config/presets.hpp"
#include "model/config/settings.hpp"

namespace m3sim::cost {
namespace {

/// Nothing for a text that is not a count.
std::optional<std::int64_t> count(const std::string& text) {
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::string described(const Setting& setting) {
  return setting.origin.text() + ": " + setting.key + " = " + setting.value;
}

}  // namespace

Device Device::read(const std::string& board) {
  auto file = find_config_file("device/" + board + ".cfg");
  if (!file) file = find_config_file(board);
  if (!file) throw InputError(board, "no such device: neither a preset nor a file");
  Diagnostics faults;
  const std::vector<Setting> settings = read_ini(file->path.string(), faults);
  Device device;
  std::map<std::string, std::int64_t*> missing{{"device.dsp", &device.dsp},
                                               {"device.bram18", &device.bram18},
                                               {"device.uram", &device.uram},
                                               {"device.lut", &device.lut},
                                               {"device.ff", &device.ff}};
  for (const Setting& setting : settings) {
    if (setting.key == "device.name") {
      device.name = setting.value;
      continue;
    }
    const auto found = missing.find(setting.key);
    const auto value = count(setting.value);
    if (found == missing.end()) {
      faults.push_back(described(setting) + ": unknown key of a device, or set twice");
    } else if (!value) {
      faults.push_back(described(setting) + ": must be a whole number, at least 0");
    } else {
      *found->second = *value;
    }
    if (found != missing.end()) missing.erase(found);
  }
  if (device.name.empty()) faults.push_back(file->shown + ": has no device.name");
  for (const auto& entry : missing) faults.push_back(file->shown + ": has no " + entry.first);
  if (!faults.empty()) throw ConfigError(faults);
  return device;
}

std::vector<std::string> exceeded(const Resources& resources, const Device& device) {
  std::vector<std::string> lines;
  const auto compare = [&](const char* what, std::int64_t needed, std::int64_t available) {
    if (needed > available) {
      lines.push_back(std::string(what) + ": " + std::to_string(needed) + " of " +
                      std::to_string(available));
    }
  };
  compare("dsp", resources.dsp(), device.dsp);
  compare("bram18", resources.bram18(), device.bram18);
  compare("uram", resources.uram(), device.uram);
  compare("lut", resources.lut(), device.lut);
  compare("ff", resources.ff(), device.ff);
  return lines;
}

}  // namespace m3sim::cost
