// hls_results FILE --configuration NAME --shapes shapes.hpp --tool NAME --version V, and
//   --log FILE                     a row for every top that a bench's output names
//   --kernel TOP --bits-equal yes|no
//                                  a row of a synthesis or co-simulation
//   [--cycles N] [--dsp N] [--lut N] [--ff N] [--bram18 N]
//                                  what the tool said besides
// Replaces the rows of the same kernel, configuration and tool. Figures that are not given are null.
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "tests/hls/sources_hash.hpp"

namespace m3sim::hls_test {
namespace {

using Json = nlohmann::ordered_json;
using Options = std::map<std::string, std::string>;

std::string slurp(const std::string& file) {
  std::ifstream from(file);
  if (!from) throw std::runtime_error(file + ": cannot be read");
  std::stringstream text;
  text << from.rdbuf();
  return text.str();
}

Json parameters(const std::string& header) {
  Json values = Json::object();
  static const std::regex kConstant("constexpr (int|bool) k(\\w+) = (\\w+);");
  for (std::sregex_iterator m(header.begin(), header.end(), kConstant), end; m != end; ++m) {
    const std::string text = (*m)[3];
    values[(*m)[2].str()] =
        text == "true" || text == "false" ? Json(text == "true") : Json(std::stoi(text));
  }
  return values;
}

Json row(const Options& options, const std::string& kernel, bool bits_equal) {
  const auto figure = [&](const char* name) {
    const auto found = options.find(name);
    return found == options.end() ? Json() : Json(std::stoll(found->second));
  };
  Json r;
  r["kernel"] = kernel;
  r["configuration"] = options.at("--configuration");
  r["tool"] = options.at("--tool");
  r["version"] = options.at("--version");
  r["sources"] = sources_hash(M3SIM_SOURCE_DIR, kernel);
  r["bits_equal"] = bits_equal;
  r["cycles"] = figure("--cycles");
  Json area = Json::object();
  for (const char* unit : {"dsp", "lut", "ff", "bram18"}) {
    const Json value = figure((std::string("--") + unit).c_str());
    if (!value.is_null()) area[unit] = value;
  }
  r["area"] = area.empty() ? Json() : area;
  return r;
}

std::vector<Json> new_rows(const Options& options) {
  std::vector<Json> rows;
  if (const auto log = options.find("--log"); log != options.end()) {
    static const std::regex kLine(
        "^(\\w+): (PASS|FAIL), (\\d+) calls, (\\d+) operations, (\\d+) lanes");
    std::istringstream text(slurp(log->second));
    for (std::string line; std::getline(text, line);) {
      std::smatch m;
      if (!std::regex_search(line, m, kLine)) continue;
      Json r = row(options, m[1], m[2] == "PASS");
      r["calls"] = std::stoll(m[3]);
      r["operations_equal"] = std::stoll(m[4]);
      r["lanes_equal"] = std::stoll(m[5]);
      rows.push_back(r);
    }
    if (rows.empty()) throw std::runtime_error(log->second + ": names no top");
  } else {
    rows.push_back(row(options, options.at("--kernel"), options.at("--bits-equal") == "yes"));
  }
  return rows;
}

void update(const std::string& file, const Options& options) {
  Json document = {{"schema", "m3sim.hls_results/1"},
                   {"configurations", Json::object()},
                   {"results", Json::array()}};
  if (std::ifstream(file).good()) document = Json::parse(slurp(file));
  document["configurations"][options.at("--configuration")] =
      parameters(slurp(options.at("--shapes")));
  const auto key = [](const Json& r) {
    return r.at("kernel").get<std::string>() + " " + r.at("configuration").get<std::string>() +
           " " + r.at("tool").get<std::string>();
  };
  std::map<std::string, Json> rows;
  for (const Json& r : document["results"]) rows[key(r)] = r;
  for (const Json& r : new_rows(options)) rows[key(r)] = r;
  // A row a line, so that a change reads as one.
  std::ostringstream text;
  text << "{\n  \"schema\": " << document["schema"] << ",\n  \"configurations\": {";
  const char* separator = "\n";
  for (const auto& [name, values] : document["configurations"].items()) {
    text << separator << "    " << Json(name) << ": " << values;
    separator = ",\n";
  }
  text << "\n  },\n  \"results\": [";
  separator = "\n";
  for (const auto& [unused, r] : rows) {
    text << separator << "    " << r;
    separator = ",\n";
  }
  text << "\n  ]\n}\n";
  std::ofstream(file) << text.str();
}

}  // namespace
}  // namespace m3sim::hls_test

int main(int count, char** words) {
  try {
    if (count < 2 || count % 2 != 0) throw std::runtime_error("usage: see the head of results.cpp");
    m3sim::hls_test::Options options;
    for (int i = 2; i + 1 < count; i += 2) options[words[i]] = words[i + 1];
    m3sim::hls_test::update(words[1], options);
    return 0;
  } catch (const std::out_of_range&) {
    std::cerr << "hls_results: an option is missing: see the head of results.cpp\n";
  } catch (const std::exception& error) {
    std::cerr << "hls_results: " << error.what() << "\n";
  }
  return 2;
}
