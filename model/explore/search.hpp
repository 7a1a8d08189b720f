// Pareto search for spaces too large to walk through: NSGA-II (Deb et al., IEEE Transactions on
// Evolutionary Computation 6(2), 2002) on the axes' value indices.
//
// An own implementation, for three reasons that the library at hand (pagmo 2.18) does not meet: its
// nsga2 refuses constraints, evaluates a point again that it has seen before, and wants whole
// populations of real vectors, while points here are few, discrete and cost seconds each.
#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "model/explore/axis.hpp"

namespace m3sim::explore {

/// What became of a point.
struct Evaluation {
  Choice choice;
  std::vector<double> objectives;  ///< to be minimized; empty for a point without result
  bool feasible = false;           ///< meets all constraints
};

/// Ranks by domination: 0 for the front, 1 for the front without it, ... Feasible points stand
/// before those that are not, and these before points without objectives.
std::vector<std::size_t> domination_ranks(const std::vector<Evaluation>& points);

/// Crowding distance of each member of a front (section III.B): infinite at an objective's ends.
std::vector<double> crowding(const std::vector<std::vector<double>>& front);

class Nsga2 {
 public:
  /// `population` points a generation, at least 2. The same seed and the same evaluations make the
  /// same points, on any machine.
  Nsga2(const std::vector<Axis>& axes, std::size_t population, std::uint64_t seed);

  /// The next generation: at most `most` points, all new. None where no new one is found.
  std::vector<Choice> ask(std::size_t most);
  /// What became of the last generation; the best of it and of its parents are the next parents.
  void tell(const std::vector<Evaluation>& generation);

 private:
  struct Parent {
    Evaluation evaluation;
    std::size_t rank;
    double crowding;
  };
  const Choice& tournament();
  Choice child();
  void mutate(Choice& choice);
  bool chance(std::uint64_t one_in) { return draw(one_in) == 0; }
  std::uint64_t draw(std::uint64_t bound);

  const std::vector<Axis>& axes_;
  std::size_t population_;
  std::uint64_t seed_;
  std::mt19937_64 random_;
  std::set<Choice> seen_;
  std::vector<Parent> parents_;
};

}  // namespace m3sim::explore
