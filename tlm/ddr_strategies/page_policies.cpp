// open: a row stays open until another is wanted or a refresh is due.
// closed: a row closes by itself (auto precharge) with the last access that waits for it.

#include "tlm/ddr_strategies.hpp"

namespace m3sim::tlm_mem {
namespace {

class OpenPage final : public DdrPagePolicy {
 public:
  bool closes_row(bool) const override { return false; }
};

class ClosedPage final : public DdrPagePolicy {
 public:
  bool closes_row(bool row_wanted) const override { return !row_wanted; }
};

const Strategies<DdrPagePolicy>::Entry<OpenPage> kOpen("open");
const Strategies<DdrPagePolicy>::Entry<ClosedPage> kClosed("closed");

}  // namespace
}  // namespace m3sim::tlm_mem
