#pragma once

#include <algorithm>
#include <deque>
#include <vector>

#include "model/config/memory_config.hpp"
#include "tlm/ddr_address.hpp"
#include "tlm/ddr_channel.hpp"
#include "tlm/ddr_types.hpp"

namespace m3sim::tlm_mem {

/// The DDR controller and its DRAM: one DdrChannel per channel behind the address map. Timing only;
/// bytes live elsewhere. All cycles are memory clocks. Needs no SystemC.
///
/// Whoever drives it offers requests in order of time, at most one a clock for each channel, runs
/// it with `advance_to`, and takes `completions()`: the clock in which a read's last beat arrives
/// is known as soon as the read command has issued, CL and a burst ahead. A write is done, for its
/// master, when it has been accepted.
class DdrController {
 public:
  /// `config` has passed `validate` (config.hpp): its rules are assumed here.
  explicit DdrController(const DdrConfig& config);
  DdrController(const DdrController&) = delete;
  DdrController& operator=(const DdrController&) = delete;

  const DdrAddressDecoder& addresses() const { return addresses_; }

  Offer offer(const DdrRequest& request, Cycle now) {
    const std::uint64_t line = addresses_.line(request.address);
    return channel_of(line).offer(request, line, now);
  }
  /// False proves that an offer in the clock advanced to would be refused. Cheaper than one.
  bool may_accept(std::uint64_t address, Direction d) {
    const std::uint64_t line = addresses_.line(address);
    return channel_of(line).may_accept(line, d);
  }
  /// Runs all channels through clock `now`.
  void advance_to(Cycle now) {
    for (DdrChannel& channel : channels_) channel.advance_to(now);
  }
  /// The next clock in which a command can issue if nothing is offered before; kNever while
  /// nothing waits. A refused request need not be offered again before the first clock after
  /// that in which something has issued.
  Cycle next_event() {
    Cycle next = kNever;
    for (DdrChannel& channel : channels_) next = std::min(next, channel.next_event());
    return next;
  }
  bool idle() const {
    return std::all_of(channels_.begin(), channels_.end(),
                       [](const DdrChannel& channel) { return channel.idle(); });
  }

  /// Reads whose data arrival has become known, in order of their read commands (of each channel;
  /// not sorted by cycle). The owner clears it.
  std::vector<DdrCompletion>& completions() { return completions_; }
  /// Where to record commands from now on; null ends it.
  void record_commands(std::vector<DdrCommand>* commands) { commands_ = commands; }
  /// Counters as of clock `end`, summed over channels.
  DdrStats stats(Cycle end) const;

 private:
  DdrChannel& channel_of(std::uint64_t line) {
    return single_ ? *single_ : channels_[static_cast<std::size_t>(addresses_.channel(line))];
  }

  DdrAddressDecoder addresses_;
  std::vector<DdrCompletion> completions_;
  std::vector<DdrCommand>* commands_ = nullptr;
  std::deque<DdrChannel> channels_;
  DdrChannel* single_ = nullptr;  ///< where there is but one
};

}  // namespace m3sim::tlm_mem
