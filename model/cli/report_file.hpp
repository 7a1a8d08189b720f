#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "model/config/error.hpp"
#include "model/report/compare.hpp"

namespace m3sim::cli {

/// use(report) of a report.json. Throws InputError for a file that is none, and for one that lacks
/// what is used.
template <class Use>
auto with_report(const std::string& file, Use&& use) {
  const nlohmann::ordered_json report = report::read_report(file);
  try {
    return use(report);
  } catch (const nlohmann::json::exception& error) {
    throw InputError(file, std::string("is no whole report of m3sim run: ") + error.what());
  }
}

}  // namespace m3sim::cli
