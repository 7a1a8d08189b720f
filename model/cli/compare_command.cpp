#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

#include "model/cli/command_registry.hpp"
#include "model/cli/options.hpp"
#include "model/explore/compare_stores.hpp"
#include "model/network/file.hpp"
#include "model/report/compare.hpp"

namespace m3sim::cli {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using report::ComparedFile;

/// Of a baseline and what it is compared with; either may not exist.
struct Pair {
  std::string name;
  fs::path before, after;
};

std::set<std::string> reports_below(const fs::path& folder) {
  std::set<std::string> names;
  std::error_code fault;
  for (fs::directory_iterator entry(folder, fault), end; !fault && entry != end;
       entry.increment(fault)) {
    const fs::path extension = entry->path().extension();
    if (extension == ".json" || extension == ".sqlite")
      names.insert(entry->path().filename().string());
  }
  if (fault) throw InputError(folder.string(), "cannot be read: " + fault.message());
  return names;
}

/// Two files, or the reports of two folders by name.
std::vector<Pair> pairs(const fs::path& before, const fs::path& after, bool update) {
  for (const fs::path& path : {before, after}) {
    const bool may_be_new = update && path == before;
    if (!fs::exists(path) && !may_be_new) throw InputError(path.string(), "no such file or folder");
  }
  if (!fs::is_directory(after)) {
    if (fs::is_directory(before))
      throw InputError(before.string(), "is a folder, the other a file");
    return {{before.filename().string(), before, after}};
  }
  if (fs::exists(before) && !fs::is_directory(before)) {
    throw InputError(before.string(), "is a file, the other a folder");
  }
  std::set<std::string> names = reports_below(after);
  if (fs::exists(before)) names.merge(reports_below(before));
  if (names.empty())
    throw InputError(after.string(), "has no report (*.json) and no store (*.sqlite)");
  std::vector<Pair> result;
  for (const std::string& name : names) result.push_back({name, before / name, after / name});
  return result;
}

bool is_store(const fs::path& path) { return explore::StoreReader::is_store(path.string()); }

/// A pair of reports, or the points of a pair of stores.
std::vector<ComparedFile> compared(const Pair& pair, const report::Tolerances& tolerances) {
  ComparedFile file{pair.name, {}, {}};
  if (!fs::exists(pair.after)) {
    file.failure = "no new report";
  } else if (!fs::exists(pair.before)) {
    if (is_store(pair.after)) {
      explore::StoreReader checked(pair.after.string());
    } else {
      report::read_report(pair.after.string());
    }
    file.failure = "no baseline";
  } else if (is_store(pair.before) && is_store(pair.after)) {
    return compare_stores(explore::StoreReader(pair.before.string()),
                          explore::StoreReader(pair.after.string()), tolerances);
  } else {
    file.comparison = report::compare(report::read_report(pair.before.string()),
                                      report::read_report(pair.after.string()), tolerances);
  }
  return {file};
}

bool passed(const std::vector<ComparedFile>& files) {
  return std::all_of(files.begin(), files.end(), [](const auto& file) { return file.passed(); });
}

/// Rewrites the baselines that differ, and says why in `reasons.txt` beside them.
void update(const std::vector<Pair>& pairs, const std::vector<std::vector<ComparedFile>>& files,
            const report::Tolerances& tolerances, const std::string& reason) {
  std::string lines;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (passed(files[i]) || !fs::exists(pairs[i].after)) continue;
    std::error_code ignored;  // write_file reports it
    if (pairs[i].before.has_parent_path())
      fs::create_directories(pairs[i].before.parent_path(), ignored);
    if (is_store(pairs[i].after)) {
      explore::StoreReader(pairs[i].after.string()).copy_to(pairs[i].before.string());
    } else {
      write_file(pairs[i].before,
                 report::baseline_text(report::read_report(pairs[i].after.string()), tolerances));
    }
    lines += pairs[i].name + ": " + reason + "\n";
  }
  if (lines.empty()) return;
  const fs::path reasons = pairs.front().before.parent_path() / "reasons.txt";
  write_file(reasons, (fs::exists(reasons) ? read_file(reasons) : std::string()) + lines);
}

/// Of a store how many points differ, and the first of these.
std::string text_of(const Pair& pair, const std::vector<ComparedFile>& files, std::size_t show) {
  if (!is_store(pair.before) || !is_store(pair.after)) return report::table_text(files[0], show);
  const auto different = std::count_if(files.begin(), files.end(),
                                       [](const ComparedFile& file) { return !file.passed(); });
  std::string text = pair.name + ": " + std::to_string(different) + " of " +
                     std::to_string(files.size()) + " points differ\n";
  std::size_t shown = 0;
  for (const ComparedFile& file : files) {
    if (!file.passed() && shown++ < show) text += report::table_text(file, show);
  }
  return text;
}

void check_line(const std::string& reason) {
  if (reason.find_first_not_of(" \t") == std::string::npos || reason.find('\n') != reason.npos) {
    throw UsageError("m3sim compare: --reason must be a line of text");
  }
}

/// A baseline changes for a reason, which only a terminal can be asked for.
void check_reason(const Options& options) {
  const bool given = options.has("reason");
  const bool may_ask = options.has("update") && isatty(STDIN_FILENO) != 0;
  if (options.has("update") != given && !may_ask) {
    throw UsageError(
        "m3sim compare: --update and --reason TEXT go together: a baseline changes for a reason");
  }
  if (given) check_line(options.get<std::string>("reason"));
}

std::string reason_of(const Options& options) {
  if (options.has("reason")) return options.get<std::string>("reason");
  std::cerr << "Why do the baselines change? " << std::flush;
  std::string reason;
  std::getline(std::cin, reason);
  check_line(reason);
  return reason;
}

ExitCode run_compare(const Arguments& arguments) {
  Options options(
      "compare",
      "Compare reports figure by figure, exactly unless a tolerance says otherwise; exit "
      "code 1 where they differ. OLD and NEW are report.json files, stores of m3sim sweep, or "
      "folders of them (*.json, *.sqlite)",
      "OLD NEW [OPTIONS]");
  options.add()("old", po::value<std::string>()->required(), "the baseline (first argument)")(
      "new", po::value<std::string>()->required(), "what is compared with it (second argument)")(
      "tolerances", po::value<std::string>()->value_name("FILE"),
      "lines `PATTERN exact|ignore|NUMBER|NUMBER%`, the last match decides; * is any name, ** any "
      "path")("junit", po::value<std::string>()->value_name("FILE"),
              "write the result as JUnit XML")(
      "show", po::value<std::size_t>()->value_name("N")->default_value(20),
      "differences shown of each file")(
      "update", "rewrite the baselines that differ; keeps what is compared")(
      "reason", po::value<std::string>()->value_name("TEXT"),
      "why, for reasons.txt beside the baseline");
  options.positional("old", 1).positional("new", 1);
  if (!options.read(arguments)) return ExitCode::kDone;
  check_reason(options);
  report::Tolerances tolerances;
  if (const auto file = options.find<std::string>("tolerances"))
    tolerances = report::Tolerances::read(*file);

  const std::vector<Pair> all = pairs(options.get<std::string>("old"),
                                      options.get<std::string>("new"), options.has("update"));
  std::vector<std::vector<ComparedFile>> files;
  std::vector<ComparedFile> flat;
  for (const Pair& pair : all) {
    files.push_back(compared(pair, tolerances));
    flat.insert(flat.end(), files.back().begin(), files.back().end());
  }
  const std::size_t show = options.get<std::size_t>("show");
  if (const auto file = options.find<std::string>("junit"))
    write_file(*file, report::junit_text(flat, show));
  for (std::size_t i = 0; i < all.size(); ++i) std::cout << text_of(all[i], files[i], show);
  if (!options.has("update")) return passed(flat) ? ExitCode::kDone : ExitCode::kCheckFailed;
  const std::string reason = passed(flat) ? "" : reason_of(options);
  update(all, files, tolerances, reason);
  return ExitCode::kDone;
}

const RegisterCommand kCompare({"compare", "compare reports with a baseline, figure by figure",
                                run_compare});

}  // namespace
}  // namespace m3sim::cli
