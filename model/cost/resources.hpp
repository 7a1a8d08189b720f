// What a configuration takes of a device: an ESTIMATE by stated packing rules, made from the same
// configuration that is simulated. DSP slices and memories follow from widths and depths; LUTs and
// flip-flops are a floor: operators, registers, FIFOs and adapters, without multiplexers, control
// and what synthesis adds.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/config/accelerator_config.hpp"

namespace m3sim::cost {

/// DSP48E2 slices of a signed multiplier. A slice multiplies 27 x 18 bits (AMD UG579); wider
/// operands are cut into limbs whose lower ones are unsigned, 26 or 17 bits: 32 x 16 takes 2,
/// 32 x 32 takes 4.
int dsp_of_multiplier(int a_bits, int b_bits);

/// RAMB18 blocks of a memory of `depth` words: the best of 36x512, 18x1024, 9x2048, 4x4096, 2x8192
/// and 1x16384 (AMD UG573); none for up to 64 words of 64 Kbit in all, which LUTs hold.
std::int64_t bram18_of_memory(std::int64_t width_bits, std::int64_t depth);

/// URAM288 blocks of the same: 72 x 4096 each (AMD UG573).
std::int64_t uram_of_memory(std::int64_t width_bits, std::int64_t depth);

/// LUTs of a FIFO: 32 words a LUT and bit as a shift register (AMD UG574).
std::int64_t lut_of_fifo(std::int64_t width_bits, std::int64_t depth);

struct ResourceItem {
  std::string name;
  std::int64_t dsp = 0, bram18 = 0, uram = 0, lut = 0, ff = 0;
  std::string rule;  ///< how it was counted
};

struct Resources {
  std::vector<ResourceItem> items;
  std::int64_t dsp() const { return sum(&ResourceItem::dsp); }
  std::int64_t bram18() const { return sum(&ResourceItem::bram18); }
  std::int64_t uram() const { return sum(&ResourceItem::uram); }
  std::int64_t lut() const { return sum(&ResourceItem::lut); }
  std::int64_t ff() const { return sum(&ResourceItem::ff); }

 private:
  std::int64_t sum(std::int64_t ResourceItem::*field) const {
    std::int64_t total = 0;
    for (const ResourceItem& item : items) total += item.*field;
    return total;
  }
};

Resources resources(const AcceleratorConfig& config);

}  // namespace m3sim::cost
