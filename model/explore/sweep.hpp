// Runs the points of a sweep and keeps their results.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "model/cost/device.hpp"
#include "model/explore/point.hpp"
#include "model/explore/store.hpp"

namespace m3sim::explore {

struct Sweep {
  Config base;
  std::vector<Axis> axes;
  std::size_t points = 0;              ///< of all rounds, at most
  std::string version, systemc;        ///< of the program and its library
  std::string inputs;                  ///< describe()
  std::vector<std::string> command;    ///< program and arguments that simulate `base`
  std::optional<cost::Device> device;  ///< that every point must fit
  int parallel = 1;
  bool retry_failed = false;
};

struct Progress {
  std::size_t points = 0;
  std::size_t stored = 0;  ///< taken from the store
  std::size_t done = 0, failed = 0, rejected = 0, pruned = 0;
  double seconds = 0;  ///< since the start

  std::size_t simulated() const { return done + failed; }
  std::size_t finished() const { return stored + done + failed + rejected + pruned; }
  /// Simulated ones; 0 at the start.
  double points_per_hour() const;
};

/// A folder for the reports and messages of running points, beside the store: what an earlier sweep
/// left there is removed, and it is removed with the object. Throws InputError where it cannot be
/// made or another sweep uses it.
class WorkFolder {
 public:
  explicit WorkFolder(const std::string& store);
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
  int lock_;
};

/// The points to take next, once all earlier ones are recorded; none to end. What a round asks for
/// may depend on the results of earlier rounds, but never on those of its own: so a sweep goes the
/// same way whatever the order in which its processes end, and again after an interruption.
using NextRound = std::function<std::vector<Choice>()>;

/// Why a point need not be simulated, or nothing; asked while its round begins.
using WhyPruned = std::function<std::string(const Point&)>;

/// Simulates the points that the store does not hold as done or failed, each in a process of its
/// own, and records each as it ends. Points that no hardware can be, or that do not fit the device,
/// are recorded as rejected, others as pruned. `shown` is told the progress about twice a second;
/// `stopped` ends the sweep early, without a loss.
Progress run_sweep(const Sweep& sweep, Store& store, const WorkFolder& work, const NextRound& next,
                   const WhyPruned& pruned, const std::function<void(const Progress&)>& shown,
                   const std::function<bool()>& stopped);

}  // namespace m3sim::explore
