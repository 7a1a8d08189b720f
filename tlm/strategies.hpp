#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace m3sim::tlm_mem {

/// The implementations of an interface by the name that configuration files use. A strategy is one
/// .cpp that defines a class and a `const Strategies<Interface>::Entry` with its name.
template <class Interface>
class Strategies {
 public:
  using Factory = std::function<std::unique_ptr<Interface>()>;

  /// Registers `Implementation` under a name while the program starts.
  template <class Implementation>
  struct Entry {
    explicit Entry(std::string name) {
      table().emplace(std::move(name), [] { return std::make_unique<Implementation>(); });
    }
  };

  static std::unique_ptr<Interface> make(const std::string& name) {
    const auto found = table().find(name);
    if (found == table().end()) {
      throw std::invalid_argument("no strategy named " + name + "; there are " + names());
    }
    return found->second();
  }
  /// All names, sorted, separated by commas.
  static std::string names() {
    std::string text;
    for (const auto& [name, factory] : table()) text += (text.empty() ? "" : ", ") + name;
    return text;
  }

 private:
  static std::map<std::string, Factory>& table() {
    static std::map<std::string, Factory> entries;
    return entries;
  }
};

}  // namespace m3sim::tlm_mem
