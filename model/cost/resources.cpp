#include "model/cost/resources.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/config/activations.hpp"

namespace m3sim::cost {
namespace {

constexpr int kLutRamDepth = 64;        // words of a LUT
constexpr int kLutRamBits = 64 * 1024;  // more is not worth the LUTs: 1024 of them
constexpr int kSrlDepth = 32;           // words of a LUT as a shift register
constexpr int kWeightBits = 16;
constexpr int kPixelBits = 8;
constexpr int kLinearBiasBits = 18;  // as the published sources reshape 16 of them to 288 bit
constexpr int kTokenNumberBits = 16;
constexpr int kDividendBits = 44;  // of 2^44 / x and (x << 22) / y
/// Products of two 32-bit numbers in an exponential: assumed, its structure is not published.
constexpr int kExponentialProducts = 3;
/// Of an AXI adapter of one direction: registers of its slices and address logic. Assumed.
constexpr int kAdapterLutPerBit = 2, kAdapterFfPerBit = 4, kAdapterLut = 600, kAdapterFf = 900;
/// Of a SmartConnect that halves the width, one master: assumed.
constexpr int kSmartConnectLut = 3000, kSmartConnectFf = 5000;
/// Of a pipelined loop: counters, addresses and the bits that say which stage is at work. Assumed.
constexpr int kLoopLut = 150, kLoopFf = 200;

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

int limbs(int bits, int port_bits) {
  return bits <= port_bits ? 1 : 1 + static_cast<int>(divided_up(bits - port_bits, port_bits - 1));
}

/// Collects items by the rules above.
class Estimate {
 public:
  explicit Estimate(const AcceleratorConfig& config) : c(config) {}

  /// `count` multipliers, each with an adder behind its truncated product (so not in the slice) and
  /// registers for operands, product and sum.
  void products(const std::string& name, std::int64_t count, int a_bits, int b_bits,
                const std::string& rule) {
    items.push_back({name, count * dsp_of_multiplier(a_bits, b_bits), 0, 0, count * kFeatureBits,
                     count * (a_bits + b_bits + 2 * kFeatureBits), rule});
  }
  /// `copies` memories: in LUTs if small, in URAM from the configured size on, else in block RAM.
  void memory(const std::string& name, std::int64_t copies, std::int64_t width, std::int64_t depth,
              const std::string& rule) {
    ResourceItem item{name, 0, 0, 0, 0, copies * width, rule};
    const std::int64_t from = c.resources.uram_from_kib * std::int64_t{1024} * 8;
    if (bram18_of_memory(width, depth) == 0)
      item.lut = copies * width * divided_up(depth, kLutRamDepth);
    else if (from > 0 && width * depth >= from)
      item.uram = copies * uram_of_memory(width, depth);
    else
      item.bram18 = copies * bram18_of_memory(width, depth);
    items.push_back(std::move(item));
  }
  /// A FIFO: shift registers, or block RAM where that many LUTs would hold it.
  void fifo(ResourceItem& item, std::int64_t width, std::int64_t depth) const {
    if (width * depth > kLutRamBits)
      item.bram18 += bram18_of_memory(width, depth);
    else
      item.lut += lut_of_fifo(width, depth);
    item.ff += width;
  }
  /// `count` dividers or roots that subtract once a stage.
  void stages(const std::string& name, std::int64_t count, Loop depth, const std::string& rule) {
    const std::int64_t bits = count * c.loops[depth].depth * kDividendBits;
    items.push_back({name, 0, 0, 0, bits, 2 * bits, rule});
  }

  const AcceleratorConfig& c;
  std::vector<ResourceItem> items;
};

/// Linear units whose sums are activated: the shared one, or those of the first matrices.
std::int64_t activating_units(const AcceleratorConfig& c) {
  if (c.linear.units == LinearUnits::kUnified) return 1;
  return (c.network.has_dense() ? 1 : 0) + (c.network.has_moe() ? 1 : 0);
}

void add_gelu(Estimate& e) {
  const GeluConfig& gelu = e.c.gelu;
  const std::int64_t activating = activating_units(e.c);
  if (gelu.kind == GeluKind::kTable) {
    e.products("linear.gelu", activating * e.c.linear.out_tile, kFeatureBits, kWeightBits,
               "one interpolating 32x16 for each output of an activating unit's tile");
    return;
  }
  const std::int64_t units = activating * gelu.units;
  // Features in flight, each with its operand and the value so far.
  const std::int64_t in_flight = divided_up(gelu.depth, gelu.ii);
  ResourceItem item{"linear.gelu",
                    units * gelu.dsp,
                    0,
                    0,
                    units * gelu.lut,
                    units * in_flight * 2 * kFeatureBits,
                    "gelu.units behind each activating unit, gelu.dsp and gelu.lut each; two "
                    "registers of 32 bits for each feature in flight"};
  for (std::int64_t u = 0; u < activating; ++u)
    e.fifo(item, std::int64_t{e.c.linear.out_tile} * kFeatureBits, e.c.linear.out_stream_depth);
  e.items.push_back(std::move(item));
}

/// Weight and bias banks, and the cache of experts behind them or in their place.
void add_weights(Estimate& e) {
  const LinearConfig& linear = e.c.linear;
  const NetworkConfig& net = e.c.network;
  const std::int64_t width = std::int64_t{linear.in_tile} * linear.out_tile * kWeightBits;
  const std::int64_t bias_width = std::int64_t{linear.out_tile} * kLinearBiasBits;
  const std::int64_t bank_words =
      divided_up(std::int64_t{linear.weight_buffer_kib} * 1024 * 8, width);
  const std::int64_t bias_words = divided_up(linear.bias_buffer_features, linear.out_tile);
  const std::int64_t banks = linear.bank_count();
  const std::int64_t cached = net.has_moe() ? e.c.experts.banks() : 0;
  const std::int64_t matrix_words =
      divided_up(std::int64_t{net.width} * net.expert_hidden * kWeightBits, width);
  const std::int64_t vector_words =
      divided_up(std::max(net.width, net.expert_hidden), linear.out_tile);
  if (e.c.experts.share_weight_memory && cached * matrix_words > banks * bank_words) {
    e.memory("linear.weights", cached, width, matrix_words,
             "a matrix of each cached expert, more than the weight banks that lie in its place");
    e.memory("linear.bias", cached, bias_width, vector_words,
             "the longer of its bias vectors for each cached matrix");
    return;
  }
  e.memory("linear.weights", banks, width, bank_words,
           "banks of weight_buffer_kib, a tile of weights wide");
  e.memory("linear.bias", banks, bias_width, bias_words,
           "banks of bias_buffer_features, a tile of outputs wide");
  if (cached == 0 || e.c.experts.share_weight_memory) return;
  e.memory("experts.cache", cached, width, matrix_words,
           "two matrices for each cached expert, a tile of weights wide");
  e.memory("experts.cache_bias", cached, bias_width, vector_words,
           "the longer of its bias vectors for each cached matrix");
}

void add_linear(Estimate& e) {
  const LinearConfig& linear = e.c.linear;
  const std::int64_t units = linear.unit_count();
  e.products("linear.mac_array", units * linear.in_tile * linear.out_tile, kFeatureBits,
             kWeightBits, "in_tile x out_tile of 32x16 for each linear unit");
  add_gelu(e);
  if (e.c.network.has_moe())
    e.products("linear.score", e.c.word.features(), kFeatureBits, kFeatureBits,
               "one 32x32 for each feature of a word");
  add_weights(e);
  e.memory("linear.inputs", units, std::int64_t{linear.in_tile} * kFeatureBits,
           divided_up(linear.in_buffer_features, linear.in_tile),
           "in_buffer_features of each linear unit, a tile of inputs wide");
  ResourceItem streams{"linear.streams",
                       0,
                       0,
                       0,
                       0,
                       0,
                       "in_stream, out_stream and index_stream of each linear unit"};
  for (std::int64_t u = 0; u < units; ++u) {
    e.fifo(streams, std::int64_t{linear.in_tile} * kFeatureBits, linear.in_stream_depth);
    e.fifo(streams, std::int64_t{linear.out_tile} * kFeatureBits, linear.out_stream_depth);
    e.fifo(streams, kTokenNumberBits, linear.index_stream_depth);
  }
  e.items.push_back(std::move(streams));
}

/// Of an attention unit: query rows that share a key, score items a cycle, heads.
struct AttentionSizes {
  explicit AttentionSizes(const AcceleratorConfig& c)
      : units(c.attention.head_units),
        rows(c.attention.reordered ? c.attention.rows : 1),
        heads(divided_up(c.network.heads, units)),
        items(heads * (c.attention.reordered ? c.attention.softmax_lanes : 1)),
        finalize_ii(std::int64_t{c.loops[Loop::kAttentionFinalize].ii} *
                    (c.attention.reordered ? 1 : c.attention.rows)) {}
  std::int64_t units, rows, heads, items, finalize_ii;
};

/// Exponentials and reciprocals of the softmax inside attention.
void add_single_pass_softmax(Estimate& e, const AttentionSizes& a) {
  const std::int64_t shared = divided_up(a.items, a.finalize_ii);
  e.products("attention.exponentials", a.units * (shared + a.rows) * kExponentialProducts,
             kFeatureBits, kFeatureBits,
             "heads x softmax_lanes shared over finalize's II, one a row in AV; 3 of 32x32 each "
             "(assumed)");
  e.products("attention.rescale", a.units * shared, kFeatureBits, kFeatureBits,
             "running sum times an exponential of finalize, 32x32");
  e.stages("attention.reciprocal", a.units * shared, Loop::kAttentionRecipFunction,
           "a 44-bit subtract in each stage of a reciprocal");
}

/// Softmax in passes over the stored scores: two (running maximum and sum, normalise) or three.
void add_softmax_passes(Estimate& e, const AttentionSizes& a) {
  const SoftmaxConfig& softmax = e.c.softmax;
  const bool three = softmax.passes == 3;
  const std::int64_t summed = divided_up(a.items, three ? softmax.sum_ii : a.finalize_ii);
  const std::int64_t normalized = divided_up(a.items, softmax.normalize_ii);
  e.products("softmax.exponentials", (summed + normalized) * kExponentialProducts, kFeatureBits,
             kFeatureBits,
             "heads x softmax_lanes shared over the II of the summing and of the normalising pass; "
             "3 of 32x32 each (assumed)");
  e.products("softmax.products", (three ? 0 : summed) + normalized, kFeatureBits, kFeatureBits,
             "rescaled running sum (two passes), exponential times 1/sum; 32x32 for each "
             "exponential of these passes");
  e.stages("softmax.reciprocal", summed, Loop::kAttentionRecipFunction,
           "a 44-bit subtract in each stage of a reciprocal");
  e.memory("softmax.rows", 1, 2 * a.heads * kFeatureBits, e.c.network.tokens(),
           "maximum and 1/sum of every head, one word for each row");
  ResourceItem streams{
      "softmax.streams", 0, 0, 0, 0, 0, "scores into every pass and probabilities out of the last"};
  for (int stream = 0; stream < softmax.passes + 1; ++stream)
    e.fifo(streams, a.items * kFeatureBits, e.c.attention.score_stream_depth);
  e.items.push_back(std::move(streams));
}

void add_attention_streams(Estimate& e, const AttentionSizes& a) {
  const AttentionConfig& config = e.c.attention;
  ResourceItem streams{"attention.streams", 0, 0, 0, 0, 0, "streams of both regions"};
  const std::int64_t item = a.items * kFeatureBits, group = a.rows * a.heads * kFeatureBits;
  const std::int64_t info = 2 * a.heads * kFeatureBits;
  for (std::int64_t u = 0; u < a.units; ++u) {
    e.fifo(streams, e.c.word.bits, config.q_stream_depth);
    for (int twice = 0; twice < 2; ++twice) {
      e.fifo(streams, e.c.word.bits, config.kv_stream_depth);
      e.fifo(streams, group, config.product_stream_depth);
    }
    if (a.units > 1) {  // the scores of a block of rows and of the one that begins
      const std::int64_t keys = e.c.network.tokens() + 2 * a.rows;
      e.fifo(streams, item,
             std::max<std::int64_t>(config.score_stream_depth, keys * a.rows * a.heads / a.items));
      e.fifo(streams, info, std::max<std::int64_t>(config.info_stream_depth, a.rows + 1));
    } else {
      for (int twice = 0; twice < 2; ++twice) {
        e.fifo(streams, item, config.score_stream_depth);
        if (e.c.softmax.passes == 1) e.fifo(streams, info, config.info_stream_depth);
      }
    }
    e.fifo(streams, e.c.word.bits, config.out_stream_depth);
  }
  e.items.push_back(std::move(streams));
}

void add_attention(Estimate& e) {
  const AttentionSizes a(e.c);
  const std::int64_t features = e.c.word.features();
  const bool single_pass = e.c.softmax.passes == 1;
  e.products("attention.qk", a.units * a.rows * (features + 1), kFeatureBits, kFeatureBits,
             "head_units x rows that share a key x (features of a word and the scale), 32x32");
  e.products("attention.av", a.units * a.rows * (features + (single_pass ? 1 : 0)), kFeatureBits,
             kFeatureBits,
             single_pass ? "head_units x rows x (features of a word and 1/sum), 32x32"
                         : "rows x features of a word, 32x32; scores are probabilities already");
  if (single_pass)
    add_single_pass_softmax(e, a);
  else
    add_softmax_passes(e, a);
  e.memory("attention.blocks", 2 * a.units * a.rows, e.c.word.bits,
           divided_up(e.c.network.width, features * a.units),
           "a query and an accumulator token for each row, a word wide");
  add_attention_streams(e, a);
}

void add_patch_embedding(Estimate& e) {
  const NetworkConfig& net = e.c.network;
  const std::int64_t features = e.c.word.features(), pixels = e.c.word.bits / kPixelBits;
  const std::int64_t ii = e.c.loops[Loop::kPatchEmbedAccumulateCompute].ii;
  e.products("patch_embed.products", divided_up(pixels * features, ii), kPixelBits, kWeightBits,
             "pixels of a word x features of a word, 8x16, shared over the loop's II");
  const std::int64_t weights_width = features * net.patch * kWeightBits;
  const std::int64_t weights_bits = std::int64_t{net.patch_inputs()} * net.width * kWeightBits;
  e.memory("patch_embed.weights", 1, weights_width, divided_up(weights_bits, weights_width),
           "all weights, features of a word x pixels of a patch's row wide");
  const std::int64_t row_width = std::max<std::int64_t>(1, pixels / net.patch) * e.c.word.bits;
  const std::int64_t row_bits =
      std::int64_t{net.image_width / net.patch} * net.width * kFeatureBits;
  e.memory("patch_embed.rows", e.c.patch_embed.row_banks, row_width,
           divided_up(row_bits, row_width),
           "banks of a row of patches, the patches of an image word wide");
}

void add_gate(Estimate& e) {
  const NetworkConfig& net = e.c.network;
  if (!net.has_moe()) return;
  const std::int64_t features = e.c.word.features();
  e.products("gate.products", net.experts * features, kFeatureBits, kWeightBits,
             "experts x features of a word, 32x16");
  e.products("gate.rescale", 1, kFeatureBits, kFeatureBits,
             "running sum times an exponential of the softmax update, 32x32");
  e.products("gate.exponentials", 2 * kExponentialProducts, kFeatureBits, kFeatureBits,
             "softmax update and selected scores; 3 of 32x32 each (assumed)");
  e.memory("gate.weights", 1, net.experts * features * kWeightBits,
           divided_up(net.gate_inputs(), features), "experts x features of a word wide");
  e.memory("gate.queue_tokens", net.experts, kTokenNumberBits, net.tokens(),
           "token numbers of every expert, N deep");
  e.memory("gate.queue_scores", net.experts, kFeatureBits, net.tokens(),
           "scores of every expert, N deep");
}

/// Pipelined loops of all units.
std::int64_t loops_of(const AcceleratorConfig& c) {
  constexpr auto between = [](Loop first, Loop last) {
    return static_cast<std::int64_t>(last) - static_cast<std::int64_t>(first) + 1;
  };
  constexpr std::int64_t linear = between(Loop::kLinearLoadWeights, Loop::kLinearWriteOutIndirect);
  constexpr std::int64_t attention = between(Loop::kAttentionReadQ, Loop::kAttentionWriteOut);
  constexpr std::int64_t a_pass = 2, written = 1;  // read and work; the last pass writes as well
  return static_cast<std::int64_t>(kLoopCount) + (c.linear.unit_count() - 1) * linear +
         (c.attention.head_units - 1) * attention +
         (c.softmax.passes > 1 ? a_pass * c.softmax.passes + written : 0);
}

void add_others(Estimate& e) {
  const std::int64_t features = e.c.word.features();
  e.products("layer_norm.squares_and_scales", 2 * features, kFeatureBits, kFeatureBits,
             "square and scale for each feature of a word, 32x32");
  e.products("layer_norm.means", features, kFeatureBits, kWeightBits,
             "1 / width for each feature of a word, 32x16");
  e.products("layer_norm.weights", features, kFeatureBits, kWeightBits,
             "weight for each feature of a word, 32x16");
  e.stages("layer_norm.root", 1, Loop::kLayerNormSqrtFunction,
           "a 44-bit subtract in each stage of the square root");
  e.stages("layer_norm.divide", 1, Loop::kLayerNormDivideFunction,
           "a 44-bit subtract in each stage of the divider");
  e.memory("layer_norm.tokens", e.c.layer_norm.token_banks, e.c.word.bits,
           divided_up(e.c.network.width, features), "banks of a token, a word wide");
  const std::int64_t resident = resident_bytes(e.c);
  if (resident > 0)
    e.memory("activations", 1, e.c.word.bits, divided_up(resident, e.c.word.bytes()),
             "tensors that stay on chip, a word wide, each with a port of its own");
  e.items.push_back({"residual", 0, 0, 0, features * kFeatureBits, features * kFeatureBits,
                     "an adder for each feature of a word"});
  const std::int64_t loops = loops_of(e.c);
  e.items.push_back({"control", 0, 0, 0, loops * kLoopLut, loops * kLoopFf,
                     "150 LUTs and 200 flip-flops a loop of each unit (assumed)"});
}

void add_ports(Estimate& e) {
  const auto masters = static_cast<std::int64_t>(kMasterCount);
  const std::int64_t adapters = 2 * masters - 1;  // weights only reads
  e.memory("ports.read_buffers", masters, e.c.word.bits, e.c.port.read_buffer_beats,
           "read buffer of every master, a word wide");
  e.memory("ports.write_buffers", masters - 1, e.c.word.bits, e.c.port.write_buffer_beats,
           "write buffer of every master but weights, a word wide");
  e.items.push_back({"ports.adapters", 0, 0, 0,
                     adapters * (kAdapterLut + std::int64_t{kAdapterLutPerBit} * e.c.word.bits),
                     adapters * (kAdapterFf + std::int64_t{kAdapterFfPerBit} * e.c.word.bits),
                     "each direction of a master: 600 LUTs and 2 a bit, 900 flip-flops and 4 a bit "
                     "(assumed)"});
  if (e.c.ps.width_bits < e.c.word.bits)
    e.items.push_back({"ports.smart_connects", 0, 0, 0, masters * kSmartConnectLut,
                       masters * kSmartConnectFf, "3000 LUTs, 5000 flip-flops each (assumed)"});
}

}  // namespace

int dsp_of_multiplier(int a_bits, int b_bits) {
  const auto slices = [](int wide, int narrow) { return limbs(wide, 27) * limbs(narrow, 18); };
  return std::min(slices(a_bits, b_bits), slices(b_bits, a_bits));
}

std::int64_t bram18_of_memory(std::int64_t width_bits, std::int64_t depth) {
  if (depth <= kLutRamDepth && width_bits * depth <= kLutRamBits) return 0;
  constexpr std::array<std::pair<int, int>, 6> kShapes{
      {{36, 512}, {18, 1024}, {9, 2048}, {4, 4096}, {2, 8192}, {1, 16384}}};
  std::int64_t best = 0;
  for (const auto& [width, words] : kShapes) {
    const std::int64_t blocks = divided_up(width_bits, width) * divided_up(depth, words);
    if (best == 0 || blocks < best) best = blocks;
  }
  return best;
}

std::int64_t uram_of_memory(std::int64_t width_bits, std::int64_t depth) {
  constexpr int kWidth = 72, kDepth = 4096;
  return divided_up(width_bits, kWidth) * divided_up(depth, kDepth);
}

std::int64_t lut_of_fifo(std::int64_t width_bits, std::int64_t depth) {
  return width_bits * divided_up(depth, kSrlDepth);
}

Resources resources(const AcceleratorConfig& config) {
  Estimate estimate(config);
  add_linear(estimate);
  add_attention(estimate);
  add_others(estimate);
  add_patch_embedding(estimate);
  add_gate(estimate);
  add_ports(estimate);
  return {std::move(estimate.items)};
}

}  // namespace m3sim::cost
