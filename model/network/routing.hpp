#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/network/dimensions.hpp"

namespace m3sim {

/// One expert that a token is sent to.
struct Choice {
  int expert = 0;
  std::int32_t score = 0;  // the expert's weight in the token's sum, raw Q10.22

  bool operator==(const Choice&) const = default;
};

/// One expert's queue entry.
struct QueueEntry {
  int token = 0;
  std::int32_t score = 0;

  bool operator==(const QueueEntry&) const = default;
};

/// Where one MoE layer sends its tokens: top_k choices per token, best first.
class LayerRouting {
 public:
  LayerRouting(int tokens, int top_k);

  /// From the queues of experts 0, 1, ...: a token's choices by descending score, ties by expert.
  /// Throws std::invalid_argument where a token is not in exactly top_k queues.
  static LayerRouting from_queues(const std::vector<std::vector<QueueEntry>>& queues, int tokens,
                                  int top_k);

  int tokens() const { return tokens_; }
  int top_k() const { return top_k_; }
  std::span<const Choice> choices(int token) const;
  std::span<Choice> choices(int token);

  /// Tokens of each of `experts` experts in ascending order, as the gate pushes them.
  std::vector<std::vector<QueueEntry>> queues(int experts) const;

  bool operator==(const LayerRouting&) const = default;

 private:
  int tokens_;
  int top_k_;
  std::vector<Choice> choices_;  // [token][rank]
};

/// Where every MoE layer of every task sends its tokens.
class Routing {
 public:
  void set(int task, int layer, LayerRouting routing);
  bool has(int task, int layer) const { return layers_.contains({task, layer}); }
  bool has_task(int task) const;

  /// Throws InputError where it has nothing for this task and layer.
  const LayerRouting& layer(int task, int layer) const;

  /// By (task, layer).
  const std::map<std::pair<int, int>, LayerRouting>& layers() const { return layers_; }

  /// The same routing with what `source_layer` has in all MoE layers.
  Routing repeated(int source_layer) const;

  bool operator==(const Routing&) const = default;

 private:
  std::map<std::pair<int, int>, LayerRouting> layers_;
};

/// 1 / top_k in Q10.22, rounded down: the score of every choice of a generated routing.
std::int32_t even_score(int top_k);

/// Queues as even as top_k * N tokens allow: they differ by one token at most.
Routing uniform_routing(const Dimensions& dimensions);

/// Expert of popularity rank r is drawn with weight (r + 1)^-exponent, without replacement within a
/// token. Ranks are shuffled per task and layer. Seeded; exponent >= 0.
Routing zipf_routing(const Dimensions& dimensions, double exponent, std::uint64_t seed);

/// Every token goes to experts 0 ... top_k - 1.
Routing all_to_one_routing(const Dimensions& dimensions);

/// "uniform", "zipf:S" (seed 0) or "zipf:S:SEED", "all-to-one", or the path of a routing trace
/// (`routing_trace.hpp`). Throws UsageError for anything else.
Routing make_routing(const std::string& source, const Dimensions& dimensions);

}  // namespace m3sim
