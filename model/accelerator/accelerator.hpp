// The accelerator: engines, memory system, and the controller that runs a schedule.
#pragma once
#include <systemc>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/accelerator/execution.hpp"
#include "model/accelerator/memory_map.hpp"
#include "model/accelerator/run_record.hpp"
#include "model/accelerator/schedule.hpp"
#include "model/engines/attention_engine.hpp"
#include "model/engines/gate_engine.hpp"
#include "model/engines/head_units_engine.hpp"
#include "model/engines/layer_norm_engine.hpp"
#include "model/engines/linear_engine.hpp"
#include "model/engines/patch_embedding_engine.hpp"
#include "model/engines/residual_engine.hpp"
#include "model/engines/softmax_engine.hpp"
#include "model/network/routing.hpp"

namespace m3sim {

class Accelerator;
class TraceRecorder;

/// What a run does. The pointers must outlive it.
struct RunRequest {
  const AcceleratorConfig* config = nullptr;
  std::vector<int> tasks;                  ///< of the images, in order
  const Parameters* parameters = nullptr;  ///< needed with data on
  const Image* image = nullptr;            ///< of every frame; needed with data on
  std::optional<Routing> routing;          ///< replaces what the gates decide; needed with data off
  bool data = true;
  ExecutionKind execution = ExecutionKind::kDecoupled;
  /// Called when a step has ended and all it wrote has landed.
  std::function<void(const Step&, Accelerator&)> on_step;
  tlm_mem::MemoryTraceSink* memory_trace = nullptr;
  const rtl::Hardware* hardware = nullptr;  ///< kernels that run as RTL; needs lockstep and data
  TraceRecorder* trace = nullptr;  ///< follows the run; pass it as memory_trace, too
};

class Accelerator final : public sc_core::sc_module {
 public:
  Accelerator(const sc_core::sc_module_name& name, RunRequest request);

  const AcceleratorConfig& config() const { return config_; }
  const MemoryMap& map() const { return map_; }
  tlm_mem::MemorySystem& memory() { return memory_; }
  const ExpertQueues& queues() const { return queues_; }
  const GateEngine& gate() const { return gate_; }
  const OnchipMemory& onchip() const { return onchip_; }
  const std::vector<EngineRegion*>& regions() const { return regions_; }
  /// Task of the image in work.
  int task() const { return request_.tasks[image_]; }
  int image() const { return static_cast<int>(image_); }
  /// Cycle of the calendar's now.
  timing::Cycle now() const { return execution_.now(); }
  /// `count` 32-bit lanes from a byte address on.
  std::vector<std::int32_t> read_lanes(std::uint64_t address, std::size_t count);

  /// Runs the simulation to its end. Throws DeadlockError, HazardError.
  RunRecord run();

 private:
  /// A step in work.
  struct Active {
    std::size_t step;  ///< index in the schedule
    EngineRegion* region = nullptr;
    timing::Cycle end = timing::kNever;
  };
  void on_time();
  void begin_image();
  void finish_image();
  void start_ready_steps();
  void start(std::size_t index);
  void finish_ended(timing::Cycle now);
  void finish(Active& active);
  std::string waiting_steps() const;
  EngineRegion& start_engine(const Step& step, timing::Cycle first);
  KernelRecord record(const Active& active);
  void trace_end(const Step& step, const EngineRegion& region);
  void record_experts(TaskRecord& task) const;
  void record_memory(TaskRecord& task);

  RunRequest request_;
  const AcceleratorConfig& config_;
  MemoryMap map_;
  timing::Clock clock_;
  tlm_mem::MemorySystem memory_;
  EdgeClock edges_;
  OnchipMemory onchip_;
  EngineContext context_;
  ExpertQueues queues_;
  WeightBanks banks_;
  PatchEmbeddingEngine patch_embedding_;
  LayerNormEngine layer_norm_;
  WeightLoader loader_;
  std::vector<std::unique_ptr<LinearEngine>> linear_;  ///< by unit
  AttentionEngine attention_;
  SoftmaxEngine softmax_;
  std::unique_ptr<HeadUnitsEngine> head_units_;  ///< where the design has them
  GateEngine gate_;
  ZeroEngine zero_;
  ResidualEngine residual_;
  /// When the schedule is looked at next.
  class Alarm final : private tlm_mem::Calendar::Member {
   public:
    explicit Alarm(Accelerator& owner);
    /// In `cycle`, or sooner if that is already agreed; at once if it is over.
    void set(timing::Cycle cycle);

   private:
    void on_time() override;
    Accelerator& owner_;
    timing::Cycle cycle_ = timing::kNever;
  };
  Alarm alarm_;
  Execution execution_;
  std::vector<EngineRegion*> regions_;
  Schedule schedule_;

  std::size_t image_ = 0;
  bool one_time_ = true;       ///< the one-time loads are in work
  std::vector<bool> done_;     ///< by step number
  std::size_t next_ = 0;       ///< steps before it have been started
  std::vector<bool> started_;  ///< by index in the schedule
  std::vector<Active> active_;
  timing::Cycle image_start_ = 0;
  std::vector<std::vector<int>> image_queues_;
  std::vector<KernelRecord> kernels_;
  TaskRecord memory_before_;
  RunRecord result_;
};

}  // namespace m3sim
