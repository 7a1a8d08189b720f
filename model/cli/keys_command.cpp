#include <iostream>
#include <string>

#include "model/cli/command_registry.hpp"
#include "model/cli/options.hpp"
#include "model/config/config.hpp"

namespace m3sim::cli {
namespace {

/// `unknown [?]` stands out, because such a default is a guess.
std::string provenance(const Key& key) {
  return std::string(to_word(key.provenance())) +
         (key.provenance() == Provenance::kUnknown ? " [?]" : "");
}

/// Markdown tables split cells at a bar.
std::string cell(const std::string& text) {
  std::string escaped;
  for (char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

void print_markdown(const Config& config) {
  std::string section;
  for (const ConfigEntry& entry : config.entries) {
    const Key& key = *entry.key;
    if (key.section() != section) {
      std::cout << (section.empty() ? "" : "\n") << "## " << key.section()
                << "\n\n| key | value | legal | meaning | provenance |\n|---|---|---|---|---|\n";
      section = key.section();
    }
    std::cout << "| `" << key.name() << "` | `" << cell(entry.text) << "` | " << cell(key.legal())
              << " | " << cell(key.help()) << " | " << provenance(key) << ": "
              << cell(key.provenance_text()) << " |\n";
  }
}

void print_plain(const Config& config) {
  std::string section;
  for (const ConfigEntry& entry : config.entries) {
    const Key& key = *entry.key;
    if (key.section() != section) {
      std::cout << (section.empty() ? "" : "\n") << "[" << key.section() << "]\n";
      section = key.section();
    }
    std::cout << key.name() << " = " << entry.text << '\n'
              << "    " << key.help() << "; " << key.legal() << '\n'
              << "    " << provenance(key) << ": " << key.provenance_text() << '\n';
    if (entry.origin.kind != Origin::Kind::kDefault) {
      std::cout << "    set by " << entry.origin.text() << '\n';
    }
  }
}

ExitCode keys(const Arguments& arguments) {
  Options options("keys",
                  "Print every configuration key: its default, or its value in effect where "
                  "--config or --set is given; what it may be, what it means, where its default "
                  "comes from",
                  "[OPTIONS]");
  options.add_config().add()("markdown", "as the reference page, in Markdown");
  if (!options.read(arguments)) return ExitCode::kDone;
  ConfigSources sources = options.config_sources();
  if (!options.has("config")) sources.files.clear();
  const Config config = load_config(sources);
  options.has("markdown") ? print_markdown(config) : print_plain(config);
  return ExitCode::kDone;
}

const RegisterCommand kKeys({"keys", "print every configuration key", keys});

}  // namespace
}  // namespace m3sim::cli
