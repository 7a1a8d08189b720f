// Regions of scripted actors as plain data, for both executions (BuiltRegion) and for the oracle
// (oracle.hpp).
#pragma once
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "model/timing/pipeline.hpp"
#include "model/timing/region.hpp"
#include "tests/timing/fake_memory.hpp"
#include "tests/timing/scripted_actor.hpp"

namespace m3sim::test {

struct LoopPlan {
  timing::LoopTiming timing;
  std::vector<Firing> script;  ///< one run of the loop
  /// By run of the loop, if they differ (oracle).
  std::vector<std::vector<Firing>> scripts{};
  /// Stream numbers, -1 where the port is not used.
  std::array<int, timing::kMostPorts> inputs{-1, -1, -1, -1}, outputs{-1, -1, -1, -1};
  int read_queue = 2, write_queue = 2, write_words = 3;
};

struct ProcessPlan {
  std::vector<std::vector<LoopPlan>> phases;  ///< each a set of parallel loops
  std::vector<int> repeats{1};  ///< how often the phases run, by iteration of the region
  timing::Cycle phase_gap = 0;
  int stage = 0;
};

struct RegionPlan {
  std::vector<ProcessPlan> processes;
  std::vector<int> stream_depths;
  std::vector<int> banks{2};  ///< by stage, of the channel to the next one
  timing::Cycle restart_cycles = 0;
  int iterations = 1;
  int slowest = 1;         ///< of the memory
  /// An on-chip memory instead: takes requests and words at once, answers after so many cycles.
  timing::Cycle onchip_latency = -1;
  std::uint64_t seed = 1;  ///< of the memory
};

/// Seed of a memory port; loops are counted over the whole region.
inline std::uint64_t port_seed(const RegionPlan& plan, std::size_t loop, std::size_t port) {
  return plan.seed * 1000 + loop * 4 + port;
}

struct StreamRecord final : timing::StreamListener {
  void on_write(timing::Cycle cycle) override { writes.push_back(cycle); }
  void on_read(timing::Cycle cycle) override { reads.push_back(cycle); }
  std::vector<timing::Cycle> writes, reads;
};

/// The memory channels of a loop and what serves them.
struct LoopMemory {
  std::vector<std::unique_ptr<timing::ReadChannel>> reads;
  std::vector<std::unique_ptr<timing::WriteChannel>> writes;
  std::vector<std::unique_ptr<FakeRead>> fake_reads;
  std::vector<std::unique_ptr<FakeWrite>> fake_writes;
};

/// A plan, built. Keeps a reference to the plan.
struct BuiltRegion {
  explicit BuiltRegion(const RegionPlan& region_plan)
      : plan(region_plan),
        region("region", plan.restart_cycles),
        records(plan.stream_depths.size()) {
    for (std::size_t s = 0; s < plan.stream_depths.size(); ++s) {
      timing::Stream& stream =
          region.add_stream("s" + std::to_string(s), plan.stream_depths[s], 1, true);
      stream.listen(&records[s]);
      streams.push_back(&stream);
    }
    streams.push_back(&region.add_stream("unused", 1, 1, false));
    store.resize(1 << 16);
    for (std::size_t i = 0; i < store.size(); ++i)
      store[i] = static_cast<std::uint8_t>(mixed(plan.seed, i));
    for (const int banks : plan.banks) region.add_stage(banks);
    for (const ProcessPlan& process : plan.processes) add(process);
  }
  BuiltRegion(const BuiltRegion&) = delete;
  BuiltRegion& operator=(const BuiltRegion&) = delete;

  const RegionPlan& plan;
  timing::Region region;
  std::vector<StreamRecord> records;
  std::vector<timing::Stream*> streams;
  std::vector<LoopMemory> loops;  ///< in order of processes, phases and members
  std::vector<std::uint8_t> store;

 private:
  void add(const ProcessPlan& p) {
    const auto number = region.processes().size();
    auto process = std::make_unique<timing::Process>("p" + std::to_string(number),
                                                     static_cast<int>(number), p.phase_gap);
    for (const auto& phase : p.phases)
      for (const LoopPlan& loop : phase) {
        auto pipeline = build(loop, static_cast<int>(number));
        ScriptedActor& actor = pipeline->actor();
        const auto rewind = [&actor](int) { actor.i = 0; };
        if (&loop == &phase.front())
          process->add_phase(std::move(pipeline), rewind);
        else
          process->add_parallel(std::move(pipeline), rewind);
      }
    region.add_process(p.stage, std::move(process),
                       [&p](int k) { return p.repeats[static_cast<std::size_t>(k)]; });
  }

  std::unique_ptr<timing::Pipeline<ScriptedActor>> build(const LoopPlan& loop, int process) {
    const std::size_t number = loops.size();
    LoopMemory& memory = loops.emplace_back();
    std::vector<timing::Stream*> in, out;
    std::vector<timing::ReadBinding> reads;
    std::vector<timing::WriteBinding> writes;
    for (std::size_t port = 0; port < 2; ++port) {
      const std::string name = std::to_string(number) + '.' + std::to_string(port);
      in.push_back(loop.inputs[port] < 0 ? streams.back()
                                         : streams[static_cast<std::size_t>(loop.inputs[port])]);
      out.push_back(loop.outputs[port] < 0 ? streams.back()
                                           : streams[static_cast<std::size_t>(loop.outputs[port])]);
      memory.reads.push_back(
          std::make_unique<timing::ReadChannel>("r" + name, process, loop.read_queue));
      memory.writes.push_back(std::make_unique<timing::WriteChannel>(
          "w" + name, process, loop.write_queue, loop.write_words, 4, true));
      memory.fake_reads.push_back(std::make_unique<FakeRead>(
          *memory.reads.back(), port_seed(plan, number, port), plan.slowest));
      memory.fake_writes.push_back(std::make_unique<FakeWrite>(
          *memory.writes.back(), port_seed(plan, number, 2 + port), plan.slowest));
      reads.push_back({memory.reads.back().get(), store.data(), 0, 4, 1, 0});
      writes.push_back({memory.writes.back().get(), 0, 4, 1});
      region.add_write_channel(*memory.writes.back());
    }
    return std::make_unique<timing::Pipeline<ScriptedActor>>(
        loop.timing, ScriptedActor(&loop.script), in, out, reads, writes, true);
  }
};

}  // namespace m3sim::test
