#include "model/cli/report_file.hpp"

#include "model/network/file.hpp"

namespace m3sim::cli {

using Json = nlohmann::ordered_json;

bool is_store(const std::string& file) { return read_file(file).rfind("SQLite format 3", 0) == 0; }

Json read_report(const std::string& file) {
  constexpr const char* kSchema = "m3sim.report/1";
  const Json report = Json::parse(read_file(file), nullptr, false);
  if (report.is_discarded() || !report.is_object() || !report.contains("schema") ||
      !report["schema"].is_string())
    throw InputError(file, "neither a report of m3sim run nor a store of m3sim sweep");
  const std::string schema = report["schema"];
  if (schema != kSchema)
    throw InputError(file, "is of schema " + schema + "; this program reads " + kSchema);
  return report;
}

}  // namespace m3sim::cli
