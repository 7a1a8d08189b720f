// One HTML page with a run's or a sweep's results, drawn by D3; it needs nothing beside itself.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace m3sim::explore {

/// What the page shows of a report: `report` without what it does not draw, and with what it
/// derives: MACs and bytes of kernels, waits of ports, roofs, break-even queue. Throws
/// nlohmann::json::exception where `report` is no report.
nlohmann::ordered_json page_detail(const nlohmann::ordered_json& report);

/// The page's data. `sensitivity`: measured steps of keys (sensitivity.hpp), or an empty array.
nlohmann::ordered_json page_of_report(const nlohmann::ordered_json& report,
                                      const nlohmann::ordered_json& sensitivity);

/// The page's data of a store; at most `details` points (of the front, then the fastest) with
/// all their kernels. Throws
/// InputError where the store cannot be used or holds no finished point.
nlohmann::ordered_json page_of_store(const std::string& store, std::size_t details = 12);

/// The page. Equal data make equal bytes.
std::string page_html(const nlohmann::ordered_json& data);

}  // namespace m3sim::explore
