#pragma once

#include <deque>
#include <map>
#include <vector>

#include "model/config/memory_config.hpp"
#include "tlm/ddr_types.hpp"
#include "tlm/trace_file.hpp"

namespace m3sim::tlm_mem {

/// The clock-by-clock twin of DdrChannel: the rules of ddr_channel.hpp stepped through one clock
/// at a time over plain lists and a history of commands. Slow; shares no code with the channel.
class DdrTwin {
 public:
  explicit DdrTwin(const DdrConfig& config, int channel);

  /// The command of the next clock. Afterwards requests may be offered in that clock.
  void step();
  Offer offer(const DdrRequest& request, const DdrLocation& at, std::uint64_t line);
  Cycle now() const { return now_; }
  bool idle() const { return reads_.empty() && writes_.empty() && active_.empty(); }

  std::vector<DdrCommand> commands;
  std::vector<DdrCompletion> completions;
  Cycle data_end = 0;

 private:
  struct Request {
    DdrRequest request;
    DdrLocation at;
    std::uint64_t line;
    long order;
  };
  struct Bank {
    bool open = false;
    int row = 0;
    Cycle activated = -kNever, closed = -kNever;
    Cycle read = -kNever, write = -kNever;
  };
  struct Issued {
    Cycle cycle;
    DdrLocation at;
    bool write;
  };
  using List = std::deque<Request>;

  Bank& bank(const DdrLocation& at);
  bool closes(const DdrLocation& at) const;
  DdrOp needed(const Request& r);
  bool allowed(const Request& r, DdrOp op);
  bool activate_allowed(const DdrLocation& at);
  bool column_allowed(const DdrLocation& at, bool write);
  bool precharge_allowed(const Bank& b) const;
  bool wanted(const DdrLocation& at) const;
  bool blocked(const List& list, const Request& r);
  Cycle closing_time(const Bank& b) const;
  bool issue_active();
  bool issue_refresh();
  bool issue_waiting();
  void issue(List& list, std::size_t i, DdrOp op);
  Request* find(List& list, std::uint64_t line);

  const DdrConfig c_;
  const int channel_;
  Cycle now_ = -1;
  long order_ = 0;
  List reads_, writes_, active_;
  std::vector<Bank> banks_;
  std::vector<Cycle> refreshed_;
  std::vector<DdrCommand> activates_;
  std::vector<Issued> columns_;
  bool write_mode_ = false;
  int ranks_due_ = 0;
};

/// What a replay came to.
struct TwinReplay {
  std::map<int, std::vector<DdrCommand>> commands;  ///< by channel, up to the end of the last data
  Cycle total = 0, latencies = 0;                   ///< latencies: summed over reads
  std::uint64_t reads = 0;
};

/// The front end of trace_replay.hpp, one clock at a time, over twins. Every request lies within
/// one line of 64 bytes.
TwinReplay replay_with_twins(const DdrConfig& config, const std::vector<TraceRequest>& trace,
                             int window);

}  // namespace m3sim::tlm_mem
