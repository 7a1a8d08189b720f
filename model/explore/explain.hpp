// Where a task's time goes, in words.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "model/explore/sensitivity.hpp"

namespace m3sim::explore {

/// The time of a part of the network, in one layer or in all. A cycle belongs to the computing
/// kernel that runs in it (the one that ends last of several), else to the load that runs in it.
struct Share {
  std::string name;            ///< "layer1.experts", "experts"
  std::int64_t computing = 0;  ///< cycles
  std::int64_t loading = 0;    ///< and those in which weights were loaded and nothing computed
  /// Of the computing cycles, by what the kernels' slowest processes did: "busy", "memory_read".
  std::map<std::string, std::int64_t> causes;
  std::map<std::string, std::int64_t> waits;  ///< for memory, by port
  std::vector<int> queues;                    ///< tokens of the active experts

  std::int64_t cycles() const { return computing + loading; }
};

/// The shares of a report's task in order of time, by part, or by layer and part.
std::vector<Share> shares_of(const nlohmann::ordered_json& task, bool by_layer);

/// A task in words: for each share what limits it, and which of the simulated steps save most of
/// it; then what each step does to the whole.
std::string explain_text(const nlohmann::ordered_json& report, std::size_t task, bool by_layer,
                         const std::vector<Step>& steps,
                         const std::vector<nlohmann::ordered_json>& reports);

}  // namespace m3sim::explore
