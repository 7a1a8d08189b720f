// One simulation in a child process: SystemC elaborates once per process, and tests need many runs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/accelerator/execution.hpp"

namespace m3sim::test {

/// What is simulated.
struct RunPlan {
  std::map<std::string, std::string>
      settings;                  ///< `section.key` to value, over the registry's defaults
  std::vector<int> tasks = {0};  ///< of successive images
  std::string routing = "gates";
  bool data = true;

  std::string command_line() const;  ///< of `m3sim` for the same run
};

/// All that an execution must not change.
struct RunOutcome {
  int exit_code = 0;  ///< of the command line; negative: the signal that ended the child
  std::string error{};
  std::string report{};            ///< report.json with an empty "execution"
  std::uint64_t memory_hash = 0;   ///< of every byte that has an address in the memory map
  std::uint64_t request_hash = 0;  ///< of the DRAM requests with their cycles, in order
  std::map<std::string, std::string>
      stages{};  ///< "task 0 l0_norm1" to the digest of the tensor's values

  /// In lockstep: runs of the engines' regions that the oracle solved and that it left out, and where it
  /// disagrees.
  int oracle_runs = 0, oracle_skipped = 0;
  std::string oracle_difference{};

  bool operator==(const RunOutcome&) const = default;
};

/// Exit codes beside those of the command line: an internal error of the simulator.
inline constexpr int kInternalError = 70;

/// Seconds after which a child counts as hanging and is ended by SIGALRM.
inline constexpr unsigned kPatience = 60;

RunOutcome run_forked(const RunPlan& plan, ExecutionKind execution);

/// Two tokens or a few, one or two layers: the smallest network that has every engine at work.
std::map<std::string, std::string> tiny_network();

}  // namespace m3sim::test
