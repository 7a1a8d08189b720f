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

#include "model/accelerator/expert_cache.hpp"
#include "model/accelerator/memory_map.hpp"
#include "model/accelerator/run_record.hpp"
#include "model/engines/expert_queues.hpp"
#include "model/engines/operation.hpp"

namespace m3sim {

/// A visit of an expert: all tokens of its queue, or one.
struct ExpertWork {
  int expert = 0;
  int entry = -1;  ///< position in the queue; -1: all
  int token = -1;  ///< at that position
};
/// The visits of a layer in their order: each expert of the meta-queue once, or each token's experts
/// in ascending order, token after token.
std::vector<ExpertWork> expert_work(ExpertOrder order, const ExpertQueues& queues);

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
  Schedule(const AcceleratorConfig& config, const MemoryMap& map);

  /// Weights that are loaded once, before the images.
  void one_time();
  /// Begins an image of a task, after everything before it: up to its first gate, or to its end.
  /// `switches`: the task differs from the image before, so a task-conditioned gate needs its
  /// embedding.
  void begin_image(int task, bool switches);
  /// Continues behind a gate whose queues are known.
  void extend(const std::vector<ExpertWork>& work);
  /// Every step of the image stands in steps().
  bool complete() const { return layer_ == config_.network.layers; }

  const std::vector<Step>& steps() const { return steps_; }
  /// Drops the steps of earlier images.
  void clear() { steps_.clear(); }

 private:
  struct Linear {
    std::string name;
    LinearKind kind{};
    Part part{};
    ParameterId weights, biases;
    int weight_part = 0, first_row = 0;  ///< expert; first row of the matrix within its tensor
    DramTensor in{}, out{};
    int in_features = 0, out_features = 0;
    bool attention_bias = false, gelu = false, scaled = false;
    int expert = -1;
    int entry = -1;
    ExpertCache::Place cached{};  ///< of the expert
    int cache_bank = 0;           ///< of the slot's two
  };
  /// Where a slice's weights are, and the steps it must wait for.
  struct Loaded {
    std::size_t bank = 0;
    std::uint32_t by = 0;
  };
  int slice_rows(const Linear& layer) const;
  Loaded load(const Linear& layer, const std::string& name, int row, int rows, bool overlap,
              std::uint32_t compute, const std::vector<std::uint32_t>& start);
  void expert(const ExpertWork& work);
  std::uint32_t add(std::string name, Part part, Operation operation,
                    std::vector<std::uint32_t> after);
  /// After everything before it in program order.
  std::uint32_t add(std::string name, Part part, Operation operation) {
    return add(std::move(name), part, std::move(operation), {last_});
  }
  void layers_until_gate();
  void attention_block();
  void softmax_passes();
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

  // Where tokens pass in chunks (overlapped_schedule.cpp).
  enum class Unit { kLoader, kLinear, kNorm, kAttention, kGate, kResidual };
  static constexpr std::size_t kUnits = 6;
  struct Chunk {
    int first, tokens;
  };
  /// Rows of a matrix in a weight bank.
  struct Slice {
    const Linear* layer;
    std::string name;
    int row, rows;
    std::size_t bank;
    std::uint32_t load;
  };
  using Steps = std::vector<std::uint32_t>;  ///< by chunk
  /// Adds a step of the current layer behind the unit's previous one.
  std::uint32_t on(Unit unit, const std::string& name, Part part, Operation operation,
                   std::vector<std::uint32_t> after);
  void begin_chunks();
  bool in_chunks() const { return config_.schedule.token_chunks > 0; }
  void overlapped_attention();
  void overlapped_mlp();
  void overlapped_gate();
  void end_overlapped_experts();
  void normalize_chunks(const char* name, int which);
  void add_chunks(const char* name, const Steps& after);
  Linear dense(const char* name, Part part, ParameterKind weights, ParameterKind biases,
               DramTensor in, DramTensor out) const;
  void linear_chunks(const std::vector<Linear>& layers, std::uint32_t after);
  Slice load_slice(const Linear& layer, int row, int rows);
  void compute_slice(const Slice& slice, std::size_t c, std::uint32_t after);
  std::string chunk_name(std::size_t c) const {
    return chunks_.size() > 1 ? ".chunk" + std::to_string(c) : std::string();
  }
  Steps& chunk_writers(DramTensor tensor) {
    return chunk_writers_[static_cast<std::size_t>(tensor)];
  }
  TensorRef chunk_ref(DramTensor tensor, std::size_t c) {
    return map_.ref(tensor, chunk_writers(tensor)[c]);
  }
  std::uint32_t writer(DramTensor tensor) const {
    return writer_[static_cast<std::size_t>(tensor)];
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
  std::vector<std::uint32_t> bank_loads_;  ///< last step that filled each bank
  ExpertCache cache_;
  std::vector<std::size_t> next_bank_;  ///< of each unit
  std::vector<Chunk> chunks_;
  std::array<std::uint32_t, kUnits> unit_last_{};
  std::array<Steps, kTensorCount> chunk_writers_{};  ///< the oldest writer of each chunk
  Steps slice_done_;  ///< last step of the linear layer in work, by chunk
  std::array<std::uint32_t, kTensorCount> writer_{};
  std::uint32_t routed_ = 0, zeroed_ = 0;
  int task_ = 0, layer_ = 0;
};

}  // namespace m3sim
