#include "model/network/parameters.hpp"

#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "model/config/error.hpp"
#include "model/network/float_file.hpp"

namespace m3sim {
namespace {

struct KindTraits {
  ParameterKind kind;
  const char* name;  // after "l{n}_" for tensors of a layer
  FixedFormat format;
  SeededDraw draw;
};

constexpr std::int32_t kNormOne = 1 << kBiasFormat.fraction_bits;

constexpr std::array<KindTraits, 24> kKinds{{
    {ParameterKind::kPatchWeight, "patch_embed_weight", kPatchWeightFormat, {2, 2, 0}},
    {ParameterKind::kPatchBias, "patch_embed_bias", kBiasFormat, {3, -3, 0}},
    // Wide, so that tokens differ and a seeded network's gates spread them over the experts.
    {ParameterKind::kPosEmbed, "pos_embed", kActivationFormat, {4, 14, 0}},
    {ParameterKind::kNorm1Weight, "norm1_weight", kBiasFormat, {5, -3, kNormOne}},
    {ParameterKind::kNorm1Bias, "norm1_bias", kBiasFormat, {6, -3, 0}},
    {ParameterKind::kQkvWeight, "qkv_weight", kLinearWeightFormat, {7, 0, 0}},
    {ParameterKind::kQkvBias, "qkv_bias", kAttentionBiasFormat, {8, -4, 0}},
    {ParameterKind::kProjWeight, "attn_proj_weight", kLinearWeightFormat, {9, 0, 0}},
    {ParameterKind::kProjBias, "attn_proj_bias", kAttentionBiasFormat, {10, -4, 0}},
    {ParameterKind::kNorm2Weight, "norm2_weight", kBiasFormat, {11, -3, kNormOne}},
    {ParameterKind::kNorm2Bias, "norm2_bias", kBiasFormat, {12, -3, 0}},
    {ParameterKind::kFc1Weight, "fc1_weight", kLinearWeightFormat, {13, 0, 0}},
    {ParameterKind::kFc1Bias, "fc1_bias", kBiasFormat, {14, -3, 0}},
    {ParameterKind::kFc2Weight, "fc2_weight", kLinearWeightFormat, {15, 0, 0}},
    {ParameterKind::kFc2Bias, "fc2_bias", kBiasFormat, {16, -3, 0}},
    {ParameterKind::kExpertFc1Weight, "htoh4_weight", kLinearWeightFormat, {0, 0, 0}},
    {ParameterKind::kExpertFc1Bias, "htoh4_bias", kBiasFormat, {17, -3, 0}},
    {ParameterKind::kExpertFc2Weight, "h4toh_weight", kLinearWeightFormat, {1, 0, 0}},
    {ParameterKind::kExpertFc2Bias, "h4toh_bias", kBiasFormat, {18, -3, 0}},
    // Tags 64 and above: one per task.
    {ParameterKind::kGateWeight, "w_gate_T", kLinearWeightFormat, {64, 0, 0}},
    // Wider than the other matrices: one of their inputs is 1 and the rest 0, so the tasks would
    // hardly differ otherwise.
    {ParameterKind::kTaskFc1Weight, "task_fc1_weight", kLinearWeightFormat, {19, 4, 0}},
    {ParameterKind::kTaskFc1Bias, "task_fc1_bias", kBiasFormat, {20, -3, 0}},
    {ParameterKind::kTaskFc2Weight, "task_fc2_weight", kLinearWeightFormat, {21, 2, 0}},
    {ParameterKind::kTaskFc2Bias, "task_fc2_bias", kBiasFormat, {22, -3, 0}},
}};

const KindTraits& traits(ParameterKind kind) {
  for (const KindTraits& row : kKinds) {
    if (row.kind == kind) return row;
  }
  throw std::logic_error("parameter kind without traits");
}

// Collects the specs of a network.
class SpecList {
 public:
  void global(ParameterKind kind, Shape shape) {
    add({kind, 0, 0}, traits(kind).name, std::move(shape));
  }
  void layer(ParameterKind kind, int layer, Shape shape) {
    add({kind, layer, 0}, layer_name(kind, layer), std::move(shape));
  }
  void gate(int layer, int task, Shape shape) {
    const std::string name = layer_name(ParameterKind::kGateWeight, layer);
    add({ParameterKind::kGateWeight, layer, task}, name + "_task" + std::to_string(task),
        std::move(shape));
  }
  std::vector<ParameterSpec> take() { return std::move(specs_); }

 private:
  static std::string layer_name(ParameterKind kind, int layer) {
    return "l" + std::to_string(layer) + "_" + traits(kind).name;
  }
  void add(ParameterId id, std::string name, Shape shape) {
    specs_.push_back({id, std::move(name), std::move(shape), traits(id.kind).format});
  }
  std::vector<ParameterSpec> specs_;
};

void add_moe_specs(SpecList& list, const Dimensions& d, int layer) {
  if (d.gating == Gating::kTaskConditioned) {
    list.layer(ParameterKind::kGateWeight, layer, {d.experts, d.gate_inputs()});
  } else {
    for (int task = 0; task < static_cast<int>(d.tasks.size()); ++task) {
      list.gate(layer, task, {d.experts, d.width});
    }
  }
  list.layer(ParameterKind::kExpertFc1Weight, layer, {d.experts, d.expert_hidden, d.width});
  list.layer(ParameterKind::kExpertFc1Bias, layer, {d.experts, d.expert_hidden});
  list.layer(ParameterKind::kExpertFc2Weight, layer, {d.experts, d.width, d.expert_hidden});
  list.layer(ParameterKind::kExpertFc2Bias, layer, {d.experts, d.width});
}

void add_layer_specs(SpecList& list, const Dimensions& d, int layer) {
  list.layer(ParameterKind::kNorm1Weight, layer, {d.width});
  list.layer(ParameterKind::kNorm1Bias, layer, {d.width});
  list.layer(ParameterKind::kQkvWeight, layer, {3 * d.width, d.width});
  list.layer(ParameterKind::kQkvBias, layer, {3 * d.width});
  list.layer(ParameterKind::kProjWeight, layer, {d.width, d.width});
  list.layer(ParameterKind::kProjBias, layer, {d.width});
  list.layer(ParameterKind::kNorm2Weight, layer, {d.width});
  list.layer(ParameterKind::kNorm2Bias, layer, {d.width});
  if (d.is_moe(layer)) {
    add_moe_specs(list, d, layer);
    return;
  }
  list.layer(ParameterKind::kFc1Weight, layer, {d.mlp_hidden, d.width});
  list.layer(ParameterKind::kFc1Bias, layer, {d.mlp_hidden});
  list.layer(ParameterKind::kFc2Weight, layer, {d.width, d.mlp_hidden});
  list.layer(ParameterKind::kFc2Bias, layer, {d.width});
}

}  // namespace

std::vector<ParameterSpec> parameter_specs(const Dimensions& d) {
  SpecList list;
  list.global(ParameterKind::kPatchWeight, {d.width, d.image_channels, d.patch, d.patch});
  list.global(ParameterKind::kPatchBias, {d.width});
  list.global(ParameterKind::kPosEmbed, {d.tokens(), d.width});
  if (d.gating == Gating::kTaskConditioned && d.has_moe()) {
    list.global(ParameterKind::kTaskFc1Weight, {d.task_hidden, static_cast<int>(d.tasks.size())});
    list.global(ParameterKind::kTaskFc1Bias, {d.task_hidden});
    list.global(ParameterKind::kTaskFc2Weight, {d.task_embedding, d.task_hidden});
    list.global(ParameterKind::kTaskFc2Bias, {d.task_embedding});
  }
  for (int layer = 0; layer < d.layers; ++layer) add_layer_specs(list, d, layer);
  return list.take();
}

SeededDraw seeded_draw(const ParameterId& id) {
  SeededDraw draw = traits(id.kind).draw;
  if (id.kind == ParameterKind::kGateWeight) draw.tag += id.task;
  return draw;
}

ParameterSource ParameterSource::parse(const std::string& weights,
                                       const std::string& fill_missing) {
  ParameterSource source;
  if (weights.starts_with("seed:")) {
    source.seed = parse_seed(weights, "--weights");
  } else {
    source.directory = weights;
  }
  if (!fill_missing.empty()) source.fill_missing = parse_seed(fill_missing, "--fill-missing");
  return source;
}

Parameters::Parameters(Dimensions dimensions, ParameterSource source)
    : dimensions_(std::move(dimensions)), specs_(parameter_specs(dimensions_)) {
  for (std::size_t i = 0; i < specs_.size(); ++i) index_[specs_[i].id] = i;
  entries_.resize(specs_.size());
  open(std::move(source));
}

void Parameters::open(ParameterSource source) {
  if (source.seed) {
    for (Entry& entry : entries_) entry.seed = source.seed;
    return;
  }
  if (!std::filesystem::is_directory(source.directory)) {
    throw InputError(source.directory.string(), "no such directory of weights");
  }
  std::string missing;
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    for (const char* ending : {".npy", ".float32.bin"}) {
      const std::filesystem::path file = source.directory / (specs_[i].name + ending);
      if (std::filesystem::exists(file)) entries_[i].file = file;
    }
    if (!entries_[i].file.empty()) continue;
    entries_[i].seed = source.fill_missing;
    if (source.fill_missing) {
      filled_.push_back(specs_[i].name);
    } else {
      missing += (missing.empty() ? "" : ", ") + specs_[i].name;
    }
  }
  if (!missing.empty()) {
    throw InputError(source.directory.string(), "lacks (as .float32.bin or .npy) " + missing +
                                                    "; --fill-missing seed:N generates them");
  }
  for (std::size_t i = 0; i < specs_.size(); ++i) check(i);
}

// Reads a file once, so that its faults are known before anything runs.
void Parameters::check(std::size_t index) {
  if (entries_[index].seed) return;
  const FixedFormat& format = specs_[index].format;
  for (const float value : floats(index, whole(index))) {
    if (!format.holds(value)) {
      wrapped_.push_back(specs_[index].name);
      return;
    }
  }
}

std::size_t Parameters::index(const ParameterId& id) const {
  ParameterId key = id;
  const bool shared_gate = dimensions_.gating == Gating::kTaskConditioned;
  if (key.kind != ParameterKind::kGateWeight || shared_gate) key.task = 0;
  const auto found = index_.find(key);
  if (found == index_.end()) {
    throw std::out_of_range(std::string("network ") + dimensions_.name + " has no " +
                            traits(id.kind).name + " in layer " + std::to_string(id.layer) +
                            " for task " + std::to_string(id.task));
  }
  return found->second;
}

Parameters::Range Parameters::whole(std::size_t index) const {
  return {0, element_count(specs_[index].shape)};
}

Parameters::Range Parameters::row_range(std::size_t index, int row) const {
  const Shape& shape = specs_[index].shape;
  if (row < 0 || row >= shape[0]) {
    throw std::out_of_range(specs_[index].name + " has no row " + std::to_string(row));
  }
  const std::size_t length = element_count(shape) / static_cast<std::size_t>(shape[0]);
  return {static_cast<std::size_t>(row) * length, length};
}

const ParameterSpec& Parameters::spec(const ParameterId& id) const { return specs_[index(id)]; }

Tensor Parameters::quantized(const ParameterId& id) const {
  const std::size_t i = index(id);
  return quantized(i, specs_[i].shape, whole(i));
}

Tensor Parameters::quantized(const ParameterId& id, int row) const {
  const std::size_t i = index(id);
  return quantized(i, {specs_[i].shape.begin() + 1, specs_[i].shape.end()}, row_range(i, row));
}

std::vector<float> Parameters::floats(const ParameterId& id) const {
  const std::size_t i = index(id);
  return floats(i, whole(i));
}

std::vector<float> Parameters::floats(const ParameterId& id, int row) const {
  const std::size_t i = index(id);
  return floats(i, row_range(i, row));
}

Tensor Parameters::quantized(std::size_t index, Shape shape, Range range) const {
  const ParameterSpec& spec = specs_[index];
  if (const auto seed = entries_[index].seed) {
    return Tensor(
        std::move(shape), spec.format.fraction_bits,
        seeded_values(seeded_draw(spec.id), *seed, spec.id.layer, range.first, range.count));
  }
  return quantize(shape, floats(index, range), spec.format);
}

std::vector<float> Parameters::floats(std::size_t index, Range range) const {
  const ParameterSpec& spec = specs_[index];
  const Entry& entry = entries_[index];
  if (entry.seed) {
    const std::vector<std::int32_t> raw =
        seeded_values(seeded_draw(spec.id), *entry.seed, spec.id.layer, range.first, range.count);
    std::vector<float> values(raw.size());
    const auto lsb = static_cast<float>(spec.format.lsb());
    for (std::size_t i = 0; i < raw.size(); ++i) values[i] = static_cast<float>(raw[i]) * lsb;
    return values;
  }
  if (!entry.file.empty()) return read_floats(entry.file, spec.shape, range.first, range.count);
  const auto begin = entry.values.begin() + static_cast<std::ptrdiff_t>(range.first);
  return {begin, begin + static_cast<std::ptrdiff_t>(range.count)};
}

void Parameters::set(const ParameterId& id, std::vector<float> values) {
  const std::size_t i = index(id);
  const ParameterSpec& spec = specs_[i];
  if (values.size() != element_count(spec.shape)) {
    throw InputError(spec.name, "given " + std::to_string(values.size()) +
                                    " values, expected shape " + to_string(spec.shape));
  }
  for (const float value : values) {
    if (!std::isfinite(value)) throw InputError(spec.name, "given a NaN or infinite value");
  }
  entries_[i] = Entry{{}, std::nullopt, std::move(values)};
}

}  // namespace m3sim
