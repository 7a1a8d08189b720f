// How fast the simulator is: Google Benchmark over whole images, single engines and the memory alone.
//
//   speed [--config FILE ...] [--benchmark_filter=REGEX ...]
//
// SystemC elaborates once a process, so each simulation runs in a child; its time is the child's user time.
// The cases take turns, five runs of each unless --benchmark_repetitions says otherwise. Whatever else the machine
// does only adds time, so the fastest run of each is what compares best: "least" is the least of each column, the
// time of the fastest run and the rate of the slowest.
// Counters: simulated cycles a second, and the child's peak memory. The time of an engine is that between
// the ends of steps, given to the engine of the step that ended: what runs beside it counts for it too.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/accelerator/accelerator.hpp"
#include "model/config/config.hpp"
#include "model/network/image.hpp"
#include "model/network/parameters.hpp"
#include "tlm/trace_replay.hpp"
#include "tlm/trace_writer.hpp"

namespace {

using namespace m3sim;

constexpr std::size_t kEngines = 7;
constexpr const char* kEngineNames[kEngines] = {"patch_embedding", "layer_norm", "linear", "attention",
                                                "gate",            "residual",   "loader"};

struct Share {
  double seconds = 0;
  timing::Cycle cycles = 0;
};

/// What a child says of its run.
struct Measured {
  double user_seconds = 0;
  long peak_kib = 0;
  timing::Cycle cycles = 0;
  Share engines[kEngines];
};

struct Case {
  bool data = true;
  ExecutionKind execution = ExecutionKind::kDecoupled;
  std::string trace;  ///< file for the run's DRAM requests
};

Config design;

double user_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

class Trace final : public tlm_mem::MemoryTraceSink {
 public:
  explicit Trace(const std::string& file) : writer_(file, 64) {}
  void on_line(timing::Cycle cycle, bool is_read, std::uint64_t address) override {
    writer_.add(cycle, is_read ? tlm_mem::Direction::kRead : tlm_mem::Direction::kWrite, address);
  }
  void finish() { writer_.finish(); }

 private:
  tlm_mem::TraceWriter writer_;
};

std::size_t engine_of(const Step& step) {
  switch (step.part) {
    case Part::kPatchEmbed: return 0;
    case Part::kNorm: return 1;
    case Part::kAttentionQk:
    case Part::kAttentionAv: return 3;
    case Part::kGate: return 4;
    case Part::kResidual: return 5;
    default: return step.is_load ? 6 : 2;
  }
}

Measured simulate(const Case& c) {
  const NetworkConfig& network = design.values.network;
  RunRequest request;
  request.config = &design.values;
  request.tasks = {0};
  request.data = c.data;
  request.execution = c.execution;
  std::unique_ptr<Parameters> parameters;
  Image image;
  if (c.data) {
    parameters = std::make_unique<Parameters>(network, ParameterSource::parse("seed:0", ""));
    image = read_image("seed:0", network);
    request.parameters = parameters.get();
    request.image = &image;
  } else {
    request.routing = make_routing("uniform", network);
  }
  std::unique_ptr<Trace> trace;
  if (!c.trace.empty()) {
    trace = std::make_unique<Trace>(c.trace);
    request.memory_trace = trace.get();
  }
  Measured measured;
  double before = 0;
  timing::Cycle ended = 0;
  request.on_step = [&](const Step& step, Accelerator& accelerator) {
    const double now = user_seconds();
    const timing::Cycle end = accelerator.now();
    Share& share = measured.engines[engine_of(step)];
    share.seconds += now - before;
    share.cycles += end - ended;
    before = now;
    ended = end;
  };
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  Accelerator accelerator("accelerator", request);
  before = user_seconds();
  const RunRecord record = accelerator.run();
  measured.cycles = record.tasks.front().end - record.tasks.front().start;
  if (trace) trace->finish();
  return measured;
}

Measured measure(const Case& c) {
  malloc_trim(0);  // the child starts with what the parent holds
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    int status = 1;
    try {
      const Measured measured = simulate(c);
      status = write(ends[1], &measured, sizeof measured) == sizeof measured ? 0 : 1;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
    }
    _exit(status);
  }
  close(ends[1]);
  Measured measured;
  const bool said = read(ends[0], &measured, sizeof measured) == sizeof measured;
  close(ends[0]);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  if (!said || status != 0) throw std::runtime_error("the simulation failed");
  measured.user_seconds = static_cast<double>(usage.ru_utime.tv_sec) +
                          static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
  measured.peak_kib = usage.ru_maxrss;
  return measured;
}

void image(benchmark::State& state, const Case& c) {
  Measured measured;
  for (auto _ : state) {
    measured = measure(c);
    state.SetIterationTime(measured.user_seconds);
  }
  state.counters["cycles/s"] =
      benchmark::Counter(static_cast<double>(measured.cycles), benchmark::Counter::kIsIterationInvariantRate);
  state.counters["peak_MiB"] = static_cast<double>(measured.peak_kib) / 1024;
}

void engine(benchmark::State& state, std::size_t number, bool data) {
  Share share;
  for (auto _ : state) {
    share = measure({data, ExecutionKind::kDecoupled, {}}).engines[number];
    state.SetIterationTime(share.seconds);
  }
  state.counters["cycles/s"] =
      benchmark::Counter(static_cast<double>(share.cycles), benchmark::Counter::kIsIterationInvariantRate);
}

/// The image's own DRAM requests through the controller alone; reading the file is not timed.
void memory_alone(benchmark::State& state) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("m3sim_speed_" + std::to_string(getpid()) + ".csv.gz")).string();
  measure({false, ExecutionKind::kDecoupled, file});
  const DdrConfig& ddr = design.values.ddr;
  const auto trace = tlm_mem::read_trace(file, tlm_mem::trace_limits(ddr));
  std::filesystem::remove(file);
  for (auto _ : state) {
    const double before = user_seconds();
    benchmark::DoNotOptimize(tlm_mem::replay(ddr, trace, {}).total_cycles);
    state.SetIterationTime(user_seconds() - before);
  }
  state.counters["requests/s"] = benchmark::Counter(static_cast<double>(trace.size()),
                                                    benchmark::Counter::kIsIterationInvariantRate);
}

void add(benchmark::internal::Benchmark* b) {
  b->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(1);
  b->ComputeStatistics("least", [](const std::vector<double>& runs) { return std::ranges::min(runs); });
}

void register_all() {
  using benchmark::RegisterBenchmark;
  constexpr auto kAhead = ExecutionKind::kDecoupled;
  add(RegisterBenchmark("image/data", image, Case{true, kAhead, {}}));
  add(RegisterBenchmark("image/data_off", image, Case{false, kAhead, {}}));
  add(RegisterBenchmark("image/lockstep", image, Case{false, ExecutionKind::kLockstep, {}}));
  add(RegisterBenchmark("memory/replay", memory_alone));
  for (std::size_t e = 0; e < kEngines; ++e) {
    for (const bool data : {true, false}) {
      const std::string name = std::string("engine/") + kEngineNames[e] + (data ? "/data" : "/data_off");
      add(RegisterBenchmark(name.c_str(), engine, e, data));
    }
  }
}

}  // namespace

int main(int argc, char** argv) try {
  std::vector<std::string> words{argv[0], "--benchmark_repetitions=5", "--benchmark_enable_random_interleaving=true",
                                 "--benchmark_display_aggregates_only=true"};
  words.insert(words.end(), argv + 1, argv + argc);  // the later of two wins
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  ConfigSources sources;
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[static_cast<std::size_t>(i)];
    if (word != "--config" || i + 1 == count)
      throw std::invalid_argument(word + ": must be --config FILE or an option of Google Benchmark");
    sources.files.push_back(arguments[static_cast<std::size_t>(++i)]);
  }
  design = load_config(sources);
  register_all();
  benchmark::RunSpecifiedBenchmarks();
} catch (const std::exception& error) {
  std::fprintf(stderr, "speed: %s\n", error.what());
  return 2;
}
