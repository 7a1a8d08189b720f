#include "model/rtl/design.hpp"

#include <algorithm>
#include <optional>

#include "model/rtl/catalog.hpp"

namespace m3sim::rtl {
namespace {

/// Bits of word numbers and trip counts: of the largest tensor and the longest loop.
int index_bits(const AcceleratorConfig& c) {
  const NetworkConfig& n = c.network;
  const std::int64_t word = c.word.features();
  const auto attention = attention_shape(c);
  const std::int64_t widest = n.widest_linear_input();
  const std::int64_t scores = attention.scores(n.tokens());
  const std::int64_t largest =
      std::max({std::int64_t{n.tokens()} * widest, widest * 3 * n.width,
                widest * std::max({n.width, n.mlp_hidden, n.expert_hidden}),
                scores * std::max<std::int64_t>(word, attention.score_lanes()),
                std::int64_t{n.image_channels} * n.image_height * n.image_width,
                std::int64_t{n.experts} * n.tokens(),
                std::int64_t{n.task_embedding} * n.task_hidden / (2 * word)});
  return bits_of(static_cast<std::uint64_t>(largest));
}

std::string str(std::int64_t n) { return std::to_string(n); }

std::string describe(const std::string& group, const AcceleratorConfig& c) {
  const NetworkConfig& n = c.network;
  std::string s = "words of " + str(c.word.bits) + " bit";
  if (group == "linear")
    s += ", tiles of " + str(c.linear.in_tile) + " x " + str(c.linear.out_tile);
  if (group == "attention")
    s += ", " + str(c.attention.rows) + " rows in flight, " + str(n.heads) + " heads of " +
         str(n.head_width());
  if (group == "gate") s += ", " + str(n.experts) + " experts, top " + str(n.top_k);
  if (group == "patch_embedding") s += ", patches of " + str(n.patch) + " x " + str(n.patch);
  return s + ", " + str(n.width) + " features";
}

/// A firing's operators and port latencies must lie inside the loop's depth.
void check_operators(const std::string& kernel, const timing::LoopTiming& t,
                     const std::vector<Loop>& operators, const AcceleratorConfig& c) {
  std::int64_t inside = 0;
  std::string names;
  for (const Loop loop : operators) {
    const auto i = static_cast<std::size_t>(loop);
    inside += c.loops[loop].depth;
    names += (names.empty() ? "" : " + ") + std::string(kPublishedLoops[i].name) + " " +
             str(c.loops[loop].depth);
  }
  if (t.response_stage >= 0 && !operators.empty()) {
    inside += t.response_stage - t.put_stage;
    names += " + write response " + str(t.response_stage - t.put_stage);
  }
  if (t.depth < inside)
    throw BuildError(kernel + ": depth " + str(t.depth) +
                     " is smaller than what lies in one firing (" + names + " = " + str(inside) +
                     ")");
}

template <class Kernel>
Design design_of(const AcceleratorConfig& config) {
  Design d;
  d.kernel = {Kernel::kName, Kernel::kSource, Kernel::kSummary, describe(Kernel::kGroup, config)};
  const timing::LoopTiming timing = Kernel::timing(config);
  check_operators(Kernel::kName, timing, Kernel::operators(config), config);
  d.trace = trace([&](auto& memories) { return Kernel::template make<Symbolic>(config, memories); },
                  Kernel::ports(), config.word.features(), index_bits(config));
  d.schedule = schedule(d.trace, timing, Kernel::kName);
  return d;
}

}  // namespace

const std::vector<KernelName>& kernel_names() {
  static const std::vector<KernelName> kNames = [] {
    std::vector<KernelName> names;
    for_each_kernel([&](auto kernel) {
      using K = decltype(kernel);
      names.push_back({K::kName, K::kGroup, K::kSummary});
    });
    return names;
  }();
  return kNames;
}

Design make_design(const std::string& name, const AcceleratorConfig& config) {
  std::optional<Design> design;
  for_each_kernel([&](auto kernel) {
    using K = decltype(kernel);
    if (name == K::kName) design = design_of<K>(config);
  });
  if (!design) throw BuildError("no kernel is called '" + name + "'");
  return std::move(*design);
}

}  // namespace m3sim::rtl
