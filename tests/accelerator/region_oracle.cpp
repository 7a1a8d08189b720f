#include "tests/accelerator/region_oracle.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "tests/timing/oracle.hpp"

namespace m3sim::test {

using timing::Cycle;
using timing::Firing;
using timing::PipelineBase;

/// One region: the scripts of its loops and the cycles of its streams in the present run.
struct RegionOracle::Followed final : timing::RegionListener, timing::LoopObserver {
  explicit Followed(RegionOracle& region_oracle, timing::Region& region_in)
      : oracle(region_oracle), region(region_in), records(region_in.streams().size()) {
    region.listen(this);
    for (std::size_t s = 0; s < records.size(); ++s) region.streams()[s]->listen(&records[s]);
    for (const auto& process : region.processes())
      process->for_pipelines([this](PipelineBase& loop) { loop.observe(this); });
  }
  void on_start(timing::Region&, Cycle) override {
    oracle.solve(*this);
    for (StreamRecord& record : records) record = {};
    runs.clear();
    ports.clear();
    pending = true;
  }
  void on_start(const PipelineBase& loop) override {
    runs[&loop].emplace_back();
    ports[&loop] = loop.ports();
  }
  void on_firing(const PipelineBase& loop, const Firing& firing) override {
    runs[&loop].back().push_back(firing);
  }

  RegionOracle& oracle;
  timing::Region& region;
  std::vector<StreamRecord> records;
  std::map<const PipelineBase*, std::vector<std::vector<Firing>>> runs;
  std::map<const PipelineBase*, timing::LoopPorts> ports;
  bool pending = false;
};

RegionOracle::RegionOracle() = default;
RegionOracle::~RegionOracle() = default;

void RegionOracle::attach(Accelerator& accelerator) {
  accelerator_ = &accelerator;
  for (EngineRegion* region : accelerator.regions())
    followed_.push_back(std::make_unique<Followed>(*this, region->region));
}

void RegionOracle::check() {
  for (const auto& followed : followed_)
    if (!followed->region.running()) solve(*followed);
}

namespace {

/// The solver takes time in proportion to the square of a region's firings.
constexpr std::size_t kMostFirings = 4000;

/// Number of a stream within its region; -1 for none.
int number(const timing::Region& region, const timing::Stream* stream) {
  for (std::size_t s = 0; s < region.streams().size(); ++s)
    if (region.streams()[s].get() == stream) return static_cast<int>(s);
  return -1;
}

template <class T>
std::string first_difference(const std::vector<T>& a, const std::vector<T>& b) {
  const std::size_t both = std::min(a.size(), b.size());
  std::size_t i = 0;
  while (i < both && a[i] == b[i]) ++i;
  if (i == both && a.size() == b.size()) return "";
  const auto shown = [i](const std::vector<T>& v) {
    return i < v.size() ? std::to_string(v[i]) : std::string("none");
  };
  return "number " + std::to_string(i) + ": " + shown(a) + ", oracle " + shown(b);
}

}  // namespace

void RegionOracle::solve(Followed& followed) {
  if (!followed.pending) return;
  followed.pending = false;
  const timing::Region& region = followed.region;
  const AcceleratorConfig& config = accelerator_->config();
  RegionPlan plan;
  plan.restart_cycles = region.restart_cycles();
  plan.iterations = region.iterations();
  plan.onchip_latency = config.resident.latency_cycles;
  plan.banks.clear();
  for (std::size_t s = 0; s < region.stages(); ++s) plan.banks.push_back(region.banks(s));
  for (const auto& stream : region.streams()) plan.stream_depths.push_back(stream->depth());
  bool on_chip = true;
  std::set<const timing::MemoryChannel*> channels;
  // A channel that two loops share would need one account of its queue for both.
  const auto use = [&](const timing::MemoryChannel* channel) {
    if (channel) on_chip = on_chip && accelerator_->onchip().serves(*channel) && channels.insert(channel).second;
  };
  for (const auto& process : region.processes()) {
    ProcessPlan p;
    p.phase_gap = process->phase_gap();
    p.stage = static_cast<int>(region.stage_of(*process));
    std::size_t starts = 0;
    process->for_loops([&](std::size_t phase, const PipelineBase& loop) {
      if (p.phases.size() == phase) p.phases.emplace_back();
      LoopPlan l;
      const timing::LoopPorts ports =
          followed.ports.count(&loop) ? followed.ports[&loop] : loop.ports();
      l.timing = *ports.timing;
      l.scripts = followed.runs[&loop];
      starts = l.scripts.size();
      if (l.scripts.empty()) l.scripts.emplace_back();  // never started
      // A stream may have two writers of which only one runs.
      for (std::size_t k = 0; k < timing::kMostPorts && starts > 0; ++k) {
        l.inputs[k] = number(region, ports.inputs[k]);
        l.outputs[k] = number(region, ports.outputs[k]);
        use(ports.reads[k]);
        use(ports.writes[k]);
      }
      l.read_queue = l.write_queue = config.port.request_queue;
      l.write_words = std::max(2, config.port.write_buffer_beats);
      p.phases.back().push_back(std::move(l));
    });
    // Every iteration repeats the phases equally often.
    const auto iterations = static_cast<std::size_t>(std::max(1, plan.iterations));
    p.repeats.assign(iterations, static_cast<int>(starts / iterations));
    plan.processes.push_back(std::move(p));
  }
  std::size_t firings = 0;
  for (const auto& [loop, runs] : followed.runs)
    for (const auto& run : runs) firings += run.size();
  if (!on_chip || firings > kMostFirings) {
    ++skipped_;
    return;
  }
  ++checked_;
  const Solution solution = Oracle(plan, region.started()).solve();
  const auto differ = [&](const std::string& what, const std::string& how) {
    if (!how.empty() && difference_.empty())
      difference_ = "oracle: region " + region.name() + " started in cycle " +
                    std::to_string(region.started()) + ": " + what + " " + how;
  };
  for (std::size_t s = 0; s < followed.records.size(); ++s) {
    const std::string& name = region.streams()[s]->name();
    differ("write to " + name, first_difference(followed.records[s].writes, solution.writes[s]));
    differ("read from " + name, first_difference(followed.records[s].reads, solution.reads[s]));
  }
  differ("end", first_difference<Cycle>({region.ended()}, {solution.end}));
}

}  // namespace m3sim::test
