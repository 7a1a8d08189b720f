#include "model/explore/processes.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <thread>

#include "model/config/error.hpp"

namespace m3sim::explore {
namespace {

using Clock = std::chrono::steady_clock;

/// Between fork and exec only async-signal-safe calls are allowed.
[[noreturn]] void become(char* const* arguments, const char* messages, pid_t parent) {
  setpgid(0, 0);  // ^C is the parent's to handle
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  const int null = open("/dev/null", O_RDWR);
  const int errors = open(messages, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (null < 0 || errors < 0) _exit(127);
  dup2(null, STDIN_FILENO);
  dup2(null, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  execv(arguments[0], arguments);
  _exit(127);
}

class Running {
 public:
  ~Running() {
    for (const auto& [pid, job] : jobs_) kill(pid, SIGKILL);
    for (const auto& [pid, job] : jobs_) waitpid(pid, nullptr, 0);
  }

  std::size_t size() const { return jobs_.size(); }

  void start(Job job) {
    std::vector<char*> arguments;
    for (std::string& argument : job.arguments) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0)
      throw Error(ExitCode::kBadInput,
                  std::string("cannot start a process: ") + std::strerror(errno));
    if (pid == 0) become(arguments.data(), job.messages.c_str(), parent);
    jobs_[pid] = {job.id, Clock::now()};
  }

  /// A job that has ended, if any has.
  std::optional<JobEnd> reap() {
    for (auto job = jobs_.begin(); job != jobs_.end(); ++job) {
      int status = 0;
      if (waitpid(job->first, &status, WNOHANG) != job->first) continue;
      JobEnd end;
      end.id = job->second.id;
      end.seconds = std::chrono::duration<double>(Clock::now() - job->second.start).count();
      WIFSIGNALED(status) ? end.signal = WTERMSIG(status) : end.exit_code = WEXITSTATUS(status);
      jobs_.erase(job);
      return end;
    }
    return std::nullopt;
  }

 private:
  struct Started {
    std::size_t id;
    Clock::time_point start;
  };
  std::map<pid_t, Started> jobs_;
};

}  // namespace

bool run_jobs(int parallel, const std::function<std::optional<Job>()>& next,
              const std::function<void(const JobEnd&)>& ended, const std::function<void()>& tick,
              const std::function<bool()>& stopped) {
  constexpr auto kPoll = std::chrono::milliseconds(2);
  constexpr auto kTick = std::chrono::milliseconds(500);
  Running running;
  bool more = true;
  Clock::time_point last_tick{};
  while (!stopped()) {
    while (more && running.size() < static_cast<std::size_t>(parallel)) {
      std::optional<Job> job = next();
      more = job.has_value();
      if (job) running.start(std::move(*job));
    }
    if (running.size() == 0) return true;
    if (const auto end = running.reap()) {
      ended(*end);
      continue;
    }
    if (Clock::now() - last_tick > kTick) {
      tick();
      last_tick = Clock::now();
    }
    std::this_thread::sleep_for(kPoll);
  }
  return false;
}

}  // namespace m3sim::explore
