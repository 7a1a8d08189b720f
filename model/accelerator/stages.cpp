#include "model/accelerator/stages.hpp"

#include <algorithm>

#include "model/engines/attention_engine.hpp"

namespace m3sim {
namespace {

Tensor tokens(Accelerator& a, const TensorRef& ref, int features) {
  const int n = a.config().network.tokens();
  return {
      {n, features},
      kActivationFractionBits,
      a.read_lanes(ref.address, static_cast<std::size_t>(n) * static_cast<std::size_t>(features))};
}

/// Scores are stored skewed, [block][key][slot][head]: slot o holds row p * block + o from key o
/// on, and the row p before it until then.
Tensor attention_logits(Accelerator& a, const TensorRef& ref) {
  const kernels::AttentionShape shape = attention_shape(a.config());
  const int n = a.config().network.tokens(), p = shape.rows, width = shape.heads_p2();
  const auto stored = a.read_lanes(ref.address, static_cast<std::size_t>(shape.scores(n)) *
                                                    static_cast<std::size_t>(shape.score_lanes()));
  Tensor logits({shape.heads, n, n});
  for (int q = 0; q < n; ++q)
    for (int k = 0; k < n; ++k) {
      const int slot = q % p, block = k >= slot ? q / p : q / p + 1;
      const std::size_t item = (static_cast<std::size_t>(block) * static_cast<std::size_t>(n) +
                                static_cast<std::size_t>(k)) *
                                   static_cast<std::size_t>(p) +
                               static_cast<std::size_t>(slot);
      for (int h = 0; h < shape.heads; ++h)
        logits.raw[(static_cast<std::size_t>(h) * static_cast<std::size_t>(n) +
                    static_cast<std::size_t>(q)) *
                       static_cast<std::size_t>(n) +
                   static_cast<std::size_t>(k)] =
            stored[item * static_cast<std::size_t>(width) + static_cast<std::size_t>(h)];
    }
  return logits;
}

Tensor softmax_info(Accelerator& a, const TensorRef& ref) {
  const kernels::AttentionShape shape = attention_shape(a.config());
  const int n = a.config().network.tokens();
  const auto stored = a.read_lanes(ref.address, static_cast<std::size_t>(n * shape.info_lanes()));
  Tensor info({n, shape.heads, 2});
  for (int t = 0; t < n; ++t)
    for (int i = 0; i < 2 * shape.heads; ++i)
      info.raw[static_cast<std::size_t>(t * 2 * shape.heads + i)] =
          stored[static_cast<std::size_t>(t * shape.info_lanes() + i)];
  return info;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

struct StageReader::Visit {
  StageReader& reader;
  const Step& step;
  Accelerator& a;

  template <class Op>
  void operator()(const Op&) const {}
  void operator()(const WriteClassToken& op) const {
    reader.give(step, "patch_embed", tokens(a, op.out, a.config().network.width));
  }
  /// Of a step on a chunk of tokens: there are more to come.
  template <class Op>
  bool incomplete(const Op& op) const {
    return op.tokens > 0 && op.first_token + op.tokens < a.config().network.tokens();
  }
  void operator()(const Normalize& op) const {
    if (incomplete(op)) return;
    reader.give(step, op.which == 0 ? "norm1" : "norm2",
                tokens(a, op.out, a.config().network.width));
  }
  void operator()(const MultiplyQK& op) const {
    reader.give(step, "attn_logits", attention_logits(a, op.scores), "[head][q][k]");
    if (a.config().softmax.passes > 1) return;
    reader.give(step, "softmax_info", softmax_info(a, op.info), "[q][head]: (1 / sum, maximum)");
  }
  void operator()(const SoftmaxPass& op) const {
    if (op.kind == SoftmaxPass::Kind::kNormalize)
      reader.give(step, "attn_prob", attention_logits(a, op.scores), "[head][q][k]");
  }
  void operator()(const MultiplyAV& op) const {
    reader.give(step, "attn_out", tokens(a, op.out, a.config().network.width));
  }
  void operator()(const AttendHeads& op) const {
    reader.give(step, "attn_out", tokens(a, op.out, a.config().network.width));
  }
  void operator()(const AddTokens& op) const {
    if (incomplete(op)) return;
    const bool second = step.name.find("residual2") != std::string::npos;
    if (second && a.config().network.is_moe(step.layer)) {
      reader.give_expert_hidden(step);
      reader.give(step, "moe", tokens(a, op.y, a.config().network.width),
                  "sum over experts of score * output");
    }
    reader.give(step, second ? "out" : "resid1", tokens(a, op.out, a.config().network.width));
  }
  void operator()(const ComputeLinear& op) const {
    if (op.first_row + op.rows < op.out_features) return;  // a slice is still to come
    if (incomplete(op)) return;
    if (op.expert < 0) {
      const struct {
        const char *end, *name;
      } kStages[] = {
          {".q", "q"},        {".k", "k"}, {".v", "v"}, {".proj", "proj"}, {".mlp.fc1", "fc1_gelu"},
          {".mlp.fc2", "mlp"}};
      const std::string name =
          step.name.substr(0, std::min(step.name.find(".slice"), step.name.find(".chunk")));
      for (const auto& stage : kStages)
        if (ends_with(name, stage.end))
          reader.give(step, stage.name, tokens(a, op.out, op.out_features));
      return;
    }
    if (op.scaled) return;
    // The hidden rows of the expert's tokens.
    const int first = std::max(0, op.entry);
    const int end = op.entry >= 0 ? op.entry + 1 : a.queues().length(op.expert);
    for (int i = first; i < end; ++i) {
      const auto token = static_cast<std::uint64_t>(a.queues().token(op.expert, i));
      const auto width = static_cast<std::uint64_t>(op.out_features);
      reader.expert_hidden_[{op.expert, i}] =
          a.read_lanes(op.out.address + token * width * 4, static_cast<std::size_t>(width));
    }
  }
  void operator()(const RouteTokens& op) const {
    if (incomplete(op)) return;
    const NetworkConfig& n = a.config().network;
    const auto& seen = a.gate().observed();
    const auto table = [&](const std::vector<std::int32_t>& raw, int columns, int bits) {
      return Tensor({n.tokens(), columns}, bits, raw);
    };
    reader.give(step, "gate_logits", table(seen.logits, n.experts, kActivationFractionBits));
    reader.give(step, "gate_softmax", table(seen.softmax, 2, kActivationFractionBits),
                "(sum, maximum)");
    reader.give(step, "topk_idx", table(seen.top_experts, n.top_k, kIntegerFractionBits));
    reader.give(step, "topk_logit", table(seen.top_logits, n.top_k, kActivationFractionBits));
    reader.give(step, "topk_score", table(seen.top_scores, n.top_k, kActivationFractionBits));
    const auto lengths = a.queues().lengths();
    std::vector<std::int32_t> queue_tokens, queue_scores;
    for (int e = 0; e < n.experts; ++e)
      for (int i = 0; i < lengths[static_cast<std::size_t>(e)]; ++i) {
        queue_tokens.push_back(a.queues().token(e, i));
        queue_scores.push_back(a.queues().score(e, i));
      }
    const int entries = static_cast<int>(queue_tokens.size());
    const auto active = a.queues().active();
    reader.give(step, "queue_len",
                {{n.experts}, kIntegerFractionBits, {lengths.begin(), lengths.end()}});
    reader.give(step, "queue_tokens", {{entries}, kIntegerFractionBits, queue_tokens},
                "expert by expert");
    reader.give(step, "queue_scores", {{entries}, kActivationFractionBits, queue_scores},
                "expert by expert");
    reader.give(
        step, "metaqueue",
        {{static_cast<int>(active.size())}, kIntegerFractionBits, {active.begin(), active.end()}});
  }
};

void StageReader::on_step(const Step& step, Accelerator& accelerator) {
  std::visit(Visit{*this, step, accelerator}, step.operation);
}

void StageReader::give_expert_hidden(const Step& step) {
  if (expert_hidden_.empty()) return;
  Tensor rows({0, static_cast<int>(expert_hidden_.begin()->second.size())});
  for (const auto& [place, row] : expert_hidden_) {
    rows.raw.insert(rows.raw.end(), row.begin(), row.end());
    ++rows.shape[0];
  }
  expert_hidden_.clear();
  give(step, "expert_hidden", std::move(rows), "rows in queue order, expert by expert");
}

void StageReader::give(const Step& step, const std::string& what, Tensor tensor,
                       const std::string& note) {
  const bool in_layer = step.layer >= 0;
  sink_({in_layer ? "l" + std::to_string(step.layer) + "_" + what : what,
         in_layer ? std::optional<int>(step.layer) : std::nullopt, std::move(tensor), note});
}

}  // namespace m3sim
