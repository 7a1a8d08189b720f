#include "model/explore/point.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "model/config/error.hpp"
#include "tests/scratch_folder.hpp"

namespace m3sim::explore {
namespace {

using testing::HasSubstr;

TEST(Point, HasItsAxesValuesAndAHashOfAllThatDecidesItsResult) {
  const Config base = load_config({{"network/tiny.cfg"}, {}});
  const std::vector<Axis> axes{parse_axis("linear.in_tile=16,32")};
  const Point first = make_point(base, axes, {0}, "1", "data = off\n");
  const Point second = make_point(base, axes, {1}, "1", "data = off\n");
  EXPECT_EQ(second.values.linear.in_tile, 32);
  EXPECT_EQ(second.fault, "");
  const std::set<std::string> hashes{first.hash, second.hash,
                                     make_point(base, axes, {0}, "2", "data = off\n").hash,
                                     make_point(base, axes, {0}, "1", "data = on\n").hash};
  EXPECT_EQ(hashes.size(), 4u);
  // The same configuration is the same point, however it came about.
  const Config wide = load_config({{"network/tiny.cfg"}, {"linear.in_tile=32"}});
  EXPECT_EQ(make_point(wide, {}, {}, "1", "data = off\n").hash, second.hash);
}

TEST(Point, ThatNoHardwareCanBeSaysWhy) {
  const Config base = load_config({{"network/tiny.cfg"}, {}});
  const Point point = make_point(base, {parse_axis("linear.in_tile=9")}, {0}, "1", "");
  EXPECT_THAT(point.fault, HasSubstr("linear.in_tile"));
}

TEST(Inputs, AreKnownByWhatTheirFilesHold) {
  const Config base = load_config({{"network/tiny.cfg"}, {}});
  const test::ScratchFolder folder;
  const std::string file = folder.write("weights/a.float32.bin", "1234");
  const Inputs inputs{{"weights", folder.path("weights")}, {"routing", "uniform"}};
  const std::string before = describe(inputs, base);
  EXPECT_THAT(before, HasSubstr("routing = uniform\n"));
  EXPECT_EQ(describe(inputs, base), before);
  folder.write("weights/a.float32.bin", "1235");
  EXPECT_NE(describe(inputs, base), before);
}

}  // namespace
}  // namespace m3sim::explore
