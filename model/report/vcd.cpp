#include <algorithm>
#include <bitset>
#include <cctype>
#include <map>
#include <tuple>

#include "model/report/trace.hpp"

namespace m3sim::report {
namespace {

using timing::Cycle;

constexpr const char* kNone = "-";

/// A variable's code: printable characters from '!' on.
std::string code(std::size_t number) {
  std::string text;
  do {
    text += static_cast<char>('!' + number % 94);
    number /= 94;
  } while (number > 0);
  return text;
}

/// A name that a viewer takes as one word.
std::string word(const std::string& name) {
  std::string text = name;
  for (char& c : text)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') c = '_';
  return text;
}

class Writer {
 public:
  std::size_t text_variable(const std::string& scope, const std::string& name,
                            const std::string& initial) {
    return add(scope, "$var string 1 ", name, "s" + initial + ' ');
  }
  std::size_t number_variable(const std::string& scope, const std::string& name, int most) {
    int bits = 1;
    while (most >> bits != 0) ++bits;
    return add(scope, "$var wire " + std::to_string(bits) + ' ', name, "b0 ");
  }
  void text(std::size_t variable, Cycle at, const std::string& value) {
    changes_.emplace_back(at, variable, changes_.size(), "s" + word(value) + ' ');
  }
  void number(std::size_t variable, Cycle at, std::int64_t value) {
    std::string digits = std::bitset<32>(static_cast<std::uint64_t>(value)).to_string();
    digits.erase(0, std::min(digits.find('1'), digits.size() - 1));
    changes_.emplace_back(at, variable, changes_.size(), "b" + digits + ' ');
  }

  std::string finish(std::int64_t hz, Cycle start, Cycle end) {
    std::string text = "$version m3sim $end\n$timescale 1 ps $end\n$scope module m3sim $end\n";
    for (const auto& [scope, declarations] : scopes_)
      text += "$scope module " + word(scope) + " $end\n" + declarations + "$upscope $end\n";
    text += "$upscope $end\n$enddefinitions $end\n";
    const timing::Clock clock(hz);
    text += '#' + std::to_string(clock.edge_ps(start)) + "\n$dumpvars\n";
    for (std::size_t v = 0; v < values_.size(); ++v) text += values_[v] + code(v) + '\n';
    text += "$end\n";
    std::sort(changes_.begin(), changes_.end());
    Cycle now = start;
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      const auto& [at, variable, order, value] = changes_[i];
      // The last change of a variable in a cycle counts.
      if (i + 1 < changes_.size() && std::get<0>(changes_[i + 1]) == at &&
          std::get<1>(changes_[i + 1]) == variable)
        continue;
      if (value == values_[variable]) continue;
      values_[variable] = value;
      if (at != now) text += '#' + std::to_string(clock.edge_ps(at)) + '\n';
      now = at;
      text += value + code(variable) + '\n';
    }
    if (end != now) text += '#' + std::to_string(clock.edge_ps(end)) + '\n';
    return text;
  }

 private:
  std::size_t add(const std::string& scope, const std::string& type, const std::string& name,
                  const std::string& initial) {
    const std::size_t number = values_.size();
    values_.push_back(initial);
    scopes_[scope] += type + code(number) + ' ' + word(name) + " $end\n";
    return number;
  }
  std::map<std::string, std::string> scopes_;
  std::vector<std::string> values_;  ///< by variable: its value so far
  std::vector<std::tuple<Cycle, std::size_t, std::size_t, std::string>> changes_;
};

void kernels(const TraceRecord& record, Writer& out) {
  std::map<std::string, std::size_t> variables;
  for (const KernelSpan& kernel : record.kernels) {
    if (variables.find(kernel.engine) == variables.end())
      variables[kernel.engine] = out.text_variable(kernel.engine, "kernel", kNone);
    out.text(variables[kernel.engine], kernel.start, kernel.name);
    out.text(variables[kernel.engine], kernel.end, kNone);
  }
}

void banks(const TraceRecord& record, Writer& out) {
  std::vector<std::pair<std::size_t, std::size_t>> variables;
  for (int b = 0; b < record.banks; ++b) {
    const std::string name = "bank" + std::to_string(b);
    variables.emplace_back(out.text_variable("weight_banks", name + "_state", "empty"),
                           out.text_variable("weight_banks", name + "_owner", kNone));
  }
  std::vector<BankUse> uses = record.bank_uses;
  std::stable_sort(uses.begin(), uses.end(),
                   [](const BankUse& a, const BankUse& b) { return a.start < b.start; });
  for (const BankUse& use : uses) {
    const auto& [state, owner] = variables[static_cast<std::size_t>(use.bank)];
    out.text(state, use.start, use.fills ? "filled" : "used");
    out.text(state, use.end, "held");
    if (use.fills) out.text(owner, use.start, use.kernel);
  }
}

}  // namespace

std::string vcd_text(const TraceRecord& record) {
  Writer out;
  kernels(record, out);
  const auto name_of = [](timing::Cause cause) {
    return std::string(timing::kCauseNames[static_cast<std::size_t>(cause)]);
  };
  const std::string idle = name_of(timing::Cause::kIdle);
  for (const ProcessTrack& track : record.processes) {
    const std::size_t variable = out.text_variable(track.engine, track.name + "_state", idle);
    for (const StateRun& run : track.states) {
      out.text(variable, run.start, name_of(run.cause));
      out.text(variable, run.end, idle);
    }
  }
  for (const StreamTrack& track : record.streams) {
    const std::size_t variable =
        out.number_variable(track.engine, track.name + "_fill", track.depth);
    for (const CounterPoint& point : track.fill)
      out.number(variable, point.at, (point.value + 50) / 100);
  }
  banks(record, out);
  return out.finish(record.clock_hz, record.start, record.end);
}

}  // namespace m3sim::report
