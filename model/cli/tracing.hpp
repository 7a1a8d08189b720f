#pragma once

#include <memory>
#include <optional>
#include <string>

#include "model/accelerator/trace_recorder.hpp"
#include "model/cli/options.hpp"

namespace m3sim {
struct RunRequest;
}

namespace m3sim::cli {

/// `--perfetto FILE`, `--vcd FILE` and what they show of the run.
class Tracing {
 public:
  static void describe(Options& options);
  /// Throws UsageError.
  Tracing(const Options& options, const NetworkConfig& network);

  const std::optional<std::string>& perfetto() const { return perfetto_; }
  const std::optional<std::string>& vcd() const { return vcd_; }
  /// Makes the request record what was asked for; nothing where no file was.
  void attach(RunRequest& request);
  /// Writes the files once the run has ended. Throws InputError.
  void finish();

 private:
  std::optional<std::string> perfetto_, vcd_;
  TraceWindow window_;
  std::unique_ptr<TraceRecorder> recorder_;
};

}  // namespace m3sim::cli
