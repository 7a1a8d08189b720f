#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/network/dimensions.hpp"
#include "model/network/seeded.hpp"
#include "model/network/tensor.hpp"

namespace m3sim {

/// Parameter tensors of a network, by the part of it they belong to. Comments give the file name
/// and the shape; {n} is the layer, {t} the task's index.
enum class ParameterKind {
  kPatchWeight,      // patch_embed_weight     [D, image_channels, patch, patch]
  kPatchBias,        // patch_embed_bias       [D]
  kPosEmbed,         // pos_embed              [N, D]; row 0 holds the class token too
  kNorm1Weight,      // l{n}_norm1_weight      [D]
  kNorm1Bias,        // l{n}_norm1_bias        [D]
  kQkvWeight,        // l{n}_qkv_weight        [3 D, D], rows q, k, v
  kQkvBias,          // l{n}_qkv_bias          [3 D]
  kProjWeight,       // l{n}_attn_proj_weight  [D, D]
  kProjBias,         // l{n}_attn_proj_bias    [D]
  kNorm2Weight,      // l{n}_norm2_weight      [D]
  kNorm2Bias,        // l{n}_norm2_bias        [D]
  kFc1Weight,        // l{n}_fc1_weight        [mlp_hidden, D]       dense layers
  kFc1Bias,          // l{n}_fc1_bias          [mlp_hidden]
  kFc2Weight,        // l{n}_fc2_weight        [D, mlp_hidden]
  kFc2Bias,          // l{n}_fc2_bias          [D]
  kExpertFc1Weight,  // l{n}_htoh4_weight      [E, expert_hidden, D] MoE layers
  kExpertFc1Bias,    // l{n}_htoh4_bias        [E, expert_hidden]
  kExpertFc2Weight,  // l{n}_h4toh_weight      [E, D, expert_hidden]
  kExpertFc2Bias,    // l{n}_h4toh_bias        [E, D]
  kGateWeight,       // multi-gate: l{n}_w_gate_T_task{t} [E, D];
                     // task-conditioned: l{n}_w_gate_T [E, D + task_embedding], shared by the tasks
  kTaskFc1Weight,    // task_fc1_weight        [task_hidden, tasks]  task-conditioned gating
  kTaskFc1Bias,      // task_fc1_bias          [task_hidden]
  kTaskFc2Weight,    // task_fc2_weight        [task_embedding, task_hidden]
  kTaskFc2Bias,      // task_fc2_bias          [task_embedding]
};

/// One parameter tensor of a network.
struct ParameterId {
  ParameterKind kind{};
  int layer = 0;  // of per-layer tensors
  int task = 0;   // of gates; ignored where the tasks share one

  auto operator<=>(const ParameterId&) const = default;
};

/// What is known of a parameter tensor before its values are read.
struct ParameterSpec {
  ParameterId id;
  std::string name;  // of its file, without the extension
  Shape shape;
  FixedFormat format;  // that the hardware holds it in
};

/// Every parameter tensor of a network, in the order the hardware uses them: the embedding, the
/// task MLP, then layer by layer.
std::vector<ParameterSpec> parameter_specs(const Dimensions& dimensions);

/// How a parameter tensor is drawn when it is generated. Expert matrices with seed 0 are those that
/// the published stage tensors were computed with; the other tensors are scaled so that activations
/// of any network stay well inside Q10.22.
SeededDraw seeded_draw(const ParameterId& id);

/// Where parameters come from.
struct ParameterSource {
  std::filesystem::path directory;    // of `NAME.float32.bin` or `NAME.npy` files; or empty
  std::optional<std::uint64_t> seed;  // all parameters generated, where there is no directory
  std::optional<std::uint64_t> fill_missing;  // seed for those that the directory lacks

  /// `--weights`: "seed:N" or a directory; `--fill-missing`: "seed:N" or empty. Throws UsageError.
  static ParameterSource parse(const std::string& weights, const std::string& fill_missing = "");
};

/// The parameters of a network. All that can be wrong with them is found when they are opened (a
/// missing file, its size or shape, NaN or infinity); values are read when asked for, so that
/// memory holds one tensor at a time. Files are float; a float becomes raw by
/// `FixedFormat::quantize`. Seeded parameters are raw numbers by definition (`seeded_draw`)
/// and their floats are exact.
class Parameters {
 public:
  /// Throws InputError: one line that names every missing file, or the first faulty one.
  Parameters(Dimensions dimensions, ParameterSource source);

  const Dimensions& dimensions() const { return dimensions_; }
  const std::vector<ParameterSpec>& specs() const { return specs_; }
  const ParameterSpec& spec(const ParameterId& id) const;

  /// As the hardware holds it. Throws std::out_of_range for a tensor that the network does not
  /// have.
  Tensor quantized(const ParameterId& id) const;
  /// Row `row` of its outermost dimension: one expert's matrix.
  Tensor quantized(const ParameterId& id, int row) const;

  /// As it was before quantisation.
  std::vector<float> floats(const ParameterId& id) const;
  std::vector<float> floats(const ParameterId& id, int row) const;

  /// Replaces a tensor's values; InputError where their number is wrong or one is not finite.
  void set(const ParameterId& id, std::vector<float> values);

  /// Names of the tensors that were generated because the directory lacks them.
  const std::vector<std::string>& filled() const { return filled_; }

  /// Names of the tensors with values outside their format, which wrap as in the hardware.
  const std::vector<std::string>& wrapped() const { return wrapped_; }

 private:
  struct Entry {
    std::filesystem::path file;         // or
    std::optional<std::uint64_t> seed;  // or
    std::vector<float> values;
  };

  // Values first ... first + count - 1 of a tensor.
  struct Range {
    std::size_t first;
    std::size_t count;
  };

  std::size_t index(const ParameterId& id) const;
  Range whole(std::size_t index) const;
  Range row_range(std::size_t index, int row) const;
  Tensor quantized(std::size_t index, Shape shape, Range range) const;
  std::vector<float> floats(std::size_t index, Range range) const;
  void open(ParameterSource source);
  void check(std::size_t index);

  Dimensions dimensions_;
  std::vector<ParameterSpec> specs_;
  std::map<ParameterId, std::size_t> index_;
  std::vector<Entry> entries_;  // one per spec
  std::vector<std::string> filled_;
  std::vector<std::string> wrapped_;
};

}  // namespace m3sim
