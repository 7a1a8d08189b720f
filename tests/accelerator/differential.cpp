// Random design points in both executions: every figure, every DRAM request with its cycle and
// every byte of the memory must agree, each report must add up (timing contract, section 8), and the
// oracle must find the same cycles in every region that works on chip.
//
//   differential [--count N] [--first SEED]   N draws from SEED on
//   differential --seed SEED                  one draw, with its command line
//   differential --find N                     succeeds if one of the first N draws fails (planted faults)
//
// A failing draw is shrunk: settings go back to their defaults one after the other while it still
// fails.
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "tests/accelerator/draw.hpp"
#include "tests/accelerator/invariants.hpp"

namespace m3sim::test {
namespace {

constexpr int kRefusedCode = 2, kFailedCode = 3;

struct Verdict {
  /// Failed: the simulated hardware stood still, or read a word too early.
  enum class Run { kRefused, kFailed, kDone } run = Run::kDone;
  std::string fault{};  ///< empty: the executions agree
  int oracle_runs = 0, oracle_skipped = 0;
};

std::string difference(const std::string& a, const std::string& b) {
  const auto patch = nlohmann::json::diff(nlohmann::json::parse(a), nlohmann::json::parse(b));
  std::string text = std::to_string(patch.size()) + " figures differ, first " +
                     patch.front()["path"].get<std::string>();
  return text + " (decoupled " +
         nlohmann::json::parse(a)[nlohmann::json::json_pointer(patch.front()["path"])].dump() +
         ", lockstep " + patch.front().value("value", nlohmann::json()).dump() + ")";
}

std::string ended(const char* name, const RunOutcome& outcome) {
  return std::string(name) + " ends with " + std::to_string(outcome.exit_code) + ": " +
         outcome.error;
}

std::string disagreement(const RunOutcome& decoupled, const RunOutcome& lockstep) {
  if (lockstep.exit_code != 0) return ended("lockstep", lockstep);
  if (decoupled.report != lockstep.report) return difference(decoupled.report, lockstep.report);
  if (decoupled.request_hash != lockstep.request_hash) return "DRAM requests differ";
  if (decoupled.memory_hash != lockstep.memory_hash) return "memory contents differ";
  if (decoupled.stages != lockstep.stages) return "stage tensors differ";
  if (!lockstep.oracle_difference.empty()) return lockstep.oracle_difference;
  const auto broken = broken_invariants(nlohmann::json::parse(decoupled.report));
  return broken.empty() ? "" : broken.front();
}

Verdict judge(const RunPlan& plan) {
  const RunOutcome decoupled = run_forked(plan, ExecutionKind::kDecoupled);
  using Run = Verdict::Run;
  if (decoupled.exit_code == kRefusedCode) return {Run::kRefused, {}};
  const bool failed = decoupled.exit_code == kFailedCode;
  if (decoupled.exit_code != 0 && !failed) return {Run::kDone, ended("decoupled", decoupled)};
  const RunOutcome lockstep = run_forked(plan, ExecutionKind::kLockstep);
  if (failed)
    return {Run::kFailed,
            lockstep == decoupled ? "" : decoupled.error + "\n" + ended("lockstep", lockstep)};
  return {Run::kDone, disagreement(decoupled, lockstep), lockstep.oracle_runs,
          lockstep.oracle_skipped};
}

/// The kind of a fault: a shrunk draw must fail in the same way.
std::string kind(const std::string& fault) {
  return fault.substr(0, fault.find_first_of(":,(0123456789"));
}

RunPlan shrink(RunPlan plan, const std::string& fault) {
  const auto still_fails = [&](const RunPlan& smaller) {
    const Verdict verdict = judge(smaller);
    return !verdict.fault.empty() && kind(verdict.fault) == kind(fault);
  };
  const auto attempt = [&](auto change) {
    RunPlan smaller = plan;
    change(smaller);
    if (smaller.command_line() == plan.command_line() || !still_fails(smaller)) return false;
    plan = std::move(smaller);
    return true;
  };
  const auto network = tiny_network();
  for (bool progress = true; progress;) {
    progress = attempt([](RunPlan& p) { p.tasks.resize(1); });
    progress |= attempt([](RunPlan& p) { p.tasks.assign(p.tasks.size(), 0); });
    progress |= attempt([](RunPlan& p) { p.routing = p.data ? "gates" : "uniform"; });
    for (const auto& [key, value] : RunPlan(plan).settings) {
      progress |= attempt([&, name = key](RunPlan& p) {
        const auto tiny = network.find(name);
        if (tiny == network.end())
          p.settings.erase(name);
        else
          p.settings[name] = tiny->second;
      });
    }
  }
  return plan;
}

struct Options {
  std::uint64_t first = 1;
  int count = 200;
  bool single = false;
  bool find = false;
};

Options read_options(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; i += 2) {
    const std::string name = arguments[i];
    if (i + 1 == count) throw std::invalid_argument(name + ": needs a value");
    const std::uint64_t value = std::strtoull(arguments[i + 1], nullptr, 10);
    if (name == "--count") {
      options.count = static_cast<int>(value);
    } else if (name == "--first") {
      options.first = value;
    } else if (name == "--seed") {
      options = {value, 1, true, false};
    } else if (name == "--find") {
      options = {1, static_cast<int>(value), false, true};
    } else {
      throw std::invalid_argument(name + ": must be --count, --first, --seed or --find");
    }
  }
  return options;
}

int run(const Options& options) {
  int refused = 0, stopped = 0, failed = 0, oracle_runs = 0, oracle_skipped = 0;
  for (std::uint64_t seed = options.first;
       seed < options.first + static_cast<std::uint64_t>(options.count); ++seed) {
    const RunPlan plan = draw_plan(seed);
    if (options.single) std::cout << plan.command_line() << std::endl;
    const Verdict verdict = judge(plan);
    refused += verdict.run == Verdict::Run::kRefused;
    stopped += verdict.run == Verdict::Run::kFailed;
    oracle_runs += verdict.oracle_runs;
    oracle_skipped += verdict.oracle_skipped;
    if (verdict.fault.empty()) continue;
    if (options.find) {
      std::cout << "found at draw " << seed << ": " << verdict.fault << std::endl;
      return 0;
    }
    ++failed;
    std::cout << "seed " << seed << ": " << verdict.fault << std::endl;
    std::cout << "  shrunk: " << shrink(plan, verdict.fault).command_line() << std::endl;
  }
  std::cout << options.count << " draws from seed " << options.first << ": " << failed
            << " failed, " << refused << " refused, " << stopped
            << " stop alike (deadlock or hazard); the oracle solved " << oracle_runs
            << " runs of regions and left out " << oracle_skipped
            << " that use the DRAM or are long" << std::endl;
  if (options.find) return 1;
  // A generator that draws little that is legal would prove nothing.
  const bool enough = options.single || 2 * (refused + stopped) < options.count;
  if (!enough) std::cout << "too many draws are illegal" << std::endl;
  return failed == 0 && enough ? 0 : 1;
}

}  // namespace
}  // namespace m3sim::test

int main(int count, char** arguments) try {
  return m3sim::test::run(m3sim::test::read_options(count, arguments));
} catch (const std::exception& error) {
  std::cerr << error.what() << std::endl;
  return 2;
}
