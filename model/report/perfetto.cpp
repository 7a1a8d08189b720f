#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "model/report/trace.hpp"

namespace m3sim::report {
namespace {

using timing::Clock;
using timing::Cycle;

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

/// A number with `digits` decimals, from a whole number of its last digit.
std::string decimal(std::int64_t value, int digits) {
  std::int64_t unit = 1;
  for (int i = 0; i < digits; ++i) unit *= 10;
  std::string text = std::to_string(value / unit);
  std::string rest = std::to_string(unit + value % unit).substr(1);
  while (!rest.empty() && rest.back() == '0') rest.pop_back();
  return rest.empty() ? text : text + '.' + rest;
}

class Writer {
 public:
  explicit Writer(std::int64_t hz) : clock_(hz) {}

  int group(const std::string& name) {
    const auto [place, added] = groups_.emplace(name, static_cast<int>(groups_.size()) + 1);
    if (added) {
      const std::string pid = std::to_string(place->second);
      event(R"("ph":"M","pid":)" + pid + R"(,"name":"process_name","args":{"name":)" +
            quoted(name) + "}");
      event(R"("ph":"M","pid":)" + pid + R"(,"name":"process_sort_index","args":{"sort_index":)" +
            pid + "}");
    }
    return place->second;
  }
  /// A row of slices. Returns what its slices begin with.
  std::string row(int group, const std::string& name) {
    const int number = ++rows_[group];
    const std::string ids =
        "\"pid\":" + std::to_string(group) + ",\"tid\":" + std::to_string(number);
    event("\"ph\":\"M\"," + ids + R"(,"name":"thread_name","args":{"name":)" + quoted(name) + "}");
    event("\"ph\":\"M\"," + ids + R"(,"name":"thread_sort_index","args":{"sort_index":)" +
          std::to_string(number) + "}");
    return "\"ph\":\"X\"," + ids;
  }
  void slice(const std::string& row, const std::string& name, Cycle start, Cycle end,
             const std::string& arguments = "") {
    const std::int64_t from = clock_.edge_ps(start);
    event(row + ",\"ts\":" + decimal(from, 6) +
          ",\"dur\":" + decimal(clock_.edge_ps(end) - from, 6) + ",\"name\":" + quoted(name) +
          (arguments.empty() ? "" : ",\"args\":{" + arguments + "}"));
  }
  void counter(int group, const std::string& name, Cycle at, const std::string& unit,
               const std::string& value) {
    event("\"ph\":\"C\",\"pid\":" + std::to_string(group) +
          ",\"ts\":" + decimal(clock_.edge_ps(at), 6) + ",\"name\":" + quoted(name) +
          ",\"args\":{\"" + unit + "\":" + value + "}");
  }
  std::string finish(const std::string& about) {
    return "{\"displayTimeUnit\":\"ns\",\"otherData\":{" + about + "},\"traceEvents\":[\n" + text_ +
           "\n]}\n";
  }

 private:
  void event(const std::string& fields) {
    if (!text_.empty()) text_ += ",\n";
    text_ += '{' + fields + '}';
  }
  Clock clock_;
  std::map<std::string, int> groups_;
  std::map<int, int> rows_;
  std::string text_;
};

void experts(const TraceRecord& record, Writer& out) {
  struct Span {
    Cycle start = timing::kNever, end = 0;
    int tokens = 0;
  };
  std::map<Cycle, std::pair<std::string, Span>> by_start;
  std::map<std::string, Span> spans;
  for (const KernelSpan& kernel : record.kernels) {
    if (kernel.expert < 0 || kernel.is_load) continue;
    Span& span = spans[kernel.task + " layer " + std::to_string(kernel.layer) + " expert " +
                       std::to_string(kernel.expert)];
    span.start = std::min(span.start, kernel.start);
    span.end = std::max(span.end, kernel.end);
    span.tokens = kernel.tokens;
  }
  if (spans.empty()) return;
  for (const auto& [name, span] : spans) by_start[span.start] = {name, span};
  const std::string row = out.row(out.group("experts"), "computing");
  for (const auto& [start, entry] : by_start)
    out.slice(row, entry.first, start, entry.second.end,
              "\"tokens\":" + std::to_string(entry.second.tokens));
}

void kernels(const TraceRecord& record, Writer& out) {
  std::map<std::string, std::string> rows;
  for (const KernelSpan& kernel : record.kernels) {
    std::string& row = rows[kernel.engine];
    if (row.empty()) row = out.row(out.group(kernel.engine), "kernels");
    std::string arguments = "\"cycles\":" + std::to_string(kernel.end - kernel.start) +
                            ",\"bytes_read\":" + std::to_string(kernel.bytes_read) +
                            ",\"bytes_written\":" + std::to_string(kernel.bytes_written);
    if (!kernel.task.empty()) arguments += ",\"task\":" + quoted(kernel.task);
    if (kernel.expert >= 0) arguments += ",\"tokens\":" + std::to_string(kernel.tokens);
    out.slice(row, kernel.name, kernel.start, kernel.end, arguments);
  }
}

void banks(const TraceRecord& record, Writer& out) {
  std::map<int, std::string> rows;
  std::vector<BankUse> uses = record.bank_uses;
  std::stable_sort(uses.begin(), uses.end(), [](const BankUse& a, const BankUse& b) {
    return std::pair(a.bank, a.start) < std::pair(b.bank, b.start);
  });
  for (const BankUse& use : uses) {
    std::string& row = rows[use.bank];
    if (row.empty()) row = out.row(out.group("weight banks"), "bank " + std::to_string(use.bank));
    out.slice(row, (use.fills ? "fill " : "use ") + use.kernel, use.start, use.end);
  }
}

/// GB/s, of bytes in an interval.
std::string bandwidth(std::int64_t bytes, const TraceRecord& record) {
  return decimal(bytes * record.clock_hz / record.scale.resolution / 1'000'000, 3);
}

}  // namespace

std::string perfetto_text(const TraceRecord& record) {
  Writer out(record.clock_hz);
  kernels(record, out);
  for (const ProcessTrack& track : record.processes) {
    const std::string row = out.row(out.group(track.engine), track.name);
    for (const StateRun& run : track.states)
      out.slice(row, std::string(timing::kCauseNames[static_cast<std::size_t>(run.cause)]),
                run.start, run.end);
  }
  for (const StreamTrack& track : record.streams)
    for (const CounterPoint& point : track.fill)
      out.counter(out.group(track.engine), track.name + " of " + std::to_string(track.depth),
                  point.at, "items", decimal(point.value, 2));
  experts(record, out);
  banks(record, out);
  for (const TrafficTrack& track : record.traffic)
    for (const CounterPoint& point : track.bytes)
      out.counter(out.group("ports and DRAM"), track.name, point.at, "GB/s",
                  bandwidth(point.value, record));
  return out.finish("\"clock_hz\":" + std::to_string(record.clock_hz) +
                    ",\"resolution_cycles\":" + std::to_string(record.scale.resolution) +
                    ",\"first_cycle\":" + std::to_string(record.start) +
                    ",\"end_cycle\":" + std::to_string(record.end));
}

}  // namespace m3sim::report
