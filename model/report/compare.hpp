// Two reports, figure by figure: what a regression test asks.
//
// A figure is a number, word or truth value of report.json. Its path joins keys and the names of
// list elements by slashes: `tasks/semseg/kernels/layer1.experts.3.fc1/cycles`; list elements
// without a name count from 0, and a name that comes again gets `#2`.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace m3sim::report {

/// How far figures may move. Without a rule a figure must stay as it is.
class Tolerances {
 public:
  Tolerances() = default;
  /// A file of lines `PATTERN TOLERANCE`, comments from `#` on; the last rule that matches a path
  /// decides. In a pattern `*` stands for anything within one name, `**` for any number of names.
  /// A tolerance is `exact`, `5` (absolute), `0.1%` (of the old value) or `ignore`, which leaves
  /// out all below the path too. Throws InputError.
  static Tolerances read(const std::string& file);

  bool ignores(const std::string& path) const;
  bool allows(const std::string& path, double before, double after) const;

 private:
  struct Rule {
    std::string pattern;
    enum class Kind { kIgnore, kAbsolute, kRelative } kind;
    double limit;
  };
  const Rule* rule(const std::string& path) const;
  std::vector<Rule> rules_;
};

/// A figure that moved. A side that lacks it shows "-".
struct Difference {
  std::string path, before, after;
  std::optional<double> relative;  ///< (after - before) / |before|, where that is a number
};

struct Comparison {
  std::size_t figures = 0;  ///< compared
  std::vector<Difference> differences;
  /// "semseg: layer1.experts.3.fc1": of the kernels with a difference the first to start; or empty.
  std::string first_kernel;
};

/// Names of a list's elements, each different; a number for an element without.
std::vector<std::string> element_names(const nlohmann::ordered_json& list);

/// report.json as it was written. Throws InputError for a file that cannot be read or is no report.
nlohmann::ordered_json read_report(const std::string& file);

/// Figures of `before` against those of `after`. A key that only `after` has is no difference (keys
/// are only ever added to the format), a list element is. `version` says who wrote a report and is
/// not compared.
Comparison compare(const nlohmann::ordered_json& before, const nlohmann::ordered_json& after,
                   const Tolerances& tolerances);

/// What a baseline keeps of a report: all that is compared, a kernel a line.
std::string baseline_text(const nlohmann::ordered_json& report, const Tolerances& tolerances);

/// A compared pair of files for JUnit's XML, which CI services show.
struct ComparedFile {
  std::string name;
  Comparison comparison;
  std::string failure;  ///< why there is nothing to compare; empty where there is
  bool passed() const { return failure.empty() && comparison.differences.empty(); }
};

/// At most `shown` differences of each file.
std::string junit_text(const std::vector<ComparedFile>& files, std::size_t shown);
std::string table_text(const ComparedFile& file, std::size_t shown);

}  // namespace m3sim::report
