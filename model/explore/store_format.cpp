#include "model/explore/store_format.hpp"

#include <zlib.h>

#include <array>
#include <stdexcept>

namespace m3sim::explore {
namespace {

const std::array<std::string, 4>& states() {
  static const std::array<std::string, 4> names{"done", "failed", "rejected", "pruned"};
  return names;
}

}  // namespace

const std::string& state_name(State state) { return states()[static_cast<std::size_t>(state)]; }

State state_of(const std::string& name) {
  for (std::size_t s = 0; s < states().size(); ++s) {
    if (states()[s] == name) return static_cast<State>(s);
  }
  return State::kFailed;
}

std::string compressed(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string bytes(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(bytes.data()), &size,
                reinterpret_cast<const Bytef*>(text.data()), text.size(),
                Z_BEST_COMPRESSION) != Z_OK) {
    throw std::runtime_error("zlib cannot compress");
  }
  bytes.resize(size);
  return bytes;
}

/// Empty where the bytes are not what compressed() made of a text of that size.
std::string expanded(const std::string& bytes, std::int64_t size) {
  constexpr std::int64_t kLargest = std::int64_t{1} << 30;
  if (size < 0 || size > kLargest) return {};
  std::string text(static_cast<std::size_t>(size), '\0');
  uLongf length = text.size();
  const int code = uncompress(reinterpret_cast<Bytef*>(text.data()), &length,
                              reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  return code == Z_OK && length == text.size() ? text : std::string();
}

}  // namespace m3sim::explore
