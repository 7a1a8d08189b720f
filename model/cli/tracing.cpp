#include "model/cli/tracing.hpp"

#include <charconv>

#include "model/accelerator/accelerator.hpp"
#include "model/network/file.hpp"
#include "model/report/trace.hpp"

namespace m3sim::cli {
namespace {

namespace po = boost::program_options;

timing::Cycle cycle(const std::string& option, const std::string& text) {
  timing::Cycle value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < 0)
    throw UsageError(option + ": '" + text + "' is no cycle number");
  return value;
}

}  // namespace

void Tracing::describe(Options& options) {
  options.add()("perfetto", po::value<std::string>(),
                "write a trace for ui.perfetto.dev to FILE (JSON)")(
      "vcd", po::value<std::string>(), "write a trace for GTKWave to FILE")(
      "trace-layer", po::value<int>(), "trace this layer alone")(
      "trace-task", po::value<std::string>(), "trace this task alone")(
      "trace-cycles", po::value<std::string>(), "trace the cycles FIRST:END of the run alone")(
      "trace-resolution", po::value<timing::Cycle>()->default_value(256),
      "cycles that a trace takes together; 1: every cycle");
}

Tracing::Tracing(const Options& options, const NetworkConfig& network)
    : perfetto_(options.find<std::string>("perfetto")), vcd_(options.find<std::string>("vcd")) {
  window_.scale.resolution = options.get<timing::Cycle>("trace-resolution");
  if (window_.scale.resolution < 1)
    throw UsageError("--trace-resolution " + std::to_string(window_.scale.resolution) +
                     ": must be at least 1");
  if (const auto layer = options.find<int>("trace-layer")) {
    if (*layer < 0 || *layer >= network.layers)
      throw UsageError("--trace-layer " + std::to_string(*layer) +
                       ": the network has layers 0 to " + std::to_string(network.layers - 1));
    window_.layer = *layer;
  }
  if (const auto task = options.find<std::string>("trace-task"))
    window_.task = task_index(network, *task);
  if (const auto cycles = options.find<std::string>("trace-cycles")) {
    const std::size_t colon = cycles->find(':');
    if (colon == std::string::npos) throw UsageError("--trace-cycles: must be FIRST:END");
    window_.scale.from = cycle("--trace-cycles", cycles->substr(0, colon));
    window_.scale.until = cycle("--trace-cycles", cycles->substr(colon + 1));
    if (window_.scale.from >= window_.scale.until)
      throw UsageError("--trace-cycles " + *cycles + ": holds no cycle");
  }
  for (const char* name : {"trace-layer", "trace-task", "trace-cycles"})
    if (options.has(name) && !perfetto_ && !vcd_)
      throw UsageError(std::string("--") + name + ": needs --perfetto or --vcd");
}

void Tracing::attach(RunRequest& request) {
  if (!perfetto_ && !vcd_) return;
  recorder_ = std::make_unique<TraceRecorder>(window_, request.memory_trace);
  request.memory_trace = recorder_.get();
  request.trace = recorder_.get();
}

void Tracing::finish() {
  if (!recorder_) return;
  const TraceRecord record = recorder_->take();
  if (record.kernels.empty()) throw UsageError("the traced window holds no kernel of this run");
  if (perfetto_) write_file(*perfetto_, report::perfetto_text(record));
  if (vcd_) write_file(*vcd_, report::vcd_text(record));
}

}  // namespace m3sim::cli
