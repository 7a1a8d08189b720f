#include "model/cost/resources.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace m3sim::cost {
namespace {

constexpr int kLutRamDepth = 64;        // words of a LUT
constexpr int kLutRamBits = 64 * 1024;  // more is not worth the LUTs: 1024 of them
constexpr int kWeightBits = 16;
constexpr int kPixelBits = 8;
constexpr int kLinearBiasBits = 18;  // as the published sources reshape 16 of them to 288 bit
constexpr int kTokenNumberBits = 16;
/// Products of two 32-bit numbers in an exponential: assumed, its structure is not published.
constexpr int kExponentialProducts = 3;

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

int limbs(int bits, int port_bits) {
  return bits <= port_bits ? 1 : 1 + static_cast<int>(divided_up(bits - port_bits, port_bits - 1));
}

int activation_product() { return dsp_of_multiplier(kFeatureBits, kFeatureBits); }
int weight_product() { return dsp_of_multiplier(kFeatureBits, kWeightBits); }

void add_linear(const AcceleratorConfig& c, std::vector<ResourceItem>& items) {
  const LinearConfig& linear = c.linear;
  const std::int64_t macs = std::int64_t{linear.in_tile} * linear.out_tile;
  items.push_back({"linear.mac_array", macs * weight_product(), 0, "in_tile x out_tile of 32x16"});
  items.push_back({"linear.gelu", linear.out_tile * weight_product(), 0,
                   "one interpolating 32x16 for each output of a tile"});
  items.push_back({"linear.score", c.word.features() * activation_product(), 0,
                   "one 32x32 for each feature of a word"});
  const std::int64_t bits = std::int64_t{linear.weight_buffer_kib} * 1024 * 8;
  const std::int64_t width = macs * kWeightBits;
  items.push_back({"linear.weights", 0,
                   linear.weight_banks * bram18_of_memory(width, divided_up(bits, width)),
                   "banks of weight_buffer_kib, a tile of weights wide"});
  items.push_back({"linear.bias", 0,
                   linear.weight_banks *
                       bram18_of_memory(linear.out_tile * kLinearBiasBits,
                                        divided_up(linear.bias_buffer_features, linear.out_tile)),
                   "banks of bias_buffer_features, a tile of outputs wide"});
  items.push_back({"linear.inputs", 0,
                   bram18_of_memory(linear.in_tile * kFeatureBits,
                                    divided_up(linear.in_buffer_features, linear.in_tile)),
                   "in_buffer_features, a tile of inputs wide"});
  items.push_back({"linear.streams", 0,
                   bram18_of_memory(linear.in_tile * kFeatureBits, linear.in_stream_depth) +
                       bram18_of_memory(linear.out_tile * kFeatureBits, linear.out_stream_depth),
                   "in_stream and out_stream"});
}

void add_attention(const AcceleratorConfig& c, std::vector<ResourceItem>& items) {
  const std::int64_t rows = c.attention.rows, features = c.word.features();
  const std::int64_t exponential = kExponentialProducts * activation_product();
  const std::int64_t finalize_exps =
      divided_up(std::int64_t{c.network.heads} * c.attention.softmax_lanes,
                 c.loops[Loop::kAttentionFinalize].ii);
  items.push_back({"attention.qk", rows * features * activation_product(), 0,
                   "rows x features of a word, 32x32"});
  items.push_back({"attention.av", rows * (features + 1) * activation_product(), 0,
                   "rows x (features of a word and 1/sum), 32x32"});
  items.push_back({"attention.exponentials", (finalize_exps + rows) * exponential, 0,
                   "heads x softmax_lanes shared over finalize's II, one a row in AV; 3 of 32x32 "
                   "each (assumed)"});
  const std::int64_t depth = divided_up(c.network.width, features);
  items.push_back({"attention.blocks", 0, 2 * rows * bram18_of_memory(c.word.bits, depth),
                   "a query and an accumulator token for each row, a word wide"});
}

void add_others(const AcceleratorConfig& c, std::vector<ResourceItem>& items) {
  const NetworkConfig& net = c.network;
  const std::int64_t features = c.word.features();
  items.push_back({"layer_norm", features * (2 * activation_product() + weight_product()), 0,
                   "square, scale (32x32) and weight (32x16) for each feature of a word"});
  const std::int64_t pixels = c.word.bits / kPixelBits;
  const std::int64_t ii = c.loops[Loop::kPatchEmbedAccumulateCompute].ii;
  items.push_back({"patch_embed.products",
                   divided_up(pixels * features, ii) * dsp_of_multiplier(kPixelBits, kWeightBits),
                   0, "pixels of a word x features of a word, 8x16, shared over the loop's II"});
  const std::int64_t weights_width = features * net.patch * kWeightBits;
  const std::int64_t weights_bits = std::int64_t{net.patch_inputs()} * net.width * kWeightBits;
  items.push_back({"patch_embed.weights", 0,
                   bram18_of_memory(weights_width, divided_up(weights_bits, weights_width)),
                   "all weights, features of a word x pixels of a patch's row wide"});
  const std::int64_t row_width = std::max<std::int64_t>(1, pixels / net.patch) * c.word.bits;
  const std::int64_t row_bits =
      std::int64_t{net.image_width / net.patch} * net.width * kFeatureBits;
  items.push_back(
      {"patch_embed.rows", 0,
       c.patch_embed.row_banks * bram18_of_memory(row_width, divided_up(row_bits, row_width)),
       "banks of a row of patches, the patches of an image word wide"});
  if (!net.has_moe()) return;
  items.push_back({"gate.products", net.experts * features * weight_product(), 0,
                   "experts x features of a word, 32x16"});
  items.push_back({"gate.exponentials", 2 * kExponentialProducts * activation_product(), 0,
                   "softmax update and selected scores; 3 of 32x32 each (assumed)"});
  items.push_back({"gate.weights", 0,
                   bram18_of_memory(net.experts * features * kWeightBits,
                                    divided_up(net.gate_inputs(), features)),
                   "experts x features of a word wide"});
  items.push_back({"gate.queues", 0,
                   net.experts * (bram18_of_memory(kTokenNumberBits, net.tokens()) +
                                  bram18_of_memory(kFeatureBits, net.tokens())),
                   "token numbers and scores of every expert, N deep"});
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

std::int64_t Resources::dsp() const {
  std::int64_t sum = 0;
  for (const ResourceItem& item : items) sum += item.dsp;
  return sum;
}

std::int64_t Resources::bram18() const {
  std::int64_t sum = 0;
  for (const ResourceItem& item : items) sum += item.bram18;
  return sum;
}

Resources resources(const AcceleratorConfig& config) {
  Resources result;
  add_linear(config, result.items);
  add_attention(config, result.items);
  add_others(config, result.items);
  const std::int64_t writers = static_cast<std::int64_t>(kMasterCount) - 1;  // weights only reads
  result.items.push_back(
      {"ports", 0,
       static_cast<std::int64_t>(kMasterCount) *
               bram18_of_memory(config.word.bits, config.port.read_buffer_beats) +
           writers * bram18_of_memory(config.word.bits, config.port.write_buffer_beats),
       "read buffer of every master and write buffer of all but weights, a word wide"});
  return result;
}

}  // namespace m3sim::cost
