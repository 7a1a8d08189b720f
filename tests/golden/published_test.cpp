// The golden model against the published stage tensors of Edge-MoE (C simulation, task 0, layers 0
// and 1) and the routing derived from them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/golden/check.hpp"
#include "model/network/tensor_dump.hpp"

namespace m3sim::golden {
namespace {

using testing::ElementsAre;

class PublishedStages : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kFolder)) GTEST_SKIP() << "no reference data beside the checkout";
    parameters_ = std::make_unique<Parameters>(
        Dimensions{}, ParameterSource::parse((kFolder / "weights").string(), "seed:0"));
    image_ = read_image((kFolder / "weights/image.float32.bin").string(), Dimensions{});
  }

  std::vector<std::size_t> queue_lengths(Precision precision, int task, int layer) const {
    const Result result = Model(*parameters_, precision).forward(image_, task);
    std::vector<std::size_t> lengths;
    for (const auto& queue : result.routing.layer(task, layer).queues(16)) {
      lengths.push_back(queue.size());
    }
    return lengths;
  }

  const std::filesystem::path kFolder = std::filesystem::path(M3SIM_SHARED_DATA) / "edge-moe";
  std::unique_ptr<Parameters> parameters_;
  Image image_;
};

// Every published stage from its own input, within the bounds of fixed-point arithmetic. Routing
// follows the published logits exactly.
TEST_F(PublishedStages, EveryOneIsWithinItsBound) {
  const TensorDumpReader dump(kFolder / "golden");
  std::map<std::string, Tensor> tensors;
  for (const DumpEntry& entry : dump.entries()) tensors[entry.name] = dump.read(entry.name);
  const auto checks =
      check_stages(*parameters_, image_, 0, [&](const std::string& name) -> const Tensor* {
        const auto found = tensors.find(name);
        return found == tensors.end() ? nullptr : &found->second;
      });
  EXPECT_EQ(checks.size(), dump.entries().size()) << "no published tensor is left out";
  for (const StageCheck& stage : checks) {
    EXPECT_TRUE(stage.passed()) << stage.name << ": " << stage.error.max << " > " << stage.bound;
  }
}

TEST_F(PublishedStages, RoutingOfLayer1) {
  const Tensor lengths = TensorDumpReader(kFolder / "golden").read("l1_queue_len");
  EXPECT_THAT(lengths.raw, ElementsAre(0, 6, 0, 32, 0, 27, 15, 24, 22, 18, 0, 22, 12, 33, 32, 15));
  // In floating point one token of each task goes elsewhere.
  EXPECT_THAT(queue_lengths(Precision::kFloat, 0, 1),
              ElementsAre(0, 6, 0, 32, 0, 27, 15, 24, 22, 19, 0, 22, 11, 33, 32, 15));
  EXPECT_THAT(queue_lengths(Precision::kFloat, 1, 1),
              ElementsAre(0, 17, 0, 41, 1, 22, 16, 25, 2, 19, 0, 23, 16, 1, 51, 24));
}

}  // namespace
}  // namespace m3sim::golden
