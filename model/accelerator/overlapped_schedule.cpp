// The schedule of M3ViT's accelerator (hardware description, section 7): tokens pass in chunks, so
// that the normalisation, routing and addition of a chunk happen while the linear unit works on
// another; all head units attend at once; every weight is loaded ahead.
//
// A step waits for the chunk it reads, for its unit's previous step and, where it overwrites what
// others read, for them: each comment names the readers and what orders them.
#include <algorithm>

#include "model/accelerator/schedule.hpp"

namespace m3sim {

std::uint32_t Schedule::on(Unit unit, const std::string& name, Part part, Operation operation,
                           std::vector<std::uint32_t> after) {
  std::uint32_t& previous = unit_last_[static_cast<std::size_t>(unit)];
  after.push_back(previous);
  return previous = add(prefix() + name, part, std::move(operation), std::move(after));
}

void Schedule::begin_chunks() {
  const int tokens = config_.network.tokens(), count = config_.schedule.token_chunks;
  chunks_.clear();
  for (int c = 0; c < count; ++c) {
    const int first = static_cast<int>(std::int64_t{tokens} * c / count);
    const int end = static_cast<int>(std::int64_t{tokens} * (c + 1) / count);
    if (end > first) chunks_.push_back({first, end - first});
  }
  unit_last_.fill(0);
  unit_last_[static_cast<std::size_t>(Unit::kNorm)] = last_;  // all tokens have been embedded
  for (Steps& writers : chunk_writers_) writers.assign(chunks_.size(), 0);
  chunk_writers(DramTensor::kX).assign(chunks_.size(), writer(DramTensor::kX));
}

void Schedule::end_overlapped_experts() {
  unit_last_[static_cast<std::size_t>(Unit::kLinear)] = last_;
  chunk_writers(DramTensor::kTmp3).assign(chunks_.size(), writer(DramTensor::kTmp3));
  add_chunks("residual2", Steps(chunks_.size(), last_));
}

/// tmp1 was read by the linear layers whose results the addition to x has waited for.
void Schedule::normalize_chunks(const char* name, int which) {
  Steps& out = chunk_writers(DramTensor::kTmp1);
  for (std::size_t c = 0; c < chunks_.size(); ++c)
    out[c] = on(Unit::kNorm, name + chunk_name(c), Part::kNorm,
                Normalize{chunk_ref(DramTensor::kX, c), chunk_ref(DramTensor::kTmp1, c), which,
                          chunks_[c].first, chunks_[c].tokens},
                {chunk_writers(DramTensor::kX)[c]});
}

void Schedule::add_chunks(const char* name, const Steps& after) {
  Steps& x = chunk_writers(DramTensor::kX);
  for (std::size_t c = 0; c < chunks_.size(); ++c)
    x[c] = on(Unit::kResidual, name + chunk_name(c), Part::kResidual,
              AddTokens{chunk_ref(DramTensor::kX, c), chunk_ref(DramTensor::kTmp3, c),
                        chunk_ref(DramTensor::kX, c), chunks_[c].first, chunks_[c].tokens},
              {after[c]});
}

/// Loads a slice of a matrix into the next bank as soon as that is free.
Schedule::Slice Schedule::load_slice(const Linear& layer, int row, int rows) {
  const std::size_t bank = next_bank_[0]++ % static_cast<std::size_t>(config_.linear.weight_banks);
  const std::string name =
      layer.name + (rows < layer.out_features ? ".slice" + std::to_string(row / rows) : "");
  const LoadLinear op{map_.parameter(layer.weights, layer.weight_part, layer.first_row + row),
                      map_.parameter(layer.biases, layer.weight_part, layer.first_row + row),
                      layer.in_features,
                      0,
                      rows,
                      layer.attention_bias,
                      static_cast<int>(bank)};
  last_load_ = on(Unit::kLoader, name + ".load", layer.part, op, {bank_users_[bank], last_load_});
  steps_.back().is_load = true;
  bank_loads_[bank] = last_load_;
  return {&layer, name, row, rows, bank, last_load_};
}

void Schedule::compute_slice(const Slice& slice, std::size_t c, std::uint32_t after) {
  const Linear& layer = *slice.layer;
  ComputeLinear op{chunk_ref(layer.in, c),
                   chunk_ref(layer.out, c),
                   layer.in_features,
                   layer.out_features,
                   slice.row,
                   slice.rows,
                   layer.gelu,
                   -1,
                   false,
                   static_cast<int>(slice.bank),
                   static_cast<int>(slice.load)};
  op.first_token = chunks_[c].first;
  op.tokens = chunks_[c].tokens;
  const std::uint32_t step = on(Unit::kLinear, slice.name + chunk_name(c), layer.part, op,
                                {slice.load, after, chunk_writers(layer.in)[c]});
  bank_users_[slice.bank] = step;
  if (slice.row == 0) chunk_writers(layer.out)[c] = step;  // the oldest of its slices' writers
  slice_done_[c] = step;
}

/// Layers that read the same tensor: as many slices as there are banks are worked off chunk by
/// chunk.
void Schedule::linear_chunks(const std::vector<Linear>& layers, std::uint32_t after) {
  std::vector<std::pair<const Linear*, int>> todo;
  for (const Linear& layer : layers)
    for (int row = 0; row < layer.out_features; row += slice_rows(layer))
      todo.emplace_back(&layer, row);
  slice_done_.assign(chunks_.size(), 0);
  const auto banks = static_cast<std::size_t>(config_.linear.weight_banks);
  for (std::size_t first = 0; first < todo.size(); first += banks) {
    std::vector<Slice> slices;
    for (std::size_t i = first; i < std::min(first + banks, todo.size()); ++i) {
      const auto& [layer, row] = todo[i];
      slices.push_back(
          load_slice(*layer, row, std::min(slice_rows(*layer), layer->out_features - row)));
    }
    for (std::size_t c = 0; c < chunks_.size(); ++c)
      for (const Slice& slice : slices) compute_slice(slice, c, after);
  }
}

Schedule::Linear Schedule::dense(const char* name, Part part, ParameterKind weights,
                                 ParameterKind biases, DramTensor in, DramTensor out) const {
  const NetworkConfig& n = config_.network;
  // The kind decides the unit alone, and there is one (validated).
  Linear layer{name, LinearKind{}, part, id(weights), id(biases), 0, 0, in, out, n.width, n.width};
  layer.attention_bias = part != Part::kMlp;
  return layer;
}

void Schedule::overlapped_attention() {
  const NetworkConfig& n = config_.network;
  // q, k and v lie in tmp2, tmp3 and the hidden activations' place: read before by the layer
  // before, whose last addition everything here waits for.
  const std::uint32_t before = chunk_writers(DramTensor::kX).back();
  on(Unit::kNorm, "load_norms", Part::kNorm,
     LoadNormParameters{{map_.parameter(id(ParameterKind::kNorm1Bias)),
                         map_.parameter(id(ParameterKind::kNorm1Weight)),
                         map_.parameter(id(ParameterKind::kNorm2Bias)),
                         map_.parameter(id(ParameterKind::kNorm2Weight))}},
     {});
  normalize_chunks("norm1", 0);
  std::vector<Linear> qkv;
  const struct {
    const char* name;
    DramTensor out;
  } kOutputs[] = {{"q", DramTensor::kTmp2}, {"k", DramTensor::kTmp3}, {"v", DramTensor::kHidden}};
  for (int i = 0; i < 3; ++i) {
    qkv.push_back(dense(kOutputs[i].name, Part::kQkv, ParameterKind::kQkvWeight,
                        ParameterKind::kQkvBias, DramTensor::kTmp1, kOutputs[i].out));
    qkv.back().first_row = i * n.width;
  }
  linear_chunks(qkv, before);
  const std::uint32_t attended =
      on(Unit::kAttention, "attention.heads", Part::kAttentionQk,
         AttendHeads{chunk_ref(DramTensor::kTmp2, 0), chunk_ref(DramTensor::kTmp3, 0),
                     chunk_ref(DramTensor::kHidden, 0), chunk_ref(DramTensor::kTmp1, 0)},
         slice_done_);
  chunk_writers(DramTensor::kTmp1).assign(chunks_.size(), attended);
  linear_chunks({dense("proj", Part::kProjection, ParameterKind::kProjWeight,
                       ParameterKind::kProjBias, DramTensor::kTmp1, DramTensor::kTmp3)},
                attended);
  add_chunks("residual1", slice_done_);
  normalize_chunks("norm2", 1);
}

void Schedule::overlapped_mlp() {
  const NetworkConfig& n = config_.network;
  Linear first = dense("mlp.fc1", Part::kMlp, ParameterKind::kFc1Weight, ParameterKind::kFc1Bias,
                       DramTensor::kTmp1, DramTensor::kHidden);
  first.out_features = n.mlp_hidden;
  first.gelu = true;
  linear_chunks({first}, 0);
  Linear second = dense("mlp.fc2", Part::kMlp, ParameterKind::kFc2Weight, ParameterKind::kFc2Bias,
                        DramTensor::kHidden, DramTensor::kTmp3);
  second.in_features = n.mlp_hidden;
  linear_chunks({second}, 0);
  add_chunks("residual2", slice_done_);
}

void Schedule::overlapped_gate() {
  ParameterId gate = id(ParameterKind::kGateWeight);
  if (config_.network.gating == Gating::kMultiGate) gate.task = task_;
  on(Unit::kGate, "gate.load", Part::kGate, LoadGate{map_.parameter(gate)}, {});
  // tmp3 was read by the addition that every normalisation has waited for.
  zeroed_ = add(prefix() + "gate.zero", Part::kGate, ZeroTokens{ref(DramTensor::kTmp3)},
                {chunk_writers(DramTensor::kX).back()});
  for (std::size_t c = 0; c < chunks_.size(); ++c)
    routed_ =
        on(Unit::kGate, "gate.route" + chunk_name(c), Part::kGate,
           RouteTokens{chunk_ref(DramTensor::kTmp1, c), chunks_[c].first, chunks_[c].tokens},
           {chunk_writers(DramTensor::kTmp1)[c]});
  // The experts read tokens of every chunk.
  written(DramTensor::kTmp1, chunk_writers(DramTensor::kTmp1).front());
}

}  // namespace m3sim
