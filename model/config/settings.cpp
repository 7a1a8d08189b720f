#include "model/config/settings.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "model/config/presets.hpp"

namespace m3sim {
namespace {

namespace po = boost::program_options;

/// Program_options knows INI but not line numbers, so it is given one line at a time, below its
/// section.
std::vector<po::option> parse_line(const std::string& section, const std::string& line) {
  static const po::options_description kNoneRegistered;
  std::istringstream text((section.empty() ? "" : "[" + section + "]\n") + line);
  return po::parse_config_file(text, kNoneRegistered, /*allow_unregistered=*/true).options;
}

std::string without_comment(const std::string& line) {
  const std::string text = line.substr(0, line.find('#'));
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

class IniReader {
 public:
  IniReader(std::vector<Setting>& settings, Diagnostics& diagnostics)
      : settings_(settings), diagnostics_(diagnostics) {}

  void read(const ConfigFile& file) {
    std::ifstream stream(file.path);
    if (!stream) {
      diagnostics_.push_back(file.shown + ": cannot be read");
      return;
    }
    open_.push_back(file);
    std::map<std::string, int> first_line;
    std::string section;
    std::string line;
    for (int number = 1; std::getline(stream, line); ++number) {
      read_line(file, number, without_comment(line), section, first_line);
    }
    if (stream.bad()) diagnostics_.push_back(file.shown + ": cannot be read");
    open_.pop_back();
  }

 private:
  void read_line(const ConfigFile& file, int number, const std::string& line, std::string& section,
                 std::map<std::string, int>& first_line) {
    const Origin origin{Origin::Kind::kFile, file.shown, number};
    if (line.empty()) return;
    if (line.front() == '[' && line.back() == ']') {
      section = without_comment(line.substr(1, line.size() - 2));
      return;
    }
    std::vector<po::option> options;
    try {
      options = parse_line(section, line);
    } catch (const po::error&) {
      diagnostics_.push_back(origin.text() + ": " + line + ": must be [section] or key = value");
      return;
    }
    for (const po::option& option : options) {
      const std::string& key = option.string_key;
      const std::string value = option.value.empty() ? "" : option.value.front();
      if (key == "include" || key == section + ".include") {
        include(file, origin, value);
      } else if (const auto [seen, is_new] = first_line.emplace(key, number); !is_new) {
        diagnostics_.push_back(origin.text() + ": " + key + " = " + value + ": set in line " +
                               std::to_string(seen->second) + " already");
      } else {
        settings_.push_back({key, value, origin});
      }
    }
  }

  void include(const ConfigFile& from, const Origin& origin, const std::string& path) {
    const std::string where = origin.text() + ": include = " + path + ": ";
    const std::optional<ConfigFile> file = find_config_file(path, from);
    if (!file) {
      diagnostics_.push_back(where + "no such file");
      return;
    }
    std::string chain;
    for (const ConfigFile& open : open_) {
      std::error_code ignored;
      if (!chain.empty() || std::filesystem::equivalent(open.path, file->path, ignored)) {
        chain.append(open.shown).append(" -> ");
      }
    }
    if (!chain.empty()) {
      diagnostics_.push_back(where + "includes itself: " + chain + file->shown);
      return;
    }
    read(*file);
  }

  std::vector<Setting>& settings_;
  Diagnostics& diagnostics_;
  std::vector<ConfigFile> open_;  // the chain of includes being read
};

}  // namespace

std::vector<Setting> read_ini(const std::string& path, Diagnostics& diagnostics) {
  std::vector<Setting> settings;
  if (const std::optional<ConfigFile> file = find_config_file(path)) {
    IniReader(settings, diagnostics).read(*file);
  } else {
    diagnostics.push_back(path + ": no such file");
  }
  return settings;
}

void read_assignment(const std::string& text, std::vector<Setting>& settings,
                     Diagnostics& diagnostics) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) {
    diagnostics.push_back("--set " + text + ": must be section.key=value");
    return;
  }
  settings.push_back({without_comment(text.substr(0, equals)),
                      without_comment(text.substr(equals + 1)),
                      {Origin::Kind::kCommandLine, {}, 0}});
}

}  // namespace m3sim
