// The oracle: a third, tiny solver of the timing contract's sections 2 to 6 for one region.
//
// It knows nothing of coroutines, executors or the host's order. The unknowns are plain arrays: the
// cycles of every stream's writes and reads, and the ends of every process. A pass evaluates each
// process alone, cycle by cycle, against the current arrays of the others, from "nothing ever
// happens" on. What one process does in a cycle reaches the others in the next one (a value is
// readable, a slot free, a bank full or free one cycle later), so each pass makes at least one more
// cycle right for good: the arrays converge to the only solution, and a region that cannot proceed
// is one whose solution is finite traces without an end.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "tests/timing/region_plan.hpp"

namespace m3sim::test {

struct Solution {
  using Cycle = std::int64_t;
  static constexpr Cycle kNone = std::numeric_limits<Cycle>::max() / 4;
  struct Process {
    std::vector<Cycle> ends;  ///< by iteration of the region
    Cycle last_move = 0;
    bool operator==(const Process&) const = default;
  };
  struct Loop {  ///< memory ports
    std::array<ReadAnswers, timing::kMostPorts> read;
    std::array<WriteAnswers, timing::kMostPorts> write;
    std::array<std::vector<Cycle>, timing::kMostPorts> taken;
    std::array<std::size_t, timing::kMostPorts> responses_taken{};
    std::size_t runs = 0;
  };
  std::vector<std::vector<Cycle>> writes, reads;  ///< by stream
  std::vector<Process> processes;
  std::vector<Loop> loops;
  bool ended = false;
  Cycle end = 0;
  int passes = 0;
};

class Oracle {
 public:
  using Cycle = Solution::Cycle;
  static constexpr Cycle kNone = Solution::kNone;

  Oracle(const RegionPlan& plan, Cycle first) : plan_(plan), first_(first) {
    all_.writes.resize(plan.stream_depths.size());
    all_.reads.resize(plan.stream_depths.size());
    all_.processes.resize(plan.processes.size());
    for (const ProcessPlan& process : plan.processes) {
      first_loop_.push_back(all_.loops.size());
      for (const auto& phase : process.phases) all_.loops.resize(all_.loops.size() + phase.size());
    }
  }

  Solution solve() {
    for (bool changed = true; changed; ++all_.passes) {
      changed = false;
      for (std::size_t p = 0; p < plan_.processes.size(); ++p) changed = evaluate(p) || changed;
    }
    all_.end = first_;
    all_.ended = true;
    for (std::size_t s = 0; s < plan_.banks.size(); ++s)
      for (int k = 0; k < plan_.iterations; ++k) all_.end = std::max(all_.end, stage_end(s, k));
    all_.ended = all_.end != kNone;
    for (const Solution::Loop& loop : all_.loops)
      for (const WriteAnswers& port : loop.write)
        if (all_.ended && !port.responses.empty())
          all_.end = std::max(all_.end, port.responses.back());
    return all_;
  }

 private:
  struct Event {
    enum class Kind { kWrite, kRequest, kTake, kAnnounce, kPut, kResponse } kind;
    std::size_t port;
    std::uint32_t words;
    Cycle due;
  };

  // ----- When the n-th thing of an array is possible
  // ------------------------------------------------------------

  static Cycle known(const std::vector<Cycle>& cycles, std::size_t n) {
    return n < cycles.size() ? cycles[n] : kNone;
  }
  static Cycle after(Cycle cycle) { return cycle == kNone ? kNone : cycle + 1; }
  /// Slot n of a queue of this depth, whose slots were freed in these cycles.
  static Cycle slot(std::size_t n, int depth, const std::vector<Cycle>& freed) {
    const auto size = static_cast<std::size_t>(depth);
    return n < size ? 0 : after(known(freed, n - size));
  }

  Cycle stage_end(std::size_t s, int k) const {
    Cycle end = first_;
    for (std::size_t p = 0; p < plan_.processes.size(); ++p)
      if (plan_.processes[p].stage == static_cast<int>(s))
        end = std::max(end, known(all_.processes[p].ends, static_cast<std::size_t>(k)));
    return end;
  }
  Cycle stage_start(std::size_t s, int k) const {
    Cycle start = first_;
    const auto wait = [&](Cycle cycle) { start = std::max(start, cycle); };
    if (k > 0) wait(std::min(kNone, stage_end(s, k - 1) + plan_.restart_cycles));
    if (s > 0) wait(stage_end(s - 1, k));
    const int banks = plan_.banks[s];
    if (s + 1 < plan_.banks.size() && k >= banks) wait(stage_end(s + 1, k - banks));
    return start;
  }

  // ----- A process alone
  // ----------------------------------------------------------------------------------------

  /// True if its traces changed.
  bool evaluate(std::size_t p) {
    const ProcessPlan& plan = plan_.processes[p];
    mine_ = Solution();
    mine_.writes.resize(all_.writes.size());
    mine_.reads.resize(all_.reads.size());
    mine_.loops.resize(all_.loops.size());
    Solution::Process process;
    for (int k = 0; k < plan_.iterations; ++k) {
      const Cycle start = stage_start(static_cast<std::size_t>(plan.stage), k);
      const Cycle end = start == kNone ? kNone : run(p, start, k, process);
      if (end == kNone) break;
      process.ends.push_back(end);
    }
    bool changed = process != all_.processes[p];
    all_.processes[p] = process;
    std::size_t loop = first_loop_[p];
    for (const auto& phase : plan.phases)
      for (const LoopPlan& l : phase) {
        for (std::size_t port = 0; port < timing::kMostPorts; ++port) {
          changed = take_over(l.inputs[port], mine_.reads, all_.reads) || changed;
          changed = take_over(l.outputs[port], mine_.writes, all_.writes) || changed;
        }
        all_.loops[loop] = mine_.loops[loop];
        ++loop;
      }
    return changed;
  }

  static bool take_over(int stream, const std::vector<std::vector<Cycle>>& from,
                        std::vector<std::vector<Cycle>>& to) {
    if (stream < 0 ||
        from[static_cast<std::size_t>(stream)] == to[static_cast<std::size_t>(stream)])
      return false;
    to[static_cast<std::size_t>(stream)] = from[static_cast<std::size_t>(stream)];
    return true;
  }

  /// The phases of iteration k, one after the other; parallel loops are joined.
  Cycle run(std::size_t p, Cycle start, int k, Solution::Process& process) {
    const ProcessPlan& plan = plan_.processes[p];
    Cycle end = start;
    for (int r = 0; r < plan.repeats[static_cast<std::size_t>(k)]; ++r) {
      std::size_t loop = first_loop_[p];
      for (const auto& phase : plan.phases) {
        if (r > 0 || loop > first_loop_[p]) end += plan.phase_gap;
        const Cycle phase_start = end;
        for (const LoopPlan& l : phase) {
          for (std::size_t port = 0; port < timing::kMostPorts; ++port) seed(loop, port);
          end = std::max(end, run(l, mine_.loops[loop++], phase_start, process.last_move));
        }
        if (end == kNone) return kNone;
      }
    }
    return end;
  }

  void seed(std::size_t loop, std::size_t port) {
    ReadAnswers& read = mine_.loops[loop].read[port];
    WriteAnswers& write = mine_.loops[loop].write[port];
    read.seed = port_seed(plan_, loop, port);
    write.seed = port_seed(plan_, loop, 2 + port);
    read.slowest = write.slowest = plan_.slowest;
    read.onchip_latency = write.onchip_latency = plan_.onchip_latency;
  }

  // ----- A loop alone
  // -------------------------------------------------------------------------------------------

  /// First cycle after the loop; kNone if it never ends.
  Cycle run(const LoopPlan& loop, Solution::Loop& memory, Cycle first, Cycle& last_move) {
    if (!loop.scripts.empty() && memory.runs == loop.scripts.size()) return kNone;
    script_ = loop.scripts.empty() ? &loop.script : &loop.scripts[memory.runs++];
    find_ends_of_requests();
    std::vector<Event> line;
    Cycle next = first, end = first;
    std::size_t i = 0;
    if (!script_->empty() && loop.timing.request_before_loop) {
      bool reads = false;
      for (const Event& e : requests(loop, 0, 0)) {
        next = std::max(next, possible(e, loop, memory));
        reads = reads || e.kind == Event::Kind::kRequest;
      }
      if (next == kNone) return kNone;
      for (const Event& e : requests(loop, 0, 0)) happen(e, next, loop, memory);
      last_move = std::max(last_move, next);
      if (reads) next += loop.timing.request_wait;
    }
    while (i < script_->size() || !line.empty()) {
      const Cycle inputs = i < script_->size() ? inputs_there(loop, i) : kNone;
      const Cycle issue = i == script_->size() ? kNone
                          : loop.timing.stalling  ? next
                                                  : std::max(next, inputs);
      Cycle now = issue;
      for (const Event& e : line) now = std::min(now, e.due);
      if (now == kNone) return kNone;
      std::vector<Event> posted;
      if (issue == now) posted = posted_by(loop, i, now);
      // One enable: all that is due now happens, or nothing does.
      Cycle enabled = issue == now ? std::max(now, inputs) : now;
      for (const auto* events : {&line, &posted})
        for (const Event& e : *events)
          if (e.due == now) enabled = std::max(enabled, possible(e, loop, memory));
      if (enabled > now) {
        // Held until it can happen, or until an iteration could issue, which then has to happen
        // together with it.
        const Cycle until = std::min(enabled, next <= now && issue > now ? issue : kNone);
        if (until == kNone) return kNone;
        for (Event& e : line) e.due += until - now;
        next = std::max(next, now) + until - now;
        end += until - now;
        continue;
      }
      line.insert(line.end(), posted.begin(), posted.end());
      for (const Event& e : line)
        if (e.due == now) happen(e, now, loop, memory);
      std::erase_if(line, [now](const Event& e) { return e.due == now; });
      last_move = std::max(last_move, now);
      if (issue == now) {
        for (std::size_t port = 0; port < timing::kMostPorts; ++port)
          if ((*script_)[i].reads[port])
            mine_.reads[static_cast<std::size_t>(loop.inputs[port])].push_back(now);
        next = now + loop.timing.ii;
        end = now + loop.timing.depth;
        ++i;
      }
    }
    return end;
  }

  Cycle inputs_there(const LoopPlan& loop, std::size_t i) const {
    Cycle there = 0;
    for (std::size_t port = 0; port < timing::kMostPorts; ++port)
      if ((*script_)[i].reads[port]) {
        const auto s = static_cast<std::size_t>(loop.inputs[port]);
        there = std::max(there, after(known(all_.writes[s], mine_.reads[s].size())));
      }
    return there;
  }

  /// Requests of iteration i, issued in `cycle`.
  std::vector<Event> requests(const LoopPlan& loop, std::size_t i, Cycle cycle) const {
    std::vector<Event> events;
    for (std::size_t port = 0; port < timing::kMostPorts; ++port) {
      if (const int words = (*script_)[i].request_words[port])
        events.push_back({Event::Kind::kRequest, port, static_cast<std::uint32_t>(words), cycle});
      if (const int words = (*script_)[i].announce_words[port])
        events.push_back({Event::Kind::kAnnounce, port, static_cast<std::uint32_t>(words),
                          cycle + loop.timing.put_stage});
    }
    return events;
  }

  /// All that iteration i, issued in `cycle`, will do.
  std::vector<Event> posted_by(const LoopPlan& loop, std::size_t i, Cycle cycle) const {
    std::vector<Event> events;
    if (i > 0 || !loop.timing.request_before_loop) events = requests(loop, i, cycle);
    const Firing& firing = (*script_)[i];
    for (std::size_t port = 0; port < timing::kMostPorts; ++port) {
      if (firing.writes[port])
        events.push_back({Event::Kind::kWrite, port, 1, cycle + loop.timing.depth - 1});
      if (firing.takes[port])
        events.push_back({Event::Kind::kTake, port, 1, cycle + loop.timing.take_stage});
      if (firing.puts[port])
        events.push_back({Event::Kind::kPut, port, 1, cycle + loop.timing.put_stage});
      if (loop.timing.response_stage >= 0 && ends_request_[i][port])
        events.push_back({Event::Kind::kResponse, port, 1, cycle + loop.timing.response_stage});
    }
    return events;
  }

  /// The firings that put the last word of a write request.
  void find_ends_of_requests() {
    ends_request_.assign(script_->size(), {});
    for (std::size_t port = 0; port < timing::kMostPorts; ++port) {
      int announced = 0, put = 0;
      std::vector<int> borders;
      std::size_t ended = 0;
      for (std::size_t i = 0; i < script_->size(); ++i) {
        if ((*script_)[i].announce_words[port])
          borders.push_back(announced += (*script_)[i].announce_words[port]);
        if (!(*script_)[i].puts[port]) continue;
        ++put;
        if (ended < borders.size() && borders[ended] == put) {
          ends_request_[i][port] = true;
          ++ended;
        }
      }
    }
  }

  /// First cycle in which an event is possible as far as the outside is concerned.
  Cycle possible(const Event& e, const LoopPlan& loop, const Solution::Loop& memory) const {
    const ReadAnswers& read = memory.read[e.port];
    const WriteAnswers& write = memory.write[e.port];
    switch (e.kind) {
      case Event::Kind::kWrite: {
        const auto s = static_cast<std::size_t>(loop.outputs[e.port]);
        return slot(mine_.writes[s].size(), plan_.stream_depths[s], all_.reads[s]);
      }
      case Event::Kind::kRequest: return slot(read.posted.size(), loop.read_queue, read.accepted);
      case Event::Kind::kTake: return known(read.arrivals, memory.taken[e.port].size());
      case Event::Kind::kAnnounce:
        return slot(write.posted.size(), loop.write_queue, write.accepted);
      case Event::Kind::kPut: return slot(write.put.size(), loop.write_words, write.drained);
      case Event::Kind::kResponse: return known(write.responses, memory.responses_taken[e.port]);
    }
    return kNone;
  }

  void happen(const Event& e, Cycle now, const LoopPlan& loop, Solution::Loop& memory) {
    switch (e.kind) {
      case Event::Kind::kWrite:
        mine_.writes[static_cast<std::size_t>(loop.outputs[e.port])].push_back(now);
        break;
      case Event::Kind::kRequest: memory.read[e.port].request(now, e.words); break;
      case Event::Kind::kTake: memory.taken[e.port].push_back(now); break;
      case Event::Kind::kAnnounce: memory.write[e.port].request(now, e.words); break;
      case Event::Kind::kPut: memory.write[e.port].word(now); break;
      case Event::Kind::kResponse: ++memory.responses_taken[e.port]; break;
    }
  }

  const RegionPlan& plan_;
  Cycle first_;
  std::vector<std::size_t> first_loop_;  ///< by process
  Solution all_, mine_;                  ///< everyone's traces; those of the process in evaluation
  const std::vector<Firing>* script_ = nullptr;  ///< of the loop in evaluation
  std::vector<std::array<bool, timing::kMostPorts>> ends_request_;
};

}  // namespace m3sim::test
