#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "model/golden/pass.hpp"

namespace m3sim::golden {
namespace {

// A list of whole numbers or scores as one row.
template <class T>
Matrix as_row(const std::vector<T>& values) {
  Matrix row(1, static_cast<Eigen::Index>(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    row(0, static_cast<Eigen::Index>(i)) = static_cast<double>(values[i]);
  }
  return row;
}

// Rank at which a token chose an expert.
int rank_of(const Matrix& experts, int token, int expert) {
  int rank = 0;
  while (static_cast<int>(experts(token, rank)) != expert) ++rank;
  return rank;
}

}  // namespace

// One-hot task -> linear -> GELU -> linear (M3ViT, section 3.2).
Vector Pass::task_embedding() {
  if (task_embedding_) return *task_embedding_;
  Matrix one_hot = Matrix::Zero(1, static_cast<Eigen::Index>(dimensions_.tasks.size()));
  one_hot(0, task_) = 1.0;
  Matrix hidden = linear(one_hot, weight(ParameterKind::kTaskFc1Weight, 0),
                         bias(ParameterKind::kTaskFc1Bias, 0));
  gelu(hidden);
  Matrix embedding = linear(hidden, weight(ParameterKind::kTaskFc2Weight, 0),
                            bias(ParameterKind::kTaskFc2Bias, 0));
  embedding =
      stage(std::nullopt, "task_embedding", std::move(embedding), {dimensions_.task_embedding});
  task_embedding_ = embedding.row(0).transpose();
  return *task_embedding_;
}

Matrix Pass::gate_logits(int layer, const Matrix& x) {
  const Matrix gate = weight(ParameterKind::kGateWeight, layer);
  Matrix logits(x.rows(), gate.rows());
  logits.noalias() = x * gate.leftCols(dimensions_.width).transpose();
  if (dimensions_.gating == Gating::kTaskConditioned) {
    const Vector of_task = gate.rightCols(dimensions_.task_embedding) * task_embedding();
    logits.rowwise() += of_task.transpose();
  }
  return stage(layer, "gate_logits", std::move(logits));
}

Matrix Pass::choose_experts(int layer, const Matrix& logits) const {
  const int tokens = dimensions_.tokens();
  const int top_k = dimensions_.top_k;
  Matrix chosen(tokens, top_k);
  std::vector<int> order(static_cast<std::size_t>(dimensions_.experts));
  for (int token = 0; token < tokens; ++token) {
    if (forced_.routing != nullptr) {
      const auto choices = forced_.routing->layer(task_, layer).choices(token);
      for (int rank = 0; rank < top_k; ++rank) {
        chosen(token, rank) = choices[static_cast<std::size_t>(rank)].expert;
      }
      continue;
    }
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + top_k, order.end(), [&](int a, int b) {
      const double difference = logits(token, a) - logits(token, b);
      return difference != 0 ? difference > 0 : a < b;
    });
    for (int rank = 0; rank < top_k; ++rank) {
      chosen(token, rank) = order[static_cast<std::size_t>(rank)];
    }
  }
  return chosen;
}

Pass::Selection Pass::select(int layer, const Matrix& logits) {
  const int tokens = dimensions_.tokens();
  const int top_k = dimensions_.top_k;
  const Softmax gate = softmax(logits);
  stage(layer, "gate_softmax", gate.stats);
  Selection chosen;
  chosen.experts = stage(layer, "topk_idx", choose_experts(layer, logits));
  chosen.logits.resize(tokens, top_k);
  chosen.scores.resize(tokens, top_k);
  for (int token = 0; token < tokens; ++token) {
    for (int rank = 0; rank < top_k; ++rank) {
      const int expert = static_cast<int>(chosen.experts(token, rank));
      chosen.logits(token, rank) = logits(token, expert);
      chosen.scores(token, rank) = gate.probabilities(token, expert);
    }
    if (forced_.routing == nullptr || !forced_.use_scores) continue;
    const auto given = forced_.routing->layer(task_, layer).choices(token);
    for (int rank = 0; rank < top_k; ++rank) {
      chosen.scores(token, rank) =
          std::ldexp(given[static_cast<std::size_t>(rank)].score, -kActivationFractionBits);
    }
  }
  stage(layer, "topk_logit", chosen.logits);
  chosen.scores = stage(layer, "topk_score", std::move(chosen.scores));
  return chosen;
}

void Pass::show_queues(int layer, const Matrix& scores, const LayerRouting& routing) {
  if (!visitor_) return;
  std::vector<int> lengths;
  std::vector<int> tokens;
  std::vector<int> active;
  std::vector<double> queue_scores;
  const auto queues = routing.queues(dimensions_.experts);
  for (int expert = 0; expert < dimensions_.experts; ++expert) {
    const auto& queue = queues[static_cast<std::size_t>(expert)];
    lengths.push_back(static_cast<int>(queue.size()));
    if (!queue.empty()) active.push_back(expert);
    for (const QueueEntry& entry : queue) {
      tokens.push_back(entry.token);
      const auto choices = routing.choices(entry.token);
      const auto found = std::find_if(choices.begin(), choices.end(),
                                      [&](const Choice& c) { return c.expert == expert; });
      queue_scores.push_back(scores(entry.token, found - choices.begin()));
    }
  }
  const int entries = static_cast<int>(tokens.size());
  stage(layer, "queue_len", as_row(lengths), {dimensions_.experts});
  stage(layer, "queue_tokens", as_row(tokens), {entries});
  stage(layer, "queue_scores", as_row(queue_scores), {entries});
  stage(layer, "metaqueue", as_row(active), {static_cast<int>(active.size())});
}

Matrix Pass::experts(int layer, const Matrix& x) {
  const Selection chosen = select(layer, gate_logits(layer, x));
  LayerRouting routing(dimensions_.tokens(), dimensions_.top_k);
  for (int token = 0; token < dimensions_.tokens(); ++token) {
    for (int rank = 0; rank < dimensions_.top_k; ++rank) {
      const double score = std::ldexp(chosen.scores(token, rank), kActivationFractionBits);
      routing.choices(token)[static_cast<std::size_t>(rank)] = {
          static_cast<int>(chosen.experts(token, rank)),
          static_cast<std::int32_t>(std::floor(score))};
    }
  }
  show_queues(layer, chosen.scores, routing);

  Matrix out = Matrix::Zero(x.rows(), x.cols());
  const auto queues = routing.queues(dimensions_.experts);
  const Shape hidden_shape = {dimensions_.tokens() * dimensions_.top_k, dimensions_.expert_hidden};
  std::size_t done = 0;  // queue entries of earlier experts
  for (int expert = 0; expert < dimensions_.experts; ++expert) {
    const auto& queue = queues[static_cast<std::size_t>(expert)];
    if (queue.empty()) continue;
    Matrix in(static_cast<Eigen::Index>(queue.size()), x.cols());
    for (std::size_t i = 0; i < queue.size(); ++i) {
      in.row(static_cast<Eigen::Index>(i)) = x.row(queue[i].token);
    }
    Matrix hidden = linear(in, expert_weight(ParameterKind::kExpertFc1Weight, layer, expert),
                           expert_bias(ParameterKind::kExpertFc1Bias, layer, expert));
    gelu(hidden);
    hidden = stage(layer, "expert_hidden", std::move(hidden), hidden_shape,
                   done * static_cast<std::size_t>(dimensions_.expert_hidden));
    const Matrix result =
        linear(hidden, expert_weight(ParameterKind::kExpertFc2Weight, layer, expert),
               expert_bias(ParameterKind::kExpertFc2Bias, layer, expert));
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const int token = queue[i].token;
      out.row(token) += chosen.scores(token, rank_of(chosen.experts, token, expert)) *
                        result.row(static_cast<Eigen::Index>(i));
    }
    done += queue.size();
  }
  routing_.set(task_, layer, std::move(routing));
  return stage(layer, "moe", std::move(out));
}

}  // namespace m3sim::golden
