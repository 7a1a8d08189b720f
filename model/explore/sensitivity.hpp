// What one step of each key changes in a design: simulated, each step in a process of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/config/config.hpp"

namespace m3sim::explore {

struct Step {
  std::string key, from, to;
  bool up = true;  ///< to a larger number, or another word
};

/// The keys whose steps are tried where none are named: sizes, parallelism, banks and ports.
const std::vector<std::string>& stepped_keys();

/// The steps of a key that some hardware can have. Numbers are doubled and halved or, where no
/// hardware allows that, changed by one; truth values are turned over; other words are replaced by
/// each other one. Throws UsageError for an unknown key.
std::vector<Step> steps_of(const Config& base, const std::string& key);

/// A report's configuration and how to simulate it again, time alone, with the routing it had.
class Repetition {
 public:
  /// Files of the repetition go into `folder`. Throws InputError, naming `file`, where the report
  /// does not say enough.
  Repetition(const std::string& program, const std::string& file,
             const nlohmann::ordered_json& report, const std::filesystem::path& folder);

  const Config& base() const { return base_; }
  /// Simulates the report's run and compares the cycles of every kernel. Throws InputError where
  /// they differ. A routing that the gates decided is recorded first, with data.
  void check(const nlohmann::ordered_json& report);
  /// The reports of the steps, in order; null for a step that cannot be simulated. At most
  /// `parallel` run at a time; `done` is told how many have ended.
  std::vector<nlohmann::ordered_json> run(const std::vector<Step>& steps, int parallel,
                                          const std::function<void(std::size_t)>& done) const;

 private:
  std::vector<std::string> command(const std::string& name, const std::string& routing,
                                   bool data) const;
  nlohmann::ordered_json simulate(const std::vector<std::string>& arguments,
                                  const std::string& name) const;

  std::string program_, file_;
  std::filesystem::path folder_;
  Config base_;
  std::vector<std::string> assignments_, inputs_;
  std::string tasks_, routing_;
  bool data_ = false;
};

/// The page's form of measured steps.
nlohmann::ordered_json sensitivity_json(const std::vector<Step>& steps,
                                        const std::vector<nlohmann::ordered_json>& reports);

}  // namespace m3sim::explore
