#pragma once

#include <vector>

#include "model/explore/store_reader.hpp"
#include "model/report/compare.hpp"

namespace m3sim::explore {

/// The points of two stores, each pair as two reports, in order of their names. Points are the same
/// if the keys that both stores know and the inputs are, whatever versions of the program made them
/// and whatever energy table; a name has the keys that differ within a store.
std::vector<report::ComparedFile> compare_stores(const StoreReader& before,
                                                 const StoreReader& after,
                                                 const report::Tolerances& tolerances);

}  // namespace m3sim::explore
