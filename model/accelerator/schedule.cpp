#include "model/accelerator/schedule.hpp"

#include <algorithm>
#include <numeric>

namespace m3sim {
namespace {

/// The steps that exist (0 is none), each once, ascending.
std::vector<std::uint32_t> present(std::vector<std::uint32_t> steps) {
  std::erase(steps, 0u);
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  return steps;
}

}  // namespace

std::vector<ExpertWork> expert_work(ExpertOrder order, const ExpertQueues& queues) {
  std::vector<ExpertWork> work;
  for (const int expert : queues.active()) {
    if (order == ExpertOrder::kByExpert) work.push_back({expert});
    for (int i = 0; order == ExpertOrder::kByToken && i < queues.length(expert); ++i)
      work.push_back({expert, i, queues.token(expert, i)});
  }
  std::stable_sort(work.begin(), work.end(),
                   [](const ExpertWork& a, const ExpertWork& b) { return a.token < b.token; });
  return work;
}

Schedule::Schedule(const AcceleratorConfig& config, const MemoryMap& map)
    : config_(config), map_(map), cache_(config.experts.cache, config.experts.cache_experts) {
  bank_loads_.resize(static_cast<std::size_t>(config.weight_bank_count()));
}

ParameterId Schedule::id(ParameterKind kind) const { return {kind, layer_, 0}; }

std::uint32_t Schedule::add(std::string name, Part part, Operation operation,
                            std::vector<std::uint32_t> after) {
  steps_.push_back({++number_, std::move(name), part, layer_, -1, false, std::move(operation),
                    present(std::move(after))});
  return last_ = number_;
}

void Schedule::one_time() {
  layer_ = -1;
  add("one_time.patch_weights", Part::kOneTime,
      LoadPatchWeights{map_.parameter({ParameterKind::kPatchWeight}),
                       map_.parameter({ParameterKind::kPatchBias})});
}

void Schedule::begin_image(int task, bool switches) {
  task_ = task;
  layer_ = -1;
  bank_users_.assign(bank_loads_.size(), 0);
  next_bank_.assign(static_cast<std::size_t>(config_.linear.unit_count()), 0);
  last_load_ = 0;
  writer_.fill(0);
  if (switches && config_.network.has_moe() && config_.network.gating == Gating::kTaskConditioned) {
    EmbedTask embed{map_.parameter({ParameterKind::kTaskFc1Weight}, 0, task),
                    map_.parameter({ParameterKind::kTaskFc1Bias}),
                    map_.parameter({ParameterKind::kTaskFc2Weight}),
                    map_.parameter({ParameterKind::kTaskFc2Bias}), task};
    add("task_embedding", Part::kGate, embed);
  }
  const TensorRef position = map_.parameter({ParameterKind::kPosEmbed});
  const std::uint32_t first = number_ + 1;
  add("patch_embed", Part::kPatchEmbed,
      EmbedPatches{ref(DramTensor::kImage), position, ref(DramTensor::kX)});
  add("class_token", Part::kPatchEmbed, WriteClassToken{position, ref(DramTensor::kX)});
  written(DramTensor::kX, first);  // the older of its two writers
  layer_ = 0;
  if (in_chunks()) begin_chunks();
  layers_until_gate();
}

void Schedule::layers_until_gate() {
  while (layer_ < config_.network.layers) {
    in_chunks() ? overlapped_attention() : attention_block();
    if (config_.network.is_moe(layer_)) {
      in_chunks() ? overlapped_gate() : gate_block();
      return;
    }
    in_chunks() ? overlapped_mlp() : dense_block();
    ++layer_;
  }
}

void Schedule::extend(const std::vector<ExpertWork>& work) {
  last_ = std::max(routed_, zeroed_);
  writer_[static_cast<std::size_t>(DramTensor::kTmp3)] = zeroed_;
  for (const ExpertWork& visit : work) expert(visit);
  routed_ = zeroed_ = 0;
  in_chunks() ? end_overlapped_experts() : residual();
  ++layer_;
  layers_until_gate();
}

void Schedule::expert(const ExpertWork& work) {
  const NetworkConfig& n = config_.network;
  std::string name = prefix() + "experts." + std::to_string(work.expert);
  if (work.entry >= 0) name += ".token" + std::to_string(work.token);
  const ExpertCache::Place place = cache_.use(layer_, work.expert);
  const bool overlap =
      config_.experts.cached() ? config_.experts.prefetch : config_.linear.overlap_expert_loads;
  linear(
      {name + ".fc1", LinearKind::kExpertFc1, Part::kExperts, id(ParameterKind::kExpertFc1Weight),
       id(ParameterKind::kExpertFc1Bias), work.expert, 0, DramTensor::kTmp1, DramTensor::kHidden,
       n.width, n.expert_hidden, false, true, false, work.expert, work.entry, place, 0},
      overlap);
  linear(
      {name + ".fc2", LinearKind::kExpertFc2, Part::kExperts, id(ParameterKind::kExpertFc2Weight),
       id(ParameterKind::kExpertFc2Bias), work.expert, 0, DramTensor::kHidden, DramTensor::kTmp3,
       n.expert_hidden, n.width, false, false, true, work.expert, work.entry, place, 1},
      overlap);
  // Every word of the sum was written by the zeroing step or a later expert.
  writer_[static_cast<std::size_t>(DramTensor::kTmp3)] = zeroed_;
}

void Schedule::attention_block() {
  const NetworkConfig& n = config_.network;
  const bool overlap = config_.linear.overlap_dense_loads;
  const int d = n.width;
  const auto qkv = [&](const char* name, int which, DramTensor out) {
    return Linear{prefix() + name,
                  static_cast<LinearKind>(which),
                  Part::kQkv,
                  id(ParameterKind::kQkvWeight),
                  id(ParameterKind::kQkvBias),
                  0,
                  which * d,
                  DramTensor::kTmp1,
                  out,
                  d,
                  d,
                  true,
                  false,
                  false,
                  -1};
  };
  add(prefix() + "load_norms", Part::kNorm,
      LoadNormParameters{{map_.parameter(id(ParameterKind::kNorm1Bias)),
                          map_.parameter(id(ParameterKind::kNorm1Weight)),
                          map_.parameter(id(ParameterKind::kNorm2Bias)),
                          map_.parameter(id(ParameterKind::kNorm2Weight))}});
  written(DramTensor::kTmp1, add(prefix() + "norm1", Part::kNorm,
                                 Normalize{ref(DramTensor::kX), ref(DramTensor::kTmp1), 0}));
  linear(qkv("q", 0, DramTensor::kTmp2), overlap);
  linear(qkv("k", 1, DramTensor::kTmp3), overlap);
  const std::uint32_t qk = add(prefix() + "attention.qk", Part::kAttentionQk,
                               MultiplyQK{ref(DramTensor::kTmp2), ref(DramTensor::kTmp3),
                                          ref(DramTensor::kScores), ref(DramTensor::kSoftmaxInfo)});
  written(DramTensor::kScores, qk);
  written(DramTensor::kSoftmaxInfo, qk);
  softmax_passes();
  linear(qkv("v", 2, DramTensor::kTmp2), overlap);
  written(DramTensor::kTmp1,
          add(prefix() + "attention.av", Part::kAttentionAv,
              MultiplyAV{ref(DramTensor::kTmp2), ref(DramTensor::kScores),
                         ref(DramTensor::kSoftmaxInfo), ref(DramTensor::kTmp1)}));
  linear({prefix() + "proj", LinearKind::kProjection, Part::kProjection,
          id(ParameterKind::kProjWeight), id(ParameterKind::kProjBias), 0, 0, DramTensor::kTmp1,
          DramTensor::kTmp3, d, d, true, false, false, -1},
         overlap);
  written(DramTensor::kX,
          add(prefix() + "residual1", Part::kResidual,
              AddTokens{ref(DramTensor::kX), ref(DramTensor::kTmp3), ref(DramTensor::kX)}));
  written(DramTensor::kTmp1, add(prefix() + "norm2", Part::kNorm,
                                 Normalize{ref(DramTensor::kX), ref(DramTensor::kTmp1), 1}));
}

/// What lies between QK and AV where the softmax is not part of them.
void Schedule::softmax_passes() {
  using Kind = SoftmaxPass::Kind;
  const auto pass = [this](const char* name, Kind kind) {
    return add(prefix() + "softmax." + name, Part::kAttentionQk,
               SoftmaxPass{ref(DramTensor::kScores), kind});
  };
  const int passes = config_.softmax.passes;
  if (passes == 1) return;
  if (passes == 3) {
    pass("maximum", Kind::kMaximum);
    pass("sum", Kind::kSum);
  } else {
    pass("running", Kind::kRunning);
  }
  written(DramTensor::kScores, pass("normalize", Kind::kNormalize));
}

void Schedule::dense_block() {
  const NetworkConfig& n = config_.network;
  const bool overlap = config_.linear.overlap_dense_loads;
  linear({prefix() + "mlp.fc1", LinearKind::kFc1, Part::kMlp, id(ParameterKind::kFc1Weight),
          id(ParameterKind::kFc1Bias), 0, 0, DramTensor::kTmp1, DramTensor::kHidden, n.width,
          n.mlp_hidden, false, true, false, -1},
         overlap);
  linear({prefix() + "mlp.fc2", LinearKind::kFc2, Part::kMlp, id(ParameterKind::kFc2Weight),
          id(ParameterKind::kFc2Bias), 0, 0, DramTensor::kHidden, DramTensor::kTmp3, n.mlp_hidden,
          n.width, false, false, false, -1},
         overlap);
  residual();
}

void Schedule::gate_block() {
  ParameterId gate = id(ParameterKind::kGateWeight);
  if (config_.network.gating == Gating::kMultiGate) gate.task = task_;
  const std::uint32_t loaded =
      add(prefix() + "gate.load", Part::kGate, LoadGate{map_.parameter(gate)});
  routed_ = add(prefix() + "gate.route", Part::kGate, RouteTokens{ref(DramTensor::kTmp1)});
  zeroed_ = add(prefix() + "gate.zero", Part::kGate, ZeroTokens{ref(DramTensor::kTmp3)},
                {config_.gate.overlap_zero_output ? loaded : routed_});
}

/// Whole output tiles and whole words of biases that fit the buffers; a cached expert is whole.
int Schedule::slice_rows(const Linear& layer) const {
  if (layer.cached.slot >= 0) return layer.out_features;
  const int unit = std::lcm(config_.linear.out_tile, 2 * config_.word.features());
  const int row_bytes = std::max(layer.in_features, config_.linear.in_tile) * 2;
  const int rows = std::min(config_.linear.weight_buffer_kib * 1024 / row_bytes,
                            config_.linear.bias_buffer_features);
  return std::min(layer.out_features, std::max(unit, rows / unit * unit));
}

Schedule::Loaded Schedule::load(const Linear& layer, const std::string& name, int row, int rows,
                                bool overlap, std::uint32_t compute,
                                const std::vector<std::uint32_t>& start) {
  const auto banks = static_cast<std::size_t>(config_.linear.weight_banks);
  const auto unit = static_cast<std::size_t>(config_.linear.unit_of(layer.kind));
  const std::size_t bank = layer.cached.slot >= 0
                               ? static_cast<std::size_t>(config_.linear.bank_count() +
                                                          2 * layer.cached.slot + layer.cache_bank)
                               : unit * banks + next_bank_[unit]++ % banks;
  if (layer.cached.hit) return {bank, bank_loads_[bank]};
  std::vector<std::uint32_t> after{compute};
  if (overlap) after = {bank_users_[bank], last_load_};
  if (layer.expert >= 0) after.insert(after.end(), start.begin(), start.end());
  const LoadLinear op{map_.parameter(layer.weights, layer.weight_part, layer.first_row + row),
                      map_.parameter(layer.biases, layer.weight_part, layer.first_row + row),
                      layer.in_features,
                      0,
                      rows,
                      layer.attention_bias,
                      static_cast<int>(bank)};
  last_load_ = add(name + ".load", layer.part, op, after);
  steps_.back().is_load = true;
  steps_.back().expert = layer.expert;
  bank_loads_[bank] = last_load_;
  return {bank, last_load_};
}

void Schedule::linear(const Linear& layer, bool overlap) {
  const int rows = slice_rows(layer);
  const std::vector<std::uint32_t> start =
      layer.expert >= 0 ? std::vector{routed_, zeroed_} : std::vector{last_};
  std::uint32_t compute = last_;
  std::uint32_t first_compute = 0;
  for (int row = 0; row < layer.out_features; row += rows) {
    const int count = std::min(rows, layer.out_features - row);
    const std::string name =
        layer.name +
        (rows < layer.out_features ? ".slice" + std::to_string(row / rows) : std::string());
    const Loaded weights = load(layer, name, row, count, overlap, compute, start);
    const ComputeLinear op{ref(layer.in),
                           ref(layer.out),
                           layer.in_features,
                           layer.out_features,
                           row,
                           count,
                           layer.gelu,
                           layer.expert,
                           layer.scaled,
                           static_cast<int>(weights.bank),
                           static_cast<int>(weights.by),
                           layer.entry,
                           config_.linear.unit_of(layer.kind)};
    std::vector<std::uint32_t> needs{weights.by, compute};
    if (layer.expert >= 0) needs.insert(needs.end(), start.begin(), start.end());
    compute = add(name, layer.part, op, needs);
    steps_.back().expert = layer.expert;
    bank_users_[weights.bank] = compute;
    if (!first_compute) first_compute = compute;
  }
  last_ = compute;
  written(layer.out, first_compute);  // the oldest of its slices' writers
}

void Schedule::residual() {
  written(DramTensor::kX,
          add(prefix() + "residual2", Part::kResidual,
              AddTokens{ref(DramTensor::kX), ref(DramTensor::kTmp3), ref(DramTensor::kX)}));
}

}  // namespace m3sim
