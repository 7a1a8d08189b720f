#include "model/config/registry.hpp"

namespace m3sim {
namespace {

constexpr int kMaxCycles = 100'000;

/// Burst inference that the log does not state in a message of its own.
bool request_was_inferred(Loop loop) {
  return loop == Loop::kLinearLoadWeights || loop == Loop::kLinearLoadBias;
}

bool is_function(const PublishedLoop& loop) { return loop.name.ends_with("_function"); }

void register_memory_keys(Section<LoopConfig>& s, const PublishedLoop& loop) {
  s.key("request", &LoopConfig::request, "bus accesses as bursts or as single words")
      .one_of({Request::kBurst, Request::kSingle})
      .from(request_was_inferred(loop.loop) ? Provenance::kDerived : Provenance::kVerbatim,
            "burst inference of the Vitis HLS 2022.1 synthesis log");
  const std::string depths =
      "the loop's depth in the log against port.scheduled_latency and "
      "port.response_latency";
  s.key("reads_in_loop", &LoopConfig::reads_in_loop, "reads whose latency is inside the depth")
      .range(0, 1)
      .derived(depths);
  s.key("writes_in_loop", &LoopConfig::writes_in_loop,
        "writes whose response is awaited inside the depth")
      .range(0, 1)
      .derived(depths);
  s.key("request_before_loop", &LoopConfig::request_before_loop,
        "the request is made and waited for once, before the loop")
      .derived(depths);
}

}  // namespace

void register_loop_keys(Registry& registry) {
  const std::string log =
      "public Vitis HLS 2022.1 synthesis log of the unchanged sources (xcu50, 3.33 ns)";
  for (const PublishedLoop& published : kPublishedLoops) {
    const Loop loop = published.loop;
    Section<LoopConfig> s(registry, "loops." + std::string(published.name),
                          [loop](AcceleratorConfig& c) -> LoopConfig& { return c.loops[loop]; });
    const std::string what = std::string(published.help);
    s.key("ii", &LoopConfig::ii, "initiation interval in cycles: " + what)
        .range(1, kMaxCycles)
        .verbatim(log);
    s.key("depth", &LoopConfig::depth, "pipeline depth in cycles: " + what)
        .range(1, kMaxCycles)
        .verbatim(log);
    if (is_function(published)) continue;  // has no streams, no bus and no control of its own
    s.key("style", &LoopConfig::style,
          "whether iterations in flight run on while the next one has no input")
        .derived(
            "the log does not say; flushing control is what keeps a dataflow region free of "
            "false deadlocks");
    if (published.config.request != Request::kNone) register_memory_keys(s, published);
  }
}

}  // namespace m3sim
