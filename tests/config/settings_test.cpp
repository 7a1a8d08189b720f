#include "model/config/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/scratch_folder.hpp"

namespace m3sim {
namespace {

using test::ScratchFolder;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> shown(const std::vector<Setting>& settings) {
  std::vector<std::string> lines;
  for (const Setting& s : settings) {
    const std::size_t slash = s.origin.file.rfind('/');
    lines.push_back(s.origin.file.substr(slash + 1) + ":" + std::to_string(s.origin.line) + " " +
                    s.key + "=" + s.value);
  }
  return lines;
}

TEST(Settings, SectionsCommentsAndBlanks) {
  const ScratchFolder folder;
  const std::string file = folder.write("a.cfg",
                                        "# a comment\n"
                                        "network.name = top\n"
                                        "\n"
                                        "  [ linear ]  # section\n"
                                        "in_tile=16\r\n"
                                        "  out_tile  =  32   # why\n"
                                        "[loops.linear_compute]\n"
                                        "ii = 2\n"
                                        "[network]\n"
                                        "tasks = a, b\n");
  Diagnostics diagnostics;
  EXPECT_THAT(shown(read_ini(file, diagnostics)),
              ElementsAre("a.cfg:2 network.name=top", "a.cfg:5 linear.in_tile=16",
                          "a.cfg:6 linear.out_tile=32", "a.cfg:8 loops.linear_compute.ii=2",
                          "a.cfg:10 network.tasks=a, b"));
  EXPECT_THAT(diagnostics, IsEmpty());
}

TEST(Settings, AnIncludeStandsInItsPlaceAndIsRelativeToItsFile) {
  const ScratchFolder folder;
  folder.write("sub/b.cfg", "include = deeper/c.cfg\n[linear]\nin_tile = 2\n");
  folder.write("sub/deeper/c.cfg", "[linear]\nin_tile = 3\n");
  const std::string file =
      folder.write("a.cfg", "[linear]\nin_tile = 1\ninclude = sub/b.cfg\nout_tile = 4\n");
  Diagnostics diagnostics;
  EXPECT_THAT(shown(read_ini(file, diagnostics)),
              ElementsAre("a.cfg:2 linear.in_tile=1", "c.cfg:2 linear.in_tile=3",
                          "b.cfg:3 linear.in_tile=2", "a.cfg:4 linear.out_tile=4"));
  EXPECT_THAT(diagnostics, IsEmpty());
}

TEST(Settings, AFileMayBeIncludedTwiceButNotFromItself) {
  const ScratchFolder folder;
  folder.write("leaf.cfg", "[linear]\nin_tile = 16\n");
  const std::string twice = folder.write("twice.cfg", "include = leaf.cfg\n\ninclude=leaf.cfg\n");
  Diagnostics diagnostics;
  // The include of one file is not a key that is set twice.
  EXPECT_EQ(read_ini(twice, diagnostics).size(), 2u);
  EXPECT_THAT(diagnostics, IsEmpty());

  folder.write("b.cfg", "[linear]\nin_tile = 16\ninclude = c.cfg\n");
  folder.write("c.cfg", "include = ./b.cfg\n");
  const std::string loop = folder.write("a.cfg", "include = b.cfg\n");
  read_ini(loop, diagnostics);
  ASSERT_EQ(diagnostics.size(), 1u);
  const std::string b = folder.path("b.cfg");
  const std::string c = folder.path("c.cfg");
  EXPECT_EQ(diagnostics[0],
            c + ":1: include = ./b.cfg: includes itself: " + b + " -> " + c + " -> " + b);
}

TEST(Settings, EveryFaultOfAFileIsReportedWithItsLine) {
  const ScratchFolder folder;
  const std::string file = folder.write("a.cfg",
                                        "[linear]\n"
                                        "in_tile = 8\n"
                                        "nonsense\n"
                                        "in_tile = 16\n"
                                        "include = nowhere.cfg\n"
                                        "out_tile = 8\n");
  Diagnostics diagnostics;
  EXPECT_EQ(read_ini(file, diagnostics).size(), 2u);
  EXPECT_THAT(diagnostics, ElementsAre(file + ":3: nonsense: must be [section] or key = value",
                                       file + ":4: linear.in_tile = 16: set in line 2 already",
                                       file + ":5: include = nowhere.cfg: no such file"));
}

TEST(Settings, AMissingFileAndAFolderAreNoFiles) {
  const ScratchFolder folder;
  Diagnostics diagnostics;
  read_ini(folder.path("none.cfg"), diagnostics);
  read_ini(folder.path(), diagnostics);
  EXPECT_THAT(diagnostics, ElementsAre(folder.path("none.cfg") + ": no such file",
                                       folder.path() + ": no such file"));
}

TEST(Settings, AnAssignmentNeedsAnEqualsSign) {
  std::vector<Setting> settings;
  Diagnostics diagnostics;
  read_assignment("linear.in_tile = 32", settings, diagnostics);
  read_assignment("linear.in_tile", settings, diagnostics);
  ASSERT_EQ(settings.size(), 1u);
  EXPECT_EQ(settings[0].key, "linear.in_tile");
  EXPECT_EQ(settings[0].value, "32");
  EXPECT_EQ(settings[0].origin.text(), "--set");
  EXPECT_THAT(diagnostics, ElementsAre("--set linear.in_tile: must be section.key=value"));
}

}  // namespace
}  // namespace m3sim
