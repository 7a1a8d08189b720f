#include "model/network/dimensions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/config/error.hpp"

namespace m3sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Dimensions, OddLayersOfThePublishedNetworkAreMoe) {
  EXPECT_THAT(moe_layers(Dimensions{}), ElementsAre(1, 3, 5, 7, 9, 11));
}

TEST(Dimensions, TasksAreFoundByName) {
  const Dimensions dimensions;
  EXPECT_EQ(task_index(dimensions, "semseg"), 0);
  EXPECT_EQ(task_index(dimensions, "depth"), 1);
  EXPECT_THAT([&] { task_index(dimensions, "edges"); },
              ThrowsMessage<UsageError>(HasSubstr("it has semseg, depth")));
}

}  // namespace
}  // namespace m3sim
