// A pipeline that is hardware: it steps a Verilated kernel where Pipeline<Actor> steps the simulated
// one, on the same streams, memory channels and on-chip memories.
//
// Lockstep only. Values cross with their cycles; parameters come from the registers of an actor that
// has been started like the simulated one. Stalls are accounted from the module's observation
// outputs alone: issue, held and by what, starved and of what.
#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "model/rtl/memories.hpp"
#include "model/rtl/socket.hpp"
#include "model/timing/pipeline.hpp"

namespace m3sim::rtl {

/// What a pipeline needs to know of a socket.
struct SocketLayout {
  timing::LoopTiming timing;
  struct MemorySide {
    int memory = 0;  // in the order of the actor's memories
    int lanes = 1, lane_bytes = 4, words = 1;
  };
  std::vector<MemorySide> reads, writes;
  std::vector<int> start_registers;  // by start value: number of the register that holds it, or -1
  int shared = 0;                    // registers
};
SocketLayout layout_of(const Design& design, const Module& module);

/// Drives one Verilated kernel, whatever its actor is.
class RtlPipelineBase : public timing::PipelineBase {
 public:
  RtlPipelineBase(SocketLayout layout, std::unique_ptr<SocketModel> model);
  void start(timing::Cycle first, timing::Process& owner) override;
  bool advance() override { throw std::logic_error("a Verilated kernel runs in lockstep only"); }
  bool step(timing::Cycle cycle) override;
  bool stirs(timing::Cycle) const override { return !asleep_; }
  timing::Wait blocked() const override;
  bool reads_from(const timing::Stream& stream) const override;
  bool writes_to(const timing::Stream& stream) const override;

 protected:
  using Cycle = timing::Cycle;
  /// Where a lane of an on-chip memory lies in the host; null where there is none.
  struct HostMemory {
    std::uint8_t* data = nullptr;
    int word_bytes = 0;
  };
  /// Ports and memories as the engine has bound them for this run.
  struct Bindings {
    std::vector<timing::Stream*> in, out;
    std::vector<timing::ReadBinding> reads;
    std::vector<timing::WriteBinding> writes;
    std::vector<HostMemory> memories;
    std::vector<std::int32_t> registers;  // after the actor's start
  };
  virtual Bindings bind() = 0;
  virtual std::vector<std::int32_t> shared_values() { return {}; }
  virtual void write_shared(std::size_t, std::int32_t) {}

 private:
  struct Reason {
    timing::Cause cause;
    timing::Wait::Kind kind;
    int port;
  };
  void list_reasons();
  void clock();
  void offer(Cycle cycle);
  void offer_reads(Cycle cycle);
  void transfer(Cycle cycle);
  bool move_streams(Cycle cycle);
  bool move_reads(Cycle cycle);
  bool move_writes(Cycle cycle);
  void serve_memories();
  void account_hold(Cycle cycle);
  void account_issue();
  void sleep(const Reason& reason);
  bool retire(Cycle end);
  const std::uint8_t* store_word(std::size_t m) const;
  timing::MemoryChannel* channel(const Reason& reason) const;

  SocketLayout layout_;
  std::unique_ptr<SocketModel> model_;
  Bindings b_;
  timing::Process* owner_ = nullptr;
  std::vector<Reason> reasons_;
  std::vector<std::vector<timing::detail::WordRun>> runs_;
  std::vector<std::uint32_t> read_values_;
  std::vector<std::pair<int, Cycle>> held_for_word_;
  Cycle held_ = 0;  // cycles of this run in which the pipeline was held
  Cycle started_ = 0, busy_until_ = 0, last_issue_ = 0, blocked_since_ = 0;
  std::vector<char> read_bytes_;
  bool issued_ = false, asleep_ = false;
  int blocked_by_ = -1, starved_by_ = -1;
};

/// The pipeline of a kernel in place of `simulated`, which keeps the actor and the bindings.
template <class Actor>
class RtlPipeline final : public RtlPipelineBase {
 public:
  RtlPipeline(SocketLayout layout, std::unique_ptr<SocketModel> model,
              std::unique_ptr<timing::Pipeline<Actor>> simulated,
              std::vector<timing::Stream*> inputs, std::vector<timing::Stream*> outputs)
      : RtlPipelineBase(std::move(layout), std::move(model)),
        simulated_(std::move(simulated)),
        in_(std::move(inputs)),
        out_(std::move(outputs)) {}
  timing::Pipeline<Actor>& simulated() { return *simulated_; }

 private:
  Bindings bind() override {
    Bindings b;
    b.in = in_;
    b.out = out_;
    for (int m = 0; m < Actor::kReadPorts; ++m) b.reads.push_back(simulated_->read_binding(m));
    for (int m = 0; m < Actor::kWritePorts; ++m) b.writes.push_back(simulated_->write_binding(m));
    Actor& actor = simulated_->actor();
    visit_memories(actor, [&](const char*, auto& memory) {
      const int lane_bytes = static_cast<int>(sizeof *memory.data);
      b.memories.push_back(
          {reinterpret_cast<std::uint8_t*>(memory.data), memory.lanes * lane_bytes});
    });
    const auto keep = [&](const char*, auto& value) {
      b.registers.push_back(static_cast<std::int32_t>(value));
    };
    if constexpr (requires { actor.shared; }) actor.shared->state(keep);
    actor.state(keep);
    return b;
  }
  std::vector<std::int32_t> shared_values() override {
    std::vector<std::int32_t> values;
    Actor& actor = simulated_->actor();
    if constexpr (requires { actor.shared; })
      actor.shared->state([&](const char*, auto& value) { values.push_back(value); });
    return values;
  }
  void write_shared(std::size_t number, std::int32_t to) override {
    Actor& actor = simulated_->actor();
    if constexpr (requires { actor.shared; }) {
      std::size_t i = 0;
      actor.shared->state([&](const char*, auto& value) {
        if (i++ == number) value = to;
      });
    }
  }

  std::unique_ptr<timing::Pipeline<Actor>> simulated_;
  std::vector<timing::Stream*> in_, out_;
};

}  // namespace m3sim::rtl
