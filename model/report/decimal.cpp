#include "model/report/decimal.hpp"

#include <charconv>

namespace m3sim::report {
namespace {

constexpr std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

}  // namespace

std::int64_t Ratio::scaled(int decimals) const {
  if (denominator == 0) return 0;
  return static_cast<std::int64_t>((numerator * power_of_ten(decimals) * 2 + denominator) /
                                   (denominator * 2));
}

std::string Ratio::text(int decimals) const {
  const std::int64_t unit = power_of_ten(decimals);
  const std::int64_t rounded = scaled(decimals);
  std::string text = grouped(rounded / unit);
  if (decimals > 0) {
    const std::string fraction = std::to_string(rounded % unit);
    text += "." + std::string(static_cast<std::size_t>(decimals) - fraction.size(), '0') + fraction;
  }
  return text;
}

double Ratio::value(int decimals) const {
  return static_cast<double>(scaled(decimals)) / static_cast<double>(power_of_ten(decimals));
}

std::string grouped(std::int64_t value) {
  std::string digits = std::to_string(value);
  const std::size_t first = digits.front() == '-' ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string three_digits(double value) {
  if (value == 0) return "0";
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, 2);
  return {text, end.ptr};
}

}  // namespace m3sim::report
