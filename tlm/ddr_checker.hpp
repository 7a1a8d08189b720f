#pragma once

#include <string>
#include <vector>

#include "model/config/memory_config.hpp"
#include "tlm/ddr_types.hpp"

namespace m3sim::tlm_mem {

/// A command that the DRAM would not have understood.
struct DdrViolation {
  Cycle cycle = 0;
  std::string rule;  ///< the timing's name as in JESD79-4, or "row state", "command bus", ...
  std::string text;
};

/// Checks the command stream of one channel against the rules of the device (JESD79-4 chapters 4
/// and 13), knowing nothing of the controller that made it. Rules by name:
///   tRCD tRP tRAS tRC tRRD_S tRRD_L tFAW tCCD_S tCCD_L tWTR_S tWTR_L tWR tRTP tRFC tREFI tRTRS
///   "data bus"     bursts overlap
///   "row state"    activate of an open bank, access to a closed bank or to another row,
///                  refresh with a bank open, precharge of a closed bank
///   "command bus"  two commands in one clock, or back in time, or between half-rate slots
///   "address"      a coordinate that the device does not have
class DdrChecker {
 public:
  explicit DdrChecker(const DdrConfig& config);

  void check(const DdrCommand& command);
  /// At the end of the stream: is any rank overdue for refresh? (JESD79-4 4.26: of nine intervals
  /// eight may be postponed.)
  void finish(Cycle end);
  const std::vector<DdrViolation>& violations() const { return violations_; }

 private:
  struct Bank {
    bool open = false;
    int row = 0;
    Cycle activated = -kNever;
    Cycle precharged = -kNever;  ///< when the row was, or will be, closed
    Cycle read = -kNever, write_data_end = -kNever;
  };
  struct Column {
    Cycle read = -kNever, write = -kNever;  ///< last command of each kind
  };
  struct Rank {
    std::vector<Bank> banks;
    std::vector<Cycle> group_activated;
    std::vector<Column> groups;
    std::vector<Cycle> activates;  ///< all of them, for tFAW and tRRD_S
    Column column;
    Cycle refreshed = -kNever, refresh_checked = 0;
  };

  void fail(const DdrCommand& c, const std::string& rule, const std::string& text);
  /// `since` an event at `then` at least `cycles` must have passed.
  void apart(const DdrCommand& c, Cycle then, int cycles, const char* rule, const char* since);
  bool check_address(const DdrCommand& c);
  void check_command_bus(const DdrCommand& c);
  void activate(const DdrCommand& c, Rank& rank);
  void precharge(const DdrCommand& c, Bank& bank);
  void column(const DdrCommand& c, Rank& rank);
  void check_data_bus(const DdrCommand& c);
  void refresh(const DdrCommand& c, Rank& rank);
  Bank& bank_of(const DdrCommand& c);

  const DdrConfig config_;
  std::vector<Rank> ranks_;
  Cycle last_command_ = -1;
  // The burst that used the data bus last.
  Cycle data_end_ = -kNever;
  int data_rank_ = 0;
  bool data_was_read_ = false;
  std::vector<DdrViolation> violations_;
};

}  // namespace m3sim::tlm_mem
