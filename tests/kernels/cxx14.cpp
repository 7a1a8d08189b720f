// Every actor in C++14, the language of the HLS tools. Compiled, not run.
#include "model/kernels/attention_out.hpp"
#include "model/kernels/gelu_exact.hpp"
#include "model/kernels/layer_norm.hpp"
#include "model/kernels/linear.hpp"
#include "model/kernels/patch_embedding.hpp"
#include "model/kernels/queues.hpp"
#include "model/kernels/residual.hpp"
#include "model/kernels/softmax_passes.hpp"
#include "model/kernels/task_embedding.hpp"

static_assert(__cplusplus == 201402L, "compiled as C++14");

namespace m3sim {
namespace kernels {

template struct ReadItems<Ints>;
template struct WriteItems<Ints>;
template struct WriteZeros<Ints>;
template struct CopyWords<Ints>;
template struct WeightLoad<Ints>;
template struct BiasLoad<Ints>;
template struct ReadIndirect<Ints>;
template struct LinearCompute<Ints>;
template struct WriteIndirect<Ints>;
template struct ActivateTiles<Ints>;
template struct ReadRotated<Ints>;
template struct QxK<Ints>;
template struct Finalize<Ints>;
template struct Prepare<Ints>;
template struct AttnxV<Ints>;
template struct SplitScores<Ints>;
template struct StatisticsPass<Ints, MaximumRule<Ints>>;
template struct StatisticsPass<Ints, SumRule<Ints>>;
template struct StatisticsPass<Ints, RunningRule<Ints>>;
template struct SoftmaxNormalize<Ints>;
template struct ProbabilityxV<Ints>;
template struct GateWeightLoad<Ints>;
template struct MatVec<Ints>;
template struct SoftmaxUpdate<Ints>;
template struct TopK<Ints>;
template struct ExpDivide<Ints>;
template struct WriteResults<Ints>;
template struct MetaQueue<Ints>;
template struct TaskEmbedding<Ints>;
template struct LoadNorms<Ints>;
template struct NormAccumulate<Ints>;
template struct NormOutput<Ints>;
template struct PatchWeightLoad<Ints>;
template struct ReadPixels<Ints>;
template struct PatchAccumulate<Ints>;
template struct PatchOutput<Ints>;
template struct Add<Ints>;

}  // namespace kernels
}  // namespace m3sim
