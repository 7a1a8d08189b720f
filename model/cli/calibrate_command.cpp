#include <iostream>

#include "model/accelerator/accelerator.hpp"
#include "model/cli/command_registry.hpp"
#include "model/cli/options.hpp"
#include "model/cost/calibration.hpp"
#include "model/network/file.hpp"
#include "model/report/decimal.hpp"
#include "model/report/report.hpp"

namespace m3sim::cli {
namespace {

namespace po = boost::program_options;
using report::Ratio;

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> words;
  std::string rest = list + ",";
  for (std::size_t comma; (comma = rest.find(',')) != std::string::npos; rest.erase(0, comma + 1))
    words.push_back(rest.substr(0, comma));
  return words;
}

std::vector<cost::Component> groups_of(const std::string& list) {
  std::vector<cost::Component> groups;
  for (const std::string& word : split(list)) {
    const auto found =
        std::find(cost::kComponentNames.begin(), cost::kComponentNames.end(), word);
    if (found == cost::kComponentNames.end())
      throw UsageError("--groups " + list + ": " + word + " is no group of an energy table");
    groups.push_back(static_cast<cost::Component>(found - cost::kComponentNames.begin()));
  }
  return groups;
}

/// Every task of the network once, time alone.
RunRecord simulate(const Config& config, const std::string& routing) {
  RunRequest request;
  request.config = &config.values;
  request.data = false;
  request.routing = make_routing(routing, config.values.network);
  for (std::size_t t = 0; t < config.values.network.tasks.size(); ++t)
    request.tasks.push_back(static_cast<int>(t));
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  Accelerator accelerator("accelerator", request);
  return accelerator.run();
}

std::vector<cost::ImageUse> uses_of(const RunRecord& run) {
  std::vector<cost::ImageUse> images;
  for (const TaskRecord& task : run.tasks) {
    cost::ImageUse use{{}, report::dram_use(task.dram), task.end - task.start};
    for (const KernelRecord& kernel : task.kernels) use.activity += kernel.activity;
    images.push_back(use);
  }
  return images;
}

std::string mj(std::int64_t fj) { return report::millijoules(fj).text(6); }

std::string summary(const cost::Calibration& fit, const Options& options,
                    const std::string& table) {
  std::string beyond;
  for (const std::string& row : fit.beyond_band) beyond += (beyond.empty() ? "" : ", ") + row;
  const Ratio scale{fit.scale_ppm, 1'000'000};
  return "Fit of " + table + ": groups " + options.get<std::string>("groups") + " x " +
         scale.text(6) + "\nmeasured: " + std::to_string(options.get<std::int64_t>("milliwatts")) +
         " mW; " + options.get<std::string>("measurement") + "\nof the simulated images " +
         mj(fit.measured_fj) + " mJ; by the table before " + mj(fit.before_fj) +
         " mJ, of which not scaled " + mj(fit.fixed_fj) + " mJ; after " + mj(fit.after_fj) +
         " mJ, residual " + mj(fit.residual_fj()) +
         " mJ\nThe total is true by construction: one measurement fixed one scale.\n" +
         (beyond.empty() ? std::string("Every scaled value lies in its row's band.\n")
                         : "Beyond their own band after scaling: " + beyond +
                               ": the table lacks consumers that the measurement holds.\n");
}

std::string commented(const std::string& text) {
  std::string lines = "# ";
  for (const char c : text) {
    lines += c;
    if (c == '\n') lines += "# ";
  }
  lines.resize(lines.size() - 2);
  return lines;
}

ExitCode run(const Arguments& arguments) {
  Options options("calibrate", "fit an energy table to a measured power", "[OPTIONS]");
  options.add_config().add()("milliwatts", po::value<std::int64_t>()->required(),
                             "measured mean power while the images run")(
      "measurement", po::value<std::string>()->required(), "where the measurement is from")(
      "groups",
      po::value<std::string>()->default_value("compute,onchip_memory,streams,interconnect,clock"),
      "groups of the table that are scaled")(
      "routing", po::value<std::string>()->default_value("uniform"),
      "uniform, zipf:S, all-to-one, or a routing trace")(
      "output", po::value<std::string>()->required(), "the calibrated table, a CSV file");
  if (!options.read(arguments)) return ExitCode::kDone;
  const auto groups = groups_of(options.get<std::string>("groups"));
  const Config config = load_config(options.config_sources());
  const auto table = cost::EnergyTable::read(config.values.energy.table);
  const RunRecord run = simulate(config, options.get<std::string>("routing"));
  const cost::Calibration fit = cost::calibrate(
      table, uses_of(run), run.clock_hz, options.get<std::int64_t>("milliwatts"), groups,
      options.get<std::string>("measurement"));
  const std::string text = summary(fit, options, table.name());
  write_file(options.get<std::string>("output"), commented(text) + fit.table.text());
  std::cout << text;
  return ExitCode::kDone;
}

const RegisterCommand kCalibrate({"calibrate", "fit an energy table to a measured power", run});

}  // namespace
}  // namespace m3sim::cli
