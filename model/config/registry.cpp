#include "model/config/registry.hpp"

#include <stdexcept>

#include "model/config/nearest.hpp"

namespace m3sim {

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
  std::vector<std::string> names;
  for (const auto& key : keys_) names.push_back(key->name());
  return find(nearest_text(name, names));
}

}  // namespace m3sim
