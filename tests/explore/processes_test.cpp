#include "model/explore/processes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <stdexcept>

#include "tests/scratch_folder.hpp"

namespace m3sim::explore {
namespace {

class Processes : public testing::Test {
 protected:
  /// Runs shell scripts, the i-th as job i; all ends by job.
  bool run(const std::vector<std::string>& scripts, const std::function<bool()>& stopped) {
    std::size_t next = 0;
    return run_jobs(
        2,
        [&]() -> std::optional<Job> {
          if (next == scripts.size()) return std::nullopt;
          const std::size_t id = next++;
          return Job{id, {"/bin/sh", "-c", scripts[id]}, folder_.path(std::to_string(id))};
        },
        [&](const JobEnd& end) { ends_[end.id] = end; }, [] {}, stopped);
  }
  test::ScratchFolder folder_;
  std::map<std::size_t, JobEnd> ends_;
};

TEST_F(Processes, AreEachToldOfWithCodeSignalAndMessages) {
  EXPECT_TRUE(run({"exit 0", "echo wrong >&2; exit 3", "kill -9 $$"}, [] { return false; }));
  ASSERT_EQ(ends_.size(), 3u);
  EXPECT_EQ(ends_[0].exit_code, 0);
  EXPECT_EQ(ends_[1].exit_code, 3);
  EXPECT_EQ(ends_[2].signal, 9);
  std::string message;
  std::getline(std::ifstream(folder_.path("1")), message);
  EXPECT_EQ(message, "wrong");
}

TEST_F(Processes, ThatStillRunAreEndedWhenStopped) {
  int asked = 0;
  EXPECT_FALSE(run({"exit 0", "exec sleep 1000", "exec sleep 1000"}, [&] { return ++asked > 50; }));
  EXPECT_EQ(ends_.count(1) + ends_.count(2), 0u);
}

TEST_F(Processes, AProgramThatIsNotThereFails) {
  bool once = true;
  run_jobs(
      1,
      [&]() -> std::optional<Job> {
        if (!std::exchange(once, false)) return std::nullopt;
        return Job{0, {folder_.path("nothing")}, folder_.path("0")};
      },
      [&](const JobEnd& end) { ends_[end.id] = end; }, [] {}, [] { return false; });
  EXPECT_EQ(ends_[0].exit_code, 127);
}

}  // namespace
}  // namespace m3sim::explore
