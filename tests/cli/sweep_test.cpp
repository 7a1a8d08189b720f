// m3sim sweep and merge as users type them: interrupted at any time, nothing is lost or repeated.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <thread>

#include "tests/cli/program.hpp"

namespace m3sim::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kTiny = "sweep --config network/tiny.cfg --data off --routing uniform ";
constexpr const char* kAxes = "--axis linear.in_tile=8,16,32 --axis attention.rows=1:4:+1 ";

/// What a statement selects, a row a line.
std::string rows(const std::string& store, const std::string& sql) {
  sqlite3* database = nullptr;
  std::string text;
  const auto row = [](void* out, int columns, char** values, char**) {
    for (int c = 0; c < columns; ++c) {
      *static_cast<std::string*>(out) +=
          (values[c] == nullptr ? "NULL" : values[c]) + std::string("|");
    }
    *static_cast<std::string*>(out) += '\n';
    return 0;
  };
  if (sqlite3_open_v2(store.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK) {
    sqlite3_busy_timeout(database, 10'000);
    sqlite3_exec(database, sql.c_str(), row, &text, nullptr);
  }
  sqlite3_close(database);
  return text;
}

/// All of a store but the times.
std::string contents(const std::string& store) {
  return rows(store,
              "CREATE TEMP TABLE p AS SELECT * FROM points; ALTER TABLE p DROP COLUMN seconds; "
              "SELECT * FROM p ORDER BY hash; SELECT * FROM results ORDER BY hash, position; "
              "SELECT hash, size, hex(report) FROM reports ORDER BY hash");
}

class SweepCommand : public testing::Test {
 protected:
  Outcome sweep(const std::string& store, const std::string& arguments) {
    return run_program(kTiny + ("--store '" + folder_.path(store) + "' ") + arguments, folder_);
  }
  void expect_refused(const std::string& arguments, const std::string& message) {
    const Outcome outcome = run_program(arguments, folder_);
    EXPECT_EQ(outcome.exit_code, 2) << arguments << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(outcome.err.find('\n'), outcome.err.size() - 1) << outcome.err;
  }
  /// Starts the sweep, sends it a signal once it has recorded three points, returns its wait
  /// status.
  int interrupt(const std::string& store, const std::string& arguments, int signal_number) {
    const std::string command = std::string("exec '" M3SIM_PROGRAM "' ") + kTiny + "--store '" +
                                folder_.path(store) + "' " + arguments;
    const pid_t pid = fork();
    if (pid == 0) {
      const int null = open("/dev/null", O_WRONLY);
      dup2(null, STDOUT_FILENO);
      dup2(null, STDERR_FILENO);
      execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
      _exit(127);
    }
    int status = 0;
    while (rows(folder_.path(store), "SELECT 1 FROM points").size() < 9 &&
           waitpid(pid, &status, WNOHANG) == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    kill(pid, signal_number);
    waitpid(pid, &status, 0);
    return status;
  }
  ScratchFolder folder_;
};

TEST_F(SweepCommand, PrintsFrontsAndKeepsARowForEachPointAndTask) {
  const Outcome outcome =
      sweep("s", std::string(kAxes) + "-j 2 --csv '" + folder_.path("s.csv") + "'");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              StartsWith("12 points, 0 failed, 0 rejected\nPareto front of task first: "));
  EXPECT_THAT(outcome.err, HasSubstr("12 points simulated"));
  EXPECT_EQ(
      rows(folder_.path("s"),
           "SELECT count(*), count(DISTINCT hash), count(DISTINCT task), min(\"linear.in_tile\"), "
           "max(\"attention.rows\"), min(cycles) > 10000 FROM sweep"),
      "24|12|2|8|4|1|\n");
  const std::string csv = read_file(folder_.path("s.csv"));
  EXPECT_THAT(csv,
              StartsWith("linear.in_tile,attention.rows,hash,state,message,task,image,cycles,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 25);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("s-work")));
  // A point's figures are those of m3sim run.
  const std::string report = folder_.path("r.json");
  run_program(
      "run --config network/tiny.cfg --data off --routing uniform --set linear.in_tile=8 "
      "--set attention.rows=3 --report '" +
          report + "'",
      folder_);
  const std::string cycles = rows(folder_.path("s"),
                                  "SELECT cycles FROM sweep WHERE \"linear.in_tile\" = 8 AND "
                                  "\"attention.rows\" = 3 AND task = 'second'");
  EXPECT_THAT(read_file(report),
              HasSubstr("\"cycles\": " + cycles.substr(0, cycles.size() - 2) + ","));
}

TEST_F(SweepCommand, TakesIdenticalPointsFromTheStore) {
  sweep("s", "--axis attention.rows=1,2");
  const std::string before = rows(folder_.path("s"), "SELECT * FROM points ORDER BY hash");
  const Outcome again =
      sweep("s", "--set attention.rows=2 --axis linear.in_tile=16 --axis attention.rows=1,2");
  EXPECT_THAT(again.err, HasSubstr("0 points simulated")) << again.err;
  EXPECT_EQ(rows(folder_.path("s"), "SELECT * FROM points ORDER BY hash"), before);
}

TEST_F(SweepCommand, KilledOrInterruptedItGoesOnToTheSameStore) {
  ASSERT_EQ(sweep("whole", kAxes).exit_code, 0);
  const std::string whole = contents(folder_.path("whole"));
  ASSERT_NE(whole, "");
  for (const int signal_number : {SIGKILL, SIGINT}) {
    const std::string store = "signal" + std::to_string(signal_number);
    const int status = interrupt(store, kAxes, signal_number);
    if (signal_number == SIGKILL) {
      EXPECT_TRUE(WIFSIGNALED(status));
    } else {
      EXPECT_EQ(WEXITSTATUS(status), 128 + SIGINT);
    }
    const std::string kept = rows(folder_.path(store), "SELECT * FROM points ORDER BY hash");
    EXPECT_NE(kept, "");
    EXPECT_LT(kept.size(), rows(folder_.path("whole"), "SELECT * FROM points").size());
    const Outcome resumed = sweep(store, kAxes);
    ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_EQ(contents(folder_.path(store)), whole);
    // Their times too are as they were: none was simulated twice.
    const std::string now = rows(folder_.path(store), "SELECT * FROM points ORDER BY hash");
    for (std::size_t begin = 0, end; (end = kept.find("|\n", begin)) != kept.npos;
         begin = end + 2) {
      EXPECT_THAT(now, HasSubstr(kept.substr(begin, end - begin)));
    }
  }
}

TEST_F(SweepCommand, ShardsMergeToTheWholeStore) {
  ASSERT_EQ(sweep("whole", kAxes).exit_code, 0);
  for (const char* shard : {"1", "2", "3"}) {
    ASSERT_EQ(sweep(std::string("part") + shard, std::string(kAxes) + "--shard " + shard + "/3")
                  .exit_code,
              0);
  }
  const auto path = [this](const std::string& name) { return "'" + folder_.path(name) + "' "; };
  EXPECT_EQ(
      run_program("merge " + path("all") + path("part1") + path("part2") + path("part3"), folder_)
          .exit_code,
      0);
  EXPECT_EQ(contents(folder_.path("all")), contents(folder_.path("whole")));
  expect_refused("merge " + path("all") + path("nothing"), "nothing: no such file");
}

TEST_F(SweepCommand, RecordsPointsThatFailOrCannotBe) {
  const Outcome outcome = sweep("s", "--axis linear.in_tile=8,9,16 --routing none.csv");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith("3 points, 2 failed, 1 rejected\n"));
  EXPECT_THAT(outcome.err, HasSubstr("the first point to fail: "));
  EXPECT_THAT(rows(folder_.path("s"), "SELECT message FROM points WHERE state = 'rejected'"),
              HasSubstr("linear.in_tile = 9"));
  EXPECT_EQ(rows(folder_.path("s"),
                 "SELECT count(*) FROM points WHERE state = 'failed' AND message <> ''"),
            "2|\n");

  const Outcome small =
      sweep("f", "--axis linear.in_tile=8,32 --set linear.out_tile=32 --fits zcu104");
  EXPECT_THAT(small.out, StartsWith("2 points, 0 failed, 1 rejected\n")) << small.err;
  EXPECT_THAT(rows(folder_.path("f"),
                   "SELECT \"linear.in_tile\", message FROM points WHERE state = 'rejected'"),
              StartsWith("32|does not fit "));
}

TEST_F(SweepCommand, ShowsWhatMeetsTheConditions) {
  const std::string where = "--where 'resources.dsp<1' --where 'cycles>0'";
  EXPECT_EQ(sweep("s", "--axis attention.rows=1,2 " + where).out,
            "2 points, 0 failed, 0 rejected\n");
  EXPECT_THAT(
      sweep("s", "--axis attention.rows=1,2 --minimize resources.dsp").out,
      HasSubstr("Pareto front of task first: 1 of 2 points\n  attention.rows  resources.dsp\n"));
}

TEST_F(SweepCommand, TakesAxesFromFilesAndConditionsOnAnyFigureOfTheReport) {
  const std::string axes = folder_.write("axes.cfg", "[linear]\nin_tile = 8, 16\n");
  const std::string base = "--axes '" + axes + "' --axis attention.rows=1,2 ";
  EXPECT_THAT(sweep("s", base).out, StartsWith("4 points, 0 failed, 0 rejected\n"));
  const std::string kernel = "kernels.layer0.mlp.fc1.cycles";
  const auto shown = [&](const std::string& relation) {
    return sweep("s", base + "--minimize " + kernel + " --where '" + kernel + relation + "'").out;
  };
  EXPECT_THAT(shown(">0"), HasSubstr(kernel));
  EXPECT_THAT(shown(">0"), HasSubstr(" of 4 points\n"));
  EXPECT_EQ(shown("<0"), "4 points, 0 failed, 0 rejected\n");
}

TEST_F(SweepCommand, ASearchStopsAtItsCountAndAfterAKillGoesTheSameWay) {
  const std::string arguments =
      "--axis linear.in_tile=8,16,32 --axis linear.out_tile=8,16 --axis attention.rows=1:8:+1 "
      "--axis linear.in_stream_depth=8:64:x2 --search 30 --population 8 --seed 5 "
      "--minimize latency_ms,resources.bram18 ";
  const Outcome whole = sweep("whole", arguments + "-j 2");
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  EXPECT_THAT(whole.out,
              StartsWith("30 points, 0 failed, 0 rejected\nPareto front of task first: "));
  EXPECT_TRUE(WIFSIGNALED(interrupt("killed", arguments, SIGKILL)));
  EXPECT_LT(contents(folder_.path("killed")).size(), contents(folder_.path("whole")).size());
  EXPECT_EQ(sweep("killed", arguments).out, whole.out);
  EXPECT_EQ(contents(folder_.path("killed")), contents(folder_.path("whole")));
}

TEST_F(SweepCommand, PrunesWhatCannotBeOnTheFrontAndSaysSo) {
  // At 10 MHz the iterations alone take longer than everything at 300 MHz.
  const std::string arguments =
      "--axis clock.pl_hz=300000000,10000000 --axis linear.in_tile=8,16 --axis "
      "attention.rows=1:8:+1 --minimize latency_ms,resources.bram18 ";
  const Outcome all = sweep("all", arguments + "-j 2");
  const Outcome pruned = sweep("pruned", arguments + "-j 2 --prune");
  EXPECT_THAT(pruned.out, StartsWith("32 points, 0 failed, 0 rejected, 16 pruned\n"));
  const auto fronts = [](const std::string& text) {  // without the counts of points
    std::string lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
      if (line[0] == ' ') lines += line + '\n';
    return lines;
  };
  EXPECT_EQ(fronts(pruned.out), fronts(all.out));
  EXPECT_THAT(rows(folder_.path("pruned"),
                   "SELECT DISTINCT \"clock.pl_hz\", message FROM points WHERE state = 'pruned'"),
              StartsWith("10000000|its lower bounds are dominated by "));
  EXPECT_EQ(sweep("alone", arguments + "--prune").out, pruned.out);
  EXPECT_EQ(contents(folder_.path("alone")), contents(folder_.path("pruned")));
  // Asked for all, none stays pruned.
  EXPECT_EQ(sweep("pruned", arguments).out, all.out);
  EXPECT_EQ(contents(folder_.path("pruned")), contents(folder_.path("all")));
}

TEST_F(SweepCommand, ShowsItsProgressOnATerminalOnly) {
  EXPECT_EQ(sweep("s", kAxes).err.find('\r'), std::string::npos);
  const std::string command = std::string("exec '" M3SIM_PROGRAM "' ") + kTiny + "--store '" +
                              folder_.path("t") + "' " + kAxes;
  int terminal = -1;
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  std::string shown;
  char bytes[4096];
  for (ssize_t n; (n = read(terminal, bytes, sizeof bytes)) > 0;)
    shown.append(bytes, static_cast<std::size_t>(n));
  close(terminal);
  waitpid(pid, nullptr, 0);
  EXPECT_THAT(shown, HasSubstr("\r\x1b[K0 of 12 points, 0 failed, 0 points/h"));
  EXPECT_THAT(shown, HasSubstr("\r\x1b[K12 of 12 points, 0 failed, "));
  EXPECT_THAT(shown, HasSubstr(" points/h, 0 min left\r\n"));
}

TEST_F(SweepCommand, ABadStoreIsOneLineAndStaysAsItWas) {
  ASSERT_EQ(sweep("s", "--axis attention.rows=1,2,3,4").exit_code, 0);
  const auto refused = [&](const std::string& bytes, const std::string& message) {
    const std::string store = folder_.write("bad/s", bytes);
    expect_refused(kTiny + ("--store '" + store) + "' --axis attention.rows=1:8:+1", message);
    EXPECT_EQ(read_file(store), bytes);
    const std::filesystem::directory_iterator files(folder_.path("bad"));
    EXPECT_EQ(std::distance(begin(files), end(files)), 1) << "something was left beside it";
  };
  std::string whole = read_file(folder_.path("s"));
  std::string torn = whole;
  torn.replace(torn.size() / 2, torn.size() / 4, std::string(torn.size() / 4, 'x'));
  refused(torn, "bad/s: ");
  refused(whole.substr(0, whole.size() / 2), "bad/s: ");
  rows(folder_.path("s"), "PRAGMA user_version = 1");
  refused(read_file(folder_.path("s")), "is a store of another version of m3sim");
}

TEST_F(SweepCommand, AReadOnlyFolderIsOneLine) {
  ASSERT_EQ(sweep("folder", "--axis attention.rows=1").exit_code, 0);
  const std::string bytes = read_file(folder_.path("folder"));
  std::filesystem::create_directory(folder_.path("ro"));
  std::filesystem::rename(folder_.path("folder"), folder_.path("ro/s"));
  std::filesystem::permissions(folder_.path("ro"), std::filesystem::perms{0555});
  // Nothing is read-only to root.
  const std::string as_user =
      geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups -- " : "";
  for (const char* store : {"ro/s", "ro/new"}) {
    const std::string command = as_user + "'" M3SIM_PROGRAM "' " + kTiny + "--store '" +
                                folder_.path(store) + "' --axis attention.rows=1,2 >'" +
                                folder_.path("out") + "' 2>'" + folder_.path("err") + "'";
    const int status = std::system(command.c_str());
    const std::string err = read_file(folder_.path("err"));
    if (err.find("setpriv") != std::string::npos) GTEST_SKIP() << err;
    EXPECT_EQ(WEXITSTATUS(status), 2) << err;
    EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1) << err;
    EXPECT_THAT(err, HasSubstr("Permission denied"));
  }
  std::filesystem::permissions(folder_.path("ro"), std::filesystem::perms{0755});
  EXPECT_EQ(read_file(folder_.path("ro/s")), bytes);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("ro/new")));
}

TEST_F(SweepCommand, AFullDiskIsOneLineAndLosesNothing) {
  ASSERT_EQ(sweep("s", "--axis attention.rows=1,2").exit_code, 0);
  const std::string before = contents(folder_.path("s"));
  const std::string script = folder_.write(
      "full.sh", "trap '' XFSZ; ulimit -f 8\nexec '" M3SIM_PROGRAM "' " + std::string(kTiny) +
                     "--store '" + folder_.path("s") + "' --axis attention.rows=1:4:+1 2>'" +
                     folder_.path("err") + "'\n");
  const int status = std::system(("sh '" + script + "'").c_str());
  EXPECT_EQ(WEXITSTATUS(status), 2);
  const std::string err = read_file(folder_.path("err"));
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1) << err;
  EXPECT_EQ(contents(folder_.path("s")), before);

  // Where there was no store, none is left.
  const std::string none =
      folder_.write("none.sh", "trap '' XFSZ; ulimit -f 2\nexec '" M3SIM_PROGRAM "' " +
                                   std::string(kTiny) + "--store '" + folder_.path("new") +
                                   "' --axis attention.rows=1 2>'" + folder_.path("err") + "'\n");
  EXPECT_EQ(WEXITSTATUS(std::system(("sh '" + none + "'").c_str())), 2);
  EXPECT_THAT(read_file(folder_.path("err")), HasSubstr("new: "));
  EXPECT_FALSE(std::filesystem::exists(folder_.path("new")));
}

TEST_F(SweepCommand, BadInputIsOneLine) {
  const std::string store = "--store '" + folder_.path("s") + "' ";
  const std::string tiny = kTiny + store;
  expect_refused(tiny, "needs --axis KEY=VALUES or --axes FILE");
  expect_refused(tiny + "--axes '" + folder_.path("none.cfg") + "'", "none.cfg: no such file");
  expect_refused(tiny + "--axes '" + folder_.write("a.cfg", "[linear]\nin_tyle = 8\n") + "'",
                 "a.cfg:2: linear.in_tyle = 8: unknown key; did you mean linear.in_tile?");
  expect_refused(tiny + "--axis attention.rows=1 --search 4 --sample 4", "only one of them");
  expect_refused(tiny + "--axis attention.rows=1 --search 4 --shard 1/2", "only one of them");
  expect_refused(tiny + "--axis attention.rows=1 --search 4 --population 1",
                 "--population 1: must");
  expect_refused(tiny + "--axis attention.rows=1 --where 'kernels.layer1.q.speed>1'",
                 "no such figure");
  expect_refused(tiny + "--axis linear.in_tyle=8", "did you mean linear.in_tile?");
  expect_refused(tiny + "--axis attention.rows=4:1:+1", "the range is empty");
  expect_refused(tiny + "--axis attention.rows=1 --axis attention.rows=2", "is there twice");
  expect_refused(tiny + "--axis attention.rows=1 --shard 3/2", "--shard 3/2: must be I/N");
  expect_refused(tiny + "--axis attention.rows=1 --sample 0", "--sample 0: must be");
  expect_refused(tiny + "--axis attention.rows=1 -j 0", "--jobs 0: must be");
  expect_refused(tiny + "--axis attention.rows=1 --where 'speed>1'", "speed: no such figure");
  expect_refused(tiny + "--axis attention.rows=1 --minimize speed", "speed: no such figure");
  expect_refused(tiny + "--axis attention.rows=1 --fits nothing", "nothing");
  EXPECT_FALSE(std::filesystem::exists(folder_.path("s")));
  const std::string junk = folder_.write("junk", std::string(9000, 'x'));
  expect_refused(kTiny + ("--store '" + junk) + "' --axis attention.rows=1", "not a database");
  EXPECT_EQ(read_file(junk), std::string(9000, 'x'));
  expect_refused(kTiny + ("--store '" + folder_.path("none/s")) + "' --axis attention.rows=1",
                 "cannot be made");
}

}  // namespace
}  // namespace m3sim::test
