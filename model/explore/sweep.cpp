#include "model/explore/sweep.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include "model/explore/processes.hpp"
#include "model/network/file.hpp"
#include "model/report/compare.hpp"

namespace m3sim::explore {
namespace {

namespace fs = std::filesystem;

class Runner {
 public:
  Runner(const Sweep& sweep, Store& store, const WorkFolder& work, const WhyPruned& pruned)
      : sweep_(sweep), store_(store), work_(work), pruned_(pruned) {
    progress_.points = sweep.points;
  }

  void begin(std::vector<Choice> round) {
    round_ = std::move(round);
    next_ = 0;
  }

  /// The next point of the round that must be simulated.
  std::optional<Job> next() {
    for (; next_ < round_.size(); ++next_) {
      Point point =
          make_point(sweep_.base, sweep_.axes, round_[next_], sweep_.version, sweep_.inputs);
      const std::optional<PointRow> known = store_.find(point.hash);
      const bool keep = known && (known->state == State::kDone ||
                                  (known->state == State::kFailed && !sweep_.retry_failed));
      if (keep) {
        ++progress_.stored;
      } else if (const std::string reason = why_rejected(point); !reason.empty()) {
        store_.record(row(point, State::kRejected, reason));
        ++progress_.rejected;
      } else if (const std::string why = pruned_ ? pruned_(point) : ""; !why.empty()) {
        store_.record(row(point, State::kPruned, why));
        ++progress_.pruned;
      } else {
        ++next_;
        return start(++jobs_, std::move(point));
      }
    }
    return std::nullopt;
  }

  void ended(const JobEnd& end) {
    const auto found = running_.find(end.id);
    const std::string messages = read_file(file(found->first, "err"));
    PointRow result = row(found->second, State::kDone, "");
    result.seconds = end.seconds;
    if (end.signal == 0 && end.exit_code == 0) {
      const auto report = report::read_report(file(found->first, "json"));
      result.results = task_results(report);
      result.report = kept_report(report);
      ++progress_.done;
    } else {
      // A report that cannot be written is no fault of the point.
      if (messages.find(work_.path("")) != std::string::npos) {
        throw Error(ExitCode::kBadInput, messages.substr(0, messages.find('\n')));
      }
      result.state = State::kFailed;
      result.message = end.signal != 0 ? "ended by signal " + std::to_string(end.signal)
                                       : messages.substr(0, messages.find_last_not_of('\n') + 1);
      ++progress_.failed;
    }
    store_.record(result);
    std::error_code ignored;
    for (const char* kind : {"json", "err"}) fs::remove(file(found->first, kind), ignored);
    running_.erase(found);
  }

  const Progress& progress() {
    progress_.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    return progress_;
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::string file(std::size_t id, const std::string& kind) const {
    return work_.path(std::to_string(id) + "." + kind);
  }

  std::string why_rejected(const Point& point) const {
    if (!point.fault.empty() || !sweep_.device) return point.fault;
    std::string reason;
    for (const std::string& line : cost::exceeded(cost::resources(point.values), *sweep_.device)) {
      reason += (reason.empty() ? "does not fit " + sweep_.device->name + ": " : ", ") + line;
    }
    return reason;
  }

  PointRow row(const Point& point, State state, const std::string& message) const {
    return {point.hash, state,      message, sweep_.version, sweep_.systemc, sweep_.inputs,
            0,          point.keys, {}};
  }

  Job start(std::size_t id, Point point) {
    Job job{id, sweep_.command, file(id, "err")};
    for (std::size_t a = 0; a < sweep_.axes.size(); ++a) {
      const Axis& axis = sweep_.axes[a];
      job.arguments.insert(job.arguments.end(),
                           {"--set", axis.key + "=" + axis.values[point.choice[a]]});
    }
    job.arguments.insert(job.arguments.end(), {"--report", file(id, "json")});
    running_.emplace(id, std::move(point));
    return job;
  }

  const Sweep& sweep_;
  Store& store_;
  const WorkFolder& work_;
  const WhyPruned& pruned_;
  std::vector<Choice> round_;
  std::size_t next_ = 0;  // of the round
  std::size_t jobs_ = 0;  // started in all
  std::map<std::size_t, Point> running_;
  Progress progress_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace

double Progress::points_per_hour() const {
  constexpr double kSecondsPerHour = 3600;
  return seconds > 0 ? static_cast<double>(simulated()) / seconds * kSecondsPerHour : 0;
}

WorkFolder::WorkFolder(const std::string& store) : path_(store + "-work"), lock_(-1) {
  std::error_code fault;
  fs::create_directory(path_, fault);
  if (!fault) lock_ = open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ < 0) {
    throw InputError(path_.string(), "cannot be made" + (fault ? ": " + fault.message() : ""));
  }
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    close(lock_);
    throw InputError(store, "another sweep is writing to it");
  }
  for (const auto& entry : fs::directory_iterator(path_, fault)) fs::remove(entry.path(), fault);
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  close(lock_);
}

Progress run_sweep(const Sweep& sweep, Store& store, const WorkFolder& work, const NextRound& next,
                   const WhyPruned& pruned, const std::function<void(const Progress&)>& shown,
                   const std::function<bool()>& stopped) {
  Runner runner(sweep, store, work, pruned);
  for (bool more = true; more;) {
    std::vector<Choice> round = next();
    if (round.empty()) break;
    runner.begin(std::move(round));
    more = run_jobs(
        sweep.parallel, [&] { return runner.next(); },
        [&](const JobEnd& end) { runner.ended(end); }, [&] { shown(runner.progress()); }, stopped);
  }
  shown(runner.progress());
  return runner.progress();
}

}  // namespace m3sim::explore
