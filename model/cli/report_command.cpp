#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "model/cli/command_registry.hpp"
#include "model/cli/options.hpp"
#include "model/cli/report_file.hpp"
#include "model/explore/page.hpp"
#include "model/explore/store_reader.hpp"
#include "model/network/file.hpp"

namespace m3sim::cli {
namespace {

namespace po = boost::program_options;
using Json = nlohmann::ordered_json;

ExitCode report_command(const Arguments& arguments) {
  Options options("report", "draw a run's report or a sweep's store as one HTML page",
                  "STORE|REPORT.json --html FILE");
  options.add()("html", po::value<std::string>()->value_name("FILE"), "the page; it works offline")(
      "input", po::value<std::string>(), "a report.json, or a store of m3sim sweep");
  options.positional("input", 1);
  if (!options.read(arguments)) return ExitCode::kDone;
  const auto input = options.find<std::string>("input");
  const auto html = options.find<std::string>("html");
  if (!input) throw UsageError("m3sim report: needs a store or a report.json");
  if (!html) throw UsageError("m3sim report: needs --html FILE");
  const Json data = explore::StoreReader::is_store(*input)
                        ? explore::page_of_store(*input)
                        : with_report(*input, [](const Json& report) {
                            return explore::page_of_report(report, Json::array());
                          });
  const std::string page = explore::page_html(data);
  write_file(*html, page);
  std::cout << *html << ": " << (page.size() + 512) / 1024 << " KiB\n";
  return ExitCode::kDone;
}

const RegisterCommand kReport({"report", "draw results as one HTML page that works offline",
                               report_command});

}  // namespace
}  // namespace m3sim::cli
