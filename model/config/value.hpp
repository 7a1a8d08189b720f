#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "model/config/memory_config.hpp"
#include "model/config/network_config.hpp"
#include "model/config/words.hpp"

namespace m3sim {

/// A key's value with its type, for JSON and tables.
using ConfigValue = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

/// Text to value and back, one specialisation per type a key can have. `parse` returns nothing for
/// a text that is not of the type; `kType` says what is expected, as in "must be <kType>".
template <class T, class = void>
struct Codec;

template <class T>
struct Codec<T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>> {
  static constexpr std::string_view kType = "a whole number";
  static std::optional<T> parse(std::string_view text);
  static std::string print(T value) { return std::to_string(value); }
  static ConfigValue value(T v) { return static_cast<std::int64_t>(v); }
};

template <>
struct Codec<double> {
  static constexpr std::string_view kType = "a number";
  static std::optional<double> parse(std::string_view text);
  static std::string print(double value);
  static ConfigValue value(double v) { return v; }
};

template <>
struct Codec<bool> {
  static constexpr std::string_view kType = "true or false";
  static std::optional<bool> parse(std::string_view text);
  static std::string print(bool value) { return value ? "true" : "false"; }
  static ConfigValue value(bool v) { return v; }
};

template <>
struct Codec<std::string> {
  static constexpr std::string_view kType = "a text";
  static std::optional<std::string> parse(std::string_view text);
  static std::string print(const std::string& value) { return value; }
  static ConfigValue value(const std::string& v) { return v; }
};

/// Comma-separated names, none twice.
template <>
struct Codec<std::vector<std::string>> {
  static constexpr std::string_view kType = "a list of different names, separated by commas";
  static std::optional<std::vector<std::string>> parse(std::string_view text);
  static std::string print(const std::vector<std::string>& value);
  static ConfigValue value(const std::vector<std::string>& v) { return v; }
};

template <>
struct Codec<LayerSelection> {
  static constexpr std::string_view kType = "odd, none, all, or a list of layer numbers";
  static std::optional<LayerSelection> parse(std::string_view text);
  static std::string print(const LayerSelection& value);
  static ConfigValue value(const LayerSelection& v) { return print(v); }
};

template <>
struct Codec<AddressMap> {
  static constexpr std::string_view kType =
      "a permutation of ro, ba, bg, co and, where there are several, ra and ch";
  static std::optional<AddressMap> parse(std::string_view text);
  static std::string print(const AddressMap& value);
  static ConfigValue value(const AddressMap& v) { return print(v); }
};

template <class E>
struct Codec<E, std::enable_if_t<std::is_enum_v<E>>> {
  static constexpr std::string_view kType = "a word";
  static std::optional<E> parse(std::string_view text) {
    for (const auto& [value, word] : Words<E>::kTable) {
      if (word == text) return value;
    }
    return std::nullopt;
  }
  static std::string print(E value) { return std::string(to_word(value)); }
  static ConfigValue value(E v) { return print(v); }
};

/// "a, b or c".
std::string alternatives(const std::vector<std::string>& words);

}  // namespace m3sim
