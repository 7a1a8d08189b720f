#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace m3sim {

/// Of some names the one that a misspelt one most likely means, whatever case; empty where none is
/// near.
std::string nearest_text(std::string_view text, const std::vector<std::string>& names);

}  // namespace m3sim
