// Tops of the residual add: kernels/residual.hpp.
#include "model/kernels/residual.hpp"
#include "model/hls/run_actor.hpp"
#include "model/hls/tops.hpp"

namespace m3sim {
namespace hls {

void residual_add(Memory x, Memory y, Memory sum, std::int32_t words, std::int32_t x_word,
                  std::int32_t y_word, std::int32_t out_word) {
  M3SIM_HLS_MEMORY(x)
  M3SIM_HLS_MEMORY(y)
  M3SIM_HLS_MEMORY(sum)
  kernels::Add<HlsInts> actor({kFeatures, kAddSingleX, kAddSingleY, kAddSingleX});
  M3SIM_HLS_ACTOR(actor)
  actor.start({words, x_word, y_word, out_word});
  run(actor, in(), out(), reads(x, y), writes(sum));
}

}  // namespace hls
}  // namespace m3sim
