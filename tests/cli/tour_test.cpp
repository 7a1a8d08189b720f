// The commands of bench/TOUR.md run in the order of the page and print what it shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "tests/cli/program.hpp"

namespace m3sim::test {
namespace {

using testing::HasSubstr;

struct Block {
  std::string kind, text;  ///< "sh", "text"
};

std::vector<Block> blocks(const std::string& page) {
  std::vector<Block> found;
  std::istringstream lines(page);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("```", 0) == 0) {
      inside = !inside;
      if (inside) found.push_back({line.substr(3), ""});
    } else if (inside) {
      found.back().text += line + "\n";
    }
  }
  return found;
}

TEST(Tour, ItsCommandsRunAndPrintWhatItShows) {
  const ScratchFolder folder;
  const std::string source = M3SIM_SOURCE_DIR;
  const std::string program = std::filesystem::path(M3SIM_PROGRAM).parent_path().string();
  const std::string setup = "set -euo pipefail\nexport PATH='" + program + "':'" + source +
                            "/bench':$PATH\ncd '" + folder.path() + "'\n";
  std::string out;
  int commands = 0, shown = 0;
  for (const Block& block : blocks(read_file(source + "/bench/TOUR.md"))) {
    if (block.kind == "sh") {
      const std::string script = folder.write("block.sh", setup + block.text);
      const std::string command =
          "bash '" + script + "' >'" + folder.path("out") + "' 2>'" + folder.path("err") + "'";
      ASSERT_EQ(std::system(command.c_str()), 0) << block.text << read_file(folder.path("err"));
      out = read_file(folder.path("out"));
      ++commands;
    } else if (block.kind == "text") {
      std::istringstream lines(block.text);
      for (std::string line; std::getline(lines, line); ++shown) EXPECT_THAT(out, HasSubstr(line));
    }
  }
  EXPECT_GE(commands, 8);
  EXPECT_GE(shown, 5);
}

}  // namespace
}  // namespace m3sim::test
