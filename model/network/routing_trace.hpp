#pragma once

#include <filesystem>
#include <istream>
#include <ostream>
#include <string>

#include "model/network/dimensions.hpp"
#include "model/network/routing.hpp"

namespace m3sim {

/// A routing trace is a text file: one header line, then one line per task, MoE layer and token.
///
///   m3sim.routing/1 tokens=129 experts=16 top_k=2
///   semseg 1 0 5:2559649 14:360448
///
/// that is, task name, layer, token, and its top_k experts, best first, each with its raw Q10.22
/// score; without `:score` it is floor(2^22 / top_k). `#` starts a comment. A task is complete
/// (every MoE layer, every token, in any order) or absent. The file may be compressed by gzip.

void write_routing_trace(std::ostream& out, const Routing& routing, const Dimensions& dimensions);
void write_routing_trace(const std::filesystem::path& file, const Routing& routing,
                         const Dimensions& dimensions);

/// Throws InputError ("FILE:LINE: ...") for a trace of another network, an unknown task, a layer
/// that is no MoE layer, an expert or token out of range, an expert twice in a token, a token twice
/// or missing.
Routing read_routing_trace(std::istream& in, const std::string& name, const Dimensions& dimensions);
Routing read_routing_trace(const std::filesystem::path& file, const Dimensions& dimensions);

}  // namespace m3sim
