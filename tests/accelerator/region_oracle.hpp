// The oracle of tests/timing on the engines' own regions, while an accelerator runs: what each loop's
// firings use is written down, and the independent solver must find the same cycles for every stream
// and for the region's end. Regions whose tensors are on chip alone: there the memory's answers follow
// from the requests.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "model/accelerator/accelerator.hpp"

namespace m3sim::test {

class RegionOracle {
 public:
  RegionOracle();
  ~RegionOracle();
  /// Follows every region from now on.
  void attach(Accelerator& accelerator);
  /// Solves what has ended. To be called when a step has ended.
  void check();

  int checked() const { return checked_; }  ///< runs of regions that were solved
  int skipped() const { return skipped_; }  ///< that use the DRAM, or fire too often to be solved soon
  /// The first disagreement; empty if there is none.
  const std::string& difference() const { return difference_; }

 private:
  struct Followed;
  void solve(Followed& followed);

  Accelerator* accelerator_ = nullptr;
  std::vector<std::unique_ptr<Followed>> followed_;
  int checked_ = 0, skipped_ = 0;
  std::string difference_;
};

}  // namespace m3sim::test
