// Which kernels of a simulation are hardware: the Verilated ones of this program, if they were made
// for the configuration that is simulated.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/config/accelerator_config.hpp"
#include "model/rtl/rtl_pipeline.hpp"

namespace m3sim::rtl {

class Hardware {
 public:
  /// Groups of kernels (linear, attention). Throws UsageError where the program has no Verilated
  /// kernel of a group for this configuration.
  Hardware(const AcceleratorConfig& config, const std::vector<std::string>& groups);

  /// The pipeline of a loop, as hardware if it is chosen, else as it is.
  template <class Actor>
  std::unique_ptr<timing::PipelineBase> pipeline(Loop loop,
                                                 std::unique_ptr<timing::Pipeline<Actor>> simulated,
                                                 const std::vector<timing::Stream*>& in,
                                                 const std::vector<timing::Stream*>& out) const {
    const auto found = sockets_.find(loop);
    if (found == sockets_.end()) return simulated;
    return std::make_unique<RtlPipeline<Actor>>(found->second.layout, found->second.make(),
                                                std::move(simulated), in, out);
  }

 private:
  struct Socket {
    SocketLayout layout;
    std::function<std::unique_ptr<SocketModel>()> make;
  };
  std::map<Loop, Socket> sockets_;
};

}  // namespace m3sim::rtl
