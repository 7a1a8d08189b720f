// Tops of layer norm: kernels/layer_norm.hpp.
#include "model/kernels/layer_norm.hpp"
#include "model/hls/run_actor.hpp"
#include "model/hls/tops.hpp"

namespace m3sim {
namespace hls {

void norm_load(Memory parameters, std::int16_t vector[kWidth], std::int32_t first_word) {
  M3SIM_HLS_MEMORY(parameters)
  kernels::LoadNorms<HlsInts> actor({kFeatures, kTokenWords}, {vector, kFeatures});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word});
  run(actor, in(), out(), reads(parameters), writes());
}

void norm_accumulate(Memory tokens, std::int32_t token_buffer[kTokenBankLanes],
                     std::int32_t sums[2 * kTokenBanks], std::int32_t first_word,
                     std::int32_t bank) {
  M3SIM_HLS_MEMORY(tokens)
  kernels::NormAccumulate<HlsInts> actor({kFeatures, kTokenWords}, {token_buffer, kFeatures},
                                         {sums, 2});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, bank});
  run(actor, in(), out(), reads(tokens), writes());
}

void norm_output(Memory tokens, std::int32_t token_buffer[kTokenBankLanes],
                 std::int32_t sums[2 * kTokenBanks], std::int16_t scales[kWidth],
                 std::int16_t shifts[kWidth], std::int32_t first_word, std::int32_t bank) {
  M3SIM_HLS_MEMORY(tokens)
  kernels::NormOutput<HlsInts> actor({kFeatures, kTokenWords}, {token_buffer, kFeatures}, {sums, 2},
                                     {scales, kFeatures}, {shifts, kFeatures});
  M3SIM_HLS_ACTOR(actor)
  actor.start({first_word, bank});
  run(actor, in(), out(), reads(), writes(tokens));
}

}  // namespace hls
}  // namespace m3sim
