#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/config/accelerator_config.hpp"
#include "model/config/value.hpp"

namespace m3sim {

/// Where a default comes from.
enum class Provenance {
  kVerbatim,  // printed in a paper, log, manual or datasheet
  kSource,    // read from the published source or block design
  kDerived,   // follows from those, or a choice of this simulator
  kUnknown,   // not known: a plausible value, gathered in configs/unknowns.cfg
};

template <>
struct Words<Provenance> {
  static constexpr std::array<std::pair<Provenance, std::string_view>, 4> kTable{
      {{Provenance::kVerbatim, "verbatim"},
       {Provenance::kSource, "source"},
       {Provenance::kDerived, "derived"},
       {Provenance::kUnknown, "unknown"}}};
};

/// One configuration key: everything there is to know of it but its value.
class Key {
 public:
  Key(std::string section, const std::string& name, std::string help)
      : section_(std::move(section)), name_(section_ + "." + name), help_(std::move(help)) {}
  virtual ~Key() = default;
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  const std::string& section() const { return section_; }
  const std::string& name() const { return name_; }  // <section>.<name>
  const std::string& help() const { return help_; }
  Provenance provenance() const { return provenance_.value(); }
  const std::string& provenance_text() const { return provenance_text_; }
  bool has_provenance() const { return provenance_.has_value(); }

  /// Stores the value if the text is legal; otherwise says what it must be and stores nothing.
  virtual std::optional<std::string> assign(AcceleratorConfig& config,
                                            std::string_view text) const = 0;
  virtual std::string text(const AcceleratorConfig& config) const = 0;
  virtual ConfigValue value(const AcceleratorConfig& config) const = 0;
  /// What a value must be: "a power of two from 4 to 64".
  virtual std::string legal() const = 0;

 protected:
  void set_provenance(Provenance provenance, std::string text) {
    provenance_ = provenance;
    provenance_text_ = std::move(text);
  }

 private:
  std::string section_;
  std::string name_;
  std::string help_;
  std::optional<Provenance> provenance_;
  std::string provenance_text_;
};

/// A key bound to a member of AcceleratorConfig. The default is the member's initial value.
template <class T>
class TypedKey final : public Key {
 public:
  using Access = std::function<T&(AcceleratorConfig&)>;
  static constexpr bool kIsNumber = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

  TypedKey(std::string section, const std::string& name, std::string help, Access access)
      : Key(std::move(section), name, std::move(help)), access_(std::move(access)) {}

  TypedKey& range(T low, T high) { return low_ = low, high_ = high, *this; }
  TypedKey& at_least(T low) { return low_ = low, *this; }
  TypedKey& power_of_two() { return power_of_two_ = true, *this; }
  TypedKey& multiple_of(T unit) { return unit_ = unit, *this; }
  TypedKey& one_of(std::vector<T> values) { return values_ = std::move(values), *this; }

  TypedKey& verbatim(std::string text) { return from(Provenance::kVerbatim, std::move(text)); }
  TypedKey& source(std::string text) { return from(Provenance::kSource, std::move(text)); }
  TypedKey& derived(std::string text) { return from(Provenance::kDerived, std::move(text)); }
  TypedKey& unknown(std::string text) { return from(Provenance::kUnknown, std::move(text)); }
  TypedKey& from(Provenance provenance, std::string text) {
    return set_provenance(provenance, std::move(text)), *this;
  }

  std::optional<std::string> assign(AcceleratorConfig& config,
                                    std::string_view text) const override {
    std::optional<T> value = Codec<T>::parse(text);
    if (!value || !is_legal(*value)) return "must be " + legal();
    access_(config) = std::move(*value);
    return std::nullopt;
  }
  std::string text(const AcceleratorConfig& config) const override {
    return Codec<T>::print(get(config));
  }
  ConfigValue value(const AcceleratorConfig& config) const override {
    return Codec<T>::value(get(config));
  }
  std::string legal() const override;

 private:
  const T& get(const AcceleratorConfig& config) const {
    return access_(const_cast<AcceleratorConfig&>(config));  // only read here
  }
  bool is_legal(const T& value) const;
  std::string legal_words() const;

  Access access_;
  std::optional<T> low_, high_, unit_;
  bool power_of_two_ = false;
  std::vector<T> values_;
};

/// All keys, in the order of their sections and declarations.
class Registry {
 public:
  /// The registry of the program, built on first use.
  static const Registry& instance();

  Registry();
  const std::deque<std::unique_ptr<Key>>& keys() const { return keys_; }
  /// Exact name or nothing; never a prefix.
  const Key* find(std::string_view name) const;
  /// The known key that a misspelt one is most like, if any is like it.
  const Key* nearest(std::string_view name) const;

  template <class T>
  TypedKey<T>& add(std::unique_ptr<TypedKey<T>> key) {
    TypedKey<T>& added = *key;
    index(added);
    keys_.push_back(std::move(key));
    return added;
  }

 private:
  void index(const Key& key);

  std::deque<std::unique_ptr<Key>> keys_;
  std::unordered_map<std::string_view, const Key*> by_name_;
};

/// Declares the keys of one section, each bound to a member of the section's struct S.
template <class S>
class Section {
 public:
  using Access = std::function<S&(AcceleratorConfig&)>;
  Section(Registry& registry, std::string name, Access access)
      : registry_(registry), name_(std::move(name)), access_(std::move(access)) {}

  /// `member` is a pointer to a member of S, or a function from S& to a reference.
  template <class Member>
  auto& key(const std::string& name, Member member, std::string help) {
    using T = std::remove_reference_t<std::invoke_result_t<Member, S&>>;
    auto access = [section = access_, member](AcceleratorConfig& config) -> T& {
      return std::invoke(member, section(config));
    };
    return registry_.add(
        std::make_unique<TypedKey<T>>(name_, name, std::move(help), std::move(access)));
  }

 private:
  Registry& registry_;
  std::string name_;
  Access access_;
};

// One function per group of sections, each in its keys_*.cpp.
void register_network_keys(Registry& registry);
void register_engine_keys(Registry& registry);
void register_loop_keys(Registry& registry);
void register_port_keys(Registry& registry);
void register_ddr_keys(Registry& registry);

template <class T>
bool TypedKey<T>::is_legal(const T& value) const {
  if (!values_.empty()) {
    for (const T& legal_value : values_) {
      if (legal_value == value) return true;
    }
    return false;
  }
  if constexpr (kIsNumber) {
    if ((low_ && value < *low_) || (high_ && value > *high_)) return false;
    if constexpr (std::is_integral_v<T>) {
      if (unit_ && value % *unit_ != 0) return false;
      if (power_of_two_ && (value <= 0 || (value & (value - 1)) != 0)) return false;
    }
  }
  return true;
}

template <class T>
std::string TypedKey<T>::legal_words() const {
  std::vector<std::string> words;
  if constexpr (std::is_enum_v<T>) {
    if (values_.empty()) {
      for (const auto& entry : Words<T>::kTable) words.emplace_back(entry.second);
    }
  }
  for (const T& value : values_) words.push_back(Codec<T>::print(value));
  return alternatives(words);
}

template <class T>
std::string TypedKey<T>::legal() const {
  if (std::string words = legal_words(); !words.empty()) return words;
  std::string text(Codec<T>::kType);
  if constexpr (kIsNumber) {
    if (power_of_two_) text = "a power of two";
    if (unit_) text = "a multiple of " + Codec<T>::print(*unit_);
    if (low_ && high_) {
      text += " from " + Codec<T>::print(*low_) + " to " + Codec<T>::print(*high_);
    } else if (low_) {
      text += ", at least " + Codec<T>::print(*low_);
    }
  }
  return text;
}

}  // namespace m3sim
