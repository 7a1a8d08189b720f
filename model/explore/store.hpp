// Where a sweep keeps its results: an SQLite file that survives being interrupted at any time.
//
// Table `points`: a row for each design point: hash, state, message, version (of the program),
// systemc (its version), inputs, seconds, and a column for every configuration key
// ("linear.in_tile"). Table `results`: a row for each task of a point, with a column for every
// figure ("energy_mj.total"). View `sweep`: both joined, a row for each point and task. Table
// `reports`: kept_report() of each point, compressed by zlib, and its size. `seconds`, the simulation's wall-clock time, is the only column that
// differs between two runs of the same sweep.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/explore/figures.hpp"

struct sqlite3;

namespace m3sim::explore {

enum class State {
  kDone,
  kFailed,    ///< the simulation ended with an error, `message`
  kRejected,  ///< no hardware can be so, or it does not fit: not simulated, `message` says why
  kPruned     ///< cannot be on the Pareto front: not simulated, `message` says why
};
/// "done", "failed", ...
const std::string& state_name(State state);

struct PointRow {
  std::string hash;
  State state = State::kDone;
  std::string message;
  std::string version;  ///< of the program
  std::string systemc;  ///< version
  std::string inputs;
  double seconds = 0;
  std::vector<std::string> keys;  ///< text of every key, in the registry's order
  std::vector<TaskResult> results;
  std::string report{};  ///< kept_report(); empty without results
};

class Store {
 public:
  /// Opens the file; where there is none it makes an empty store. Throws InputError, and leaves the
  /// file as it was, where it is damaged, no store, one of another version of the program, or
  /// cannot be written.
  explicit Store(const std::string& path);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// State, message and results of a point, these with their report where it is asked for; the rest
  /// is left empty.
  std::optional<PointRow> find(const std::string& hash, bool with_report = false);
  /// Writes a point with its results, or nothing of it; replaces what was known of it.
  void record(const PointRow& point);
  /// Takes over the points of another store: done ones before failed before rejected before pruned ones. Throws
  /// InputError, and takes over none, where both hold different results for one point.
  void merge(const std::string& path);

 private:
  class Statement;
  void open();
  void prepare();
  void execute(const std::string& sql);
  std::string value(const std::string& sql);
  void check_is_store(const std::string& schema, const std::string& path);
  void create();
  std::vector<std::string> columns(const std::string& table);
  std::string report_of(const std::string& hash);
  [[noreturn]] void fail(const std::string& message) const;

  std::string path_;
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database_;
  std::unique_ptr<Statement> find_point_, find_results_, add_point_, drop_results_, add_result_,
      find_report_, add_report_, drop_report_;
};

}  // namespace m3sim::explore
