#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "model/cli/command_registry.hpp"
#include "model/cli/options.hpp"
#include "model/cli/report_file.hpp"
#include "model/explore/explain.hpp"
#include "model/explore/page.hpp"
#include "model/explore/sensitivity.hpp"
#include "model/network/file.hpp"

namespace m3sim::cli {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// A folder that is removed with the object.
class ScratchFolder {
 public:
  ScratchFolder()
      : path_(fs::temp_directory_path() / ("m3sim-explain-" + std::to_string(getpid()))) {
    std::error_code error;
    fs::create_directories(path_, error);
    if (error) throw InputError(path_.string(), "cannot be made: " + error.message());
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<explore::Step> steps_of(const Options& options, const Config& base) {
  std::vector<std::string> keys = explore::stepped_keys();
  if (const auto given = options.find<std::string>("keys")) {
    keys.clear();
    std::istringstream list(*given);
    for (std::string key; std::getline(list, key, ',');) keys.push_back(key);
  }
  std::vector<explore::Step> steps;
  for (const std::string& key : keys)
    for (explore::Step& step : explore::steps_of(base, key)) steps.push_back(std::move(step));
  if (steps.empty()) throw UsageError("--keys: none of them has a step that hardware can have");
  return steps;
}

ExitCode explain(const Arguments& arguments) {
  Options options("explain",
                  "say what limits each kernel of a run, and simulate what one step of each key "
                  "changes",
                  "REPORT.json [OPTIONS]");
  options.add()("input", po::value<std::string>(), "a report.json of m3sim run")(
      "keys", po::value<std::string>()->value_name("KEYS"),
      "the keys to step, separated by commas; default: sizes, parallelism, banks and ports")(
      "layers", "each layer by itself")(
      "jobs,j", po::value<int>()->value_name("N")->default_value(1), "simulations at a time")(
      "html", po::value<std::string>()->value_name("FILE"),
      "draw the report with the measured steps as a page");
  options.positional("input", 1);
  if (!options.read(arguments)) return ExitCode::kDone;
  const auto input = options.find<std::string>("input");
  if (!input) throw UsageError("m3sim explain: needs a report.json");
  const int jobs = options.get<int>("jobs");
  if (jobs < 1) throw UsageError("--jobs " + std::to_string(jobs) + ": must be at least 1");
  const auto html = options.find<std::string>("html");
  if (html && !fs::is_directory(fs::absolute(*html).parent_path()))
    throw InputError(*html, "its folder does not exist");
  const ScratchFolder scratch;
  with_report(*input, [&](const Json& report) {
    explore::Repetition repetition(fs::read_symlink("/proc/self/exe").string(), *input, report,
                                   scratch.path());
    const std::vector<explore::Step> steps = steps_of(options, repetition.base());
    repetition.check(report);
    const bool terminal = isatty(STDERR_FILENO) != 0;
    const std::vector<Json> reports = repetition.run(steps, jobs, [&](std::size_t done) {
      if (terminal) std::cerr << "\r" << done << " of " << steps.size() << " steps simulated";
    });
    if (terminal) std::cerr << '\n';
    for (std::size_t t = 0; t < report.at("tasks").size(); ++t)
      std::cout << (t > 0 ? "\n" : "")
                << explore::explain_text(report, t, options.has("layers"), steps, reports);
    if (html)
      write_file(*html, explore::page_html(explore::page_of_report(
                            report, explore::sensitivity_json(steps, reports))));
    return 0;
  });
  return ExitCode::kDone;
}

const RegisterCommand kExplain({"explain", "what limits each kernel of a run, and what would help",
                                explain});

}  // namespace
}  // namespace m3sim::cli
