// A small run, made up by hand: one task of 1000 cycles on a 100 MHz clock (10 us).
//
//   cycle      0    100        400        700   750       950   1000
//   qk              |-----------|                                       attention, layer 0
//   load mlp                    |----------------|                      300 exposed of 350
//   mlp                                    |--------------|             linear, overlaps 50 cycles
//   control    |----|                                     |------|
#pragma once

#include "model/accelerator/run_record.hpp"

namespace m3sim::report::test {

using timing::Cause;

inline timing::CycleAccount account(timing::Cycle busy, timing::Cycle read, timing::Cycle empty,
                                    timing::Cycle drain = 0) {
  timing::CycleAccount account;
  account[Cause::kBusy] = busy;
  account[Cause::kMemoryRead] = read;
  account[Cause::kInputEmpty] = empty;
  account[Cause::kFillDrain] = drain;
  return account;
}

inline KernelRecord kernel(const std::string& name, const std::string& engine, Part part,
                           timing::Cycle start, timing::Cycle end) {
  KernelRecord kernel;
  kernel.name = name;
  kernel.engine = engine;
  kernel.part = part;
  kernel.layer = 0;
  kernel.start = start;
  kernel.end = end;
  return kernel;
}

/// 300 cycles: finalize works for 270 of them, read_kv waits for memory in 100.
inline KernelRecord qk() {
  KernelRecord k = kernel("layer0.qk", "attention", Part::kAttentionQk, 100, 400);
  k.processes = {{"read_kv", 100, account(100, 100, 98), {Master::kInout1}},
                 {"finalize", 90, account(270, 0, 20, 8), {}}};
  k.streams = {{"kv", 2, 2, 100, 40, 0}};
  k.activity[timing::Event::kMultiply32x32] = 1000;
  k.bytes_read = 3200;
  return k;
}

inline KernelRecord load() {
  KernelRecord k = kernel("layer0.mlp.load", "loader", Part::kMlp, 400, 750);
  k.is_load = true;
  k.processes = {{"load_weights", 170, account(170, 178, 0), {Master::kWeights}}};
  k.bytes_read = 5440;
  return k;
}

/// 250 cycles: compute works for 200, of which no other process needs more than 120.
inline KernelRecord mlp() {
  KernelRecord k = kernel("layer0.mlp", "linear", Part::kMlp, 700, 950);
  k.processes = {{"read_in", 60, account(60, 60, 128), {Master::kInout1}},
                 {"compute", 200, account(200, 0, 40, 8), {}}};
  k.activity[timing::Event::kMultiply32x16] = 50'000;
  k.activity[timing::Event::kBufferReadBits] = 800'000;
  return k;
}

inline TaskRecord task(int image = 0) {
  TaskRecord t;
  t.task = "semseg";
  t.image = image;
  t.start = 0;
  t.end = 1000;
  t.kernels = {qk(), load(), mlp()};
  t.queues = {{2, 0, 3, 5}};
  t.experts = {{1, 0, 2, 40, 30}, {1, 2, 3, 40, 10}, {1, 3, 5, 40, 0}};
  t.ports = {{Master::kInout1, 6400, 1600, 20, 5, 400, 100},
             {Master::kWeights, 5440, 0, 17, 0, 340, 0}};
  t.dram.bytes_read = 12800;
  t.dram.bytes_written = 1600;
  t.dram.reads = 200;
  t.dram.writes = 25;
  t.dram.row_hits = 180;
  t.dram.refreshes = 1;
  t.dram.has_commands = true;
  t.dram.activate_fj = 1'000'000'000;
  t.dram.read_fj = 2'000'000'000;
  t.dram.background_fj = 3'000'000'000;
  return t;
}

inline RunRecord run(int images = 1) {
  RunRecord r;
  r.clock_hz = 100'000'000;
  r.macs_per_cycle = 512;
  r.one_time = {kernel("one_time.weights", "loader", Part::kOneTime, 0, 500)};
  for (int image = 0; image < images; ++image) r.tasks.push_back(task(image));
  return r;
}

}  // namespace m3sim::report::test
