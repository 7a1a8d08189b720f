#include "model/explore/axis.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "model/config/error.hpp"
#include "tests/scratch_folder.hpp"

namespace m3sim::explore {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Axis, IsAListOrRangesOfValues) {
  EXPECT_EQ(parse_axis("linear.in_tile=8,16,32").key, "linear.in_tile");
  EXPECT_THAT(parse_axis("linear.in_tile=8,16,32").values, ElementsAre("8", "16", "32"));
  EXPECT_THAT(parse_axis("attention.rows=1:4:+1").values, ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(parse_axis("attention.rows=1:6:+2").values, ElementsAre("1", "3", "5"));
  EXPECT_THAT(parse_axis("linear.weight_buffer_kib=64:600:x2").values,
              ElementsAre("64", "128", "256", "512"));
  EXPECT_THAT(parse_axis("attention.rows=7,1:3:x3").values, ElementsAre("7", "1", "3"));
  EXPECT_THAT(parse_axis("memory.kind=ddr,simple").values, ElementsAre("ddr", "simple"));
}

TEST(Axes, AreReadFromAFile) {
  const test::ScratchFolder folder;
  const std::string file = folder.write(
      "axes.cfg", "[linear]\nin_tile = 8, 16   # features\n[attention]\nrows = 1:4:+1\n");
  const std::vector<Axis> axes = read_axes(file);
  ASSERT_EQ(axes.size(), 2u);
  EXPECT_EQ(axes[0].key, "linear.in_tile");
  EXPECT_THAT(axes[0].values, ElementsAre("8", "16"));
  EXPECT_THAT(axes[1].values, ElementsAre("1", "2", "3", "4"));
}

TEST(Axes, OfABadFileAreRefusedWithTheLine) {
  const test::ScratchFolder folder;
  const auto refused = [&](const std::string& text, const std::string& message) {
    try {
      read_axes(folder.write("axes.cfg", text));
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(message)) << text;
      EXPECT_EQ(error.exit_code(), ExitCode::kBadInput);
    }
  };
  refused("[linear]\nin_tyle = 8\n", "axes.cfg:2: linear.in_tyle = 8: unknown key; did you mean");
  refused("[attention]\nrows = 4:1:+1\n",
          "axes.cfg:2: attention.rows = 4:1:+1: the range is empty");
  refused("rows\n", "axes.cfg:1: ");
  refused("# nothing\n", "has no axis");
  EXPECT_THROW(read_axes(folder.path("none.cfg")), Error);
}

TEST(Axis, ThatMakesNoSenseIsRefused) {
  const std::vector<std::pair<std::string, std::string>> refused{
      {"linear.in_tyle=8", "did you mean linear.in_tile?"},
      {"linear.in_tile", "must be KEY=VALUES"},
      {"linear.in_tile=", "a value is missing"},
      {"linear.in_tile=8,,16", "a value is missing"},
      {"linear.in_tile=16:8:+1", "the range is empty"},
      {"linear.in_tile=8:16:+0", "a range must grow"},
      {"linear.in_tile=8:16:x1", "a range must grow"},
      {"linear.in_tile=8:16", "FROM:TO:+STEP"},
      {"linear.in_tile=1000", "1000: must be"},
      {"linear.in_tile=8,4:8:x2", "8: is there twice"}};
  for (const auto& [text, message] : refused) {
    try {
      parse_axis(text);
      ADD_FAILURE() << text;
    } catch (const UsageError& error) {
      EXPECT_THAT(error.what(), HasSubstr("--axis " + text + ": "));
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }
}

TEST(Grid, HasEveryCombinationTheLastAxisFastest) {
  const std::vector<Axis> axes{{"a", {"1", "2"}}, {"b", {"1", "2", "3"}}};
  EXPECT_THAT(grid(axes), ElementsAre(Choice{0, 0}, Choice{0, 1}, Choice{0, 2}, Choice{1, 0},
                                      Choice{1, 1}, Choice{1, 2}));
  EXPECT_THROW(grid(std::vector<Axis>(24, axes[0])), UsageError);
}

TEST(Sample, OfALatinHypercubeTakesEveryPartOfEachAxisOnce) {
  Axis axis{"a", {}};
  for (int i = 0; i < 40; ++i) axis.values.push_back(std::to_string(i));
  const std::vector<Choice> points = sample({axis, axis}, 20, 7, Sampling::kLatinHypercube);
  ASSERT_EQ(points.size(), 20u);
  for (std::size_t a = 0; a < 2; ++a) {
    std::set<std::size_t> parts;
    for (const Choice& point : points) parts.insert(point[a] / 2);
    EXPECT_EQ(parts.size(), 20u);
  }
}

TEST(Sample, DependsOnItsSeedAloneAndHasNoPointTwice) {
  const std::vector<Axis> axes{{"a", {"1", "2", "3", "4"}}, {"b", {"1", "2", "3", "4"}}};
  for (const Sampling sampling : {Sampling::kRandom, Sampling::kLatinHypercube}) {
    const std::vector<Choice> points = sample(axes, 12, 1, sampling);
    EXPECT_EQ(points, sample(axes, 12, 1, sampling));
    EXPECT_NE(points, sample(axes, 12, 2, sampling));
    EXPECT_EQ(std::set<Choice>(points.begin(), points.end()).size(), points.size());
  }
  EXPECT_EQ(sample(axes, 1000, 1, Sampling::kRandom).size(), 16u);
}

TEST(Shard, EveryPointIsInOneShard) {
  const std::vector<Choice> points = grid({{"a", {"1", "2", "3", "4", "5"}}});
  EXPECT_THAT(shard_of(points, 1, 2), ElementsAre(Choice{0}, Choice{2}, Choice{4}));
  EXPECT_THAT(shard_of(points, 2, 2), ElementsAre(Choice{1}, Choice{3}));
  EXPECT_THAT(shard_of(points, 6, 6), ElementsAre());
}

}  // namespace
}  // namespace m3sim::explore
