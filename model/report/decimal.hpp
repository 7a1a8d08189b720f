// Exact quotients in print: rounded from integers, so that output is the same on any machine.
#pragma once

#include <cstdint>
#include <string>

namespace m3sim::report {

__extension__ using Wide = __int128;

/// numerator / denominator; a denominator of 0 makes 0. Neither is negative.
struct Ratio {
  Wide numerator = 0;
  Wide denominator = 1;

  /// Rounded half up to `decimals` places, as an integer of that unit.
  std::int64_t scaled(int decimals) const;
  /// "12.346"; thousands are set off by commas.
  std::string text(int decimals) const;
  /// The rounded value, for JSON: the double nearest to the decimal, which prints as that decimal.
  double value(int decimals = 6) const;
};

/// "1,234,567".
std::string grouped(std::int64_t value);

/// Three significant digits: "7.00e-03"; 0 is "0".
std::string three_digits(double value);

}  // namespace m3sim::report
