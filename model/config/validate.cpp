#include "model/config/validate.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <utility>

#include "model/config/activations.hpp"
#include "model/config/config.hpp"

namespace m3sim {
namespace {

std::string str(std::int64_t value) { return std::to_string(value); }

/// Collects the rules that fail.
class Rules {
 public:
  void require(bool holds, std::vector<std::string> keys, const std::string& rule) {
    if (!holds) violations_.push_back({std::move(keys), "must " + rule});
  }
  void require_multiple(std::int64_t value, const std::string& key, std::int64_t unit,
                        const std::string& unit_key, const std::string& what) {
    require(value % unit == 0, {key, unit_key},
            "be a multiple of " + str(unit) + " (" + what + ")");
  }
  std::vector<Violation> take() { return std::move(violations_); }

 private:
  std::vector<Violation> violations_;
};

std::string word_features(const WordConfig& word) {
  return "features in a " + str(word.bits) + "-bit word";
}

void check_network(const AcceleratorConfig& c, Rules& rules) {
  const NetworkConfig& n = c.network;
  rules.require_multiple(n.image_height, "network.image_height", n.patch, "network.patch",
                         "pixels of a patch");
  rules.require_multiple(n.image_width, "network.image_width", n.patch, "network.patch",
                         "pixels of a patch");
  // A word of pixels holds whole lines of patches or lies within one, a word of weights likewise.
  const int pixels = c.word.bytes();
  const auto nests = [](int a, int b) { return a % b == 0 || b % a == 0; };
  rules.require_multiple(n.image_width, "network.image_width", pixels, "word.bits",
                         "pixels in a " + str(c.word.bits) + "-bit word");
  rules.require(nests(n.patch, pixels) && nests(n.patch, pixels / 2),
                {"network.patch", "word.bits"},
                "divide " + str(pixels / 2) + " or be a multiple of it, and " + str(pixels) +
                    " likewise (weights and pixels in a " + str(c.word.bits) + "-bit word)");
  rules.require_multiple(n.width, "network.width", std::int64_t{n.heads} * c.word.features(),
                         "network.heads",
                         str(n.heads) + " heads of whole " + str(c.word.bits) + "-bit words");
  const auto& layers = n.moe_layers.list;
  rules.require(layers.empty() || layers.back() < n.layers,
                {"network.moe_layers", "network.layers"},
                "name layers below " + str(n.layers) + " (network.layers)");
  if (n.has_moe()) {
    rules.require(n.top_k <= n.experts, {"network.top_k", "network.experts"},
                  "be at most " + str(n.experts) + " (network.experts)");
  }
  if (n.gating == Gating::kTaskConditioned) {
    rules.require_multiple(n.task_embedding, "network.task_embedding", c.word.features(),
                           "word.bits", word_features(c.word));
  }
}

void check_tile(int tile, const std::string& key, const AcceleratorConfig& c, Rules& rules) {
  const int features = c.word.features();
  // Output tiles may be parts of a word: the writer gathers them.
  const bool is_part = key == "linear.out_tile" && tile < features;
  if (!is_part) rules.require_multiple(tile, key, features, "word.bits", word_features(c.word));
  if (!is_part && tile % features != 0) return;
  if (key == "linear.in_tile") rules.require((tile & (tile - 1)) == 0, {key}, "be a power of two");
  const NetworkConfig& n = c.network;
  const auto divides = [&](int dimension, const std::string& name) {
    rules.require(dimension % tile == 0, {name, key},
                  "be a multiple of " + str(tile) + " (" + key + ")");
    rules.require(dimension % (2 * features) == 0, {name, "word.bits"},
                  "be a multiple of " + str(2 * features) + " (weights in a " + str(c.word.bits) +
                      "-bit word)");
  };
  divides(n.width, "network.width");
  if (n.has_dense()) divides(n.mlp_hidden, "network.mlp_hidden");
  if (n.has_moe()) divides(n.expert_hidden, "network.expert_hidden");
}

void check_linear(const AcceleratorConfig& c, Rules& rules) {
  const LinearConfig& linear = c.linear;
  check_tile(linear.in_tile, "linear.in_tile", c, rules);
  check_tile(linear.out_tile, "linear.out_tile", c, rules);
  const int widest = c.network.widest_linear_input();
  rules.require(
      linear.in_buffer_features >= widest,
      {"linear.in_buffer_features", "network.width", "network.mlp_hidden", "network.expert_hidden"},
      "be at least " + str(widest) + " (the longest input of a linear layer)");
  // A slice of a matrix is whole rows of tiles and starts with a whole word of biases.
  const int slice = std::lcm(linear.out_tile, 2 * c.word.features());
  const std::int64_t slice_bytes = std::int64_t{std::max(widest, linear.in_tile)} * slice * 2;
  rules.require(linear.weight_buffer_kib * std::int64_t{1024} >= slice_bytes,
                {"linear.weight_buffer_kib", "linear.out_tile", "word.bits", "network.width",
                 "network.mlp_hidden", "network.expert_hidden"},
                "hold the smallest slice: " + str(slice) + " outputs x " + str(widest) +
                    " inputs x 2 bytes = " + str(slice_bytes) + " bytes");
  rules.require(linear.bias_buffer_features >= slice,
                {"linear.bias_buffer_features", "linear.out_tile", "word.bits"},
                "be at least " + str(slice) + " (whole tiles and whole words of biases)");
}

void check_attention(const AcceleratorConfig& c, Rules& rules) {
  const int tokens = c.network.tokens();
  rules.require(c.attention.rows < tokens,
                {"attention.rows", "network.image_height", "network.image_width", "network.patch"},
                "be less than the network's " + str(tokens) + " tokens");
  rules.require(c.attention.softmax_lanes <= c.attention.rows,
                {"attention.softmax_lanes", "attention.rows"},
                "be at most " + str(c.attention.rows) + " (attention.rows)");
  // A pass of its own works on full items.
  if (c.softmax.passes > 1)
    rules.require(c.attention.rows % c.attention.softmax_lanes == 0,
                  {"attention.softmax_lanes", "attention.rows", "softmax.passes"},
                  "divide attention.rows where softmax.passes is not 1");
  const int units = c.attention.head_units;
  rules.require(c.network.heads % units == 0, {"attention.head_units", "network.heads"},
                "divide the network's " + str(c.network.heads) + " heads");
  rules.require((units > 1) == (c.schedule.token_chunks > 0),
                {"schedule.token_chunks", "attention.head_units"},
                units > 1 ? "be at least 1 with head units" : "be 0 without head units");
  if (units == 1) return;
  rules.require(c.linear.units == LinearUnits::kUnified, {"linear.units", "attention.head_units"},
                "be unified with head units");
  rules.require(c.attention.reordered, {"attention.reordered", "attention.head_units"},
                "be true with head units");
  rules.require(c.softmax.passes == 1, {"softmax.passes", "attention.head_units"},
                "be 1 with head units");
  rules.require(activation_bytes(c, DramTensor::kHidden) >= activation_bytes(c, DramTensor::kX),
                {"network.expert_hidden", "network.mlp_hidden", "attention.head_units"},
                "give hidden activations at least the size of V, which lies in their place");
}

void check_resident(const AcceleratorConfig& c, Rules& rules) {
  const std::int64_t needed = (resident_bytes(c) + 1023) / 1024;
  std::vector<std::string> keys{"resident.capacity_kib"};
  for (const auto& [tensor, word] : Words<DramTensor>::kTable)
    if (c.resident[tensor]) keys.push_back("resident." + std::string(word));
  rules.require(c.resident.capacity_kib >= needed, std::move(keys),
                "be at least " + str(needed) + " (KiB of the tensors that stay on chip)");
}

void check_loops(const AcceleratorConfig& c, Rules& rules) {
  const PortConfig& port = c.port;
  for (const PublishedLoop& published : kPublishedLoops) {
    const LoopConfig& loop = c.loops[published.loop];
    const std::string section = "loops." + std::string(published.name);
    const int inside =
        loop.reads_in_loop * port.scheduled_latency + loop.writes_in_loop * port.response_latency;
    rules.require(loop.depth > inside,
                  {section + ".depth", "port.scheduled_latency", "port.response_latency"},
                  "be more than " + str(inside) + " (port latencies inside the depth)");
    if (loop.reads_in_loop == 0) continue;
    const int in_flight = (port.scheduled_latency + loop.ii - 1) / loop.ii;
    const int room = port.request_queue + port.read_buffer_beats;
    rules.require(
        room >= in_flight,
        {"port.read_buffer_beats", "port.request_queue", "port.scheduled_latency", section + ".ii"},
        "hold with port.request_queue (" + str(port.request_queue) + ") the " + str(in_flight) +
            " words that loop " + std::string(published.name) +
            " requests before it takes the first");
  }
}

void check_ports(const AcceleratorConfig& c, Rules& rules) {
  const PortConfig& port = c.port;
  const std::string longest = "be at least " + str(port.max_burst_beats) +
                              " (port.max_burst_beats: a burst is issued when all of it has room)";
  rules.require(port.read_buffer_beats >= port.max_burst_beats,
                {"port.read_buffer_beats", "port.max_burst_beats"}, longest);
  rules.require(port.write_buffer_beats >= port.max_burst_beats,
                {"port.write_buffer_beats", "port.max_burst_beats"}, longest);
  const int burst_bytes = port.max_burst_beats * c.word.bytes();
  rules.require(burst_bytes <= 4096, {"port.max_burst_beats", "word.bits"},
                "make bursts of at most 4096 bytes (AXI), not " + str(burst_bytes));
  rules.require(c.ps.data_fifo_beats >= c.ps.max_burst_beats,
                {"ps.data_fifo_beats", "ps.max_burst_beats"},
                "be at least " + str(c.ps.max_burst_beats) + " (ps.max_burst_beats)");
}

void check_ddr_organisation(const DdrConfig& d, Rules& rules) {
  rules.require(d.bus_width % d.device_width == 0, {"ddr.bus_width", "ddr.device_width"},
                "be a multiple of " + str(d.device_width) + " (ddr.device_width)");
  const std::int64_t bits =
      std::int64_t{d.bank_groups} * d.banks * d.rows * d.columns * d.device_width;
  rules.require(bits == std::int64_t{d.density_mbit} << 20,
                {"ddr.density_mbit", "ddr.bank_groups", "ddr.banks", "ddr.rows", "ddr.columns",
                 "ddr.device_width"},
                "be bank_groups x banks x rows x columns x device_width = " + str(bits >> 20));
  constexpr int kMaxBanks = 64;
  rules.require(d.ranks * d.bank_groups * d.banks <= kMaxBanks,
                {"ddr.banks", "ddr.bank_groups", "ddr.ranks"},
                "make at most " + str(kMaxBanks) + " banks a channel (ranks x groups x banks)");
  rules.require(d.columns >= d.burst_length, {"ddr.columns", "ddr.burst_length"},
                "be at least " + str(d.burst_length) + " (ddr.burst_length)");
  const auto& fields = d.address_map.fields;
  const auto maps = [&](AddressField f) {
    return std::find(fields.begin(), fields.end(), f) != fields.end();
  };
  rules.require(d.ranks == 1 || maps(AddressField::kRank), {"ddr.address_map", "ddr.ranks"},
                "contain ra where there are " + str(d.ranks) + " ranks");
  rules.require(d.channels == 1 || maps(AddressField::kChannel),
                {"ddr.address_map", "ddr.channels"},
                "contain ch where there are " + str(d.channels) + " channels");
  rules.require(d.write_high_watermark <= d.write_queue,
                {"ddr.write_high_watermark", "ddr.write_queue"},
                "be at most " + str(d.write_queue) + " (ddr.write_queue)");
  rules.require(d.write_low_watermark < d.write_high_watermark,
                {"ddr.write_low_watermark", "ddr.write_high_watermark"},
                "be less than " + str(d.write_high_watermark) + " (ddr.write_high_watermark)");
}

/// Inequalities between the timings of JESD79-4.
void check_ddr_timing(const DdrConfig& d, Rules& rules) {
  const auto at_least = [&](int value, const std::string& key, int bound, const std::string& what,
                            std::initializer_list<const char*> others) {
    std::vector<std::string> keys{"ddr." + key};
    for (const char* other : others) keys.push_back(std::string("ddr.") + other);
    rules.require(value >= bound, std::move(keys), "be at least " + str(bound) + " (" + what + ")");
  };
  const int rounding = d.timing_unit > 1 ? d.timing_unit : 0;
  at_least(
      d.trc, "trc", d.tras + d.trp - rounding,
      rounding == 0 ? "tRC >= tRAS + tRP" : "tRC >= tRAS + tRP, less the rounding of timing_unit",
      {"tras", "trp", "timing_unit"});
  at_least(d.tras, "tras", d.trcd, "tRAS >= tRCD", {"trcd"});
  at_least(d.trrd_l, "trrd_l", d.trrd_s, "tRRD_L >= tRRD_S", {"trrd_s"});
  at_least(d.tccd_l, "tccd_l", d.tccd_s, "tCCD_L >= tCCD_S", {"tccd_s"});
  at_least(d.twtr_l, "twtr_l", d.twtr_s, "tWTR_L >= tWTR_S", {"twtr_s"});
  at_least(d.tccd_s, "tccd_s", d.burst_cycles(), "tCCD_S >= burst_length / 2", {"burst_length"});
  at_least(d.tfaw, "tfaw", 4 * d.trrd_s, "tFAW >= 4 x tRRD_S", {"trrd_s"});
  // Between two refreshes there must be room to open a row, use it and close it.
  at_least(d.trefi, "trefi", d.trfc + d.trc + d.trp + 1, "tREFI > tRFC + tRC + tRP",
           {"trfc", "trc", "trp"});
  at_least(d.trfc, "trfc", d.trc, "tRFC >= tRC", {"trc"});
  at_least(d.cl + d.burst_cycles() + d.trtrs, "cl", d.cwl + 1,
           "CL + burst_length / 2 + tRTRS > CWL", {"cwl", "burst_length", "trtrs"});
}

}  // namespace

bool Violation::concerns(const std::set<std::string_view>& names) const {
  return std::any_of(keys.begin(), keys.end(),
                     [&](const std::string& key) { return names.contains(key); });
}

std::string Violation::line(const Config& config) const {
  const ConfigEntry& about = config.entry(keys.front());
  for (const std::string& key : keys) {
    const Origin& origin = config.entry(key).origin;
    if (origin.kind == Origin::Kind::kDefault) continue;
    return origin.text() + ": " + keys.front() + " = " + about.text + ": " + rule;
  }
  return keys.front() + " = " + about.text + ": " + rule;
}

std::vector<Violation> find_violations(const AcceleratorConfig& config) {
  Rules rules;
  check_network(config, rules);
  check_linear(config, rules);
  check_attention(config, rules);
  check_resident(config, rules);
  check_loops(config, rules);
  check_ports(config, rules);
  check_ddr_organisation(config.ddr, rules);
  check_ddr_timing(config.ddr, rules);
  return rules.take();
}

}  // namespace m3sim
