#include "model/network/routing.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "model/config/error.hpp"
#include "model/network/routing_trace.hpp"
#include "model/network/seeded.hpp"
#include "model/network/tensor.hpp"

namespace m3sim {
namespace {

// Fills every MoE layer of every task by `choose(routing, task, layer)`.
template <class Choose>
Routing generate(const Dimensions& dimensions, Choose choose) {
  Routing routing;
  for (int task = 0; task < static_cast<int>(dimensions.tasks.size()); ++task) {
    for (const int layer : moe_layers(dimensions)) {
      LayerRouting tokens(dimensions.tokens(), dimensions.top_k);
      choose(tokens, task, layer);
      routing.set(task, layer, std::move(tokens));
    }
  }
  return routing;
}

// Draws experts by popularity.
class ZipfDraw {
 public:
  ZipfDraw(int experts, double exponent, std::uint64_t state) : generator_(state) {
    const auto count = static_cast<std::size_t>(experts);
    weights_.resize(count);
    ranks_.resize(count);
    std::iota(ranks_.begin(), ranks_.end(), 0);
    for (std::size_t i = count; i > 1; --i) std::swap(ranks_[i - 1], ranks_[generator_.below(i)]);
    // Whole numbers, so that the draw is the same whatever the last bit of pow is.
    for (std::size_t e = 0; e < count; ++e) {
      const double share = std::pow(ranks_[e] + 1, -exponent);
      weights_[e] = 1 + static_cast<std::uint64_t>(std::llround(share * (1 << 20)));
    }
  }

  void token(std::span<Choice> choices, std::int32_t score) {
    std::vector<std::uint64_t> left = weights_;
    std::uint64_t total = std::accumulate(left.begin(), left.end(), std::uint64_t{0});
    for (Choice& choice : choices) {
      std::uint64_t at = generator_.below(total);
      std::size_t expert = 0;
      while (at >= left[expert]) at -= left[expert++];
      total -= left[expert];
      left[expert] = 0;
      choice = {static_cast<int>(expert), score};
    }
  }

 private:
  SplitMix64 generator_;
  std::vector<int> ranks_;
  std::vector<std::uint64_t> weights_;
};

}  // namespace

LayerRouting::LayerRouting(int tokens, int top_k)
    : tokens_(tokens),
      top_k_(top_k),
      choices_(static_cast<std::size_t>(tokens) * static_cast<std::size_t>(top_k)) {}

LayerRouting LayerRouting::from_queues(const std::vector<std::vector<QueueEntry>>& queues,
                                       int tokens, int top_k) {
  LayerRouting routing(tokens, top_k);
  std::vector<int> filled(static_cast<std::size_t>(tokens), 0);
  for (std::size_t expert = 0; expert < queues.size(); ++expert) {
    for (const QueueEntry& entry : queues[expert]) {
      int& rank = filled.at(static_cast<std::size_t>(entry.token));
      if (rank == top_k) break;  // reported below
      routing.choices(entry.token)[static_cast<std::size_t>(rank)] = {static_cast<int>(expert),
                                                                      entry.score};
      ++rank;
    }
  }
  std::size_t entries = 0;
  for (const auto& queue : queues) entries += queue.size();
  if (entries != routing.choices_.size() ||
      std::any_of(filled.begin(), filled.end(), [&](int count) { return count != top_k; })) {
    throw std::invalid_argument("expert queues in which a token is not " + std::to_string(top_k) +
                                " times");
  }
  for (int token = 0; token < tokens; ++token) {
    std::ranges::stable_sort(routing.choices(token), std::greater{}, &Choice::score);
  }
  return routing;
}

std::span<const Choice> LayerRouting::choices(int token) const {
  const auto k = static_cast<std::size_t>(top_k_);
  return std::span(choices_).subspan(static_cast<std::size_t>(token) * k, k);
}

std::span<Choice> LayerRouting::choices(int token) {
  const auto k = static_cast<std::size_t>(top_k_);
  return std::span(choices_).subspan(static_cast<std::size_t>(token) * k, k);
}

std::vector<std::vector<QueueEntry>> LayerRouting::queues(int experts) const {
  std::vector<std::vector<QueueEntry>> queues(static_cast<std::size_t>(experts));
  for (int token = 0; token < tokens_; ++token) {
    for (const Choice& choice : choices(token)) {
      queues.at(static_cast<std::size_t>(choice.expert)).push_back({token, choice.score});
    }
  }
  return queues;
}

void Routing::set(int task, int layer, LayerRouting routing) {
  layers_.insert_or_assign({task, layer}, std::move(routing));
}

bool Routing::has_task(int task) const {
  const auto first = layers_.lower_bound({task, 0});
  return first != layers_.end() && first->first.first == task;
}

const LayerRouting& Routing::layer(int task, int layer) const {
  const auto found = layers_.find({task, layer});
  if (found == layers_.end()) {
    throw InputError("routing", "has nothing for task " + std::to_string(task) + ", layer " +
                                    std::to_string(layer));
  }
  return found->second;
}

Routing Routing::repeated(int source_layer) const {
  Routing routing;
  for (const auto& [key, unused] : layers_) {
    routing.set(key.first, key.second, layer(key.first, source_layer));
  }
  return routing;
}

std::int32_t even_score(int top_k) { return (1 << kActivationFractionBits) / top_k; }

Routing uniform_routing(const Dimensions& dimensions) {
  return generate(dimensions, [&](LayerRouting& layer, int, int) {
    int expert = 0;
    for (int token = 0; token < layer.tokens(); ++token) {
      for (Choice& choice : layer.choices(token)) {
        choice = {expert, even_score(dimensions.top_k)};
        expert = (expert + 1) % dimensions.experts;
      }
    }
  });
}

Routing zipf_routing(const Dimensions& dimensions, double exponent, std::uint64_t seed) {
  return generate(dimensions, [&](LayerRouting& layer, int task, int number) {
    const std::uint64_t stream =
        static_cast<std::uint64_t>(task) << 32 | static_cast<std::uint64_t>(number);
    ZipfDraw draw(dimensions.experts, exponent,
                  SplitMix64(seed).next() ^ SplitMix64(stream).next());
    for (int token = 0; token < layer.tokens(); ++token) {
      draw.token(layer.choices(token), even_score(dimensions.top_k));
    }
  });
}

Routing all_to_one_routing(const Dimensions& dimensions) {
  return generate(dimensions, [&](LayerRouting& layer, int, int) {
    for (int token = 0; token < layer.tokens(); ++token) {
      int expert = 0;
      for (Choice& choice : layer.choices(token)) {
        choice = {expert++, even_score(dimensions.top_k)};
      }
    }
  });
}

Routing make_routing(const std::string& source, const Dimensions& dimensions) {
  if (source == "uniform") return uniform_routing(dimensions);
  if (source == "all-to-one") return all_to_one_routing(dimensions);
  constexpr std::string_view kZipf = "zipf:";
  if (source.starts_with(kZipf)) {
    double exponent = 0;
    std::uint64_t seed = 0;
    const char* const end = source.data() + source.size();
    auto [at, error] = std::from_chars(source.data() + kZipf.size(), end, exponent);
    if (error == std::errc{} && at != end && *at == ':') {
      const auto read = std::from_chars(at + 1, end, seed);
      at = read.ptr;
      error = read.ec;
    }
    if (error != std::errc{} || at != end || !(exponent >= 0 && exponent <= 16)) {
      throw UsageError("--routing " + source +
                       ": expected zipf:S or zipf:S:SEED with 0 <= S <= 16");
    }
    return zipf_routing(dimensions, exponent, seed);
  }
  if (!std::filesystem::exists(source)) {
    throw UsageError("--routing " + source +
                     ": no such file, and none of gates, uniform, zipf:S, all-to-one");
  }
  return read_routing_trace(std::filesystem::path(source), dimensions);
}

}  // namespace m3sim
