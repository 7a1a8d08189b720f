#include "tlm/earliest.hpp"

#include <stdexcept>

#include "model/kernels/instruction_sets.hpp"

namespace m3sim::tlm_mem {
namespace {

constexpr std::size_t kBlock = 8;

// There are few: looking at all takes less than keeping them in order.
M3SIM_CLONES std::int64_t smallest(const std::int64_t* values, std::size_t blocks) {
  std::int64_t best = values[0];
  for (std::size_t i = 0; i < kBlock * blocks; ++i) best = values[i] < best ? values[i] : best;
  return best;
}

}  // namespace

void Earliest::resize(std::size_t count) {
  if (count > std::size_t{1} << kNumberBits) throw std::logic_error("earliest: too many numbers");
  keys_.resize((count + kBlock - 1) / kBlock * kBlock, kNone);
}

void Earliest::find() {
  first_ = smallest(keys_.data(), keys_.size() / kBlock);
  known_ = true;
}

}  // namespace m3sim::tlm_mem
