#include "tests/accelerator/invariants.hpp"

#include <map>
#include <nlohmann/json.hpp>

namespace m3sim::test {
namespace {

using Json = nlohmann::json;

class Findings {
 public:
  void equal(std::int64_t sum, std::int64_t whole, const std::string& what) {
    if (sum != whole)
      lines_.push_back(what + ": " + std::to_string(sum) + " of " + std::to_string(whole));
  }
  void require(bool holds, const std::string& what) {
    if (!holds) lines_.push_back(what);
  }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  std::vector<std::string> lines_;
};

std::int64_t sum(const Json& numbers) {
  std::int64_t total = 0;
  for (const auto& number : numbers) total += number.get<std::int64_t>();
  return total;
}

void check_kernel(const Json& kernel, Findings& findings) {
  const std::string name = kernel["name"];
  const std::int64_t cycles = kernel["cycles"];
  findings.equal(kernel["end"].get<std::int64_t>() - kernel["start"].get<std::int64_t>(), cycles,
                 name + ": cycles");
  for (const Json& process : kernel["processes"])
    findings.equal(sum(process["stalls"]), cycles,
                   name + ", process " + process["name"].get<std::string>() + ": causes");
  if (!kernel["processes"].empty())
    findings.equal(sum(kernel["stalls"]), cycles, name + ": causes of the kernel");
  for (const Json& stream : kernel["streams"])
    findings.require(
        stream["high_water"] <= stream["depth"],
        name + ": more in stream " + stream["name"].get<std::string>() + " than its depth");
}

void check_ports(const Json& task, std::int64_t word_bytes, Findings& findings) {
  std::int64_t by_kernels = 0, by_ports = 0;
  for (const Json& kernel : task["kernels"])
    by_kernels += kernel["dram_bytes_read"].get<std::int64_t>() +
                  kernel["dram_bytes_written"].get<std::int64_t>();
  for (const Json& port : task["dram"]["ports"]) {
    for (const char* direction : {"bytes_read", "bytes_written"}) {
      by_ports += port[direction].get<std::int64_t>();
      findings.equal(port[direction].get<std::int64_t>() % word_bytes, 0,
                     "port " + port["port"].get<std::string>() + ": bytes beyond whole beats");
    }
  }
  findings.equal(by_kernels, by_ports, "bytes of the kernels' words at the ports");
}

void check_bounds(const Json& task, Findings& findings) {
  for (const char* bound : {"mac_array_ms", "port_ms", "dram_ms"})
    findings.require(task["latency_ms"] >= task["lower_bounds"][bound],
                     "latency " + task["latency_ms"].dump() + " ms is below " + bound + " " +
                         task["lower_bounds"][bound].dump());
}

}  // namespace

std::vector<std::string> broken_invariants(const Json& report) {
  Findings findings;
  const std::int64_t word_bytes = report["config"]["word.bits"].get<std::int64_t>() / 8;
  for (const Json& task : report["tasks"]) {
    std::int64_t parts = 0;
    for (const Json& part : task["parts"]) parts += part["cycles"].get<std::int64_t>();
    findings.equal(parts, task["cycles"], "parts of a task");
    std::int64_t first = INT64_MAX, last = 0;
    for (const Json& kernel : task["kernels"]) {
      check_kernel(kernel, findings);
      first = std::min(first, kernel["start"].get<std::int64_t>());
      last = std::max(last, kernel["end"].get<std::int64_t>());
    }
    findings.require(last - first <= task["cycles"].get<std::int64_t>(),
                     "kernels last longer than their task");
    check_ports(task, word_bytes, findings);
    check_bounds(task, findings);
  }
  return findings.take();
}

}  // namespace m3sim::test
