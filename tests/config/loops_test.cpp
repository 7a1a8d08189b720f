#include "model/config/loops.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace m3sim {
namespace {

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> result;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) result.push_back(cell);
  result.resize(8);
  return result;
}

TEST(Loops, AreThoseOfTheSynthesisLog) {
  std::ifstream file(M3SIM_SHARED_DATA "/hls-loops.csv");
  if (!file) GTEST_SKIP() << "skipped: no hls-loops.csv beside the checkout";
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line[0] != '#') rows.push_back(cells(line));
  }
  rows.erase(rows.begin());  // column names
  ASSERT_EQ(rows.size(), kLoopCount);
  for (std::size_t i = 0; i < kLoopCount; ++i) {
    const PublishedLoop& loop = kPublishedLoops[i];
    const auto& row = rows[i];
    EXPECT_EQ(loop.name, row[0] + "_" + row[1]);
    EXPECT_EQ(loop.config.ii, std::stoi(row[2])) << loop.name;
    EXPECT_EQ(loop.config.depth, std::stoi(row[3])) << loop.name;
    EXPECT_EQ(loop.config.reads_in_loop, std::stoi(row[4])) << loop.name;
    EXPECT_EQ(loop.config.writes_in_loop, std::stoi(row[5])) << loop.name;
    EXPECT_EQ(loop.config.request_before_loop, row[6] == "1") << loop.name;
    const std::string request = row[7].empty() ? "none" : row[7].substr(0, row[7].find(' '));
    EXPECT_EQ(to_word(loop.config.request), request) << loop.name;
  }
}

TEST(Loops, ATableIsAddressedByLoop) {
  LoopTable loops;
  EXPECT_EQ(loops[Loop::kAttentionFinalize].ii, 3);
  EXPECT_EQ(loops[Loop::kAttentionFinalize].depth, 78);
  EXPECT_TRUE(loops[Loop::kLinearReadInIndirect].single());
  loops[Loop::kAttentionFinalize].ii = 1;
  EXPECT_EQ(loops[Loop::kAttentionFinalize].ii, 1);
  EXPECT_EQ(LoopTable{}[Loop::kAttentionFinalize].ii, 3);
}

}  // namespace
}  // namespace m3sim
