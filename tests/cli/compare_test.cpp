// m3sim compare as users type it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/program.hpp"

namespace m3sim::test {
namespace {

using testing::HasSubstr;

std::string report(int cycles) {
  return "{\"schema\": \"m3sim.report/1\", \"tasks\": [{\"task\": \"t\", \"cycles\": " +
         std::to_string(cycles) + "}]}";
}

class CompareCommand : public testing::Test {
 protected:
  Outcome compare(const std::string& arguments) {
    return run_program("compare " + arguments, folder_);
  }
  void expect_refused(const std::string& arguments, const std::string& message) {
    const Outcome outcome = compare(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << arguments;
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1) << outcome.err;
  }
  ScratchFolder folder_;
  std::string old_ = folder_.write("old/a.json", report(100));
  std::string new_ = folder_.write("new/a.json", report(101));
  std::string folders_ = "'" + folder_.path("old") + "' '" + folder_.path("new") + "'";
};

TEST_F(CompareCommand, ExitCodeSaysWhetherReportsDiffer) {
  EXPECT_EQ(compare(old_ + " " + old_).exit_code, 0);
  const Outcome differ = compare(old_ + " " + new_);
  EXPECT_EQ(differ.exit_code, 1);
  EXPECT_THAT(differ.out, HasSubstr("tasks/t/cycles  100  101    +1 %"));
}

TEST_F(CompareCommand, FoldersAreComparedByNameAndNoneMayBeMissing) {
  folder_.write("old/a.json", report(101));
  EXPECT_EQ(compare(folders_).exit_code, 0);
  folder_.write("new/b.json", report(1));
  const Outcome outcome = compare(folders_);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("b.json: no baseline"));
}

TEST_F(CompareCommand, UpdateRewritesTheBaselineAndKeepsTheReason) {
  folder_.write("new/b.json", report(1));
  EXPECT_EQ(compare(folders_ + " --update --reason 'bursts of 256'").exit_code, 0);
  EXPECT_EQ(compare(folders_).exit_code, 0);
  EXPECT_EQ(read_file(folder_.path("old/reasons.txt")),
            "a.json: bursts of 256\nb.json: bursts of 256\n");
  EXPECT_EQ(compare(folders_ + " --update --reason again").exit_code, 0);  // nothing to change
  EXPECT_EQ(read_file(folder_.path("old/reasons.txt")),
            "a.json: bursts of 256\nb.json: bursts of 256\n");
}

TEST_F(CompareCommand, BadInputIsOneLine) {
  expect_refused(folders_ + " --update", "--reason");
  expect_refused(folders_ + " --update --reason ' '", "must be a line of text");
  expect_refused(old_ + " " + folder_.path("nothing"), "no such file or folder");
  expect_refused(old_ + " '" + folder_.path("new") + "'", "is a file, the other a folder");
  expect_refused(old_ + " " + folder_.write("bad", "{"), "is no JSON");
  expect_refused(old_ + " " + old_ + " --tolerances " + folder_.write("t", "a b c\n"), "t:1: ");
  expect_refused(old_ + " " + old_ + " --junit " + folder_.path("none/x.xml"), "none");
}

}  // namespace
}  // namespace m3sim::test
