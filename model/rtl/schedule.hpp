// In which stage of the pipeline each part of a firing happens.
//
// A response is `take_stage` after the issue, a word of a memory one stage after its address, an
// operation at its latest operand, a register (all its reads and its write) where its next value
// is. Values that change only at the start have no stage. The stages are a fixpoint of these rules.
#pragma once
#include <string>
#include <vector>

#include "model/rtl/trace.hpp"
#include "model/timing/pipeline.hpp"

namespace m3sim::rtl {

struct Schedule {
  timing::LoopTiming timing;
  std::vector<char> live;    // by node: an output, register or memory depends on it
  std::vector<char> stable;  // by node: the same in all stages
  std::vector<int> stage;    // by node
  /// By memory read: the word's stage. Where a stage-0 signal needs it, the memory is read one
  /// cycle before with the address of the next state: `early`.
  std::vector<int> read_stage;
  std::vector<char> early;
  std::vector<int> write_stage;  // by memory write
  /// By memory: a firing may read a word that the one before it is just writing.
  std::vector<char> forwards;
  int last_stage = 0;
};

/// Throws BuildError where the loop's depth or interval cannot hold the firing.
Schedule schedule(const Trace& trace, const timing::LoopTiming& timing, const std::string& kernel);

}  // namespace m3sim::rtl
