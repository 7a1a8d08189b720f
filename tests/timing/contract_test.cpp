// Each rule of the timing contract as a small case worked out by hand. Every case runs in both
// executions and through the oracle, which must agree on every cycle (run() checks that); first
// cycle is 0, so that cycles read as in the formulas.
#include <gtest/gtest.h>

#include "model/timing/cycle.hpp"
#include "tests/timing/compare.hpp"

namespace m3sim::test {
namespace {

using timing::Cause;
using timing::Cycle;
using Cycles = std::vector<Cycle>;

std::unique_ptr<Comparison> run(const RegionPlan& plan) {
  auto result = std::make_unique<Comparison>(plan, 0);
  EXPECT_EQ(result->differences(), "");
  return result;
}

Firing reads(std::size_t port) {
  Firing f;
  f.reads[port] = true;
  return f;
}
Firing writes(std::size_t port) {
  Firing f;
  f.writes[port] = true;
  return f;
}
Firing passes() {
  Firing f;
  f.reads[0] = f.writes[0] = true;
  return f;
}
std::vector<Firing> times(int n, const std::vector<Firing>& firings) {
  std::vector<Firing> script;
  for (int i = 0; i < n; ++i) script.insert(script.end(), firings.begin(), firings.end());
  return script;
}

LoopPlan loop(std::vector<Firing> script, Cycle ii = 1, Cycle depth = 1) {
  LoopPlan l;
  l.script = std::move(script);
  l.timing.ii = ii;
  l.timing.depth = depth;
  l.timing.put_stage = depth - 1;
  return l;
}
LoopPlan from(int stream, LoopPlan l, std::size_t port = 0) {
  l.inputs[port] = stream;
  return l;
}
LoopPlan to(int stream, LoopPlan l, std::size_t port = 0) {
  l.outputs[port] = stream;
  return l;
}
ProcessPlan process(std::vector<std::vector<LoopPlan>> phases) {
  ProcessPlan p;
  p.phases = std::move(phases);
  return p;
}
RegionPlan region(std::vector<ProcessPlan> processes, std::vector<int> stream_depths = {}) {
  RegionPlan plan;
  plan.processes = std::move(processes);
  plan.stream_depths = std::move(stream_depths);
  return plan;
}

// ----- Section 1
// --------------------------------------------------------------------------------------------------

TEST(Clock, EdgeKIsAtFloorOfKTimes1e12OverF) {
  const timing::Clock clock(300'000'000);
  EXPECT_EQ(clock.edge_ps(1), 3333);
  EXPECT_EQ(clock.edge_ps(2), 6666);
  EXPECT_EQ(clock.edge_ps(3), 10000);
  EXPECT_EQ(clock.first_edge_at_or_after(6666), 2);
  EXPECT_EQ(clock.first_edge_at_or_after(6667), 3);
}

TEST(Clock, ACrossingIsToTheFirstEdgeInPicoseconds) {
  for (const std::int64_t from : {1, 3, 100'000'000, 187'512'500, 300'000'000, 1'066'560'000, 1'200'000'000}) {
    for (const std::int64_t to : {1, 7, 100'000'000, 187'512'500, 300'000'000, 1'066'560'000, 1'200'000'000}) {
      const timing::Clock one(from), other(to);
      const timing::EdgeCrossing crossing(one, other);
      const auto check = [&](timing::Cycle k) {
        ASSERT_EQ(crossing(k), other.first_edge_at_or_after(one.edge_ps(k))) << from << " " << to << " " << k;
      };
      for (timing::Cycle k = 0; k < 20'000; ++k) check(k);
      // Up to the end of the calendar's time, some ten minutes.
      for (timing::Cycle k = 1; k < 600 * from; k = 2 * k + 1) check(k);
    }
  }
}

// ----- Section 2
// --------------------------------------------------------------------------------------------------

TEST(Streams, AValueWrittenInCycleCIsReadInCPlusOne) {
  const RegionPlan plan = region({process({{to(0, loop(times(3, {writes(0)})))}}),
                                  process({{from(0, loop(times(3, {reads(0)})))}})},
                                 {2});
  const auto r = run(plan);
  EXPECT_EQ(r->solution.writes[0], (Cycles{0, 1, 2}));
  EXPECT_EQ(r->solution.reads[0], (Cycles{1, 2, 3}));
  EXPECT_EQ(r->solution.end, 4);
}

TEST(Streams, ASlotFreedInCycleCIsWrittenInCPlusOneSoDepthOneHalvesTheRate) {
  const RegionPlan plan = region({process({{to(0, loop(times(3, {writes(0)})))}}),
                                  process({{from(0, loop(times(3, {reads(0)})))}})},
                                 {1});
  const auto r = run(plan);
  EXPECT_EQ(r->solution.writes[0], (Cycles{0, 2, 4}));
  EXPECT_EQ(r->solution.reads[0], (Cycles{1, 3, 5}));
  EXPECT_EQ(r->decoupled.streams[0]->writer_waited, 2);
  EXPECT_EQ(r->decoupled.streams[0]->reader_waited, 3);  // cycles 0, 2 and 4
}

TEST(Streams, HighWaterMarkIsTheMostValuesAtOnce) {
  // Four values one a cycle against a reader of II 4 (reads 1, 5, 9, 13): values 0 and 1 overlap in
  // cycle 1, then the queue grows to 3 in cycle 3.
  const RegionPlan plan = region({process({{to(0, loop(times(4, {writes(0)})))}}),
                                  process({{from(0, loop(times(4, {reads(0)}), 4, 4))}})},
                                 {8});
  const auto r = run(plan);
  EXPECT_EQ(r->solution.reads[0], (Cycles{1, 5, 9, 13}));
  EXPECT_EQ(r->decoupled.streams[0]->high_water(), 3);
}

TEST(Streams, ValuesLeftAtARegionsEndAreAnError) {
  const RegionPlan plan = region({process({{to(0, loop(times(2, {writes(0)})))}}),
                                  process({{from(0, loop(times(1, {reads(0)})))}})},
                                 {2});
  for (const Execution execution : {Execution::kLockstep, Execution::kDecoupled}) {
    BuiltRegion built(plan);
    EXPECT_THROW(drive(built.region, execution, 0), SimulationError);
  }
}

// ----- Section 3
// --------------------------------------------------------------------------------------------------

TEST(Pipelines, AloneTakeTripsMinusOneTimesIiPlusDepth) {
  for (const int trips : {1, 2, 7})
    for (const Cycle ii : {1, 3})
      for (const Cycle depth : {3, 10}) {
        const RegionPlan plan = region({process({{loop(times(trips, {Firing{}}), ii, depth)}})});
        EXPECT_EQ(run(plan)->solution.end, (trips - 1) * ii + depth)
            << trips << ' ' << ii << ' ' << depth;
      }
}

TEST(Pipelines, StreamWritesHappenInTheLastStage) {
  const RegionPlan plan = region({process({{to(0, loop(times(2, {writes(0)}), 2, 5))}}),
                                  process({{from(0, loop(times(2, {reads(0)})))}})},
                                 {2});
  EXPECT_EQ(run(plan)->solution.writes[0], (Cycles{4, 6}));  // t(i) + depth - 1
}

TEST(Pipelines, AHeldPipelineShiftsEverythingLaterSoIiCountsCyclesNotHeld) {
  // Depth 3, II 2: issues 0, 2, 4; writes due 2, 4, 6. The reader (II 8, nothing read in its first
  // iteration) takes value 0 in cycle 8, so write 1 finds its slot in 9: held from 4 to 8, and
  // issue 2, due in 4 too, comes in 9. Write 2 is then due in 11 and finds its slot in 17.
  LoopPlan reader = from(0, loop({Firing{}, reads(0), reads(0), reads(0)}, 8, 8));
  const RegionPlan plan =
      region({process({{to(0, loop(times(3, {writes(0)}), 2, 3))}}), process({{reader}})}, {1});
  const auto r = run(plan);
  EXPECT_EQ(r->solution.reads[0], (Cycles{8, 16, 24}));
  EXPECT_EQ(r->solution.writes[0], (Cycles{2, 9, 17}));
  EXPECT_EQ(r->solution.processes[0].ends[0], 18);
}

TEST(Pipelines, FlushingRunsOnWithoutInputAndStallingDoesNot) {
  // The source gives values in cycles 0 and 10; the pipe of depth 4 reads in 1 and 11. Flushing
  // writes value 0 in 4, stalling is held from 2 to 10 and writes it in 4 + 9.
  for (const bool stalling : {false, true}) {
    LoopPlan pipe = to(1, from(0, loop(times(2, {passes()}), 1, 4)));
    pipe.timing.stalling = stalling;
    const RegionPlan plan =
        region({process({{to(0, loop(times(2, {writes(0)}), 10, 1))}}), process({{pipe}}),
                process({{from(1, loop(times(2, {reads(0)})))}})},
               {2, 2});
    const auto r = run(plan);
    EXPECT_EQ(r->solution.reads[0], (Cycles{1, 11}));
    EXPECT_EQ(r->solution.writes[1], (stalling ? Cycles{13, 14} : Cycles{4, 14}));
  }
}

TEST(Pipelines, WritesOfOneCycleAreAllOrNothing) {
  // Both outputs are due in cycle 1 again; stream 1 (depth 1) is read only in cycle 5, so stream 0
  // waits as well.
  Firing both;
  both.writes = {true, true};
  LoopPlan source = to(1, to(0, loop(times(2, {both}))), 1);
  LoopPlan late = from(1, loop({Firing{}, reads(0), reads(0)}, 5, 5));
  const RegionPlan plan = region(
      {process({{source}}), process({{from(0, loop(times(2, {reads(0)})))}}), process({{late}})},
      {4, 1});
  const auto r = run(plan);
  EXPECT_EQ(r->solution.reads[1], (Cycles{5, 10}));
  EXPECT_EQ(r->solution.writes[0], (Cycles{0, 6}));
  EXPECT_EQ(r->solution.writes[1], (Cycles{0, 6}));
}

TEST(Pipelines, FourAheadOfTheIterationsInFlightDoNotDeadlock) {
  // A writes four Y then one X, B passes Y to Z with depth 16, C reads one X then four Z, all
  // depths 1: 50 tokens.
  const std::vector<Firing> a = {writes(0), writes(0), writes(0), writes(0), writes(1)};
  const std::vector<Firing> c = {reads(1), reads(0), reads(0), reads(0), reads(0)};
  const RegionPlan plan = region({process({{to(1, to(0, loop(times(50, a))), 1)}}),
                                  process({{to(2, from(0, loop(times(200, {passes()}), 1, 16)))}}),
                                  process({{from(1, from(2, loop(times(50, c))), 1)}})},
                                 {1, 1, 1});
  const auto r = run(plan);
  EXPECT_TRUE(r->solution.ended);
  EXPECT_EQ(r->solution.reads[1].size(), 50u);
}

TEST(Pipelines, AnInputThatNeedsAPostedWriteDoesNotDeadlock) {
  // A writes Y, X in turn, B passes Y to Z with depth 16, C reads Z, X in turn, all depths 1.
  const RegionPlan plan =
      region({process({{to(1, to(0, loop(times(50, {writes(0), writes(1)}))), 1)}}),
              process({{to(2, from(0, loop(times(50, {passes()}), 1, 16)))}}),
              process({{from(1, from(2, loop(times(50, {reads(0), reads(1)}))), 1)}})},
             {1, 1, 1});
  const auto r = run(plan);
  EXPECT_TRUE(r->solution.ended);
  // Token 0: Y written 0, read 1, Z written 16, read 17, X read 18.
  EXPECT_EQ(r->solution.reads[2].front(), 17);
  EXPECT_EQ(r->solution.reads[1].front(), 18);
  EXPECT_EQ(r->solution.reads[1].size(), 50u);
}

// ----- Section 4
// --------------------------------------------------------------------------------------------------

TEST(Phases, FollowEachOtherAfterTheLastRetiresPlusPhaseGapAndParallelOnesAreJoined) {
  const LoopPlan six = loop(times(3, {Firing{}}), 1, 4), seven = loop(times(1, {Firing{}}), 1, 7),
                 four = loop(times(2, {Firing{}}), 2, 2), ten = loop(times(2, {Firing{}}), 5, 5);
  ProcessPlan p = process({{six}, {seven, four}, {ten}});
  p.phase_gap = 2;
  const RegionPlan plan = region({p});
  EXPECT_EQ(run(plan)->solution.end, 6 + 2 + 7 + 2 + 10);
}

TEST(Phases, WithoutIterationsTakeNoCycleButTheirGap) {
  ProcessPlan p = process({{loop({})}, {loop(times(1, {Firing{}}), 1, 3)}});
  p.phase_gap = 1;
  const RegionPlan plan = region({p});
  EXPECT_EQ(run(plan)->solution.end, 1 + 3);
}

// ----- Section 5
// --------------------------------------------------------------------------------------------------

/// Two stages of one process each, of `a` and `b` cycles.
RegionPlan two_stages(Cycle a, Cycle b, int banks, Cycle restart, int iterations) {
  RegionPlan plan =
      region({process({{loop({Firing{}}, 1, a)}}), process({{loop({Firing{}}, 1, b)}})});
  plan.processes[1].stage = 1;
  plan.banks = {banks, 2};
  plan.restart_cycles = restart;
  plan.iterations = iterations;
  for (ProcessPlan& p : plan.processes)
    p.repeats.assign(static_cast<std::size_t>(std::max(1, iterations)), 1);
  return plan;
}

TEST(RepeatedRegions, TableOfTwoStages) {
  struct Row {
    Cycle a, b;
    int banks;
    Cycle restart;
    int iterations;
    Cycle end;
  };
  const Row rows[] = {
      {4, 4, 2, 0, 3, 16},   // pipelined: a + 3 b
      {4, 4, 1, 0, 3, 24},   // one bank: 3 (a + b)
      {2, 10, 2, 0, 4, 42},  // the second stage decides: a + 4 b
      {10, 2, 2, 0, 4, 42},  // the first stage decides: 4 a + b
      {4, 4, 2, 3, 3, 22},   // a + 3 b + 2 restarts
      {4, 4, 2, 3, 0, 0},    // no iteration takes no cycle
  };
  for (const Row& row : rows) {
    const RegionPlan plan = two_stages(row.a, row.b, row.banks, row.restart, row.iterations);
    EXPECT_EQ(run(plan)->solution.end, row.end)
        << row.a << ' ' << row.b << ' ' << row.banks << ' ' << row.restart;
  }
}

TEST(RepeatedRegions, ABankIsFreeInTheCycleAfterItsConsumersEnd) {
  // One bank, a = 3, b = 5: iteration 0 fills in 0..2, empties in 3..7; iteration 1 starts to fill
  // in 8.
  const RegionPlan plan = two_stages(3, 5, 1, 0, 2);
  EXPECT_EQ(run(plan)->solution.processes[0].ends, (Cycles{3, 11}));
}

// ----- Section 6
// --------------------------------------------------------------------------------------------------

/// A loop that asks for each word it takes.
RegionPlan reader(Cycle take_stage, int trips) {
  Firing f;
  f.request_words[0] = 1;
  f.takes[0] = true;
  LoopPlan l = loop(times(trips, {f}), 1, take_stage + 10);
  l.timing.take_stage = take_stage;
  l.read_queue = static_cast<int>(take_stage) + 2;
  return region({process({{l}})});
}

TEST(MemoryReads, DataIsTakenAtTheLaterOfScheduleAndArrival) {
  for (const int slowest : {1, 40}) {
    RegionPlan plan = reader(20, 12);
    plan.slowest = slowest;
    const auto r = run(plan);
    const Solution::Loop& port = r->solution.loops[0];
    Cycle held = 0, late = 0;
    for (std::size_t i = 0; i < 12; ++i) {
      // Word i is due 20 after its issue; every earlier hold has moved it.
      const Cycle due = static_cast<Cycle>(i) + 20 + held;
      EXPECT_EQ(port.taken[0][i], std::max(due, port.read[0].arrivals[i]));
      held += port.taken[0][i] - due;
      late += port.taken[0][i] > due;
    }
    // A fast memory does not shorten the schedule; a slow one holds the pipe.
    EXPECT_EQ(r->solution.end, 11 + 30 + held);
    EXPECT_EQ(late > 0, slowest == 40);
  }
}

TEST(MemoryReads, ARequestBeforeTheLoopWaitsOnce) {
  Firing first, next;
  first.request_words[0] = 3;
  first.takes[0] = next.takes[0] = true;
  LoopPlan l = loop({first, next, next}, 1, 5);
  l.timing.request_before_loop = true;
  l.timing.request_wait = 64;
  const RegionPlan plan = region({process({{l}})});
  EXPECT_EQ(run(plan)->solution.end, 64 + 2 + 5);  // wait + (trips - 1) II + depth
}

/// A loop that writes one word with a response expected `latency` after it, inside its depth or at
/// the region's end.
RegionPlan writer(bool inside, int latency, int slowest) {
  Firing f;
  f.announce_words[0] = 1;
  f.puts[0] = true;
  LoopPlan l = loop({f}, 1, 30);
  if (inside) {
    l.timing.put_stage = 29 - latency;
    l.timing.response_stage = 29;
  }
  RegionPlan plan = region({process({{l}})});
  plan.slowest = slowest;
  return plan;
}

TEST(MemoryWrites, AResponseInsideTheLoopIsPartOfItsDepthAndNotPaidAgain) {
  const RegionPlan plan = writer(true, 20, 1);
  EXPECT_EQ(run(plan)->solution.end, 30);
}

TEST(MemoryWrites, ALateResponseInsideTheLoopHoldsIt) {
  const RegionPlan plan = writer(true, 1, 60);
  const auto r = run(plan);
  const Cycle response = r->solution.loops[0].write[0].responses[0];
  ASSERT_GT(response, 29);
  EXPECT_EQ(r->solution.end, response + 1);
  EXPECT_EQ(r->decoupled.region.account(0)[Cause::kMemoryWrite], response - 29);
}

TEST(MemoryWrites, TheRegionEndsWithTheLastResponse) {
  const RegionPlan plan = writer(false, 0, 60);
  const auto r = run(plan);
  const Cycle response = r->solution.loops[0].write[0].responses[0];
  ASSERT_GT(response, 30);
  EXPECT_EQ(r->solution.processes[0].ends[0], 30);
  EXPECT_EQ(r->solution.end, response);
}

// ----- Section 9
// --------------------------------------------------------------------------------------------------

TEST(Causes, SumToTheRegionsCycles) {
  // Source II 3, three values in 0, 3, 6; pipe of depth 4 reads in 1, 4, 7 and ends in 11.
  const RegionPlan plan = region({process({{to(0, loop(times(3, {writes(0)}), 3, 1))}}),
                                  process({{from(0, loop(times(3, {reads(0)}), 1, 4))}})},
                                 {2});
  const auto r = run(plan);
  ASSERT_EQ(r->solution.end, 11);
  const auto source = r->decoupled.region.account(0), pipe = r->decoupled.region.account(1);
  EXPECT_EQ(source[Cause::kBusy], 7);      // 0 .. 6
  EXPECT_EQ(source[Cause::kIdle], 4);      // ended before its region
  EXPECT_EQ(pipe[Cause::kInputEmpty], 5);  // 0, 2, 3, 5, 6
  EXPECT_EQ(pipe[Cause::kBusy], 3);        // 1, 4, 7
  EXPECT_EQ(pipe[Cause::kFillDrain], 3);   // 8, 9, 10
  EXPECT_EQ(source.total(), 11);
  EXPECT_EQ(pipe.total(), 11);
}

TEST(Causes, AHeldCycleGoesToTheFirstFullOutput) {
  LoopPlan reader = from(0, loop({Firing{}, reads(0), reads(0)}, 8, 8));
  const RegionPlan plan =
      region({process({{to(0, loop(times(2, {writes(0)})))}}), process({{reader}})}, {1});
  const auto r = run(plan);
  EXPECT_EQ(r->solution.writes[0], (Cycles{0, 9}));
  EXPECT_EQ(r->decoupled.region.account(0)[Cause::kOutputFull], 8);  // 1 .. 8
  EXPECT_EQ(r->decoupled.streams[0]->writer_waited, 8);
}

// ----- Section 11
// -------------------------------------------------------------------------------------------------

TEST(Deadlock, NamesEveryWaitAndTheLoopInBothExecutions) {
  // A writes two Y then X, B reads X then Y: with depth 1 the second Y finds no slot in cycle 1.
  const RegionPlan plan =
      region({process({{to(1, to(0, loop({writes(0), writes(0), writes(1)})), 1)}}),
              process({{from(1, from(0, loop({reads(1), reads(0), reads(0)})), 1)}})},
             {1, 1});
  const auto r = run(plan);
  EXPECT_FALSE(r->solution.ended);
  for (const BuiltRegion* built : {&r->lockstep, &r->decoupled}) {
    const std::vector<const timing::Region*> regions{&built->region};
    const timing::DeadlockError error(regions, timing::last_move(regions));
    EXPECT_EQ(error.exit_code(), ExitCode::kSimulationFailed);
    EXPECT_STREQ(error.what(),
                 "deadlock: nothing can proceed after cycle 0\n"
                 "region region, started in cycle 0\n"
                 "  p0 waits for a free slot in stream s0 since cycle 1, read by p1\n"
                 "  p1 waits for a value in stream s1 since cycle 0, written by p0\n"
                 "  loop of waits: p0 -> p1 -> p0");
  }
}

TEST(Deadlock, NamesAReaderThatHasEnded) {
  const RegionPlan plan = region({process({{to(0, loop(times(3, {writes(0)})))}}),
                                  process({{from(0, loop(times(1, {reads(0)})))}})},
                                 {1});
  const auto r = run(plan);
  EXPECT_FALSE(r->solution.ended);
  const std::vector<const timing::Region*> regions{&r->decoupled.region};
  EXPECT_EQ(timing::describe_deadlock(regions, timing::last_move(regions)),
            "deadlock: nothing can proceed after cycle 2\n"
            "region region, started in cycle 0\n"
            "  p0 waits for a free slot in stream s0 since cycle 3, read by p1 (not running)");
}

}  // namespace
}  // namespace m3sim::test
