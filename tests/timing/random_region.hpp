// Random regions of scripted actors: shapes, rates, depths, intervals, styles, phases, stages and
// memory ports.
#pragma once
#include <algorithm>
#include <random>
#include <vector>

#include "tests/timing/region_plan.hpp"

namespace m3sim::test {

class RegionDraw {
 public:
  explicit RegionDraw(std::uint64_t seed) : rng_(seed) { plan_.seed = seed; }

  RegionPlan region() {
    const bool repeated = chance(3);
    plan_.slowest = draw(1, chance(2) ? 8 : 60);
    plan_.iterations = repeated ? draw(0, 4) : draw(1, 2);
    plan_.restart_cycles = draw(0, 3);
    plan_.banks.clear();
    const int stages = repeated ? draw(2, 3) : 1;
    for (int s = 0; s < stages; ++s) {
      plan_.banks.push_back(draw(1, 3));
      stage(s, repeated ? draw(1, 3) : draw(2, 5));
    }
    return std::move(plan_);
  }

 private:
  struct Link {
    int from, from_port, to, to_port, items, stream;  ///< items per token
  };

  int draw(int low, int high) {
    return low + static_cast<int>(rng_() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(int one_in) { return draw(1, one_in) == 1; }

  /// A chain of processes with random extra links; at most two inputs and two outputs a process.
  void stage(int number, int processes) {
    std::vector<int> outputs(static_cast<std::size_t>(processes)), inputs(outputs);
    links_.clear();
    const auto link = [&](int a, int b) {
      const auto from = static_cast<std::size_t>(a), to = static_cast<std::size_t>(b);
      if (outputs[from] == 2 || inputs[to] == 2) return;
      links_.push_back({a, outputs[from]++, b, inputs[to]++, draw(1, 4),
                        static_cast<int>(plan_.stream_depths.size())});
      plan_.stream_depths.push_back(draw(1, chance(3) ? 20 : 3));
    };
    for (int i = 0; i + 1 < processes; ++i) link(i, i + 1);
    if (processes > 2 && chance(3)) link(draw(0, processes - 2), processes - 1);
    if (processes > 3 && chance(3)) link(0, draw(1, processes - 1));
    // Either each iteration has its own number of tokens, or some processes run through all tokens
    // in one loop.
    const bool varies = chance(3);
    const int tokens = draw(0, 10);
    std::vector<int> counts(static_cast<std::size_t>(std::max(1, plan_.iterations)), tokens);
    if (varies)
      for (int& count : counts) count = draw(0, 6);
    for (int i = 0; i < processes; ++i) process(number, i, counts, varies);
  }

  void process(int stage, int number, const std::vector<int>& tokens, bool varies) {
    ProcessPlan p;
    p.stage = stage;
    p.phase_gap = draw(0, 3);
    p.repeats = tokens;
    const std::vector<Firing> token = draw_token(number);
    const bool per_token = varies || chance(3);
    std::size_t at = 0;
    for (int phases = per_token ? draw(1, 3) : 1; phases > 0; --phases) {
      const std::size_t until = phases == 1
                                    ? token.size()
                                    : static_cast<std::size_t>(draw(
                                          static_cast<int>(at), static_cast<int>(token.size())));
      std::vector<Firing> part(token.begin() + static_cast<std::ptrdiff_t>(at),
                               token.begin() + static_cast<std::ptrdiff_t>(until));
      at = until;
      p.phases.emplace_back();
      if (per_token && chance(4)) {
        p.phases.back().push_back(loop(number, only_port(part, 0), 1));
        p.phases.back().push_back(loop(number, only_port(part, 1), 1));
      } else {
        p.phases.back().push_back(loop(number, part, per_token ? 1 : tokens.front()));
      }
    }
    if (!per_token) std::fill(p.repeats.begin(), p.repeats.end(), 1);
    plan_.processes.push_back(std::move(p));
  }

  /// One token's firings: which read and write which stream, which take and put words of memory.
  std::vector<Firing> draw_token(int number) {
    int fire = draw(1, 3);
    for (const Link& l : links_)
      if (l.from == number || l.to == number) fire = std::max(fire, l.items);
    std::vector<Firing> token(static_cast<std::size_t>(fire));
    const auto choose = [&](int count, auto&& mark) {
      std::vector<std::size_t> at(token.size());
      std::iota(at.begin(), at.end(), std::size_t{0});
      for (std::size_t i = at.size(); i > 1; --i)
        std::swap(at[i - 1], at[static_cast<std::size_t>(rng_() % i)]);
      for (int k = 0; k < count; ++k) mark(token[at[static_cast<std::size_t>(k)]]);
    };
    for (const Link& l : links_) {
      if (l.to == number)
        choose(l.items, [&](Firing& f) { f.reads[static_cast<std::size_t>(l.to_port)] = true; });
      if (l.from == number)
        choose(l.items, [&](Firing& f) { f.writes[static_cast<std::size_t>(l.from_port)] = true; });
    }
    for (std::size_t port = 0; port < 2; ++port) {
      if (chance(4)) choose(draw(1, fire), [&](Firing& f) { f.takes[port] = true; });
      if (chance(4)) choose(draw(1, fire), [&](Firing& f) { f.puts[port] = true; });
    }
    return token;
  }

  static std::vector<Firing> only_port(std::vector<Firing> firings, std::size_t port) {
    for (Firing& f : firings)
      f.reads[1 - port] = f.writes[1 - port] = f.takes[1 - port] = f.puts[1 - port] = false;
    return firings;
  }

  LoopPlan loop(int number, const std::vector<Firing>& part, int times) {
    LoopPlan l;
    for (const Link& link : links_) {
      if (link.to == number) l.inputs[static_cast<std::size_t>(link.to_port)] = link.stream;
      if (link.from == number) l.outputs[static_cast<std::size_t>(link.from_port)] = link.stream;
    }
    bool takes = false, puts = false;
    for (const Firing& f : part) {
      takes = takes || f.takes[0] || f.takes[1];
      puts = puts || f.puts[0] || f.puts[1];
    }
    timing::LoopTiming& t = l.timing;
    t.ii = chance(3) ? draw(2, 5) : 1;
    t.depth = takes || puts ? draw(30, 90) : draw(1, chance(2) ? 4 : 30);
    t.depth = std::max(t.depth, t.ii);
    const int last = static_cast<int>(t.depth) - 1;
    t.stalling = chance(4);
    t.put_stage = last;
    t.request_before_loop = takes && chance(3);
    t.request_wait = draw(0, 70);
    if (takes && !t.request_before_loop) t.take_stage = draw(1, last);
    if (puts && chance(2)) {
      t.response_stage = last;
      t.put_stage = last - draw(1, last);
    }
    for (int i = 0; i < times; ++i) l.script.insert(l.script.end(), part.begin(), part.end());
    // A loop that reads memory has ceil(latency / II) requests in flight before it takes the first
    // word.
    l.read_queue = static_cast<int>(t.take_stage / t.ii) + draw(2, 4);
    l.write_queue = draw(1, 3);
    l.write_words = draw(1, 4);
    for (std::size_t port = 0; port < 2; ++port)
      ask(l.script, port, t.request_before_loop, part.size());
    return l;
  }

  /// Spreads the requests: single words, a burst per token, or, before the loop, one for the whole
  /// loop.
  void ask(std::vector<Firing>& script, std::size_t port, bool before_loop, std::size_t per_token) {
    const bool single_reads = chance(2), single_writes = chance(2);
    for (std::size_t i = 0; i < script.size(); ++i) {
      if (script[i].takes[port]) {
        const std::size_t at = before_loop ? 0 : single_reads ? i : i - i % per_token;
        ++script[at].request_words[port];
      }
      if (script[i].puts[port])
        ++script[single_writes ? i : i - i % per_token].announce_words[port];
    }
  }

  std::mt19937_64 rng_;
  RegionPlan plan_;
  std::vector<Link> links_;  ///< of the stage in work
};

inline RegionPlan draw_region(std::uint64_t seed) { return RegionDraw(seed).region(); }

}  // namespace m3sim::test
