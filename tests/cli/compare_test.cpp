// m3sim compare as users type it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sqlite3.h>
#include <unistd.h>

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

TEST_F(CompareCommand, ATerminalIsAskedForTheReason) {
  int terminal = -1;
  const std::string command = "'" M3SIM_PROGRAM "' compare " + folders_ + " --update";
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  std::string shown;
  char bytes[4096];
  for (ssize_t n; (n = read(terminal, bytes, sizeof bytes)) > 0;) {
    const bool asked = shown.find("Why do") != std::string::npos;
    shown.append(bytes, static_cast<std::size_t>(n));
    if (asked || shown.find("Why do") == std::string::npos) continue;
    EXPECT_EQ(write(terminal, "wider bus\n", 10), 10);
  }
  close(terminal);
  int status = 0;
  waitpid(pid, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0) << shown;
  EXPECT_EQ(read_file(folder_.path("old/reasons.txt")), "a.json: wider bus\n");
}

/// Stores as m3sim sweep writes them.
class CompareStores : public CompareCommand {
 protected:
  std::string sweep(const std::string& name, const std::string& options) {
    const std::string store = folder_.path(name);
    const Outcome outcome =
        run_program("sweep --config network/tiny.cfg --data off --routing uniform --store '" +
                        store + "' " + options,
                    folder_);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return "'" + store + "'";
  }
};

TEST_F(CompareStores, PointByPointAndTheFirstKernelIsNamed) {
  std::filesystem::create_directories(folder_.path("base"));
  std::filesystem::create_directories(folder_.path("now"));
  const std::string axis = "--axis attention.rows=1,2,3 ";
  const std::string old_store = sweep("base/s.sqlite", axis);
  const std::string same = sweep("same", axis + "-j 2");
  EXPECT_EQ(compare(old_store + " " + same).out, "s.sqlite: 0 of 3 points differ\n");
  EXPECT_EQ(compare(old_store + " " + same).exit_code, 0);

  // A design that spends a cycle more in every region, under the name of the first.
  const std::string late = sweep("now/s.sqlite", axis + "--set control.done_cycles=2");
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(folder_.path("now/s.sqlite").c_str(), &database), SQLITE_OK);
  sqlite3_exec(database, "UPDATE points SET \"control.done_cycles\" = '1'", nullptr, nullptr,
               nullptr);
  sqlite3_close(database);
  const Outcome differ = compare("'" + folder_.path("base") + "' '" + folder_.path("now") +
                                 "' --junit '" + folder_.path("x.xml") + "' --show 2");
  EXPECT_EQ(differ.exit_code, 1);
  EXPECT_THAT(differ.out, HasSubstr("s.sqlite: 3 of 3 points differ\nattention.rows=1: "));
  EXPECT_THAT(differ.out, HasSubstr("first diverging kernel: first: patch_embed"));
  EXPECT_EQ(differ.out.find("attention.rows=3: "), std::string::npos) << "2 shown";
  EXPECT_THAT(read_file(folder_.path("x.xml")), HasSubstr("tests=\"3\" failures=\"3\""));

  EXPECT_EQ(compare("'" + folder_.path("base") + "' '" + folder_.path("now") +
                    "' --update --reason 'slower control'")
                .exit_code,
            0);
  EXPECT_EQ(compare(old_store + " " + late).exit_code, 0);
  EXPECT_EQ(read_file(folder_.path("base/reasons.txt")), "s.sqlite: slower control\n");
}

TEST_F(CompareStores, MissingAndOtherwiseEndedPointsDiffer) {
  const std::string old_store = sweep("old.sqlite", "--axis linear.in_tile=8,16");
  const std::string new_store = sweep("new.sqlite", "--axis linear.in_tile=16,32");
  const Outcome outcome = compare(old_store + " " + new_store);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("old.sqlite: 2 of 3 points differ\n"));
  EXPECT_THAT(outcome.out, HasSubstr("linear.in_tile=8: no new result\n"));
  EXPECT_THAT(outcome.out, HasSubstr("linear.in_tile=32: no baseline\n"));
  const std::string rejected =
      sweep("rejected.sqlite", "--axis linear.in_tile=8,16 --fits '" +
                                   folder_.write("small.cfg",
                                                 "[device]\nname = small\ndsp = 1\nbram18 = 1\n"
                                                 "uram = 1\nlut = 1\nff = 1\n") +
                                   "'");
  EXPECT_THAT(compare(old_store + " " + rejected).out,
              HasSubstr("linear.in_tile=8: was done, is rejected: does not fit small: "));
  expect_refused(old_store + " " + old_, "is no JSON");
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
