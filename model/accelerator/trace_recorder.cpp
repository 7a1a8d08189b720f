#include "model/accelerator/trace_recorder.hpp"

#include <algorithm>

namespace m3sim {

using timing::Cause;
using timing::Cycle;

namespace {

constexpr std::int64_t kHundredths = 100;

void append(std::vector<StateRun>& runs, const StateRun& run) {
  if (!runs.empty() && runs.back().end == run.start && runs.back().cause == run.cause)
    runs.back().end = run.end;
  else
    runs.push_back(run);
}

void append(std::vector<CounterPoint>& points, Cycle at, std::int64_t value) {
  if (value != (points.empty() ? 0 : points.back().value)) points.push_back({at, value});
}

/// What a process did most in an interval of `cycles`.
Cause dominant(const timing::CauseBuckets::Cell& cell, Cycle cycles) {
  Cause most = Cause::kIdle;
  Cycle best = cycles;
  for (std::size_t c = 0; c < timing::kCauseCount; ++c) best -= cell[c];
  for (std::size_t c = timing::kCauseCount; c-- > 0;) {
    if (cell[c] < best || cell[c] == 0) continue;
    best = cell[c];
    most = static_cast<Cause>(c);
  }
  return most;
}

}  // namespace

/// Counts a stream's items: how much it changed in each interval, and its mean within.
struct TraceRecorder::Fill final : timing::StreamListener {
  struct Cell {
    std::int64_t change = 0, area = 0;
  };
  timing::TraceScale scale;
  Cycle first = 0;  ///< number of the first interval kept
  std::int64_t before = 0;
  std::vector<Cell> cells;

  void on_write(Cycle cycle) override { count(cycle, 1); }
  void on_read(Cycle cycle) override { count(cycle, -1); }

  void count(Cycle cycle, int items) {
    if (cycle >= scale.until) return;
    cycle = std::max(cycle, scale.from);
    const Cycle number = cycle / scale.resolution;
    if (cells.empty()) first = std::max(first, number);
    if (number < first) {  // The other side ran ahead: intervals are kept until the region ends.
      cells.insert(cells.begin(), static_cast<std::size_t>(first - number), Cell{});
      first = number;
    }
    const auto i = static_cast<std::size_t>(number - first);
    if (i >= cells.size()) cells.resize(i + 1);
    cells[i].change += items;
    cells[i].area += items * ((number + 1) * scale.resolution - cycle);
  }
  /// Adds the intervals before number `end` to the track.
  void take_until(Cycle end, std::vector<CounterPoint>& points) {
    std::size_t taken = 0;
    for (; taken < cells.size() && first < end; ++taken, ++first) {
      const std::int64_t sum = before * scale.resolution + cells[taken].area;
      append(points, std::max(first * scale.resolution, scale.from),
             sum * kHundredths / scale.resolution);
      before += cells[taken].change;
    }
    cells.erase(cells.begin(), cells.begin() + static_cast<std::ptrdiff_t>(taken));
    if (cells.empty() && taken > 0) append(points, first * scale.resolution, before * kHundredths);
  }
};

struct TraceRecorder::Followed {
  EngineRegion* region = nullptr;
  bool recorded = false;  ///< the current run
  std::vector<std::unique_ptr<timing::CauseBuckets>> causes;
  std::vector<ProcessTrack> processes;
  std::vector<std::unique_ptr<Fill>> fills;
  std::vector<StreamTrack> streams;
};

/// Stands between a channel and the memory side and counts its words.
struct TraceRecorder::Tap final : timing::ChannelListener {
  const timing::MemoryChannel* channel = nullptr;
  timing::ChannelListener* memory = nullptr;
  Traffic* traffic = nullptr;
  timing::TraceScale scale;
  std::int64_t word_bytes = 0;
  bool recorded = false;

  void on_request(Cycle cycle) override { memory->on_request(cycle); }
  void on_word(Cycle cycle) override {
    if (recorded && cycle >= scale.from && cycle < scale.until)
      (*traffic)[cycle / scale.resolution] += word_bytes;
    memory->on_word(cycle);
  }
};

TraceRecorder::TraceRecorder(const TraceWindow& window, tlm_mem::MemoryTraceSink* next)
    : window_(window), next_sink_(next) {
  record_.scale = window.scale;
}

TraceRecorder::~TraceRecorder() = default;

void TraceRecorder::attach(EngineContext& context, EngineRegion& region) {
  context_ = &context;
  context.on_bound = [this](int process, const BoundPort& port) { tap(process, port); };
  record_.clock_hz = context.config.clock.pl_hz;
  record_.banks = context.config.weight_bank_count();
  auto followed = std::make_unique<Followed>();
  followed->region = &region;
  for (const auto& process : region.region.processes()) {
    followed->causes.push_back(std::make_unique<timing::CauseBuckets>(window_.scale));
    followed->processes.push_back({region.engine, process->name(), {}});
  }
  for (const auto& stream : region.region.streams()) {
    followed->fills.push_back(std::make_unique<Fill>());
    followed->fills.back()->scale = window_.scale;
    followed->streams.push_back({region.engine, stream->name(), stream->depth(), {}});
  }
  region.region.listen(this);
  regions_.push_back(std::move(followed));
}

bool TraceRecorder::in_window(const Next& next, Cycle first) const {
  if (window_.layer >= 0 && next.step->layer != window_.layer) return false;
  if (window_.task >= 0 && next.task != window_.task) return false;
  return first < window_.scale.until;
}

TraceRecorder::Followed& TraceRecorder::follow(const timing::Region& region) {
  return **std::find_if(regions_.begin(), regions_.end(),
                        [&](const auto& f) { return &f->region->region == &region; });
}

void TraceRecorder::on_start(timing::Region& region, Cycle first) {
  const bool recorded = in_window(next_, first);
  counts_dram_ = recorded || running_ > 0;
  if (!recorded) return;
  ++running_;
  record(follow(region), true);
}

void TraceRecorder::record(Followed& followed, bool on) {
  followed.recorded = on;
  const timing::Region& region = followed.region->region;
  for (std::size_t p = 0; p < region.processes().size(); ++p) {
    timing::Process& process = *region.processes()[p];
    process.trace(on ? followed.causes[p].get() : nullptr, window_.scale);
    count_words(process.number(), on);
  }
  for (std::size_t s = 0; s < region.streams().size(); ++s)
    region.streams()[s]->listen(on ? followed.fills[s].get() : nullptr);
}

void TraceRecorder::count_words(int process, bool on) {
  const auto number = static_cast<std::size_t>(process);
  if (counted_.size() <= number) counted_.resize(number + 1);
  counted_[number] = on;
  for (const auto& tap : taps_)
    if (tap->channel->process() == process) tap->recorded = on;
}

void TraceRecorder::tap(int process, const BoundPort& port) {
  if (std::any_of(taps_.begin(), taps_.end(),
                  [&](const auto& t) { return t->channel == port.channel; }))
    return;
  const auto number = static_cast<std::size_t>(process);
  auto tap = std::make_unique<Tap>();
  tap->channel = port.channel;
  tap->memory = port.channel->listener();
  tap->traffic = &ports_[static_cast<std::size_t>(port.master)][port.writes ? 1 : 0];
  tap->scale = window_.scale;
  tap->word_bytes = context_->word_bytes();
  tap->recorded = number < counted_.size() && counted_[number];
  port.channel->connect(*tap);
  taps_.push_back(std::move(tap));
}

void TraceRecorder::end(const Step& step, const EngineRegion& region, const KernelRecord& kernel,
                        const std::string& task, int tokens) {
  Followed& followed = follow(region.region);
  if (!followed.recorded) return;
  --running_;
  record(followed, false);
  flush(followed, kernel.end / window_.scale.resolution);
  if (kernel.end <= window_.scale.from) return;
  const Cycle start = std::max(kernel.start, window_.scale.from);
  const Cycle stop = std::min(kernel.end, window_.scale.until);
  record_.kernels.push_back({kernel.engine, kernel.name, task, kernel.layer, kernel.expert,
                             kernel.is_load, tokens, kernel.bytes_read, kernel.bytes_written, start,
                             stop});
  if (const auto* op = std::get_if<LoadLinear>(&step.operation))
    use_bank({op->bank, true, kernel.name, start, stop});
  if (const auto* op = std::get_if<ComputeLinear>(&step.operation))
    use_bank({op->bank, false, kernel.name, start, stop});
}

void TraceRecorder::use_bank(const BankUse& use) {
  record_.bank_uses.push_back(use);
  record_.banks = std::max(record_.banks, use.bank + 1);
}

void TraceRecorder::flush(Followed& followed, Cycle end) {
  const timing::TraceScale& scale = window_.scale;
  for (std::size_t p = 0; p < followed.processes.size(); ++p)
    followed.causes[p]->take_until(end, [&](Cycle number, const auto& cell) {
      const Cycle from = std::max(number * scale.resolution, scale.from);
      const Cycle until = std::min((number + 1) * scale.resolution, scale.until);
      const Cause cause = dominant(cell, until - from);
      if (cause != Cause::kIdle) append(followed.processes[p].states, {from, until, cause});
    });
  for (std::size_t s = 0; s < followed.streams.size(); ++s)
    followed.fills[s]->take_until(end, followed.streams[s].fill);
}

void TraceRecorder::on_line(tlm_mem::Cycle memory_cycle, bool is_read, std::uint64_t address) {
  if (next_sink_) next_sink_->on_line(memory_cycle, is_read, address);
  if (!counts_dram_) return;
  const AcceleratorConfig& config = context_->config;
  const timing::Clock memory(config.ddr.clock_hz), logic(config.clock.pl_hz);
  const Cycle cycle = logic.first_edge_at_or_after(memory.edge_ps(memory_cycle));
  if (cycle < window_.scale.from || cycle >= window_.scale.until) return;
  const std::int64_t bytes =
      config.memory.kind == MemoryKind::kSimple ? 64 : config.ddr.burst_bytes();
  dram_[is_read ? 0 : 1][cycle / window_.scale.resolution] += bytes;
}

/// Only where a recorded kernel ran.
std::vector<CounterPoint> TraceRecorder::points(const Traffic& traffic) const {
  std::vector<std::pair<Cycle, std::int64_t>> sorted(traffic.begin(), traffic.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<CounterPoint> result;
  const Cycle resolution = window_.scale.resolution;
  Cycle next = 0;
  for (const auto& [number, bytes] : sorted) {
    const Cycle from = number * resolution, until = from + resolution;
    const bool covered =
        std::any_of(record_.kernels.begin(), record_.kernels.end(),
                    [&](const auto& k) { return k.start < until && k.end > from; });
    if (!covered) continue;
    if (number > next) append(result, next * resolution, 0);
    append(result, std::max(from, window_.scale.from), bytes);
    next = number + 1;
  }
  append(result, next * resolution, 0);
  return result;
}

/// Of streams that bear one name in several regions of an engine, the region is named, too.
void TraceRecorder::name_apart(Followed& followed) const {
  for (StreamTrack& track : followed.streams) {
    const std::string name = track.name;
    for (const auto& other : regions_) {
      const auto& streams = other->region->region.streams();
      if (other.get() != &followed && other->region->engine == track.engine &&
          std::any_of(streams.begin(), streams.end(),
                      [&](const auto& s) { return s->name() == name; }))
        track.name = followed.region->region.name() + '.' + name;
    }
  }
}

TraceRecord TraceRecorder::take() {
  std::stable_sort(record_.kernels.begin(), record_.kernels.end(),
                   [](const auto& a, const auto& b) { return a.start < b.start; });
  for (const auto& followed : regions_) {
    flush(*followed, timing::kNever);
    name_apart(*followed);
    for (ProcessTrack& track : followed->processes)
      if (!track.states.empty()) record_.processes.push_back(std::move(track));
    for (StreamTrack& track : followed->streams)
      if (!track.fill.empty()) record_.streams.push_back(std::move(track));
  }
  for (std::size_t m = 0; m < kMasterCount; ++m)
    for (const std::size_t writes : {0u, 1u})
      if (!ports_[m][writes].empty())
        record_.traffic.push_back(
            {std::string(to_word(static_cast<Master>(m))) + (writes ? " write" : " read"),
             points(ports_[m][writes])});
  for (const std::size_t writes : {0u, 1u})
    if (!dram_[writes].empty())
      record_.traffic.push_back({writes ? "dram write" : "dram read", points(dram_[writes])});
  if (!record_.kernels.empty()) record_.start = record_.kernels.front().start;
  for (const KernelSpan& kernel : record_.kernels) record_.end = std::max(record_.end, kernel.end);
  return std::move(record_);
}

}  // namespace m3sim
