// The program's cycles, counts and energies do not change unnoticed: stored reports of small design
// points and of the published accelerator. `tests/golden/update` renews them, with a reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/cli/program.hpp"

namespace m3sim::test {
namespace {

using testing::HasSubstr;

const std::string kBaselines = M3SIM_SOURCE_DIR "/tests/golden/baselines";
const std::string kTolerances = " --tolerances '" + kBaselines + "/tolerances'";

/// Runs the points for which `wanted` holds, with their reports in `reports` of the folder.
template <class Wanted>
int run_points(const ScratchFolder& folder, Wanted wanted) {
  std::filesystem::create_directories(folder.path("reports"));
  std::ifstream points(kBaselines + "/points");
  int count = 0;
  for (std::string line; std::getline(points, line);) {
    const std::size_t colon = line.find(':');
    if (line.empty() || line[0] == '#' || !wanted(line.substr(0, colon))) continue;
    const std::string report = folder.path("reports/" + line.substr(0, colon) + ".json");
    const Outcome run =
        run_program("run" + line.substr(colon + 1) + " --report '" + report + "'", folder);
    EXPECT_EQ(run.exit_code, 0) << line << '\n' << run.err;
    ++count;
  }
  return count;
}

TEST(Baselines, EveryFigureIsAsStored) {
  const ScratchFolder folder;
  EXPECT_GE(run_points(folder, [](const std::string&) { return true; }), 13);
  const Outcome compared = run_program(
      "compare '" + kBaselines + "' '" + folder.path("reports") + "'" + kTolerances, folder);
  EXPECT_EQ(compared.exit_code, 0) << compared.out << compared.err;
}

TEST(Baselines, ACycleMoreInOneKernelIsFoundAndNamed) {
  const ScratchFolder folder;
  ASSERT_EQ(run_points(folder, [](const std::string& name) { return name == "tiny"; }), 1);
  std::string baseline = read_file(kBaselines + "/tiny.json");
  const std::size_t kernel = baseline.find("\"name\":\"layer1.experts.0.fc1\"");
  ASSERT_NE(kernel, std::string::npos);
  const std::string key = "\"cycles\":";
  const std::size_t digits = baseline.find(key, kernel) + key.size();
  const std::size_t end = baseline.find(',', digits);
  const long cycles = std::stol(baseline.substr(digits, end - digits));
  baseline.replace(digits, end - digits, std::to_string(cycles + 1));
  folder.write("baselines/tiny.json", baseline);

  const Outcome compared =
      run_program("compare '" + folder.path("baselines") + "' '" + folder.path("reports") + "'" +
                      kTolerances + " --junit '" + folder.path("junit.xml") + "'",
                  folder);
  EXPECT_EQ(compared.exit_code, 1) << compared.out << compared.err;
  EXPECT_THAT(compared.out, HasSubstr("tiny.json: 1 of "));
  EXPECT_THAT(compared.out, HasSubstr("first diverging kernel: first: layer1.experts.0.fc1"));
  EXPECT_THAT(compared.out, HasSubstr(std::to_string(cycles + 1)));
  EXPECT_THAT(read_file(folder.path("junit.xml")), HasSubstr("failures=\"1\""));
}

}  // namespace
}  // namespace m3sim::test
