#include "model/accelerator/expert_cache.hpp"

namespace m3sim {

std::map<std::string, ExpertCachePolicy::Factory>& ExpertCachePolicy::policies() {
  static std::map<std::string, Factory> table;
  return table;
}

ExpertCache::ExpertCache(const std::string& policy, int experts) {
  if (policy == "none") return;
  policy_ = ExpertCachePolicy::policies().at(policy)();
  slots_.resize(static_cast<std::size_t>(experts));
}

ExpertCache::Place ExpertCache::use(int layer, int expert) {
  ++uses_;
  for (std::size_t s = 0; s < slots_.size(); ++s)
    if (slots_[s].layer == layer && slots_[s].expert == expert) {
      slots_[s].last_use = uses_;
      return {static_cast<int>(s), true};
    }
  if (!policy_) return {};
  const int slot = policy_->place(expert, slots_);
  if (slot >= 0) slots_[static_cast<std::size_t>(slot)] = {layer, expert, uses_};
  return {slot, false};
}

}  // namespace m3sim
