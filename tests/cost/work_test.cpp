#include "model/cost/work.hpp"

#include <gtest/gtest.h>

namespace m3sim::cost {
namespace {

TEST(Work, OfThePublishedNetwork) {
  // N = 129, D = 192, 12 layers, MLP 768 in 6, 16 experts of 384 and top 2 in 6.
  const Work w = work(NetworkConfig{});
  EXPECT_EQ(w.patch_embed, 128LL * 768 * 192);                             // 18.9 M
  EXPECT_EQ(w.qkv + w.projection, 12LL * 129 * 192 * 768);                 // 228.3 M
  EXPECT_EQ(w.attention_qk + w.attention_av, 12LL * 2 * 129 * 129 * 192);  // 76.7 M
  EXPECT_EQ(w.mlp, 6LL * 2 * 129 * 192 * 768);                             // 228.3 M
  EXPECT_EQ(w.experts, 6LL * 2 * 2 * 129 * 192 * 384);                     // 228.3 M
  EXPECT_EQ(w.gate, 6LL * 129 * 192 * 16);                                 // 2.4 M
  EXPECT_EQ(w.total(), 782'719'488);
}

TEST(Work, FollowsTheQueuesWhereTheyAreGiven) {
  NetworkConfig network;
  network.layers = 4;  // MoE layers 1 and 3
  network.experts = 4;
  const std::vector<std::vector<int>> queues{{1, 2, 0, 4}};
  EXPECT_EQ(work(network, queues).experts, (7LL + 129 * 2) * 2 * 192 * 384);
}

TEST(Work, TaskConditionedGateHasMoreInputs) {
  NetworkConfig network;
  network.gating = Gating::kTaskConditioned;
  EXPECT_EQ(work(network).gate, 6LL * 129 * (192 + 64) * 16);
}

TEST(Work, OfADenseModelOfTheSameSize) {
  const Work dense = dense_work(NetworkConfig{});
  EXPECT_EQ(dense.experts, 8 * work(NetworkConfig{}).experts) << "16 experts instead of 2";
  EXPECT_EQ(dense.gate, 0);
  EXPECT_EQ(dense.mlp, work(NetworkConfig{}).mlp);
  EXPECT_EQ(flops(3), 6);
}

}  // namespace
}  // namespace m3sim::cost
