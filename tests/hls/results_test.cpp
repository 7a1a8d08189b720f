// model/hls/results.json: what tools said of the tops, and whether it was said of today's sources.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "tests/hls/sources_hash.hpp"
#include "tests/scratch_folder.hpp"

namespace m3sim::hls_test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

const fs::path kSource = M3SIM_SOURCE_DIR;

std::set<std::string> tops() {
  std::ifstream from(kSource / "model/hls/tops.hpp");
  std::set<std::string> names;
  static const std::regex kEntry("^  X\\((\\w+)\\)");
  for (std::string line; std::getline(from, line);) {
    std::smatch m;
    if (std::regex_search(line, m, kEntry)) names.insert(m[1]);
  }
  return names;
}

Json results() { return Json::parse(std::ifstream(kSource / "model/hls/results.json")); }

TEST(HlsResults, AreOfTodaysSources) {
  const Json document = results();
  for (const Json& r : document.at("results")) {
    const std::string kernel = r.at("kernel"), tool = r.at("tool");
    EXPECT_EQ(r.at("sources"), sources_hash(kSource, kernel))
        << kernel << ", " << tool << ": its sources have changed since this result. Renew it: "
        << (tool.find("C simulation") != std::string::npos
                ? "cmake --build build/release --target hls-results"
                : "cmake --build build/release --target hls-cosim, then hls_results "
                  "(model/hls/README.md)");
  }
}

TEST(HlsResults, CoverEveryTopWithEqualBits) {
  const Json document = results();
  std::set<std::string> covered;
  for (const Json& r : document.at("results")) {
    EXPECT_TRUE(r.at("bits_equal").get<bool>()) << r;
    EXPECT_TRUE(document.at("configurations").contains(r.at("configuration"))) << r;
    EXPECT_TRUE(r.contains("version") && r.contains("cycles") && r.contains("area")) << r;
    // A C simulation has neither.
    if (r.at("tool").get<std::string>().find("C simulation") != std::string::npos) {
      EXPECT_TRUE(r.at("cycles").is_null() && r.at("area").is_null()) << r;
      EXPECT_GT(r.at("calls"), 0) << r;
    }
    covered.insert(r.at("kernel").get<std::string>());
  }
  EXPECT_EQ(covered, tops());
  EXPECT_GE(covered.size(), 40u);
}

TEST(SourcesHash, FollowsCodeAndHeadersButNotComments) {
  const test::ScratchFolder tree;
  const fs::path root = tree.path();
  const auto write = [&](const std::string& header) {
    tree.write("model/kernels/a.hpp", header);
    tree.write("model/hls/tops/a.cpp", "#include \"model/kernels/a.hpp\"\nvoid a_top() {}\n");
    return sources_hash(root, "a_top");
  };
  const std::string before = write("int one = 1;\n");
  EXPECT_EQ(before, write("// one\n  int one\n = 1;\n"));
  EXPECT_NE(before, write("int one = 2;\n"));
  EXPECT_THROW(sources_hash(root, "b_top"), std::runtime_error);
}

}  // namespace
}  // namespace m3sim::hls_test
