// The files of page/ and D3, put into the program when it is built.
#pragma once

#include <string_view>

namespace m3sim::explore {

/// A file's contents by its name ("page.css", "d3.min.js"). Throws std::out_of_range.
std::string_view page_asset(std::string_view name);

}  // namespace m3sim::explore
