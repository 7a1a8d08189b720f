// Runs a plan in both executions and through the oracle, and says in words where they differ.
#pragma once
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "model/timing/deadlock.hpp"
#include "tests/timing/drive.hpp"
#include "tests/timing/oracle.hpp"
#include "tests/timing/region_plan.hpp"

namespace m3sim::test {

class Comparison {
 public:
  explicit Comparison(const RegionPlan& plan, timing::Cycle first = 1)
      : plan_(plan), first_(first), lockstep(plan), decoupled(plan) {
    trace(lockstep, lockstep_traces_);
    trace(decoupled, decoupled_traces_);
  }

  /// Empty if all three agree on every cycle; otherwise one line for each difference.
  std::string differences() {
    in_lockstep = drive(lockstep.region, Execution::kLockstep, first_, plan_.iterations);
    in_decoupled = drive(decoupled.region, Execution::kDecoupled, first_, plan_.iterations);
    solution = Oracle(plan_, first_).solve();
    against_oracle("lockstep", in_lockstep, lockstep);
    against_oracle("decoupled", in_decoupled, decoupled);
    executions();
    accounts();
    traces();
    if (!in_lockstep.ended && !in_decoupled.ended)
      expect<std::string>("deadlock report", report(lockstep), report(decoupled));
    return text_.str();
  }

 private:
  template <class T>
  void expect(const std::string& what, const T& a, const T& b) {
    if (!(a == b)) text_ << what << ": " << shown(a) << " against " << shown(b) << '\n';
  }
  template <class T>
  static std::string shown(const T& value) {
    std::ostringstream out;
    if constexpr (requires { value.begin(); } && !std::is_same_v<T, std::string>)
      for (const auto& v : value) out << +v << ' ';
    else
      out << value;
    return out.str();
  }

  void against_oracle(const std::string& name, const Outcome& outcome, const BuiltRegion& built) {
    expect(name + " ended", outcome.ended, solution.ended);
    if (solution.ended) expect(name + " end", outcome.end, solution.end);
    for (std::size_t s = 0; s < built.records.size(); ++s) {
      const std::string stream = name + " stream " + std::to_string(s);
      expect(stream + " writes", built.records[s].writes, solution.writes[s]);
      expect(stream + " reads", built.records[s].reads, solution.reads[s]);
    }
    for (std::size_t p = 0; p < solution.processes.size(); ++p)
      expect(name + " last move of process " + std::to_string(p),
             built.region.processes()[p]->last_move(), solution.processes[p].last_move);
    for (std::size_t l = 0; l < solution.loops.size(); ++l)
      for (std::size_t port = 0; port < 2; ++port) {
        const std::string loop =
            name + " loop " + std::to_string(l) + " port " + std::to_string(port);
        const Solution::Loop& right = solution.loops[l];
        expect(loop + " read requests", built.loops[l].fake_reads[port]->answers.posted,
               right.read[port].posted);
        expect(loop + " words taken", built.loops[l].fake_reads[port]->taken, right.taken[port]);
        expect(loop + " write requests", built.loops[l].fake_writes[port]->posted,
               right.write[port].posted);
        expect(loop + " words put", built.loops[l].fake_writes[port]->answers.put,
               right.write[port].put);
      }
  }

  static std::string report(const BuiltRegion& built) {
    const std::vector<const timing::Region*> regions{&built.region};
    return timing::describe_deadlock(regions, timing::last_move(regions));
  }

  /// What the oracle does not know: values, statistics, causes.
  void executions() {
    for (std::size_t l = 0; l < lockstep.loops.size(); ++l)
      for (std::size_t port = 0; port < 2; ++port)
        expect("bytes written by loop " + std::to_string(l),
               lockstep.loops[l].fake_writes[port]->bytes,
               decoupled.loops[l].fake_writes[port]->bytes);
    for (std::size_t s = 0; s < lockstep.streams.size(); ++s) {
      const timing::Stream& a = *lockstep.streams[s];
      const timing::Stream& b = *decoupled.streams[s];
      expect(a.name() + " high-water mark", a.high_water(), b.high_water());
      if (a.high_water() > a.depth()) text_ << a.name() << " holds more than its depth\n";
      if (!in_lockstep.ended) continue;
      expect(a.name() + " writer waited", a.writer_waited, b.writer_waited);
      expect(a.name() + " reader waited", a.reader_waited, b.reader_waited);
    }
  }

  void accounts() {
    if (!in_lockstep.ended || !in_decoupled.ended) return;
    for (std::size_t p = 0; p < plan_.processes.size(); ++p) {
      const timing::CycleAccount a = lockstep.region.account(p), b = decoupled.region.account(p);
      for (std::size_t c = 0; c < timing::kCauseCount; ++c) {
        const auto cause = static_cast<timing::Cause>(c);
        expect("process " + std::to_string(p) + ' ' + std::string(timing::kCauseNames[c]), a[cause],
               b[cause]);
        if (a[cause] < 0)
          text_ << "process " << p << ": negative " << timing::kCauseNames[c] << '\n';
      }
      expect("causes of process " + std::to_string(p), a.total(), in_lockstep.end - first_);
    }
  }

  using Traces = std::vector<std::unique_ptr<timing::CauseBuckets>>;

  void trace(BuiltRegion& built, Traces& traces) const {
    const timing::TraceScale scale{1 + static_cast<timing::Cycle>(plan_.seed % 3) * 5};
    for (const auto& process : built.region.processes()) {
      traces.push_back(std::make_unique<timing::CauseBuckets>(scale));
      process->trace(traces.back().get(), scale);
    }
  }

  /// Interval by interval alike, and over all intervals what the account says.
  void traces() {
    if (!in_lockstep.ended || !in_decoupled.ended) return;
    for (std::size_t p = 0; p < plan_.processes.size(); ++p) {
      const timing::CycleAccount account = decoupled.region.processes()[p]->account();
      std::vector<timing::Cycle> cells[2];
      timing::CycleAccount sum;
      for (auto* t : {lockstep_traces_[p].get(), decoupled_traces_[p].get()}) {
        auto& list = cells[t == decoupled_traces_[p].get()];
        sum = {};
        t->take_until(timing::kNever, [&](timing::Cycle at, const auto& cell) {
          list.push_back(at);
          for (std::size_t c = 0; c < timing::kCauseCount; ++c) {
            list.push_back(cell[c]);
            sum[static_cast<timing::Cause>(c)] += cell[c];
          }
        });
      }
      expect("trace of process " + std::to_string(p), cells[0], cells[1]);
      for (std::size_t c = 0; c < timing::kCauseCount; ++c) {
        const auto cause = static_cast<timing::Cause>(c);
        if (cause != timing::Cause::kIdle)
          expect("traced cycles of process " + std::to_string(p) + ' ' +
                     std::string(timing::kCauseNames[c]),
                 sum[cause], account[cause]);
      }
    }
  }

  const RegionPlan& plan_;
  timing::Cycle first_;
  std::ostringstream text_;
  Traces lockstep_traces_, decoupled_traces_;

 public:
  BuiltRegion lockstep, decoupled;
  Outcome in_lockstep, in_decoupled;
  Solution solution;
};

}  // namespace m3sim::test
