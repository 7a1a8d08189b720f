// What the writer and the reader of a store agree on.
#pragma once

#include <cstdint>
#include <string>

#include "model/explore/store.hpp"

namespace m3sim::explore {

inline constexpr int kStoreApplication = 0x6d33736d;  ///< "m3sm", PRAGMA application_id
inline constexpr int kStoreFormat = 2;                ///< PRAGMA user_version

/// Of state_name().
State state_of(const std::string& name);

/// By zlib.
std::string compressed(const std::string& text);
/// Empty where the bytes are not what compressed() made of a text of that size.
std::string expanded(const std::string& bytes, std::int64_t size);

}  // namespace m3sim::explore
