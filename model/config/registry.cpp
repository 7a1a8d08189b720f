#include "model/config/registry.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace m3sim {
namespace {

bool same_letter(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}

/// Edits (insert, delete, replace, swap of neighbours) that turn one text into the other, whatever
/// case.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool differ = !same_letter(a[i - 1], b[j - 1]);
      cost[i][j] =
          std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (differ ? 1 : 0)});
      if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1])) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

const Registry& Registry::instance() {
  static const Registry registry;
  return registry;
}

Registry::Registry() {
  register_network_keys(*this);
  register_engine_keys(*this);
  register_loop_keys(*this);
  register_port_keys(*this);
  register_ddr_keys(*this);
  for (const auto& key : keys_) {
    if (!key->has_provenance()) throw std::logic_error(key->name() + " has no provenance");
  }
}

void Registry::index(const Key& key) {
  if (!by_name_.emplace(key.name(), &key).second) {
    throw std::logic_error("key " + key.name() + " is registered twice");
  }
}

const Key* Registry::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const Key* Registry::nearest(std::string_view name) const {
  const Key* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(2, name.size() / 4) + 1;
  if (name.size() > 200) return nullptr;
  for (const auto& key : keys_) {
    const std::size_t distance = edit_distance(name, key->name());
    if (distance < best_distance) {
      best_distance = distance;
      best = key.get();
    }
  }
  return best;
}

}  // namespace m3sim
