// Programs run beside each other, each in a process of its own.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace m3sim::explore {

struct Job {
  std::size_t id = 0;
  std::vector<std::string> arguments;  ///< the program first
  std::string messages;                ///< file that gets its stderr; its stdout is dropped
};

struct JobEnd {
  std::size_t id = 0;
  int exit_code = 0;  ///< where no signal ended it
  int signal = 0;
  double seconds = 0;  ///< of wall-clock time
};

/// Runs the jobs that `next` hands out until it has none left, at most `parallel` at a time;
/// `ended` is told of each end and `tick` called about every half second. Where any of them throws,
/// or `stopped` holds, the jobs that still run are killed and none of them is reported. They end
/// with this process too, however it ends. True where all jobs have ended by themselves.
bool run_jobs(int parallel, const std::function<std::optional<Job>()>& next,
              const std::function<void(const JobEnd&)>& ended, const std::function<void()>& tick,
              const std::function<bool()>& stopped);

}  // namespace m3sim::explore
