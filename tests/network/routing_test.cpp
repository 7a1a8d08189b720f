#include "model/network/routing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "model/config/error.hpp"
#include "model/network/seeded.hpp"
#include "tests/network/tiny_network.hpp"

namespace m3sim {
namespace {

using test::tiny_network;
using testing::ElementsAre;

std::vector<std::size_t> queue_lengths(const LayerRouting& layer, int experts) {
  std::vector<std::size_t> lengths;
  for (const auto& queue : layer.queues(experts)) lengths.push_back(queue.size());
  return lengths;
}

// Every token of every task and MoE layer has top_k different experts with the same score.
void expect_legal(const Routing& routing, const Dimensions& d) {
  for (int task = 0; task < static_cast<int>(d.tasks.size()); ++task) {
    EXPECT_TRUE(routing.has_task(task));
    for (const int number : moe_layers(d)) {
      const LayerRouting& layer = routing.layer(task, number);
      ASSERT_EQ(layer.tokens(), d.tokens());
      for (int token = 0; token < d.tokens(); ++token) {
        std::set<int> experts;
        for (const Choice& choice : layer.choices(token)) {
          EXPECT_GE(choice.expert, 0);
          EXPECT_LT(choice.expert, d.experts);
          EXPECT_EQ(choice.score, (1 << 22) / d.top_k);
          experts.insert(choice.expert);
        }
        EXPECT_EQ(experts.size(), static_cast<std::size_t>(d.top_k));
      }
    }
  }
}

TEST(Routing, QueuesHoldTokensInOrder) {
  LayerRouting layer(3, 2);
  layer.choices(0)[0] = {1, 10};
  layer.choices(0)[1] = {3, 20};
  layer.choices(1)[0] = {3, 30};
  layer.choices(1)[1] = {1, 40};
  layer.choices(2)[0] = {0, 50};
  layer.choices(2)[1] = {3, 60};
  const auto queues = layer.queues(4);
  EXPECT_THAT(queues[0], ElementsAre(QueueEntry{2, 50}));
  EXPECT_THAT(queues[1], ElementsAre(QueueEntry{0, 10}, QueueEntry{1, 40}));
  EXPECT_THAT(queues[2], ElementsAre());
  EXPECT_THAT(queues[3], ElementsAre(QueueEntry{0, 20}, QueueEntry{1, 30}, QueueEntry{2, 60}));
}

TEST(Routing, ComesBackFromItsQueues) {
  LayerRouting layer(2, 2);
  layer.choices(0)[0] = {3, 40};
  layer.choices(0)[1] = {0, 20};
  layer.choices(1)[0] = {1, 30};
  layer.choices(1)[1] = {3, 30};
  EXPECT_EQ(LayerRouting::from_queues(layer.queues(4), 2, 2), layer);
  auto queues = layer.queues(4);
  queues[2].push_back({1, 5});
  EXPECT_THROW(LayerRouting::from_queues(queues, 2, 2), std::invalid_argument);
  queues[3].clear();
  EXPECT_THROW(LayerRouting::from_queues(queues, 2, 2), std::invalid_argument);
}

TEST(Routing, UniformQueuesAreEven) {
  const Dimensions d;  // 258 choices for 16 experts
  const Routing routing = uniform_routing(d);
  expect_legal(routing, d);
  EXPECT_THAT(queue_lengths(routing.layer(1, 11), 16),
              ElementsAre(17, 17, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16));
}

TEST(Routing, AllToOneFillsTheFirstQueues) {
  const Dimensions d = tiny_network();
  const Routing routing = all_to_one_routing(d);
  expect_legal(routing, d);
  EXPECT_THAT(queue_lengths(routing.layer(0, 1), 4), ElementsAre(7, 7, 0, 0));
}

TEST(Routing, ZipfIsSkewedByItsExponentAndSeeded) {
  Dimensions d;
  d.top_k = 1;
  const auto longest = [&](double exponent) {
    const Routing routing = zipf_routing(d, exponent, 5);
    expect_legal(routing, d);
    const auto lengths = queue_lengths(routing.layer(0, 1), d.experts);
    return *std::max_element(lengths.begin(), lengths.end());
  };
  EXPECT_LT(longest(0), 30u) << "a uniform draw: 8 expected";
  EXPECT_GT(longest(1), 25u) << "1 / H(16) = 0.30 of 129 tokens: 38 expected";
  EXPECT_GT(longest(4), 100u) << "0.92 of 129 tokens: 119 expected";
  EXPECT_EQ(zipf_routing(d, 1, 5), zipf_routing(d, 1, 5));
  EXPECT_NE(zipf_routing(d, 1, 5), zipf_routing(d, 1, 6));
  EXPECT_NE(zipf_routing(d, 1, 5).layer(0, 1), zipf_routing(d, 1, 5).layer(1, 1));
}

TEST(Routing, GeneratorsAreLegalForAnyNetwork) {
  SplitMix64 random(20260801);
  for (int round = 0; round < 50; ++round) {
    Dimensions d = tiny_network();
    d.image_width = 4 * (1 + static_cast<int>(random.below(40)));
    d.experts = 1 + static_cast<int>(random.below(round % 10 == 0 ? 512 : 24));
    d.top_k = 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(d.experts)));
    SCOPED_TRACE("seed 20260801, round " + std::to_string(round) + ": " +
                 std::to_string(d.tokens()) + " tokens, top " + std::to_string(d.top_k) + " of " +
                 std::to_string(d.experts));
    const Routing uniform = make_routing("uniform", d);
    expect_legal(uniform, d);
    const auto lengths = queue_lengths(uniform.layer(0, 1), d.experts);
    const auto [least, most] = std::minmax_element(lengths.begin(), lengths.end());
    EXPECT_LE(*most - *least, 1u);
    expect_legal(make_routing("zipf:1.2", d), d);
    EXPECT_EQ(make_routing("zipf:1.2", d), zipf_routing(d, 1.2, 0));
    EXPECT_EQ(make_routing("zipf:1.2:7", d), zipf_routing(d, 1.2, 7));
    expect_legal(make_routing("all-to-one", d), d);
  }
}

TEST(Routing, RepeatsOneLayerEverywhere) {
  Dimensions d;
  const Routing routing = zipf_routing(d, 1, 1);
  const Routing repeated = routing.repeated(3);
  for (const int layer : moe_layers(d)) EXPECT_EQ(repeated.layer(1, layer), routing.layer(1, 3));
  EXPECT_THROW(routing.repeated(2), InputError);
}

TEST(Routing, RefusesWhatItDoesNotHave) {
  EXPECT_THROW(Routing{}.layer(0, 1), InputError);
  EXPECT_FALSE(Routing{}.has_task(0));
  for (const char* bad : {"zipf:", "zipf:x", "zipf:-1", "zipf:nan", "zipf:1e9", "zipf:1x",
                          "zipf:1:", "zipf:1:x", "zipf:1:-1", "zipf:1:2:3"}) {
    EXPECT_THROW(make_routing(bad, tiny_network()), UsageError) << bad;
  }
  EXPECT_THROW(make_routing("/nowhere.routing", tiny_network()), UsageError);
}

}  // namespace
}  // namespace m3sim
