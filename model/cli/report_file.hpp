#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "model/config/error.hpp"

namespace m3sim::cli {

/// A report of `m3sim run`. Throws InputError where the file is none, or one of another schema.
nlohmann::ordered_json read_report(const std::string& file);

/// use(report); a report that lacks what is used is an InputError, too.
template <class Use>
auto with_report(const std::string& file, Use&& use) {
  const nlohmann::ordered_json report = read_report(file);
  try {
    return use(report);
  } catch (const nlohmann::json::exception& error) {
    throw InputError(file, std::string("not a whole report of m3sim run: ") + error.what());
  }
}

}  // namespace m3sim::cli
