#include "model/explore/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "model/config/error.hpp"
#include "model/config/registry.hpp"
#include "model/explore/store_reader.hpp"
#include "tests/scratch_folder.hpp"

namespace m3sim::explore {
namespace {

using testing::HasSubstr;

PointRow point(const std::string& hash, State state, std::int64_t cycles = 0) {
  PointRow row{hash, state, state == State::kDone ? "" : "why", "1", "2", "data = off\n", 0.5,
               {},   {}};
  row.keys.assign(Registry::instance().keys().size(), "16");
  if (state == State::kDone) {
    row.results = {{"t", 0, std::vector<Figure>(figure_names().size())}};
    row.results[0].figures[0] = cycles;
    row.results[0].figures[1] = 0.1;
    row.report = "{\"tasks\": [{\"cycles\": " + std::to_string(cycles) + "}]}";
  }
  return row;
}

std::string bytes(const std::string& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

void execute(const std::string& file, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

class StoreTest : public testing::Test {
 protected:
  void expect_refused(const std::string& message) {
    const std::string before = bytes(path_);
    try {
      Store store(path_);
      ADD_FAILURE() << message;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(path_ + ": "));
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
    EXPECT_EQ(bytes(path_), before);
  }
  test::ScratchFolder folder_;
  std::string path_ = folder_.path("store.sqlite");
};

TEST_F(StoreTest, KeepsPointsOverItsEnd) {
  {
    Store store(path_);
    EXPECT_FALSE(store.find("a"));
    store.record(point("a", State::kDone, 7));
    store.record(point("b", State::kFailed));
  }
  Store store(path_);
  const PointRow done = store.find("a").value();
  EXPECT_EQ(done.state, State::kDone);
  ASSERT_EQ(done.results.size(), 1u);
  EXPECT_EQ(done.results[0].task, "t");
  EXPECT_EQ(done.results[0].figures, point("a", State::kDone, 7).results[0].figures);
  EXPECT_EQ(store.find("b")->state, State::kFailed);
  EXPECT_EQ(store.find("b")->message, "why");
  store.record(point("b", State::kDone, 1));  // replaces
  EXPECT_EQ(store.find("b")->state, State::kDone);
}

TEST_F(StoreTest, KeepsReports) {
  Store store(path_);
  store.record(point("a", State::kDone, 7));
  store.record(point("b", State::kPruned));
  EXPECT_EQ(store.find("a")->results[0].report, nullptr);
  const PointRow found = store.find("a", true).value();
  EXPECT_EQ(found.report, point("a", State::kDone, 7).report);
  EXPECT_EQ((*found.results[0].report)["tasks"][0]["cycles"], 7);
}

TEST_F(StoreTest, IsReadWhateverItsKeysAndWhetherItCanBeWritten) {
  {
    Store store(path_);
    store.record(point("a", State::kDone, 7));
    store.record(point("b", State::kPruned));
  }
  execute(path_, "ALTER TABLE points ADD COLUMN \"new.key\" DEFAULT 5");
  const std::string before = bytes(path_);
  const StoreReader reader(path_);
  ASSERT_EQ(reader.points().size(), 2u);
  EXPECT_EQ(reader.points()[0].hash, "a");
  EXPECT_EQ(reader.points()[0].keys.at("linear.in_tile"), "16");
  EXPECT_EQ(reader.points()[0].keys.at("new.key"), "5");
  EXPECT_EQ(reader.points()[0].inputs, "data = off\n");
  EXPECT_EQ(reader.points()[1].state, State::kPruned);
  EXPECT_EQ(reader.report("a")["tasks"][0]["cycles"], 7);
  EXPECT_THROW(reader.report("b"), InputError);
  reader.copy_to(folder_.path("copy"));
  EXPECT_EQ(StoreReader(folder_.path("copy")).report("a"), reader.report("a"));
  EXPECT_THROW(reader.copy_to(folder_.path("nothing/copy")), InputError);
  EXPECT_EQ(bytes(path_), before);
  EXPECT_TRUE(StoreReader::is_store(path_));
  EXPECT_FALSE(StoreReader::is_store(folder_.write("x", "{}")));
  execute(path_, "PRAGMA user_version = 99");
  EXPECT_THROW(StoreReader{path_}, InputError);
  EXPECT_THROW(StoreReader{folder_.path("none")}, InputError);
}

TEST_F(StoreTest, SaysWhichReportIsDamaged) {
  {
    Store store(path_);
    store.record(point("a", State::kDone, 7));
  }
  execute(path_, "UPDATE reports SET report = x'00'");
  Store store(path_);
  EXPECT_EQ(store.find("a")->results.size(), 1u);
  EXPECT_THROW(store.find("a", true), InputError);
}

TEST_F(StoreTest, OfAnotherVersionIsRefused) {
  { Store store(path_); }
  execute(path_, "PRAGMA user_version = 99");
  expect_refused("another version");
}

TEST_F(StoreTest, WithOtherKeysIsRefused) {
  { Store store(path_); }
  execute(path_, "ALTER TABLE points ADD COLUMN \"new.key\"");
  expect_refused("another version");
}

TEST_F(StoreTest, ThatIsNoneIsRefused) {
  folder_.write("store.sqlite", std::string(5000, 'x'));
  expect_refused("not a database");
  std::filesystem::remove(path_);
  execute(path_, "CREATE TABLE points (hash)");
  expect_refused("no store of m3sim");
}

TEST_F(StoreTest, ThatIsDamagedIsRefused) {
  {
    Store store(path_);
    for (int i = 0; i < 200; ++i) store.record(point("point" + std::to_string(i), State::kDone, i));
  }
  const std::string whole = bytes(path_);
  folder_.write("store.sqlite", whole.substr(0, whole.size() / 2));
  expect_refused("");
  std::string torn = whole;
  torn.replace(torn.size() / 2, torn.size() / 4, std::string(torn.size() / 4, 'x'));
  folder_.write("store.sqlite", torn);
  expect_refused("");
}

TEST_F(StoreTest, ThatCannotBeMadeIsRefused) {
  EXPECT_THROW(Store(folder_.path("nothing/store.sqlite")), InputError);
  EXPECT_THROW(Store(folder_.path()), InputError);
}

TEST_F(StoreTest, MergesDoneBeforeFailedBeforeRejectedBeforePruned) {
  const std::string part = folder_.path("part.sqlite");
  {
    Store other(part);
    other.record(point("a", State::kDone, 1));
    other.record(point("b", State::kFailed));
    other.record(point("c", State::kRejected));
    other.record(point("d", State::kRejected));
  }
  Store store(path_);
  store.record(point("a", State::kFailed));
  store.record(point("b", State::kRejected));
  store.record(point("c", State::kDone, 3));
  store.record(point("d", State::kPruned));
  store.merge(part);
  store.merge(part);  // again changes nothing
  EXPECT_EQ(store.find("a")->state, State::kDone);
  EXPECT_EQ(store.find("a")->results.size(), 1u);
  EXPECT_EQ(store.find("a", true)->report, point("a", State::kDone, 1).report);
  EXPECT_EQ(store.find("d")->state, State::kRejected);
  EXPECT_EQ(store.find("b")->state, State::kFailed);
  EXPECT_EQ(store.find("c")->state, State::kDone);
}

TEST_F(StoreTest, MergesNoneOfAPartThatDisagrees) {
  const std::string part = folder_.path("part.sqlite");
  {
    Store other(part);
    other.record(point("a", State::kDone, 1));
    other.record(point("b", State::kDone, 1));
  }
  Store store(path_);
  store.record(point("a", State::kDone, 2));
  EXPECT_THROW(store.merge(part), InputError);
  EXPECT_FALSE(store.find("b"));
}

}  // namespace
}  // namespace m3sim::explore
