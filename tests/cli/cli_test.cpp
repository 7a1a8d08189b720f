#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "model/config/registry.hpp"
#include "tests/cli/program.hpp"

namespace m3sim {
namespace {

using test::Outcome;
using test::ScratchFolder;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Outcome run(const std::string& arguments) {
  const ScratchFolder folder;
  return test::run_program(arguments, folder);
}

TEST(Cli, VersionIsTheProjects) {
  const Outcome outcome = run("--version");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_EQ(outcome.out, "m3sim " M3SIM_VERSION "\n");
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST(Cli, HelpListsTheCommandsOnStdout) {
  for (const char* arguments : {"--help", "-h", "help"}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << arguments;
    EXPECT_THAT(outcome.out, testing::ContainsRegex("\n  keys +print every configuration key\n"))
        << arguments;
    EXPECT_THAT(outcome.err, IsEmpty()) << arguments;
  }
}

TEST(Cli, WithoutACommandTheHelpIsAnError) {
  const Outcome outcome = run("");
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("Usage: m3sim COMMAND"));
}

TEST(Cli, HelpOfACommandIsItsOwn) {
  const Outcome outcome = run("help keys");
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, StartsWith("Usage: m3sim keys"));
  EXPECT_EQ(outcome.out, run("keys --help").out);
}

struct Misuse {
  const char* arguments;
  const char* message;
};

TEST(Cli, MisuseIsOneLineAndExitCode2) {
  const Misuse cases[] = {
      {"runn", "m3sim: unknown command 'runn'; m3sim help lists all\n"},
      {"help runn", "m3sim: unknown command 'runn'; m3sim help lists all\n"},
      {"help keys run", "m3sim help: takes one command\n"},
      {"keys --mark", "m3sim keys: unrecognised option '--mark'\n"},
      {"keys extra",
       "m3sim keys: too many positional options have been specified on the command line\n"},
      {"keys --set", "m3sim keys: the required argument for option '--set' is missing\n"},
      {"keys --set linear.in_tile=7",
       "--set: linear.in_tile = 7: must be a multiple of 8 (features in a 256-bit word)\n"},
      {"keys --config none.cfg", "none.cfg: no such file\n"},
  };
  for (const Misuse& misuse : cases) {
    const Outcome outcome = run(misuse.arguments);
    EXPECT_EQ(outcome.exit_code, 2) << misuse.arguments;
    EXPECT_THAT(outcome.out, IsEmpty()) << misuse.arguments;
    EXPECT_EQ(outcome.err, misuse.message) << misuse.arguments;
  }
}

TEST(Cli, AFullDiskIsAnErrorAndNotSilence) {
  const ScratchFolder folder;
  const std::string command =
      std::string("'" M3SIM_PROGRAM "' keys >/dev/full 2>'") + folder.path("stderr") + "'";
  const int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 2);
  EXPECT_EQ(test::read_file(folder.path("stderr")), "stdout: cannot be written\n");
}

TEST(Keys, PrintsEveryKeyWithItsDefault) {
  const Outcome outcome = run("keys");
  EXPECT_EQ(outcome.exit_code, 0);
  const AcceleratorConfig defaults;
  for (const auto& key : Registry::instance().keys()) {
    EXPECT_THAT(outcome.out, HasSubstr("\n" + key->name() + " = " + key->text(defaults) + "\n"));
  }
}

TEST(Keys, MarksTheUnknownDefaults) {
  EXPECT_THAT(run("keys").out, HasSubstr("\n    unknown [?]: "));
}

TEST(Keys, PrintsValuesInEffectAndWhoSetThem) {
  const ScratchFolder folder;
  folder.write("a.cfg", "[attention]\nrows = 8\n");
  const Outcome outcome = test::run_program(
      "keys --config " + folder.path("a.cfg") + " --set linear.in_tile=32", folder);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("attention.rows = 8\n"));
  EXPECT_THAT(outcome.out, HasSubstr("    set by " + folder.path("a.cfg") + ":2\n"));
  EXPECT_THAT(outcome.out, HasSubstr("linear.in_tile = 32\n"));
  EXPECT_THAT(outcome.out, HasSubstr("    set by --set\n"));
}

TEST(Keys, TheMarkdownPageIsTablesOfFiveColumns) {
  const Outcome outcome = run("keys --markdown");
  EXPECT_EQ(outcome.exit_code, 0);
  std::istringstream lines(outcome.out);
  std::size_t rows = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() != '|') continue;
    EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 6) << line;
    rows += line.rfind("| `", 0) == 0 ? 1 : 0;
  }
  EXPECT_EQ(rows, Registry::instance().keys().size());
}

}  // namespace
}  // namespace m3sim
