// `m3sim report`: a page of its own, and a plain word where there is nothing to draw.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "tests/cli/program.hpp"

namespace m3sim {
namespace {

using test::Outcome;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSmall = " --config network/tiny.cfg --data off --routing uniform ";

class ReportCommand : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(test::run_program("run" + std::string(kSmall) + "--report '" + report_ + "'", folder_)
                  .exit_code,
              0);
  }
  void write(const std::string& file, const std::string& text) const {
    std::ofstream(file, std::ios::binary) << text;
  }
  /// Exit code 2, one line that says `message`, no page.
  void refused(const std::string& arguments, const std::string& message) const {
    const Outcome outcome = test::run_program("report " + arguments, folder_);
    EXPECT_EQ(outcome.exit_code, 2) << arguments;
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_FALSE(std::filesystem::exists(page_));
  }
  std::string to_page(const std::string& input) const {
    return "'" + input + "' --html '" + page_ + "'";
  }
  void sweep(const std::string& store) const {
    ASSERT_EQ(test::run_program("sweep" + std::string(kSmall) +
                                    "--axis attention.rows=2,4 --store '" + store + "'",
                                folder_)
                  .exit_code,
              0);
  }

  const test::ScratchFolder folder_;
  const std::string report_ = folder_.path("report.json"), page_ = folder_.path("page.html");
};

TEST_F(ReportCommand, APageHoldsAllThatItNeeds) {
  for (int i = 0; i < 2; ++i) {
    const Outcome outcome = test::run_program("report " + to_page(report_), folder_);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("KiB"));
    write(folder_.path(std::to_string(i)), test::read_file(page_));
  }
  const std::string page = test::read_file(page_);
  EXPECT_EQ(test::read_file(folder_.path("0")), test::read_file(folder_.path("1")));
  EXPECT_THAT(page, HasSubstr("https://d3js.org v5"));
  EXPECT_THAT(page, HasSubstr("\"kind\":\"report\""));
  for (const char* outside : {"<script src", "src=\"http", "href=\"http", "@import"})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
}

TEST_F(ReportCommand, APageOfAStoreHoldsItsPoints) {
  const std::string store = folder_.path("store.sqlite");
  sweep(store);
  const Outcome outcome = test::run_program("report " + to_page(store), folder_);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(test::read_file(page_),
              HasSubstr("\"axes\":[{\"key\":\"attention.rows\",\"values\":[2.0,4.0]}]"));
}

TEST_F(ReportCommand, WhatCannotBeDrawnIsNamed) {
  refused("", "needs a store or a report.json");
  refused("'" + report_ + "'", "needs --html FILE");
  refused(to_page(folder_.path("none.json")), "none.json: cannot be opened");
  const std::string other = folder_.path("other.json");
  write(other, "{\"schema\": \"m3sim.report/2\"}");
  refused(to_page(other), "is no report of m3sim (m3sim.report/1)");
  write(other, "[1, 2");
  refused(to_page(other), "is no JSON");
  write(other, "{\"schema\": \"m3sim.report/1\", \"tasks\": []}");
  refused(to_page(other), "is no whole report of m3sim run");
}

TEST_F(ReportCommand, AStoreThatCannotBeUsedIsNamed) {
  const std::string store = folder_.path("store.sqlite");
  sweep(store);
  const std::string whole = test::read_file(store);
  write(store, whole.substr(0, 3000));
  refused(to_page(store), "store.sqlite: ");
  EXPECT_EQ(test::read_file(store), whole.substr(0, 3000)) << "left as it was";
  write(store, whole);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(store.c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "PRAGMA user_version = 77", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(database);
  refused(to_page(store), "store.sqlite: ");
}

TEST_F(ReportCommand, AnUnwritablePageIsNamed) {
  const Outcome outcome =
      test::run_program("report '" + report_ + "' --html /proc/page.html", folder_);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("/proc/page.html: cannot be written"));
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
}

}  // namespace
}  // namespace m3sim
