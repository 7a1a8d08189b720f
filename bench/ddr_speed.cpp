// Requests a second through the DDR controller alone, as user time, and through its clock-by-clock
// twin. Reading the files is timed apart.
//
//   ddr_speed --data FOLDER [TRACE[.gz] ...]
//
// FOLDER holds a_seqrd, h_randrw and f_moe of the reference traces; further traces are replayed as
// they are, with the ZCU102's memory.

#include <sys/resource.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "model/config/config.hpp"
#include "tests/tlm/ddr_twin.hpp"
#include "tlm/trace_replay.hpp"

namespace {

using namespace m3sim;
using namespace m3sim::tlm_mem;

double user_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

/// The trace `times` times over, each time after the last.
std::vector<TraceRequest> repeated(const std::vector<TraceRequest>& trace, int times) {
  std::vector<TraceRequest> all;
  all.reserve(trace.size() * static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i) {
    for (TraceRequest r : trace) {
      r.time += trace.back().time * i;
      all.push_back(r);
    }
  }
  return all;
}

void measure(const std::string& path, int times, int window, const DdrConfig& config) {
  double start = user_seconds();
  const std::vector<TraceRequest> once = read_trace(path, trace_limits(config));
  const double reading = user_seconds() - start;
  if (once.empty()) return;
  const std::vector<TraceRequest> trace = repeated(once, times);

  ReplayOptions options;
  options.window = window;
  start = user_seconds();
  const ReplayResult result = replay(config, trace, options);
  const double seconds = user_seconds() - start;
  const double rate = static_cast<double>(trace.size()) / seconds / 1e6;

  // The twin is slow: once is enough for its rate.
  start = user_seconds();
  replay_with_twins(config, once, window);
  const double twin_rate = static_cast<double>(once.size()) / (user_seconds() - start) / 1e6;

  const std::size_t slash = path.rfind('/');
  std::printf(
      "%-22s x%-3d window %2d %9zu requests %10lld clocks %7.2f M/s   twin %6.3f M/s "
      "(x%.0f)   file %.1f M/s\n",
      path.substr(slash == std::string::npos ? 0 : slash + 1).c_str(), times, window, trace.size(),
      static_cast<long long>(result.total_cycles), rate, twin_rate, rate / twin_rate,
      static_cast<double>(once.size()) / reading / 1e6);
  std::fflush(stdout);
}

void run(const std::vector<std::string>& arguments) {
  const DdrConfig fast = load_config({{"ddr/ddr4-2400-x8.cfg"}, {}}).values.ddr;
  const DdrConfig board = load_config({{"ddr/zcu102.cfg"}, {}}).values.ddr;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] != "--data") {
      measure(arguments[i], 1, 0, board);
      continue;
    }
    if (++i == arguments.size()) throw UsageError("ddr_speed: --data needs a folder");
    const std::string folder = arguments[i] + "/";
    for (int window : {0, 16}) {
      measure(folder + "a_seqrd.csv.gz", 64, window, fast);
      measure(folder + "h_randrw.csv.gz", 30, window, fast);
      measure(folder + "f_moe.csv.gz", 12, window, board);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
    return 0;
  } catch (const m3sim::Error& error) {
    std::cerr << error.what() << '\n';
    return static_cast<int>(error.exit_code());
  }
}
