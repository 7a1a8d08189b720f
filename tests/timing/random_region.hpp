// Random regions of scripted actors: shapes, rates, depths, intervals, styles and memory ports.
#pragma once
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "model/timing/pipeline.hpp"
#include "model/timing/region.hpp"
#include "tests/timing/fake_memory.hpp"
#include "tests/timing/scripted_actor.hpp"

namespace m3sim::test {

struct LinkPlan {
  int from = 0, from_port = 0, to = 0, to_port = 0, depth = 1, items = 1;  ///< items per token
};

struct ProcessPlan {
  timing::LoopTiming timing;
  int fire = 1;      ///< firings per token
  int memory = 0;    ///< 0: none, 1: reads a burst per token, 2: single words, 3: writes a burst, 4: single writes
  std::vector<Firing> script;
};

struct RegionPlan {
  int tokens = 1;
  std::vector<ProcessPlan> processes;
  std::vector<LinkPlan> links;
  int slowest = 1;
};

/// A chain with random extra links; at most two inputs and two outputs a process.
inline RegionPlan draw_region(std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  const auto draw = [&](int low, int high) {
    return low + static_cast<int>(rng() % static_cast<std::uint64_t>(high - low + 1));
  };
  RegionPlan plan;
  const int n = draw(2, 5);
  plan.tokens = draw(0, 12);
  plan.slowest = draw(1, 60);
  plan.processes.resize(static_cast<std::size_t>(n));
  std::vector<int> outputs(static_cast<std::size_t>(n)), inputs(static_cast<std::size_t>(n));
  const auto link = [&](int a, int b) {
    const auto from = static_cast<std::size_t>(a), to = static_cast<std::size_t>(b);
    if (outputs[from] == 2 || inputs[to] == 2) return;
    plan.links.push_back({a, outputs[from]++, b, inputs[to]++, draw(1, draw(1, 3) == 1 ? 20 : 3), draw(1, 4)});
  };
  for (int i = 0; i + 1 < n; ++i) link(i, i + 1);
  if (n > 2 && draw(0, 2) == 0) link(draw(0, n - 2), n - 1);
  if (n > 3 && draw(0, 2) == 0) link(0, draw(1, n - 1));
  for (int i = 0; i < n; ++i) {
    ProcessPlan& p = plan.processes[static_cast<std::size_t>(i)];
    p.timing.ii = draw(0, 2) == 0 ? draw(2, 5) : 1;
    p.memory = draw(0, 2) == 0 ? draw(1, 4) : 0;
    p.timing.depth = p.memory ? draw(30, 90) : draw(1, draw(0, 1) ? 4 : 30);
    p.timing.depth = std::max(p.timing.depth, p.timing.ii);
    p.timing.stalling = draw(0, 3) == 0;
    p.timing.put_stage = p.timing.depth - 1;
    if (p.memory == 1 || p.memory == 2) p.timing.take_stage = draw(1, static_cast<int>(p.timing.depth) - 1);
    if ((p.memory == 3 || p.memory == 4) && draw(0, 1)) {
      p.timing.response_stage = p.timing.depth - 1;
      p.timing.put_stage = p.timing.depth - 1 - draw(1, static_cast<int>(p.timing.depth) - 1);
    }
    p.fire = draw(1, 3);
    for (const LinkPlan& l : plan.links)
      if (l.from == i || l.to == i) p.fire = std::max(p.fire, l.items);
    // Each token repeats one drawn order of reads and writes.
    std::vector<Firing> token(static_cast<std::size_t>(p.fire));
    const auto choose = [&](int count, auto&& mark) {
      std::vector<int> at(static_cast<std::size_t>(p.fire));
      for (int f = 0; f < p.fire; ++f) at[static_cast<std::size_t>(f)] = f;
      std::shuffle(at.begin(), at.end(), rng);
      for (int k = 0; k < count; ++k) mark(token[static_cast<std::size_t>(at[static_cast<std::size_t>(k)])]);
    };
    for (const LinkPlan& l : plan.links) {
      if (l.to == i) choose(l.items, [&](Firing& f) { f.reads[static_cast<std::size_t>(l.to_port)] = true; });
      if (l.from == i) choose(l.items, [&](Firing& f) { f.writes[static_cast<std::size_t>(l.from_port)] = true; });
    }
    for (int f = 0; f < p.fire; ++f) {
      Firing& firing = token[static_cast<std::size_t>(f)];
      if (p.memory == 1 || p.memory == 2) {
        firing.takes = true;
        firing.request_words = p.memory == 2 ? 1 : f == 0 ? p.fire : 0;
      } else if (p.memory >= 3) {
        firing.puts = true;
        firing.put_request_words = p.memory == 4 ? 1 : f == 0 ? p.fire : 0;
      }
    }
    for (int t = 0; t < plan.tokens; ++t) p.script.insert(p.script.end(), token.begin(), token.end());
  }
  return plan;
}

/// A plan, built: region, channels and memory.
struct BuiltRegion {
  explicit BuiltRegion(const RegionPlan& plan, std::uint64_t seed) : region("random", 0) {
    const int stage = region.add_stage();
    std::vector<timing::Stream*> streams;
    for (const LinkPlan& l : plan.links)
      streams.push_back(&region.add_stream("s" + std::to_string(streams.size()), l.depth, 1, true));
    timing::Stream& none = region.add_stream("none", 1, 1, false);
    store.resize(1 << 16);
    for (std::size_t i = 0; i < store.size(); ++i) store[i] = static_cast<std::uint8_t>(mixed(seed, i));
    for (std::size_t i = 0; i < plan.processes.size(); ++i) {
      const ProcessPlan& p = plan.processes[i];
      std::vector<timing::Stream*> in(2, &none), out(2, &none);
      for (std::size_t l = 0; l < plan.links.size(); ++l) {
        const LinkPlan& link = plan.links[l];
        if (link.to == static_cast<int>(i)) in[static_cast<std::size_t>(link.to_port)] = streams[l];
        if (link.from == static_cast<int>(i)) out[static_cast<std::size_t>(link.from_port)] = streams[l];
      }
      const int number = static_cast<int>(i);
      // A loop that reads memory has ceil(latency / II) requests in flight before it takes the first word.
      const int queue = static_cast<int>(p.timing.take_stage / p.timing.ii) + 2;
      reads.push_back(std::make_unique<timing::ReadChannel>("r" + std::to_string(i), number, queue));
      writes.push_back(std::make_unique<timing::WriteChannel>("w" + std::to_string(i), number, 2, 3, 4, true));
      fake_reads.push_back(std::make_unique<FakeRead>(*reads.back(), seed + i, plan.slowest));
      fake_writes.push_back(std::make_unique<FakeWrite>(*writes.back(), seed + 100 + i, plan.slowest));
      auto process = std::make_unique<timing::Process>("p" + std::to_string(i), number, 0);
      process->add_phase(std::make_unique<timing::Pipeline<ScriptedActor>>(
          p.timing, ScriptedActor(&p.script), in, out,
          std::vector<timing::ReadBinding>{{reads.back().get(), store.data(), 0, 4, 1, 0}},
          std::vector<timing::WriteBinding>{{writes.back().get(), 0, 4, 1}}, true));
      region.add_process(stage, std::move(process));
      region.add_write_channel(*writes.back());
    }
  }
  timing::Region region;
  std::vector<std::uint8_t> store;
  std::vector<std::unique_ptr<timing::ReadChannel>> reads;
  std::vector<std::unique_ptr<timing::WriteChannel>> writes;
  std::vector<std::unique_ptr<FakeRead>> fake_reads;
  std::vector<std::unique_ptr<FakeWrite>> fake_writes;
};

}  // namespace m3sim::test
