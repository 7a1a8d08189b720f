#include "tests/rtl/resource_plan.hpp"

#include <cctype>
#include <sstream>
#include <stdexcept>

#include "model/config/config.hpp"
#include "model/rtl/design.hpp"
#include "model/rtl/socket.hpp"

namespace m3sim::test {
namespace {

/// Code without // comments and white space.
std::string code_of(const std::string& text) {
  std::istringstream lines(text);
  std::string code;
  for (std::string line; std::getline(lines, line);)
    for (const char c : line.substr(0, line.find("//")))
      if (!std::isspace(static_cast<unsigned char>(c))) code += c;
  return code;
}

std::string hex(std::uint64_t hash) {
  std::ostringstream text;
  text << std::hex << hash;
  return std::string(16 - text.str().size(), '0') + text.str();
}

/// Rows of the comparison.
struct UnitOfKernel {
  const char *kernel, *unit;
  int count = 1;
};
constexpr UnitOfKernel kUnits[] = {
    {"linear_compute", "multiply"},
    {"write_indirect", "scores"},
    {"q_times_k", "q x k"},
    {"finalize", "softmax"},
    {"attention_times_v", "attention x v"},
    {"norm_accumulate", "norm sums"},
    {"norm_output", "norm output"},
    {"patch_accumulate", "patches"},
    {"mat_vec", "gate products"},
    {"softmax_update", "gate softmax"},
    {"exp_divide", "gate scores"},
    {"residual_add", "residual"},
    {"read_rotated", "readers, writers, loaders", 2},  // K and V
};
UnitOfKernel unit_of(const std::string& kernel) {
  for (const UnitOfKernel& u : kUnits)
    if (kernel == u.kernel) return u;
  return {"", "readers, writers, loaders"};
}

/// A memory that kernels share, as one of them names it.
struct OutsideMemory {
  const char *kernel, *memory, *unit;
};
constexpr OutsideMemory kMemories[] = {
    {"linear_compute", "weights", "linear weights"},
    {"linear_compute", "biases", "linear biases"},
    {"read_indirect", "queues", "queues"},
    {"norm_output", "tokens", "norm tokens"},
    {"norm_output", "sums", "norm tokens"},
    {"norm_output", "scales", "norm tokens"},
    {"norm_output", "shifts", "norm tokens"},
    {"patch_accumulate", "weights", "patch weights"},
    {"patch_accumulate", "biases", "patch weights"},
    {"patch_accumulate", "sums", "patch rows"},
    {"mat_vec", "weights", "gate weights"},
};

/// A stream, as wide as an output of the kernel that writes it.
struct PlannedStream {
  const char *name, *writer;
  std::size_t output;
  int depth;
};
std::vector<PlannedStream> streams(const AcceleratorConfig& c) {
  return {
      {"in_stream", "read_direct", 0, c.linear.in_stream_depth},
      {"out_stream", "linear_compute", 0, c.linear.out_stream_depth},
      {"index_stream", "read_indirect", 1, c.linear.index_stream_depth},
      {"q_stream", "read_tokens", 0, c.attention.q_stream_depth},
      {"k_stream", "read_rotated", 0, c.attention.kv_stream_depth},
      {"v_stream", "read_rotated", 0, c.attention.kv_stream_depth},
      {"qk_product_stream", "q_times_k", 0, c.attention.product_stream_depth},
      {"qk_score_stream", "finalize", 0, c.attention.score_stream_depth},
      {"qk_info_stream", "finalize", 1, c.attention.info_stream_depth},
      {"av_score_stream", "read_scores", 0, c.attention.score_stream_depth},
      {"av_info_stream", "read_softmax_info", 0, c.attention.info_stream_depth},
      {"av_product_stream", "prepare", 0, c.attention.product_stream_depth},
      {"attention_out_stream", "attention_times_v", 0, c.attention.out_stream_depth},
      {"gate_input_stream", "gate_read", 0, c.gate.input_stream_depth},
      {"expert_stream", "exp_divide", 0, c.gate.result_stream_depth},
      {"gate_score_stream", "exp_divide", 1, c.gate.result_stream_depth},
      {"image_stream", "read_pixels", 0, c.patch_embed.image_stream_depth},
  };
}

/// A module of rtl::support_modules with parameters.
PlannedModule supported(const std::string& name, const std::string& kind, const std::string& unit,
                        const std::string& top, std::map<std::string, int> parameters, int count) {
  PlannedModule m{name, kind, unit, top, std::move(parameters), count, "", ""};
  std::string hashed = code_of(rtl::support_modules()) + top;
  for (const auto& [parameter, value] : m.parameters)
    hashed += " " + parameter + "=" + std::to_string(value);
  m.hash = hex(rtl::hash_of(hashed));
  return m;
}

PlannedModule memory_module(const OutsideMemory& outside, const rtl::Design& design, int count) {
  for (const rtl::Memory& m : design.trace.graph->memories())
    if (m.name == outside.memory)
      return supported(std::string(outside.kernel) + "." + m.name, "memory", outside.unit,
                       "m3sim_ram",
                       {{"WORDS", m.words},
                        {"LANES", m.lanes},
                        {"LANE_BITS", m.lane_bits},
                        {"ADDRESS_BITS", rtl::bits_of(std::uint64_t(std::max(1, m.words - 1)))}},
                       count);
  throw std::runtime_error(std::string(outside.kernel) + " has no memory " + outside.memory);
}

std::vector<PlannedModule> modules_of(const AcceleratorConfig& config) {
  std::vector<PlannedModule> modules;
  std::map<std::string, rtl::Design> designs;
  const std::string support = code_of(rtl::support_modules());
  for (const rtl::KernelName& k : rtl::kernel_names()) {
    const rtl::Design& design =
        designs.emplace(k.name, rtl::make_design(k.name, config)).first->second;
    const UnitOfKernel u = unit_of(k.name);
    const bool absent =
        k.name == "task_embedding" && config.network.gating != Gating::kTaskConditioned;
    PlannedModule m{k.name, "kernel", u.unit, k.name, {}, absent ? 0 : u.count, "", ""};
    m.text = rtl::write_module(design).text;
    m.hash = hex(rtl::hash_of(code_of(m.text) + support));
    modules.push_back(std::move(m));
  }
  for (const OutsideMemory& m : kMemories) {
    const bool banked = std::string(m.unit).rfind("linear", 0) == 0;
    modules.push_back(
        memory_module(m, designs.at(m.kernel), banked ? config.linear.weight_banks : 1));
  }
  for (const PlannedStream& s : streams(config)) {
    const int lanes = designs.at(s.writer).trace.outputs.at(s.output).lanes;
    modules.push_back(supported(s.name, "stream", "streams", "m3sim_fifo",
                                {{"WIDTH", 32 * lanes}, {"DEPTH", s.depth}}, 1));
  }
  return modules;
}

/// Collects a part of an item of the estimate under a unit.
class Estimates {
 public:
  explicit Estimates(const AcceleratorConfig& config) : resources_(cost::resources(config)) {}

  void take(const std::string& unit, const std::string& item, int part = 1, int whole = 1) {
    for (const cost::ResourceItem& i : resources_.items) {
      if (i.name != item) continue;
      PlannedEstimate& e = of(unit);
      e.items += (e.items.empty() ? "" : ", ") + item;
      if (whole > 1) e.items += " (" + std::to_string(part) + "/" + std::to_string(whole) + ")";
      for (const auto field :
           {&cost::ResourceItem::dsp, &cost::ResourceItem::bram18, &cost::ResourceItem::uram,
            &cost::ResourceItem::lut, &cost::ResourceItem::ff})
        e.sum.*field += i.*field * part / whole;
      taken_[item] += double(part) / whole;
    }
  }
  /// What no module stands beside.
  void rest() {
    for (const cost::ResourceItem& i : resources_.items) {
      if (taken_.count(i.name)) continue;
      take(i.name, i.name);
      estimates_.back().modeled = false;
    }
  }
  std::int64_t dsp(const std::string& item) const {
    for (const cost::ResourceItem& i : resources_.items)
      if (i.name == item) return i.dsp;
    return 0;
  }
  const std::vector<PlannedEstimate>& all() const { return estimates_; }

 private:
  PlannedEstimate& of(const std::string& unit) {
    for (PlannedEstimate& e : estimates_)
      if (e.unit == unit) return e;
    estimates_.push_back({unit, "", true, {}});
    return estimates_.back();
  }
  cost::Resources resources_;
  std::vector<PlannedEstimate> estimates_;
  std::map<std::string, double> taken_;
};

/// What of an estimate's items is compared with a unit that Yosys counts.
struct UnitOfItem {
  const char *unit, *item;
  int part = 1, of = 1;
};
constexpr UnitOfItem kItems[] = {
    {"multiply", "linear.mac_array"},
    {"multiply", "linear.gelu"},
    {"multiply", "linear.inputs"},
    {"scores", "linear.score"},
    {"q x k", "attention.qk"},
    {"q x k", "attention.blocks", 1, 2},
    {"softmax", "attention.rescale"},
    {"softmax", "attention.reciprocal"},
    {"attention x v", "attention.av"},
    {"attention x v", "attention.blocks", 1, 2},
    {"norm sums", "layer_norm.squares_and_scales", 1, 2},
    {"norm sums", "layer_norm.means"},
    {"norm output", "layer_norm.squares_and_scales", 1, 2},
    {"norm output", "layer_norm.weights"},
    {"norm output", "layer_norm.root"},
    {"norm output", "layer_norm.divide"},
    {"patches", "patch_embed.products"},
    {"gate products", "gate.products"},
    {"gate softmax", "gate.rescale"},
    {"gate softmax", "gate.exponentials", 1, 2},
    {"gate scores", "gate.exponentials", 1, 2},
    {"residual", "residual"},
    {"readers, writers, loaders", "control"},
    {"linear weights", "linear.weights"},
    {"linear biases", "linear.bias"},
    {"queues", "gate.queue_tokens"},
    {"queues", "gate.queue_scores"},
    {"norm tokens", "layer_norm.tokens"},
    {"patch weights", "patch_embed.weights"},
    {"patch rows", "patch_embed.rows"},
    {"gate weights", "gate.weights"},
    {"streams", "linear.streams"},
    {"streams", "attention.streams"},
};

std::vector<PlannedEstimate> estimates_of(const AcceleratorConfig& config) {
  Estimates e(config);
  for (const UnitOfItem& i : kItems) e.take(i.unit, i.item, i.part, i.of);
  // Exponentials: one for each row in flight where V is multiplied, the others before.
  const int exponentials =
      static_cast<int>(e.dsp("attention.exponentials") / (3 * cost::dsp_of_multiplier(32, 32)));
  const int rows = config.attention.rows;
  e.take("softmax", "attention.exponentials", exponentials - rows, exponentials);
  e.take("attention x v", "attention.exponentials", rows, exponentials);
  e.rest();
  return e.all();
}

}  // namespace

std::vector<PlannedConfiguration> resource_plan(const std::string& root) {
  struct Set {
    const char *name, *description;
    ConfigSources sources;
  };
  std::vector<Set> sets(3);
  sets[0] = {
      "small", "tests/rtl/small.cfg: tiles of 4 x 4, 2 rows in flight, words of 128 bit", {}};
  sets[0].sources.files = {root + "/tests/rtl/small.cfg"};
  sets[1] = {"middle", "the published design with tiles of 8 x 8 and 2 rows in flight", {}};
  sets[1].sources.assignments = {"linear.in_tile=8", "linear.out_tile=8", "attention.rows=2"};
  sets[2] = {"full", "the published design: tiles of 16 x 16, 4 rows in flight", {}};
  std::vector<PlannedConfiguration> plan;
  for (const Set& s : sets) {
    const AcceleratorConfig config = load_config(s.sources).values;
    plan.push_back({s.name, s.description, modules_of(config), estimates_of(config)});
  }
  return plan;
}

}  // namespace m3sim::test
