// Pinned: a layer's first experts stay, from their first use on; all others are loaded whenever they
// are needed.
#include "model/accelerator/expert_cache.hpp"

namespace m3sim {
namespace {

class Pinned final : public ExpertCachePolicy {
 public:
  int place(int expert, const std::vector<ExpertSlot>& slots) const override {
    return expert < static_cast<int>(slots.size()) ? expert : -1;
  }
};

const ExpertCachePolicy::Entry<Pinned> kPinned("pinned");

}  // namespace
}  // namespace m3sim
