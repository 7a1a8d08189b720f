#include "model/config/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <system_error>

namespace m3sim {
namespace {

template <class T>
std::optional<T> parse_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> items;
  while (true) {
    const std::size_t comma = text.find(',');
    items.push_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

template <class Items, class Print>
std::string join(const Items& items, Print print) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += ", ";
    text += print(item);
  }
  return text;
}

}  // namespace

template <class T>
std::optional<T>
Codec<T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>>::parse(
    std::string_view text) {
  return parse_number<T>(text);
}
template struct Codec<int>;
template struct Codec<std::int64_t>;

std::optional<double> Codec<double>::parse(std::string_view text) {
  const std::optional<double> value = parse_number<double>(text);
  if (value && !std::isfinite(*value)) return std::nullopt;
  return value;
}

std::string Codec<double>::print(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::optional<bool> Codec<bool>::parse(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<std::string> Codec<std::string>::parse(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

std::optional<std::vector<std::string>> Codec<std::vector<std::string>>::parse(
    std::string_view text) {
  std::vector<std::string> names;
  for (std::string_view item : split_list(text)) {
    const bool repeated = std::find(names.begin(), names.end(), item) != names.end();
    if (item.empty() || repeated) return std::nullopt;
    names.emplace_back(item);
  }
  return names;
}

std::string Codec<std::vector<std::string>>::print(const std::vector<std::string>& value) {
  return join(value, [](const std::string& name) { return name; });
}

namespace {
using LayerKind = LayerSelection::Kind;
constexpr std::array<std::pair<LayerKind, std::string_view>, 3> kLayerWords{
    {{LayerKind::kOdd, "odd"}, {LayerKind::kNone, "none"}, {LayerKind::kAll, "all"}}};
}  // namespace

std::optional<LayerSelection> Codec<LayerSelection>::parse(std::string_view text) {
  for (const auto& [kind, word] : kLayerWords) {
    if (word == text) return LayerSelection{kind, {}};
  }
  std::set<int> layers;
  for (std::string_view item : split_list(text)) {
    const std::optional<int> layer = parse_number<int>(item);
    if (!layer || *layer < 0 || !layers.insert(*layer).second) return std::nullopt;
  }
  return LayerSelection{LayerKind::kList, {layers.begin(), layers.end()}};
}

std::string Codec<LayerSelection>::print(const LayerSelection& value) {
  for (const auto& [kind, word] : kLayerWords) {
    if (kind == value.kind) return std::string(word);
  }
  return join(value.list, [](int layer) { return std::to_string(layer); });
}

std::optional<AddressMap> Codec<AddressMap>::parse(std::string_view text) {
  AddressMap map{{}};
  for (; !text.empty(); text.remove_prefix(2)) {
    if (text.size() < 2) return std::nullopt;
    const std::optional<AddressField> field = Codec<AddressField>::parse(text.substr(0, 2));
    if (!field || std::count(map.fields.begin(), map.fields.end(), *field) != 0) {
      return std::nullopt;
    }
    map.fields.push_back(*field);
  }
  for (AddressField field :
       {AddressField::kRow, AddressField::kBank, AddressField::kBankGroup, AddressField::kColumn}) {
    if (std::count(map.fields.begin(), map.fields.end(), field) != 1) return std::nullopt;
  }
  return map;
}

std::string Codec<AddressMap>::print(const AddressMap& value) {
  std::string text;
  for (AddressField field : value.fields) text += to_word(field);
  return text;
}

std::string alternatives(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace m3sim
