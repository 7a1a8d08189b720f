#include "model/explore/search.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "model/explore/pareto.hpp"
#include "model/explore/random.hpp"

namespace m3sim::explore {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Classes that no objective crosses.
int standing(const Evaluation& point) {
  return point.objectives.empty() ? 2 : point.feasible ? 0 : 1;
}

bool beats(const Evaluation& a, const Evaluation& b) {
  const int first = standing(a), second = standing(b);
  return first != second ? first < second : dominates(a.objectives, b.objectives);
}

}  // namespace

std::vector<std::size_t> domination_ranks(const std::vector<Evaluation>& points) {
  std::vector<std::size_t> ranks(points.size()), beaten(points.size(), 0);
  std::vector<std::vector<std::size_t>> below(points.size());
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = 0; j < points.size(); ++j) {
      if (beats(points[i], points[j])) below[i].push_back(j);
      beaten[i] += beats(points[j], points[i]);
    }
    if (beaten[i] == 0) front.push_back(i);
  }
  for (std::size_t rank = 0; !front.empty(); ++rank) {
    std::vector<std::size_t> next;
    for (const std::size_t i : front) {
      ranks[i] = rank;
      for (const std::size_t j : below[i]) {
        if (--beaten[j] == 0) next.push_back(j);
      }
    }
    front = std::move(next);
  }
  return ranks;
}

std::vector<double> crowding(const std::vector<std::vector<double>>& front) {
  std::vector<double> distance(front.size(), 0);
  std::vector<std::size_t> order(front.size());
  const std::size_t objectives = front.empty() ? 0 : front.front().size();
  for (std::size_t m = 0; m < objectives; ++m) {
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return front[a][m] < front[b][m]; });
    const double span = front[order.back()][m] - front[order.front()][m];
    distance[order.front()] = distance[order.back()] = kInfinity;
    for (std::size_t i = 1; span > 0 && i + 1 < order.size(); ++i) {
      distance[order[i]] += (front[order[i + 1]][m] - front[order[i - 1]][m]) / span;
    }
  }
  return distance;
}

Nsga2::Nsga2(const std::vector<Axis>& axes, std::size_t population, std::uint64_t seed)
    : axes_(axes), population_(population), seed_(seed), random_(seed) {}

std::uint64_t Nsga2::draw(std::uint64_t bound) { return below(random_, bound); }

std::vector<Choice> Nsga2::ask(std::size_t most) {
  const std::size_t wanted = std::min(most, population_);
  std::vector<Choice> generation;
  if (seen_.empty()) {
    generation = sample(axes_, wanted, seed_, Sampling::kLatinHypercube);
    seen_.insert(generation.begin(), generation.end());
  }
  // A discrete space runs out of new neighbours; then of new points.
  constexpr std::size_t kTries = 200;
  for (std::size_t tries = 0; generation.size() < wanted && tries < kTries * wanted; ++tries) {
    Choice next = parents_.empty() ? sample(axes_, 1, random_(), Sampling::kRandom)[0] : child();
    if (seen_.insert(next).second) generation.push_back(std::move(next));
  }
  return generation;
}

void Nsga2::tell(const std::vector<Evaluation>& generation) {
  std::vector<Evaluation> all;
  for (Parent& parent : parents_) all.push_back(std::move(parent.evaluation));
  all.insert(all.end(), generation.begin(), generation.end());
  const std::vector<std::size_t> ranks = domination_ranks(all);
  parents_.clear();
  for (std::size_t rank = 0; rank < all.size() && parents_.size() < population_; ++rank) {
    std::vector<std::size_t> members;
    std::vector<std::vector<double>> front;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (ranks[i] != rank) continue;
      members.push_back(i);
      front.push_back(all[i].objectives);
    }
    const std::vector<double> distance = crowding(front);
    std::vector<std::size_t> order(members.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return distance[a] > distance[b]; });
    for (const std::size_t i : order) {
      if (parents_.size() == population_) break;
      parents_.push_back({all[members[i]], rank, distance[i]});
    }
  }
}

const Choice& Nsga2::tournament() {
  const Parent& a = parents_[draw(parents_.size())];
  const Parent& b = parents_[draw(parents_.size())];
  const bool first = a.rank != b.rank ? a.rank < b.rank : a.crowding >= b.crowding;
  return (first ? a : b).evaluation.choice;
}

Choice Nsga2::child() {
  Choice child = tournament();
  const Choice& other = tournament();
  for (std::size_t a = 0; a < child.size(); ++a) {
    if (chance(2)) child[a] = other[a];
  }
  mutate(child);
  return child;
}

/// On average one axis: a step up or down, or any value, equally often.
void Nsga2::mutate(Choice& choice) {
  for (std::size_t a = 0; a < choice.size(); ++a) {
    const std::size_t values = axes_[a].values.size();
    if (values < 2 || !chance(choice.size())) continue;
    if (chance(2)) {
      choice[a] = draw(values);
    } else if (choice[a] == 0 || (choice[a] + 1 < values && chance(2))) {
      ++choice[a];
    } else {
      --choice[a];
    }
  }
}

}  // namespace m3sim::explore
