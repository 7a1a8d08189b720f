#include "model/cli/options.hpp"

#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <iostream>
#include <vector>

namespace m3sim::cli {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

Options::Options(const std::string& command, const std::string& summary, const std::string& usage)
    : command_(command), summary_(summary), usage_(usage) {
  add()("help,h", "print this help");
}

Options& Options::add_config() {
  const std::string config_help =
      std::string("configuration file or preset; repeatable, later ones win (default ") +
      kDefaultPreset + ")";
  add()("config", po::value<Texts>()->value_name("FILE")->composing(), config_help.c_str())(
      "set", po::value<Texts>()->value_name("SECTION.KEY=VALUE")->composing(),
      "set one key; repeatable, wins over files");
  return *this;
}

Options& Options::positional(const std::string& name, int count) {
  positional_.add(name.c_str(), count);
  return *this;
}

bool Options::read(const Arguments& arguments) {
  constexpr int kStyle =
      po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    po::store(po::command_line_parser(arguments)
                  .options(described_)
                  .positional(positional_)
                  .style(kStyle)
                  .run(),
              values_);
    if (has("help")) {
      std::cout << "Usage: m3sim " << command_ << " " << usage_ << "\n"
                << summary_ << ".\n\n"
                << described_;
      return false;
    }
    po::notify(values_);
  } catch (const po::error& error) {
    throw UsageError("m3sim " + command_ + ": " + error.what());
  }
  return true;
}

ConfigSources Options::config_sources() const {
  ConfigSources sources;
  sources.files = find<Texts>("config").value_or(Texts{kDefaultPreset});
  sources.assignments = find<Texts>("set").value_or(Texts{});
  return sources;
}

}  // namespace m3sim::cli
