// The on-chip cache of whole experts: which slot an expert's weights take.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace m3sim {

/// What a slot holds.
struct ExpertSlot {
  int layer = -1, expert = -1;
  long last_use = 0;  ///< counts uses of the cache; 0: never
};

/// Which slot an expert that the cache lacks takes. A policy is one file of
/// expert_caches/ that registers itself under the word of the key experts.cache.
class ExpertCachePolicy {
 public:
  virtual ~ExpertCachePolicy() = default;
  /// Index of the slot; -1: the expert goes through the ordinary weight banks.
  virtual int place(int expert, const std::vector<ExpertSlot>& slots) const = 0;

  using Factory = std::function<std::unique_ptr<ExpertCachePolicy>()>;
  static std::map<std::string, Factory>& policies();
  template <class Policy>
  struct Entry {
    explicit Entry(const std::string& name) {
      policies().emplace(name, [] { return std::make_unique<Policy>(); });
    }
  };
};

/// Slots are decided in program order, when a layer's schedule is made.
class ExpertCache {
 public:
  /// `policy` none: no slots.
  ExpertCache(const std::string& policy, int experts);

  struct Place {
    int slot = -1;     ///< -1: not cached
    bool hit = false;  ///< the slot holds the expert already
  };
  /// The place of an expert that is needed now.
  Place use(int layer, int expert);

 private:
  std::unique_ptr<ExpertCachePolicy> policy_;
  std::vector<ExpertSlot> slots_;
  long uses_ = 0;
};

}  // namespace m3sim
