// Tops of the linear unit: kernels/linear.hpp.
#include "model/kernels/linear.hpp"
#include "model/hls/run_actor.hpp"
#include "model/hls/tops.hpp"

namespace m3sim {
namespace hls {
namespace {

kernels::LinearShape linear_shape(bool single = false) {
  return {kFeatures, kInTile, kOutTile, single};
}

}  // namespace

void linear_weight_load(Memory matrix, std::int32_t cache[kCacheLanes],
                        std::int16_t weights[kWeightLanes], std::int32_t first_word,
                        std::int32_t rows, std::int32_t row_words, std::int32_t first_tile) {
  M3SIM_HLS_MEMORY(matrix)
  kernels::WeightLoad<HlsInts> actor(linear_shape(), {cache, kOutTile * kFeatures},
                                     {weights, kInTile * kOutTile});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, rows, row_words, first_tile});
  run(actor, in(), out(), reads(matrix), writes());
}

void linear_bias_load(Memory vector, std::int32_t biases[kBiasLanes], std::int32_t first_word,
                      std::int32_t words, std::int32_t attention, std::int32_t first_block) {
  M3SIM_HLS_MEMORY(vector)
  kernels::BiasLoad<HlsInts> actor(linear_shape(), {biases, kOutTile});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, words, attention != 0, first_block});
  run(actor, in(), out(), reads(vector), writes());
}

void linear_read_direct(Stream<kInTile> items, Memory tensor, std::int32_t first_word,
                        std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                        std::int32_t row_stride) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_MEMORY(tensor)
  kernels::ReadItems<HlsInts> actor(kernels::TransferShape{kFeatures, kInTile, false});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, rows, row_chunks, row_words, row_stride});
  run(actor, in(), out(items), reads(tensor), writes());
}

void linear_read_indirect(Stream<kInTile> items, Stream<1> numbers, Memory tensor,
                          std::int32_t queues[kQueueLanes], std::int32_t first_word,
                          std::int32_t first_entry, std::int32_t length, std::int32_t token_words) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_STREAM(numbers)
  M3SIM_HLS_MEMORY(tensor)
  kernels::ReadIndirect<HlsInts> actor(linear_shape(kReadIndirectSingle), {queues, 2});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, first_entry, length, token_words});
  run(actor, in(), out(items, numbers), reads(tensor), writes());
}

void linear_compute(Stream<kInTile> items, Stream<kOutTile> results,
                    std::int32_t kept[kInBlockLanes], std::int16_t weights[kWeightLanes],
                    std::int32_t biases[kBiasLanes], std::int32_t tokens, std::int32_t in_blocks,
                    std::int32_t out_blocks, std::int32_t gelu, std::int32_t first_tile,
                    std::int32_t first_block) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_STREAM(results)
  kernels::LinearCompute<HlsInts> actor(linear_shape(), {kept, kInTile},
                                        {weights, kInTile * kOutTile}, {biases, kOutTile});
  M3SIM_HLS_ACTOR(actor)
  actor.start({tokens, in_blocks, out_blocks, gelu != 0, first_tile, first_block});
  run(actor, in(items), out(results), reads(), writes());
}

void linear_write_direct(Stream<kOutTile> items, Memory tensor, std::int32_t first_word,
                         std::int32_t rows, std::int32_t row_chunks, std::int32_t row_words,
                         std::int32_t row_stride) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_MEMORY(tensor)
  kernels::WriteItems<HlsInts> actor(kernels::TransferShape{kFeatures, kOutTile, false});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, rows, row_chunks, row_words, row_stride});
  run(actor, in(items), out(), reads(), writes(tensor));
}

void linear_write_indirect(Stream<kOutTile> items, Stream<1> numbers, Memory sums, Memory tensor,
                           std::int32_t queues[kQueueLanes], std::int32_t first_word,
                           std::int32_t first_entry, std::int32_t length, std::int32_t row_words,
                           std::int32_t row_stride, std::int32_t scaled) {
  M3SIM_HLS_STREAM(items)
  M3SIM_HLS_STREAM(numbers)
  M3SIM_HLS_MEMORY(sums)
  M3SIM_HLS_MEMORY(tensor)
  kernels::WriteIndirect<HlsInts> actor(linear_shape(kWriteIndirectSingle), {queues, 2});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, first_entry, length, row_words, row_stride, scaled != 0});
  run(actor, in(items, numbers), out(), reads(sums), writes(tensor));
}

}  // namespace hls
}  // namespace m3sim
