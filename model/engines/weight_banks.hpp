// The linear unit's weight and bias buffers: one bank is filled while another is computed from.
#pragma once
#include <systemc>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/config/accelerator_config.hpp"
#include "model/kernels/linear.hpp"
#include "tlm/byte_store.hpp"

namespace m3sim {

/// Per linear unit `linear.weight_banks` banks (1: no double buffering, 2: ping-pong, 3), and behind them two for
/// each expert of the cache, one per matrix. A bank is handed over by
/// the schedule's tokens; that it holds what the reader expects is checked at every hand-over
/// (timing contract, section 10).
class WeightBanks : public sc_core::sc_module {
 public:
  WeightBanks(const sc_core::sc_module_name& name, const AcceleratorConfig& config)
      : sc_core::sc_module(name),
        tile_lanes_(config.linear.in_tile * config.linear.out_tile),
        block_lanes_(config.linear.out_tile) {
    const auto weights =
        static_cast<std::size_t>(config.linear.weight_buffer_kib) * 1024 / sizeof(std::int16_t);
    for (int b = 0; b < config.linear.bank_count(); ++b)
      add(weights, static_cast<std::size_t>(config.linear.bias_buffer_features));
    const NetworkConfig& n = config.network;
    const int unit =
        std::max({config.linear.in_tile, config.linear.out_tile, 2 * config.word.features()});
    const auto whole = [unit](int features) {
      return static_cast<std::size_t>((features + unit - 1) / unit * unit);
    };
    for (int b = 0; b < config.experts.banks(); ++b)
      add(whole(n.width) * whole(n.expert_hidden), whole(std::max(n.width, n.expert_hidden)));
  }

  kernels::Ints::Memory16 weights(int bank) { return {at(bank).weights.data(), tile_lanes_}; }
  kernels::Ints::Memory biases(int bank) { return {at(bank).biases.data(), block_lanes_}; }

  void fill(int bank, std::uint32_t step) { at(bank).filled_by = step; }
  /// The bank must hold what step `expected` loaded.
  void check(int bank, std::uint32_t expected, std::uint32_t reader) {
    if (at(bank).filled_by == expected) return;
    throw tlm_mem::HazardError("weight bank " + std::to_string(bank) + ": step " +
                               std::to_string(reader) + " expects what step " +
                               std::to_string(expected) + " loaded, but it holds step " +
                               std::to_string(at(bank).filled_by) + "'s");
  }

 private:
  struct Bank {
    std::vector<std::int16_t> weights;
    std::vector<std::int32_t> biases;
    std::uint32_t filled_by;
  };
  void add(std::size_t weights, std::size_t biases) {
    banks_.push_back({std::vector<std::int16_t>(weights), std::vector<std::int32_t>(biases), 0});
  }
  Bank& at(int bank) { return banks_.at(static_cast<std::size_t>(bank)); }
  int tile_lanes_, block_lanes_;
  std::vector<Bank> banks_;
};

}  // namespace m3sim
