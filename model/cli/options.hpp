#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/variables_map.hpp>
#include <optional>
#include <string>

#include "model/cli/command_registry.hpp"
#include "model/config/config.hpp"

namespace m3sim::cli {

/// A command's options, read with Boost.Program_options without guessing of abbreviated names.
///
///     Options options("run", "simulate one design point", "[OPTIONS]");
///     options.add_config().add()("report", po::value<std::string>(), "write the report to FILE");
///     if (!options.read(arguments)) return ExitCode::kDone;  // --help was printed
class Options {
 public:
  Options(const std::string& command, const std::string& summary, const std::string& usage);

  boost::program_options::options_description_easy_init add() { return described_.add_options(); }
  /// `--config FILE` and `--set section.key=value`, both repeatable.
  Options& add_config();
  /// Arguments without a dash: `count` of them (-1: any number) belong to option `name`.
  Options& positional(const std::string& name, int count);

  /// False where `--help` was asked for and printed. Throws UsageError.
  bool read(const Arguments& arguments);

  bool has(const std::string& name) const { return values_.count(name) != 0; }
  template <class T>
  const T& get(const std::string& name) const {
    return values_[name].as<T>();
  }
  template <class T>
  std::optional<T> find(const std::string& name) const {
    return has(name) ? std::optional<T>(get<T>(name)) : std::nullopt;
  }
  /// The files and assignments of add_config(); the default preset where no file was given.
  ConfigSources config_sources() const;

 private:
  std::string command_;
  std::string summary_;
  std::string usage_;
  boost::program_options::options_description described_{"Options"};
  boost::program_options::positional_options_description positional_;
  boost::program_options::variables_map values_;
};

}  // namespace m3sim::cli
