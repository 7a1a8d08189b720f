// The schedule of an image: steps as data (timing contract, section 5).
//
// A step runs one operation on its engine once all the steps it names have ended. What the
// published controller does in program order is a chain of such dependencies; overlapping a load
// with the kernel before it, or prefetching into a third weight bank, leaves dependencies out. The
// experts' steps follow from the meta-queue, so a schedule is extended when a gate has ended.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "model/accelerator/memory_map.hpp"
#include "model/accelerator/run_record.hpp"
#include "model/engines/operation.hpp"

namespace m3sim {

struct Step {
  std::uint32_t number = 0;  ///< from 1, over the whole run
  std::string name;          ///< "layer1.experts.3.fc1"
  Part part{};
  int layer = -1, expert = -1;
  bool is_load = false;
  Operation operation;
  std::vector<std::uint32_t> after;
};

class Schedule {
 public:
  Schedule(const AcceleratorConfig& config, const MemoryMap& map) : config_(config), map_(map) {}

  /// Weights that are loaded once, before the images.
  void one_time();
  /// Begins an image of a task, after everything before it: up to its first gate, or to its end.
  /// `switches`: the task differs from the image before, so a task-conditioned gate needs its
  /// embedding.
  void begin_image(int task, bool switches);
  /// Continues behind a gate whose queues are known: `experts` in the order of the meta-queue.
  void extend(const std::vector<int>& experts);
  /// Every step of the image stands in steps().
  bool complete() const { return layer_ == config_.network.layers; }

  const std::vector<Step>& steps() const { return steps_; }
  /// Drops the steps of earlier images.
  void clear() { steps_.clear(); }

 private:
  struct Linear {
    std::string name;
    Part part{};
    ParameterId weights, biases;
    int weight_part = 0, first_row = 0;  ///< expert; first row of the matrix within its tensor
    DramTensor in{}, out{};
    int in_features = 0, out_features = 0;
    bool attention_bias = false, gelu = false, scaled = false;
    int expert = -1;
  };
  std::uint32_t add(std::string name, Part part, Operation operation,
                    std::vector<std::uint32_t> after);
  /// After everything before it in program order.
  std::uint32_t add(std::string name, Part part, Operation operation) {
    return add(std::move(name), part, std::move(operation), {last_});
  }
  void layers_until_gate();
  void attention_block();
  void dense_block();
  void gate_block();
  void linear(const Linear& layer, bool overlap);
  void residual();
  std::uint32_t written(DramTensor tensor, std::uint32_t step) {
    return writer_[static_cast<std::size_t>(tensor)] = step;
  }
  TensorRef ref(DramTensor tensor) const {
    return map_.ref(tensor, writer_[static_cast<std::size_t>(tensor)]);
  }
  ParameterId id(ParameterKind kind) const;
  std::string prefix() const { return "layer" + std::to_string(layer_) + "."; }

  const AcceleratorConfig& config_;
  const MemoryMap& map_;
  std::vector<Step> steps_;
  std::uint32_t number_ = 0;
  std::uint32_t last_ = 0;                 ///< the latest step in program order
  std::uint32_t last_load_ = 0;            ///< of a weight bank
  std::vector<std::uint32_t> bank_users_;  ///< last step that computed from each bank
  std::size_t next_bank_ = 0;
  std::array<std::uint32_t, kTensorCount> writer_{};
  std::uint32_t routed_ = 0, zeroed_ = 0;
  int task_ = 0, layer_ = 0;
};

}  // namespace m3sim
