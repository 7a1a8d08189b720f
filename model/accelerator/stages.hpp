// The stage tensors that the hardware stores, as they appear, under the names of a tensor dump.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/accelerator/accelerator.hpp"
#include "model/network/tensor.hpp"

namespace m3sim {

struct StageTensor {
  std::string name;          ///< "l0_norm1"
  std::optional<int> layer;  ///< absent for tensors of no layer
  Tensor tensor;
  std::string note;
};

/// Reads from memory, queues and gate what each step has stored. Call it from RunRequest::on_step.
/// Not stored by the design, and so not among the stages: attention probabilities, norm statistics.
class StageReader {
 public:
  using Sink = std::function<void(StageTensor)>;
  explicit StageReader(Sink sink) : sink_(std::move(sink)) {}

  void on_step(const Step& step, Accelerator& accelerator);

 private:
  struct Visit;
  void give(const Step& step, const std::string& what, Tensor tensor, const std::string& note = {});
  void give_expert_hidden(const Step& step);
  Sink sink_;
  /// Of the layer so far: rows by expert and position in its queue.
  std::map<std::pair<int, int>, std::vector<std::int32_t>> expert_hidden_;
};

}  // namespace m3sim
