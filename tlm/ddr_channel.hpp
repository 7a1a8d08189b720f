#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/config/memory_config.hpp"
#include "tlm/ddr_address.hpp"
#include "tlm/ddr_device.hpp"
#include "tlm/ddr_queues.hpp"
#include "tlm/ddr_strategies.hpp"
#include "tlm/ddr_types.hpp"

namespace m3sim::tlm_mem {

/// Why the data bus moved nothing before a burst, or what it did.
enum class BusUse : std::uint8_t {
  kData,
  kNoRequest,   ///< the next burst had not been asked for yet (port, window, master)
  kRefresh,     ///< banks closed and refreshed
  kTurnAround,  ///< other direction or other rank
  kBankGroup,   ///< tCCD_L within a bank group
  kRowChange,   ///< precharge and activate
  kCommandBus   ///< the slot went to an older request's command
};
inline constexpr std::size_t kBusUses = 7;

/// What a channel has counted. Clocks of `bus` add up to the end of the last burst.
struct DdrStats {
  std::uint64_t reads = 0, writes = 0;  ///< column commands
  std::uint64_t activates = 0;
  std::uint64_t precharges = 0;  ///< single banks, also auto precharge
  std::uint64_t precharge_alls = 0;
  std::uint64_t refreshes = 0;
  std::uint64_t forwarded = 0, merged = 0;  ///< requests that needed no burst of their own
  std::array<std::uint64_t, kBusUses> bus{};
  Cycle data_end = 0;     ///< end of the last burst
  Cycle open_cycles = 0;  ///< with any bank open, summed over ranks
  Cycle rank_cycles = 0;  ///< simulated clocks times ranks

  DdrStats& operator+=(const DdrStats& other);
  double row_hit_rate() const;
};

/// One channel: queues, scheduler and device, event-driven.
///
/// Rules of a clock. First the command of that clock is chosen, then requests are accepted; a
/// request accepted in clock c can have its first command in c + 1. The command is, in this order:
///   1. the oldest ready column command of an active request (one whose row was opened for it);
///   2. while a refresh is due: close the banks of the first due rank, then refresh it;
///      nothing else is begun;
///   3. writes or reads: writes from when their queue holds `write_high_watermark` or no read
///      waits, until it holds `write_low_watermark` or fewer and a read waits. Within the
///      direction the scheduler decides.
/// An activate makes its request active and frees the slot in its queue.
/// Same line: a read is answered from a waiting write that covers it, a write joins one that
/// waits; otherwise the later of a read and a write to one line is refused until the earlier's
/// column command has issued. So accesses to a line keep their order.
class DdrChannel {
 public:
  /// `completions` receives reads as their column commands issue; `commands`, unless null, every
  /// command.
  DdrChannel(const DdrConfig& config, int number, const DdrAddressDecoder& addresses,
             std::vector<DdrCompletion>& completions,
             std::vector<DdrCommand>*& commands);

  /// Offers a request in clock `now` >= every clock offered or advanced to before.
  Offer offer(const DdrRequest& request, std::uint64_t line, Cycle now);
  /// False proves that a request to the line would be refused in the clock advanced to: no room,
  /// and no waiting write that it could join or be answered from.
  bool may_accept(std::uint64_t line, Direction d) const {
    return !queues_.full(d) || queues_.may_hold(Direction::kWrite, line);
  }
  /// Runs the commands of all clocks up to and including `now`.
  void advance_to(Cycle now) {
    if (planned_ ? plan_.choice.cycle <= now : now > last_) {
      issue_until(now);
    } else if (planned_ && plan_.from <= now) {
      write_mode_ = plan_.write_mode;
    }
  }
  /// The next clock in which a command can issue if nothing is offered before: a refused request
  /// need not be offered again earlier. kNever while nothing waits (refresh is made up for later).
  Cycle next_event();
  bool idle() const { return queues_.empty(); }
  int waiting(Direction d) const { return queues_.size(d); }
  /// Counters as of clock `end`, to which the channel has been advanced.
  DdrStats stats(Cycle end) const;

 private:
  struct Plan {
    DdrChoice choice;
    Cycle from = 0;  ///< the first clock that it was made for
    bool write_mode = false;
    bool refresh = false;  ///< the choice is a precharge-all or refresh of `rank`
    bool waits_for_refresh = false;  ///< nothing else waits: what to do is looked at when one is due
  };
  [[gnu::noinline]] void issue_until(Cycle now);
  void make_plan(bool refresh_due = false);
  /// After a request that the scheduler does not look at yet has arrived: does the plan still hold?
  bool plan_outlives_arrival();
  DdrChoice pick_active(Cycle from) const;
  [[gnu::noinline]] DdrChoice plan_refresh(Cycle from) const;
  bool next_write_mode() const;
  void issue(const DdrChoice& choice);
  [[gnu::noinline]] void issue_refresh(const DdrChoice& choice);
  void issue_column(const DdrQueues::Entry& request, const DdrChoice& choice);
  void account_bus(const DdrQueues::Entry& request, Direction d, Cycle t);
  [[gnu::noinline]] void record(DdrOp op, const DdrLocation& at, Cycle t);

  DdrDevice device_;
  DdrQueues queues_;
  CommandSlots slots_;
  std::unique_ptr<DdrScheduler> scheduler_;
  std::unique_ptr<DdrPagePolicy> page_policy_;
  std::unique_ptr<DdrRefreshPolicy> refresh_policy_;
  const DdrAddressDecoder& addresses_;
  const bool choice_by_oldest_;
  const int number_, write_high_, write_low_;
  std::vector<DdrCompletion>& completions_;
  std::vector<DdrCommand>*& commands_;

  bool write_mode_ = false;
  Cycle refresh_due_;
  int refresh_rank_ = 0;       ///< ranks before it have had the refresh that is due
  Cycle refreshed_ = -kNever;  ///< last refresh
  Cycle last_ = -1;            ///< last clock that changed the queues or the device
  bool planned_ = false;
  Plan plan_;
  DdrStats stats_;
};

}  // namespace m3sim::tlm_mem
