#include "model/rtl/hardware.hpp"

#include <algorithm>
#include <utility>

#include "model/config/error.hpp"
#include "model/rtl/design.hpp"

namespace m3sim::rtl {
namespace {

struct LoopKernel {
  const char* group;
  Loop loop;
  const char* kernel;
};
/// Loops that an engine runs as one kernel each.
constexpr LoopKernel kKernels[] = {
    {"linear", Loop::kLinearLoadWeights, "weight_load"},
    {"linear", Loop::kLinearLoadBias, "bias_load"},
    {"linear", Loop::kLinearReadInDirect, "read_direct"},
    {"linear", Loop::kLinearReadInIndirect, "read_indirect"},
    {"linear", Loop::kLinearCompute, "linear_compute"},
    {"linear", Loop::kLinearWriteOutDirect, "write_direct"},
    {"linear", Loop::kLinearWriteOutIndirect, "write_indirect"},
    {"attention", Loop::kAttentionReadQ, "read_tokens"},
    {"attention", Loop::kAttentionReadKv, "read_rotated"},
    {"attention", Loop::kAttentionQMatmulK, "q_times_k"},
    {"attention", Loop::kAttentionFinalize, "finalize"},
    {"attention", Loop::kAttentionWriteScores, "write_scores"},
    {"attention", Loop::kAttentionWriteSoftmaxInfo, "write_softmax_info"},
    {"attention", Loop::kAttentionReadScores, "read_scores"},
    {"attention", Loop::kAttentionReadSoftmaxInfo, "read_softmax_info"},
    {"attention", Loop::kAttentionPrepare, "prepare"},
    {"attention", Loop::kAttentionAttnMatmulV, "attention_times_v"},
    {"attention", Loop::kAttentionWriteOut, "write_tokens"},
};

}  // namespace

Hardware::Hardware(const AcceleratorConfig& config, const std::vector<std::string>& groups) {
  const auto& built = built_sockets();
  for (const std::string& group : groups) {
    if (group != "linear" && group != "attention")
      throw UsageError("--rtl " + group + ": must be linear, attention, or both");
    if (built.empty())
      throw UsageError("--rtl " + group +
                       ": this program was built without RTL (cmake -DM3SIM_RTL=ON)");
    for (const LoopKernel& k : kKernels) {
      if (group != k.group) continue;
      const Design design = [&] {
        try {
          return make_design(k.kernel, config);
        } catch (const BuildError& error) {
          throw UsageError("--rtl " + group + ": " + error.what());
        }
      }();
      const Module module = write_module(design);
      const std::uint64_t hash = hash_of(module.text);
      const auto found = std::find_if(built.begin(), built.end(), [&](const BuiltSocket& s) {
        return s.kernel == k.kernel && s.text_hash == hash;
      });
      if (found == built.end())
        throw UsageError("--rtl " + group + ": this program has no RTL of " + k.kernel +
                         " for these parameters (cmake -DM3SIM_RTL_CONFIG=FILE)");
      sockets_.emplace(k.loop, Socket{layout_of(design, module), found->make});
    }
  }
}

}  // namespace m3sim::rtl
