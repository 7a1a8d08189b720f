#include "tlm/trace_replay.hpp"

#include <algorithm>
#include <functional>
#include <queue>

#include "tlm/ddr_controller.hpp"

namespace m3sim::tlm_mem {
namespace {

/// Sends requests one after the other; knows what is under way.
class Replayer {
 public:
  Replayer(const DdrConfig& config, const ReplayOptions& options, std::size_t requests)
      : controller_(config), window_(options.window), under_way_(requests) {
    controller_.record_commands(options.commands);
  }

  int line_bytes() const { return controller_.addresses().line_bytes(); }

  /// Offers one line as soon as the rules let it, not before `earliest`.
  void send(const DdrRequest& line, Cycle earliest) {
    Cycle now = std::max(earliest, next_offer_);
    if (window_ > 0 && line.direction == Direction::kRead) now = wait_for_window(now);
    for (;;) {
      const Offer offer = controller_.offer(line, now);
      if (offer != Offer::kRefused) break;
      do {
        now = controller_.next_event();
        controller_.advance_to(now);
      } while (!controller_.may_accept(line.address, line.direction));
    }
    next_offer_ = now + 1;
    if (line.direction == Direction::kRead) {
      Request& request = under_way_[line.id];
      if (request.accepted < 0) request.accepted = now;
      ++outstanding_;
    }
    collect();
  }

  /// Announces how many lines a read consists of before the first is sent.
  void expect(std::size_t id, std::uint32_t lines) { under_way_[id].lines = lines; }

  /// Lets everything finish and counts.
  void finish(ReplayResult& result) {
    while (!controller_.idle()) {
      controller_.advance_to(controller_.next_event());
      collect();
    }
    const Cycle end = std::max(data_end_, controller_.stats(0).data_end);
    controller_.advance_to(end);
    result.total_cycles = end;
    result.stats = controller_.stats(end);
    result.latency = std::move(latency_);
  }

 private:
  struct Request {
    Cycle accepted = -1;
    Cycle last_data = 0;
    std::uint32_t lines = 1;
  };

  Cycle wait_for_window(Cycle now) {
    for (;;) {
      controller_.advance_to(now);
      collect();
      while (!arrivals_.empty() && arrivals_.top() <= now) {
        arrivals_.pop();
        --outstanding_;
      }
      if (outstanding_ < window_) return now;
      now = arrivals_.empty() ? controller_.next_event() : arrivals_.top();
    }
  }

  void collect() {
    for (const DdrCompletion& done : controller_.completions()) {
      if (window_ > 0) arrivals_.push(done.cycle);
      Request& request = under_way_[done.id];
      request.last_data = std::max(request.last_data, done.cycle);
      data_end_ = std::max(data_end_, done.cycle);
      if (--request.lines == 0) latency_.add(request.last_data - request.accepted);
    }
    controller_.completions().clear();
  }

  DdrController controller_;
  const int window_;
  std::vector<Request> under_way_;
  Cycle next_offer_ = 0;
  Cycle data_end_ = 0;
  int outstanding_ = 0;
  std::priority_queue<Cycle, std::vector<Cycle>, std::greater<>> arrivals_;
  LatencyHistogram latency_;
};

/// The 32-byte sectors of a line that an access touches, as a mask.
std::uint8_t sector_mask(std::uint64_t begin, std::uint64_t end) {
  constexpr std::uint64_t kSector = 32;
  unsigned mask = 0;
  for (std::uint64_t s = begin / kSector; s * kSector < end && s < 8; ++s) mask |= 1u << s;
  return static_cast<std::uint8_t>(mask);
}

}  // namespace

void LatencyHistogram::add(Cycle latency) {
  const auto i = static_cast<std::size_t>(latency);
  if (i >= counts_.size()) counts_.resize(i + 1);
  ++counts_[i];
  ++count_;
  sum_ += static_cast<std::uint64_t>(latency);
}

double LatencyHistogram::mean() const {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

Cycle LatencyHistogram::min() const {
  const auto first = std::find_if(counts_.begin(), counts_.end(), [](auto n) { return n != 0; });
  return first == counts_.end() ? 0 : first - counts_.begin();
}

Cycle LatencyHistogram::percentile(double share) const {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (static_cast<double>(seen) >= share * static_cast<double>(count_)) {
      return static_cast<Cycle>(i);
    }
  }
  return 0;
}

ReplayResult replay(const DdrConfig& config, const std::vector<TraceRequest>& trace,
                    const ReplayOptions& options) {
  const timing::Clock clock(config.clock_hz);
  Replayer replayer(config, options, trace.size());
  ReplayResult result;
  const auto line_bytes = static_cast<std::uint64_t>(replayer.line_bytes());
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const TraceRequest& r = trace[i];
    const Cycle earliest =
        options.times_in_ns ? clock.first_edge_at_or_after(r.time * 1000) : r.time;
    const std::uint64_t end = r.address + r.bytes;
    const std::uint64_t first = r.address / line_bytes, last = (end - 1) / line_bytes;
    if (r.direction == Direction::kRead) {
      replayer.expect(i, static_cast<std::uint32_t>(last - first + 1));
    }
    for (std::uint64_t line = first; line <= last; ++line) {
      const std::uint64_t base = line * line_bytes;
      replayer.send(
          {i, base, r.direction,
           sector_mask(std::max(r.address, base) - base, std::min(end, base + line_bytes) - base)},
          earliest);
    }
    ++(r.direction == Direction::kRead ? result.reads : result.writes);
    result.bytes += r.bytes;
  }
  replayer.finish(result);
  return result;
}

TraceLimits trace_limits(const DdrConfig& config) {
  const DdrAddressDecoder addresses(config);
  constexpr std::int64_t kLatestTime = 1'000'000'000'000'000;
  return {addresses.capacity_bytes(), static_cast<std::uint32_t>(addresses.line_bytes()),
          kLatestTime};
}

}  // namespace m3sim::tlm_mem
