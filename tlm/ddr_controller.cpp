#include "tlm/ddr_controller.hpp"

namespace m3sim::tlm_mem {

DdrController::DdrController(const DdrConfig& config) : addresses_(config) {
  for (int c = 0; c < config.channels; ++c) {
    channels_.emplace_back(config, c, addresses_, completions_, commands_);
  }
  if (channels_.size() == 1) single_ = &channels_.front();
}

DdrStats DdrController::stats(Cycle end) const {
  DdrStats total;
  for (const DdrChannel& channel : channels_) total += channel.stats(end);
  return total;
}

}  // namespace m3sim::tlm_mem
