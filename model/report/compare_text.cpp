#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "model/report/compare.hpp"
#include "model/report/decimal.hpp"
#include "model/report/text_table.hpp"

namespace m3sim::report {
namespace {

std::string percent(const std::optional<double>& relative) {
  if (!relative) return "";
  char text[32];
  std::snprintf(text, sizeof text, "%+.3g %%", *relative * 100);
  return text;
}

std::string summary(const ComparedFile& file) {
  if (!file.failure.empty()) return file.failure;
  const auto count = [](std::size_t n) { return grouped(static_cast<std::int64_t>(n)); };
  const Comparison& c = file.comparison;
  if (c.differences.empty()) return count(c.figures) + " figures equal or within tolerance";
  return count(c.differences.size()) + " of " + count(c.figures) + " figures differ" +
         (c.first_kernel.empty() ? "" : "; first diverging kernel: " + c.first_kernel);
}

std::string difference_table(const Comparison& comparison, std::size_t shown) {
  if (comparison.differences.empty()) return {};
  TextTable table({{"figure", TextTable::Align::kLeft}, {"old"}, {"new"}, {"change"}});
  for (std::size_t i = 0; i < comparison.differences.size() && i < shown; ++i) {
    const Difference& d = comparison.differences[i];
    table.add({d.path, d.before, d.after, percent(d.relative)});
  }
  std::string text = table.text();
  if (comparison.differences.size() > shown) {
    text += "  and " + std::to_string(comparison.differences.size() - shown) + " more\n";
  }
  return text;
}

/// For XML's text and attributes; control characters, which XML cannot hold, become spaces.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      default: result += static_cast<unsigned char>(c) < ' ' && c != '\n' ? ' ' : c;
    }
  }
  return result;
}

}  // namespace

std::string table_text(const ComparedFile& file, std::size_t shown) {
  return file.name + ": " + summary(file) + "\n" + difference_table(file.comparison, shown);
}

std::string junit_text(const std::vector<ComparedFile>& files, std::size_t shown) {
  std::size_t failures = 0;
  for (const ComparedFile& file : files) failures += file.passed() ? 0 : 1;
  std::ostringstream out;
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"m3sim compare\" tests=\""
      << files.size() << "\" failures=\"" << failures << "\">\n";
  for (const ComparedFile& file : files) {
    out << " <testcase classname=\"m3sim.compare\" name=\"" << escaped(file.name) << '"';
    if (file.passed()) {
      out << "/>\n";
      continue;
    }
    out << ">\n  <failure message=\"" << escaped(summary(file)) << "\">"
        << escaped(difference_table(file.comparison, shown)) << "</failure>\n </testcase>\n";
  }
  out << "</testsuite>\n";
  return std::move(out).str();
}

}  // namespace m3sim::report
