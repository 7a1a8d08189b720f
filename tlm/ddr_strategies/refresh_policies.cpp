// all-bank: every rank is due at each multiple of tREFI. none: the data is short-lived enough.

#include "tlm/ddr_strategies.hpp"

namespace m3sim::tlm_mem {
namespace {

class AllBankRefresh final : public DdrRefreshPolicy {
 public:
  Cycle next_due(const DdrTiming& timing, Cycle after) const override {
    return (after / timing.refresh_interval + 1) * timing.refresh_interval;
  }
};

class NoRefresh final : public DdrRefreshPolicy {
 public:
  Cycle next_due(const DdrTiming&, Cycle) const override { return kNever; }
};

const Strategies<DdrRefreshPolicy>::Entry<AllBankRefresh> kAllBank("all-bank");
const Strategies<DdrRefreshPolicy>::Entry<NoRefresh> kNoRefresh("none");

}  // namespace
}  // namespace m3sim::tlm_mem
