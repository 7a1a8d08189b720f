// Least recently used: every missing expert takes the slot whose last use is longest ago.
#include <algorithm>

#include "model/accelerator/expert_cache.hpp"

namespace m3sim {
namespace {

class Lru final : public ExpertCachePolicy {
 public:
  int place(int, const std::vector<ExpertSlot>& slots) const override {
    const auto oldest = std::min_element(
        slots.begin(), slots.end(),
        [](const ExpertSlot& a, const ExpertSlot& b) { return a.last_use < b.last_use; });
    return static_cast<int>(oldest - slots.begin());
  }
};

const ExpertCachePolicy::Entry<Lru> kLru("lru");

}  // namespace
}  // namespace m3sim
