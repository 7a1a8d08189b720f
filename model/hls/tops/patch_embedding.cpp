// Tops of patch embedding: kernels/patch_embedding.hpp.
#include "model/kernels/patch_embedding.hpp"
#include "model/hls/run_actor.hpp"
#include "model/hls/tops.hpp"

namespace m3sim {
namespace hls {
namespace {

kernels::PatchShape patch_shape() {
  return {kFeatures, kTokenWords, kPatch, kChannels, kImageWidth};
}

}  // namespace

void patch_weight_load(Memory matrix, std::int16_t weights[kPatchWeightLanes],
                       std::int32_t first_word) {
  M3SIM_HLS_MEMORY(matrix)
  kernels::PatchWeightLoad<HlsInts> actor(patch_shape(), {weights, kFeatures * kPatchChunk});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word});
  run(actor, in(), out(), reads(matrix), writes());
}

void patch_bias_load(Memory parameters, std::int16_t vector[kWidth], std::int32_t first_word) {
  M3SIM_HLS_MEMORY(parameters)
  kernels::PatchBiasLoad<HlsInts> actor({kFeatures, kTokenWords}, {vector, kFeatures});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word});
  run(actor, in(), out(), reads(parameters), writes());
}

void patch_read_pixels(Stream<kFeatures> pixels, Memory image, std::int32_t first_word,
                       std::int32_t channel_words) {
  M3SIM_HLS_STREAM(pixels)
  M3SIM_HLS_MEMORY(image)
  // As the region runs it: a call for each channel.
  kernels::PatchShape shape = patch_shape();
  shape.channels = 1;
  kernels::ReadPixels<HlsInts> actor(shape);
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, channel_words});
  run(actor, in(), out(pixels), reads(image), writes());
}

void patch_accumulate(Stream<kFeatures> pixels, std::int16_t weights[kPatchWeightLanes],
                      std::int16_t biases[kWidth], std::int32_t sums[kPatchSumLanes],
                      std::int32_t bank) {
  M3SIM_HLS_STREAM(pixels)
  kernels::PatchAccumulate<HlsInts> actor(patch_shape(), {weights, kFeatures * kPatchChunk},
                                          {biases, kFeatures}, {sums, kPatchesPerWord * kFeatures});
  M3SIM_HLS_ACTOR(actor)
  actor.start({bank});
  run(actor, in(pixels), out(), reads(), writes());
}

void patch_output(Memory position, Memory tokens, std::int32_t sums[kPatchSumLanes],
                  std::int32_t position_word, std::int32_t out_word, std::int32_t bank) {
  M3SIM_HLS_MEMORY(position)
  M3SIM_HLS_MEMORY(tokens)
  kernels::PatchOutput<HlsInts> actor(patch_shape(), {sums, kPatchesPerWord * kFeatures});
  M3SIM_HLS_ACTOR(actor)
  actor.start({position_word, out_word, bank});
  run(actor, in(), out(), reads(position), writes(tokens));
}

void patch_class_token(Memory position, Memory tokens, std::int32_t from_word,
                       std::int32_t from_rows, std::int32_t from_chunks,
                       std::int32_t from_row_words, std::int32_t from_stride, std::int32_t to_word,
                       std::int32_t to_rows, std::int32_t to_chunks, std::int32_t to_row_words,
                       std::int32_t to_stride) {
  M3SIM_HLS_MEMORY(position)
  M3SIM_HLS_MEMORY(tokens)
  kernels::ClassToken<HlsInts> actor(kernels::TransferShape{kFeatures, kFeatures, false});
  M3SIM_HLS_ACTOR(actor)
  actor.start({{from_word, from_rows, from_chunks, from_row_words, from_stride},
               {to_word, to_rows, to_chunks, to_row_words, to_stride}});
  run(actor, in(), out(), reads(position), writes(tokens));
}

}  // namespace hls
}  // namespace m3sim
