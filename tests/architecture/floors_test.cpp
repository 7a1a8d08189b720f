// Each folder stands on a floor and includes headers only of its own and of lower floors; network
// and golden share nothing with the kernels that they are compared with.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>

namespace {

namespace fs = std::filesystem;

const std::map<std::string, int> kFloors{
    {"model/kernels", 0}, {"model/config", 0}, {"model/rtl", 2},         {"model/hls", 1},
    {"model/network", 1}, {"model/timing", 1}, {"model/golden", 2},      {"tlm", 2},
    {"model/engines", 3}, {"model/cost", 3},   {"model/accelerator", 4}, {"model/report", 5},
    {"model/explore", 6}, {"model/cli", 7},
};

bool may_include(const std::string& from, const std::string& to) {
  if (from == to) return true;
  if (to == "model/kernels" && (from == "model/network" || from == "model/golden")) return false;
  return kFloors.at(to) < kFloors.at(from);
}

/// The folder with a floor that a path relative to the root lies in, or nothing.
std::string folder_of(const std::string& path) {
  for (const auto& [folder, floor] : kFloors) {
    if (path.rfind(folder + "/", 0) == 0) return folder;
  }
  return {};
}

/// The path between the quotes of an #include line, or nothing.
std::string included(const std::string& line) {
  constexpr char kStart[] = "#include \"";
  if (line.rfind(kStart, 0) != 0) return {};
  const std::size_t begin = sizeof kStart - 1;
  return line.substr(begin, line.find('"', begin) - begin);
}

TEST(Floors, IncludesGoDownOnly) {
  const fs::path root = M3SIM_SOURCE_DIR;
  int includes = 0;
  for (const char* top : {"model", "tlm"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const std::string extension = entry.path().extension();
      if (extension != ".hpp" && extension != ".cpp") continue;
      const std::string path = entry.path().lexically_relative(root).string();
      const std::string from = folder_of(path);
      ASSERT_NE(from, "") << path << " lies in a folder without a floor";
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        const std::string to = folder_of(included(line));
        if (to.empty()) continue;
        ++includes;
        EXPECT_TRUE(may_include(from, to)) << path << ": " << line;
      }
    }
  }
  EXPECT_GT(includes, 0);
}

TEST(Floors, KernelsUseNoSystemCAndNoContainers) {
  const std::set<std::string> forbidden{"<systemc>", "<systemc.h>", "<vector>",     "<map>",
                                        "<string>",  "<memory>",    "<Eigen/Core>", "<functional>"};
  const fs::path kernels = fs::path(M3SIM_SOURCE_DIR) / "model/kernels";
  for (const auto& entry : fs::recursive_directory_iterator(kernels)) {
    if (entry.path().extension() != ".hpp") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      const std::size_t bracket = line.find('<');
      if (line.rfind("#include <", 0) != 0) continue;
      EXPECT_FALSE(forbidden.count(line.substr(bracket, line.find('>') + 1 - bracket)))
          << entry.path().filename() << ": " << line;
    }
  }
}

}  // namespace
