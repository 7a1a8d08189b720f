#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace m3sim {

/// The words by which the values of an enumeration appear in configuration files and reports.
/// A specialisation has `static constexpr std::array<std::pair<E, std::string_view>, N> kTable`.
template <class E>
struct Words;

template <class E>
constexpr std::string_view to_word(E value) {
  for (const auto& [candidate, word] : Words<E>::kTable) {
    if (candidate == value) return word;
  }
  return "?";
}

}  // namespace m3sim
