// What every engine is: a SystemC module that owns regions, their processes and their on-chip
// memories.
#pragma once
#include <systemc>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/config/accelerator_config.hpp"
#include "model/engines/onchip_memory.hpp"
#include "model/engines/operation.hpp"
#include "model/rtl/hardware.hpp"
#include "model/timing/activity.hpp"
#include "model/timing/loop_timing.hpp"
#include "model/timing/pipeline.hpp"
#include "model/timing/region.hpp"
#include "tlm/memory_system.hpp"

namespace m3sim {

/// The accelerator's clock as lockstep execution sees it: an event at every edge, and that edge's
/// number.
struct EdgeClock {
  sc_core::sc_event edge;
  timing::Cycle cycle = 0;
};

/// A port that a process's current step is bound to.
struct BoundPort {
  Master master{};
  bool writes = false;
  bool resident = false;  ///< on chip, beside every master
  timing::MemoryChannel* channel = nullptr;
  std::int64_t words_before = 0;  ///< that had crossed the channel when the step started
};

/// What engines are built from.
struct EngineContext {
  const AcceleratorConfig& config;
  tlm_mem::MemorySystem& memory;
  OnchipMemory& onchip;
  EdgeClock& clock;
  bool data = true;   ///< tensor values are computed; off: time alone
  int processes = 0;  ///< process numbers given so far
  /// By process number.
  std::vector<std::vector<BoundPort>> bound_ports{};
  /// Told of each binding to a master, if set.
  std::function<void(int process, const BoundPort&)> on_bound{};
  /// Kernels that are hardware, if any (lockstep, data on).
  const rtl::Hardware* hardware = nullptr;

  void bound(int process, DramTensor tensor, bool writes, timing::MemoryChannel& channel);
  /// The ports of a process's step that has ended; forgets them.
  std::vector<BoundPort> take_bound_ports(int process);

  int features() const { return config.word.features(); }
  int word_bytes() const { return config.word.bytes(); }
  int token_words() const { return config.network.width / features(); }
};

/// A memory port of a process: a channel at each master that carries one of its tensors, and one to
/// the on-chip memories where some of them stay.
class ReadPort {
 public:
  ReadPort(EngineContext& context, const std::string& name, int process,
           const std::vector<DramTensor>& tensors);
  timing::ReadBinding bind(const TensorRef& ref, std::uint32_t step) const;

 private:
  EngineContext& context_;
  int process_;
  timing::ReadBinding unbound_;
  std::array<timing::ReadChannel*, kTensorCount> channels_{};
};

class WritePort {
 public:
  WritePort(EngineContext& context, const std::string& name, int process,
            const std::vector<DramTensor>& tensors, timing::Region& region);
  timing::WriteBinding bind(const TensorRef& ref, std::uint32_t step) const;

 private:
  EngineContext& context_;
  int process_;
  timing::WriteBinding unbound_;
  std::array<timing::WriteChannel*, kTensorCount> channels_{};
};

/// A region with what its processes cost per iteration.
struct EngineRegion {
  std::string engine;
  timing::Region region;
  std::vector<timing::Activity> per_iteration;  ///< by process

  EngineRegion(std::string engine_name, std::string name, const EngineContext& context)
      : engine(std::move(engine_name)),
        region(std::move(name), context.config.control.restart_cycles) {}
};

class Engine : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Engine);
  Engine(const sc_core::sc_module_name& name, EngineContext& context);

  const std::vector<std::unique_ptr<EngineRegion>>& regions() const { return regions_; }

 protected:
  EngineRegion& add_region(const std::string& name);

  /// A process without phases yet; `per_iteration` is what one iteration does besides moving words
  /// through ports, `prepare` as in Region::add_process.
  timing::Process& open_process(EngineRegion& to, int stage, const std::string& name,
                                const timing::Activity& per_iteration,
                                std::function<int(int)> prepare = {});
  template <class Actor>
  timing::Pipeline<Actor>& add_phase(timing::Process& process, Loop loop, Actor actor,
                                     std::vector<timing::Stream*> in = {},
                                     std::vector<timing::Stream*> out = {},
                                     timing::Process::Prepare prepare = {}, bool parallel = false) {
    auto pipeline =
        make_pipeline(timing::loop_timing(context_.config.loops[loop], context_.config.port),
                      std::move(actor), in, out);
    auto& result = *pipeline;
    std::unique_ptr<timing::PipelineBase> runs;
    if (context_.hardware)
      runs = context_.hardware->pipeline(loop, std::move(pipeline), in, out);
    else
      runs = std::move(pipeline);
    attach(process, std::move(runs), std::move(prepare), parallel);
    return result;
  }
  template <class Actor>
  timing::Pipeline<Actor>& add_phase(timing::Process& process, const timing::LoopTiming& loop,
                                     Actor actor, std::vector<timing::Stream*> in = {},
                                     std::vector<timing::Stream*> out = {},
                                     timing::Process::Prepare prepare = {}, bool parallel = false) {
    auto pipeline = make_pipeline(loop, std::move(actor), std::move(in), std::move(out));
    auto& result = *pipeline;
    attach(process, std::move(pipeline), std::move(prepare), parallel);
    return result;
  }

  EngineContext& context_;

 private:
  template <class Actor>
  std::unique_ptr<timing::Pipeline<Actor>> make_pipeline(const timing::LoopTiming& loop,
                                                         Actor actor,
                                                         std::vector<timing::Stream*> in,
                                                         std::vector<timing::Stream*> out) const {
    std::vector<timing::ReadBinding> reads(static_cast<std::size_t>(Actor::kReadPorts));
    std::vector<timing::WriteBinding> writes(static_cast<std::size_t>(Actor::kWritePorts));
    for (auto& r : reads) r.word_bytes = context_.word_bytes();
    for (auto& w : writes) w.word_bytes = context_.word_bytes();
    return std::make_unique<timing::Pipeline<Actor>>(loop, std::move(actor), std::move(in),
                                                     std::move(out), std::move(reads),
                                                     std::move(writes), context_.data);
  }
  static void attach(timing::Process& process, std::unique_ptr<timing::PipelineBase> pipeline,
                     timing::Process::Prepare prepare, bool parallel) {
    if (parallel)
      process.add_parallel(std::move(pipeline), std::move(prepare));
    else
      process.add_phase(std::move(pipeline), std::move(prepare));
  }
  void on_edge();
  std::vector<std::unique_ptr<EngineRegion>> regions_;
};

}  // namespace m3sim
