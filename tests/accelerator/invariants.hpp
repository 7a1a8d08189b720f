// What every report must satisfy, whatever was simulated.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace m3sim::test {

/// The accounts of a report that do not add up, one line each:
///  * the causes of a process sum to its kernel's cycles;
///  * the parts of a task sum to its cycles, its kernels lie within it;
///  * the data of a kernel port are the iterations of its processes times a word;
///  * no task is faster than its lower bounds.
std::vector<std::string> broken_invariants(const nlohmann::json& report);

}  // namespace m3sim::test
