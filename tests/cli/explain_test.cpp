// `m3sim explain`: its shares are the report's, its savings those of simulations.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "model/explore/explain.hpp"
#include "tests/cli/program.hpp"

namespace m3sim {
namespace {

using Json = nlohmann::ordered_json;
using test::Outcome;
using testing::HasSubstr;

constexpr const char* kSmall = "run --config network/tiny.cfg ";

class Explain : public testing::Test {
 protected:
  Json simulate(const std::string& options, const std::string& name) const {
    const Outcome outcome =
        test::run_program(kSmall + options + " --report '" + file(name) + "'", folder_);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return Json::parse(test::read_file(file(name)));
  }
  std::string file(const std::string& name) const { return folder_.path(name); }
  void refused(const std::string& arguments, const std::string& message) const {
    const Outcome outcome = test::run_program("explain " + arguments, folder_);
    EXPECT_EQ(outcome.exit_code, 2) << arguments;
    EXPECT_THAT(outcome.err, HasSubstr(message));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
  static std::string us(std::int64_t cycles, const Json& report) {
    char text[32];
    std::snprintf(
        text, sizeof text, "%.1f us",
        static_cast<double>(cycles) * 1e6 / report["config"]["clock.pl_hz"].get<double>());
    return text;
  }
  const test::ScratchFolder folder_;
};

TEST_F(Explain, SharesAreTheReportsParts) {
  for (const std::string options :
       {"", "--set linear.overlap_dense_loads=true --set linear.weight_banks=3"}) {
    const Json report = simulate(options, "report.json");
    for (const Json& task : report["tasks"]) {
      const auto shares = explore::shares_of(task, false);
      for (const Json& part : task["parts"]) {
        if (part["part"] == "control") continue;
        const auto share = std::find_if(shares.begin(), shares.end(),
                                        [&](const auto& s) { return s.name == part["part"]; });
        ASSERT_NE(share, shares.end()) << part["part"];
        EXPECT_EQ(share->cycles(), part["cycles"]) << part["part"];
        EXPECT_EQ(share->loading, part["exposed_load_cycles"]) << part["part"];
      }
      std::int64_t by_layer = 0, by_part = 0;
      for (const auto& share : shares) by_part += share.cycles();
      for (const auto& share : explore::shares_of(task, true)) by_layer += share.cycles();
      EXPECT_EQ(by_layer, by_part);
    }
  }
}

TEST_F(Explain, EverySavingIsThatOfASimulation) {
  const Json report = simulate("", "report.json");  // with data: the gates decide
  const Outcome outcome = test::run_program(
      "explain '" + file("report.json") + "' --keys ps.width_bits,linear.overlap_dense_loads -j 2",
      folder_);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  ASSERT_EQ(simulate("--record-routing '" + file("routing") + "'", "report.json"), report);
  for (const auto& [key, value] : {std::pair{"ps.width_bits", "256"},
                                   {"ps.width_bits", "64"},
                                   {"linear.overlap_dense_loads", "true"}}) {
    const std::string step = std::string(key) + "=" + value;
    const Json changed =
        simulate("--data off --routing '" + file("routing") + "' --set " + step, "changed.json");
    for (std::size_t t = 0; t < report["tasks"].size(); ++t) {
      const std::int64_t cycles = changed["tasks"][t]["cycles"].get<std::int64_t>() -
                                  report["tasks"][t]["cycles"].get<std::int64_t>();
      const std::string expected =
          (cycles < 0 ? "-" : "+") + us(std::abs(cycles), report) + (cycles < 0 ? " -" : " +");
      const std::size_t line = outcome.out.find("    " + step + " (from ");
      ASSERT_NE(line, std::string::npos) << step;
      EXPECT_THAT(outcome.out, HasSubstr(expected)) << step;
    }
  }
  EXPECT_THAT(outcome.out, HasSubstr("load-bound"));
  EXPECT_THAT(outcome.out, HasSubstr("tokens, break-even 32"));
  // What it saves of one part, too.
  const Json wide =
      simulate("--data off --routing '" + file("routing") + "' --set ps.width_bits=256", "w.json");
  const auto of = [](const Json& r) {
    for (const Json& part : r["tasks"][0]["parts"])
      if (part["part"] == "qkv") return part["cycles"].get<std::int64_t>();
    return std::int64_t{0};
  };
  EXPECT_THAT(outcome.out, HasSubstr("ps.width_bits=256 " + us(of(report) - of(wide), report)));
}

TEST_F(Explain, ThePageShowsTheMeasuredSteps) {
  simulate("--data off --routing uniform", "report.json");
  const Outcome outcome =
      test::run_program("explain '" + file("report.json") + "' --keys attention.rows --html '" +
                            file("page.html") + "' --layers",
                        folder_);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("  layer1.experts: "));
  EXPECT_THAT(test::read_file(file("page.html")),
              HasSubstr("\"sensitivity\":[{\"key\":\"attention.rows\",\"value\":\"4\",\"steps\":[{"
                        "\"value\":\"2\",\"up\":false"));
}

TEST_F(Explain, WhatCannotBeExplainedIsNamed) {
  Json report = simulate("--data off --routing uniform", "report.json");
  const std::string input = "'" + file("report.json") + "'";
  refused("", "needs a report.json");
  refused("'" + file("none.json") + "'", "none.json: ");
  refused(input + " --keys linear.tile", "--keys linear.tile: there is no such key");
  refused(input + " --keys network.name", "has a step that hardware can have");
  refused(input + " -j 0", "--jobs 0: must be at least 1");
  refused(input + " --html '" + file("none/page.html") + "'", "its folder does not exist");
  const auto write = [&] { std::ofstream(file("report.json")) << report; };
  report["tasks"][0]["kernels"][3]["cycles"] = 1;
  write();
  refused(input, "takes another time now");
  report["inputs"]["routing"] = file("gone.routing");
  write();
  refused(input, "its run cannot be repeated: ");
  report["config"]["linear.in_tile"] = 7;
  write();
  refused(input, "its configuration is refused: ");
  report.erase("config");
  write();
  refused(input, "is no whole report of m3sim run");
}

}  // namespace
}  // namespace m3sim
