// One flattened, pipelined loop (timing contract, section 3), running any actor of kernels/.
//
// The pipeline has one enable. Local time tau counts the cycles in which it is not held, so
// everything posted keeps its due tau for ever and a hold only moves the shift between tau and the
// clock: cycle = tau + shift_.
//
//   * Iteration i issues at tau(i) >= tau(i-1) + II, once every stream it reads has a value.
//   * What it posts (stream writes, data, write words, responses) is due at tau(i) + the port's
//   stage and waits in
//     the delay line. All that is due in one cycle happens together or the whole pipeline is held.
//   * flushing: iterations in flight run on while an input is missing. stalling: they are held too.
//
// Two executions drive the same state: advance() runs ahead as far as what is known allows
// (decoupled), step() looks at one clock edge (lockstep). They share what an event does, not how it
// is decided when.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/timing/due_line.hpp"
#include "model/timing/process.hpp"
#include "model/timing/ring.hpp"
#include "model/timing/stream.hpp"

namespace m3sim::timing {

/// Initiation interval, depth and port stages of a loop.
struct LoopTiming {
  Cycle ii = 1;
  Cycle depth = 1;
  bool stalling = false;
  /// Stage in which read data is taken: the port's scheduled latency, or 0 where the request comes
  /// before the loop.
  Cycle take_stage = 0;
  /// Requests of the first iteration are posted before the loop, whose first read then waits so
  /// many cycles.
  bool request_before_loop = false;
  Cycle request_wait = 0;
  /// Stage of memory writes, and of their responses where the loop waits for them inside (else -1).
  Cycle put_stage = 0;
  Cycle response_stage = -1;
};

/// A memory port of an actor, bound to a tensor.
struct ReadBinding {
  ReadChannel* channel = nullptr;
  const std::uint8_t* store = nullptr;  ///< byte 0 of memory; null drops the values
  std::uint64_t base = 0;               ///< byte address of the tensor
  int word_bytes = 32;
  std::uint32_t step = 0, depends_on = 0;
};
struct WriteBinding {
  WriteChannel* channel = nullptr;
  std::uint64_t base = 0;
  int word_bytes = 32;
  std::uint32_t step = 0;
};

namespace detail {

/// Calls f(integral_constant<int, k>) for k = 0 .. Count-1, so that port numbers are constants.
template <int Count, class F>
constexpr void for_ports(F&& f) {
  [&]<int... K>(std::integer_sequence<int, K...>) { (f(std::integral_constant<int, K>{}), ...); }
  (std::make_integer_sequence<int, Count>{});
}

/// Consecutive words of requests, walked as values are taken or put.
struct WordRun {
  std::uint64_t address = 0;
  std::uint32_t left = 0;
};

}  // namespace detail

/// Sees what a pipeline's actor is given and gives (recordings). in, taken, out and put are the lanes
/// of the ports that the firing uses; on_fire is called after fire() and before next().
template <class Actor>
class FiringTap {
 public:
  virtual void on_start(const Actor& actor) = 0;
  virtual void on_fire(const Actor& actor, const std::int32_t* const* in,
                       const std::int32_t* const* taken, const std::int32_t* const* out,
                       const std::int32_t* const* put) = 0;
  /// The last firing has been issued: all values are computed.
  virtual void on_done(const Actor& actor) = 0;

 protected:
  ~FiringTap() = default;
};

/// Firings of one kind that are taken in bulk: how many of them come next, and the actor's state after `count`
/// of those, but for the values that they compute.
template <class Actor>
struct Runs {
  int (*length)(const Actor& actor) = nullptr;
  void (*skip)(Actor& actor, int count) = nullptr;
};

template <class Actor>
class Pipeline final : public PipelineBase, private ItemTaker {
 public:
  static constexpr int kIn = Actor::kInputs;
  static constexpr int kOut = Actor::kOutputs;
  static constexpr int kRead = Actor::kReadPorts;
  static constexpr int kWrite = Actor::kWritePorts;

  /// Ports in the actor's order. `data` false drops tensor values (control is always carried).
  Pipeline(const LoopTiming& timing, Actor actor, std::vector<Stream*> inputs,
           std::vector<Stream*> outputs, std::vector<ReadBinding> reads,
           std::vector<WriteBinding> writes, bool data)
      : timing_(timing), actor_(std::move(actor)), fires_(data || Actor::kControl) {
    out_due_.fill(DueLine(timing.ii));
    take_due_.fill(DueLine(timing.ii));
    put_due_.fill(DueLine(timing.ii));
    response_due_.fill(DueLine(timing.ii));
    std::copy_n(inputs.begin(), kIn, in_.begin());
    std::copy_n(outputs.begin(), kOut, out_.begin());
    std::copy_n(reads.begin(), kRead, read_.begin());
    std::copy_n(writes.begin(), kWrite, write_.begin());
    std::size_t lanes = 64;
    for (const ReadBinding& r : reads)
      lanes = std::max(lanes, static_cast<std::size_t>(r.word_bytes) / 4);
    for (const WriteBinding& w : writes)
      lanes = std::max(lanes, static_cast<std::size_t>(w.word_bytes) / 4);
    for (const Stream* s : outputs) lanes = std::max(lanes, static_cast<std::size_t>(s->lanes()));
    scratch_.assign(lanes, 0);
    idle_lanes_.assign(lanes, 0);
  }

  /// The actor, to be loaded before start(), and the bindings of its ports.
  Actor& actor() { return actor_; }
  ReadBinding& read_binding(int m) { return read_[static_cast<std::size_t>(m)]; }
  WriteBinding& write_binding(int m) { return write_[static_cast<std::size_t>(m)]; }
  void tap(FiringTap<Actor>* firing_tap) { tap_ = firing_tap; }
  /// Firings that use no stream and no port.
  void take_in_bulk(Runs<Actor> runs) { quiet_ = runs; }
  /// Firings that read this input and use nothing else.
  void read_in_bulk(int input, Runs<Actor> runs) {
    bulk_input_ = input;
    reading_ = runs;
  }

  void start(Cycle first, Process& owner) override {
    owner_ = &owner;
    shift_ = first;
    next_issue_ = busy_until_ = 0;
    due_ = kNever;
    issued_ = false;
    prologue_ = timing_.request_before_loop;
    wait_ = Wait::Kind::kNothing;
    started_ = first;
    pending_ = kNever;
    permitted_until_ = -1;
    held_for_word_.clear();
    gap_holds_.clear();
    end_ = first;
    watched_ = log_ || observer_ || tap_;
    if (log_) log_->start(first);
    if (observer_) observer_->on_start(*this);
    if (tap_) {
      tap_->on_start(actor_);
      if (actor_.done()) tap_->on_done(actor_);
    }
  }

  LoopPorts ports() const override {
    static_assert(kIn <= static_cast<int>(kMostPorts) && kOut <= static_cast<int>(kMostPorts) &&
                  kRead <= static_cast<int>(kMostPorts) && kWrite <= static_cast<int>(kMostPorts));
    LoopPorts ports;
    ports.timing = &timing_;
    std::copy_n(in_.begin(), kIn, ports.inputs.begin());
    std::copy_n(out_.begin(), kOut, ports.outputs.begin());
    for (std::size_t m = 0; m < static_cast<std::size_t>(kRead); ++m)
      ports.reads[m] = read_[m].channel;
    for (std::size_t m = 0; m < static_cast<std::size_t>(kWrite); ++m)
      ports.writes[m] = write_[m].channel;
    return ports;
  }

  // ----- Decoupled
  // ----------------------------------------------------------------------------------------------

  [[gnu::hot]] bool advance() override {
    wait_ = Wait::Kind::kNothing;
    pending_ = kNever;
    for (;;) {
      if (actor_.done()) {
        if (due_ == kNever) return retire();
        if (!settle_alone()) return false;
        continue;
      }
      if (prologue_ && !post_prologue()) return false;
      if (quiet_.length && skip_quiet_run()) continue;
      if constexpr (kFetches) {
        if (fetch_steadily()) return false;
        if (actor_.done()) continue;
      }
      Cycle t = next_issue_;
      if (kIn > 0 && !timing_.stalling) {
        const InputState inputs = input_state();
        const Cycle available = inputs_available(inputs);
        if (available == kNever) {
          const Cycle horizon = std::exchange(permitted_until_, -1);
          if (due_ < next_issue_ || horizon >= due_ + shift_) {
            if (!settle_alone(due_ < next_issue_ ? kNever : horizon + 1)) return false;
            continue;
          }
          pending_ = due_ == kNever ? kNever : due_ + shift_;
          sleep_for_item(inputs);
          return false;
        }
        t = std::max(t, available - shift_);
        if (due_ < t) {
          if (!settle_alone(due_ < next_issue_ ? kNever : available)) return false;
          continue;
        }
      } else if (due_ < t) {
        if (!settle_alone()) return false;
        continue;
      }
      if (!await_group<true>(t)) return false;
      settle(t);
      issue(t);
    }
  }

  // ----- Lockstep
  // -----------------------------------------------------------------------------------------------

  bool step(Cycle cycle) override {
    const Cycle tau = cycle - shift_;
    if (actor_.done() && due_ == kNever && tau >= retire_tau()) return retire();
    wait_ = Wait::Kind::kNothing;
    if (prologue_ && !post_prologue(cycle)) return false;
    const bool could_issue = !actor_.done() && tau >= next_issue_;
    const Cycle available = could_issue ? inputs_available(input_state()) : kNever;
    const bool issues = could_issue && (available <= cycle || timing_.stalling);
    bool held = false;
    if (due_ == tau || issues) {
      const Blocker b = first_blocker(tau, issues, cycle);
      if ((held = b.kind != Wait::Kind::kNothing)) count_held_cycle(b, tau);
    }
    if (!held) {
      settle_lost_cycles();
      if (due_ == tau) settle(tau);
      if (issues) issue(tau);
    }
    return actor_.done() && due_ == kNever && cycle + 1 - shift_ >= retire_tau() ? retire() : false;
  }

  bool stirs(Cycle cycle) const override {
    const Cycle tau = cycle - shift_;
    if (wait_ == Wait::Kind::kNothing) return true;
    // Waiting for an input: a flushing pipe runs on while something is posted.
    return wait_ == Wait::Kind::kInput && !timing_.stalling && due_ != kNever && due_ >= tau;
  }

  // ----- Deadlock
  // -----------------------------------------------------------------------------------------------

  Wait blocked() const override {
    Wait wait;
    const auto look = [&](const Blocker& b) {
      if (b.ready == kNever) wait = wait_of(b);
      return b.ready == kNever;
    };
    if (prologue_ && !actor_.done()) {
      for_prologue_blockers([&](const Blocker& b) {
        if (wait.kind == Wait::Kind::kNothing) look(b);
      });
      wait.since = started_;
      return wait;
    }
    const InputState inputs = actor_.done() ? InputState{} : input_state();
    const bool can_issue = !actor_.done() && (timing_.stalling || inputs.missing < 0);
    if (!actor_.done() && !can_issue && due_ == kNever)
      return {Wait::Kind::kInput, in_[static_cast<std::size_t>(inputs.missing)], nullptr,
              next_issue_ + shift_};
    Cycle tau = due_;
    if (can_issue)
      tau = std::min(
          tau, timing_.stalling ? next_issue_ : std::max(next_issue_, inputs.available - shift_));
    // An iteration whose inputs came while the pipeline was held belongs to the group it is held
    // for.
    for_blockers(tau, can_issue && next_issue_ <= tau, look);
    // The cycles held so far for this very group have moved its cycle.
    wait.since = tau + shift_;
    for (auto hold = gap_holds_.rbegin(); hold != gap_holds_.rend() && hold->tau == tau; ++hold)
      wait.since -= hold->cycles;
    return wait;
  }

  bool reads_from(const Stream& stream) const override {
    return std::find(in_.begin(), in_.begin() + kIn, &stream) != in_.begin() + kIn;
  }
  bool writes_to(const Stream& stream) const override {
    return std::find(out_.begin(), out_.begin() + kOut, &stream) != out_.begin() + kOut;
  }

 private:
  /// Something that keeps a group from happening before `ready`: stream or port number `port`.
  struct Blocker {
    Cycle ready = 0;
    Wait::Kind kind = Wait::Kind::kNothing;
    std::uint32_t port = 0;
  };
  static Cause cause_of(Wait::Kind kind) {
    switch (kind) {
      case Wait::Kind::kInput: return Cause::kInputEmpty;
      case Wait::Kind::kOutput: return Cause::kOutputFull;
      case Wait::Kind::kReadData:
      case Wait::Kind::kReadRequest: return Cause::kMemoryRead;
      default: return Cause::kMemoryWrite;
    }
  }

  Wait wait_of(const Blocker& b) const {
    switch (b.kind) {
      case Wait::Kind::kInput: return {b.kind, in_[b.port], nullptr, 0};
      case Wait::Kind::kOutput: return {b.kind, out_[b.port], nullptr, 0};
      case Wait::Kind::kReadData:
      case Wait::Kind::kReadRequest: return {b.kind, nullptr, read_[b.port].channel, 0};
      default: return {b.kind, nullptr, write_[b.port].channel, 0};
    }
  }

  // ----- Uses of ports
  // ------------------------------------------------------------------------------------------

  /// The streams and memory ports that a firing uses: a bit for each.
  struct Uses {
    unsigned reading = 0, taking = 0, writing = 0, putting = 0;
    bool reads(int k) const { return (reading >> k & 1) != 0; }
    bool takes(int m) const { return (taking >> m & 1) != 0; }
    bool writes(int k) const { return (writing >> k & 1) != 0; }
    bool puts(int m) const { return (putting >> m & 1) != 0; }
  };
  [[gnu::always_inline]] Uses next_uses() const {
    Uses uses;
    detail::for_ports<kIn>([&](auto k) { uses.reading |= unsigned{actor_.reads(k)} << k; });
    detail::for_ports<kRead>([&](auto m) { uses.taking |= unsigned{actor_.takes(m)} << m; });
    detail::for_ports<kOut>([&](auto k) { uses.writing |= unsigned{actor_.writes(k)} << k; });
    detail::for_ports<kWrite>([&](auto m) { uses.putting |= unsigned{actor_.puts(m)} << m; });
    return uses;
  }

  // ----- Inputs
  // -------------------------------------------------------------------------------------------------

  struct InputState {
    Cycle available =
        0;  ///< first cycle in which every stream that this iteration reads has a value, if none
    int missing = -1;  ///< is missing: the first stream of which that is not known
  };
  InputState input_state() const {
    InputState state;
    detail::for_ports<kIn>([&](auto k) {
      if (state.missing >= 0 || !actor_.reads(k)) return;
      const Cycle a = in_[k]->available();
      if (a == kNever)
        state.missing = k;
      else
        state.available = std::max(state.available, a);
    });
    return state;
  }

  /// The cycle of such a state; kNever (and asleep) if it is not known.
  Cycle inputs_available(const InputState& state) {
    if (state.missing < 0) return state.available;
    in_[static_cast<std::size_t>(state.missing)]->sleep_reader(owner_);
    wait_ = Wait::Kind::kInput;
    return kNever;
  }

  /// The next firing does nothing at its ports but read streams.
  bool only_reads() const {
    bool only = !prologue_;
    detail::for_ports<kOut>([&](auto k) { only = only && !actor_.writes(k); });
    detail::for_ports<kRead>(
        [&](auto m) { only = only && !actor_.takes(m) && !actor_.requests(m); });
    detail::for_ports<kWrite>([&](auto m) {
      only = only && !actor_.puts(m) && !actor_.requests(std::integral_constant<int, kRead + m>{});
    });
    return only;
  }

  /// Decoupled: sleeps on the first stream that lacks an item, to take it on the spot if nothing else is to be
  /// done with it.
  void sleep_for_item(const InputState& state) {
    const bool takes = !Actor::kSteers && !watched_ && only_reads();
    missing_ = state.missing;
    in_[static_cast<std::size_t>(missing_)]->sleep_reader(owner_, takes ? this : nullptr);
  }

  /// The firing that slept for an item issues; no posted event may come before, or with it.
  [[gnu::hot]] bool take_item(Cycle available) override {
    Stream& stream = *in_[static_cast<std::size_t>(missing_)];
    bool alone = true;
    detail::for_ports<kIn>([&](auto k) {
      if (k == missing_ || !actor_.reads(k)) return;
      alone = false;
      available = std::max(available, in_[k]->available());
    });
    if (available >= kNever) return false;
    const Cycle tau = std::max(next_issue_, available - shift_);
    if (due_ <= tau) return false;
    if (alone && gap_holds_.empty()) {
      account_[Cause::kInputEmpty] += tau - busy_until_;
      stream.reader_waited += tau - busy_until_;
    } else if (tau > busy_until_) {
      charge_input_gap(tau);
    }
    note_issue(tau);
    if (alone && !fires_) {
      stream.read(tau + shift_);
    } else {
      const Uses uses = next_uses();
      if (fires_) compute(uses);
      read_streams(uses, tau + shift_);
    }
    issued_ = true;
    actor_.next();
    return !actor_.done() && actor_.reads(missing_) && only_reads();
  }

  Appetite appetite(Cycle available) const override {
    const bool bulk = reading_.length && missing_ == bulk_input_ && !fires_ && timing_.ii == 1 &&
                      gap_holds_.empty() && available - shift_ >= next_issue_;
    if (!bulk) return {};
    return {static_cast<std::size_t>(reading_.length(actor_)), due_ == kNever ? kNever : due_ + shift_};
  }

  [[gnu::hot]] bool take_items(std::size_t count, Cycle available) override {
    const Cycle tau = available - shift_, more = static_cast<Cycle>(count) - 1;
    const Cycle waited = tau - busy_until_ - more;
    account_[Cause::kInputEmpty] += waited;
    in_[static_cast<std::size_t>(missing_)]->reader_waited += waited;
    account_[Cause::kBusy] += more;
    iterations_ += more;
    note_issue(tau);
    issued_ = true;
    reading_.skip(actor_, static_cast<int>(count));
    return !actor_.done() && actor_.reads(missing_) && only_reads();
  }

  // ----- Groups: all that happens in one cycle
  // ------------------------------------------------------------------

  /// Visits, in order of precedence, what must be there for the group at tau. f(Blocker) may stop
  /// by returning true.
  template <class F>
  [[gnu::always_inline]] void for_blockers(Cycle tau, bool issuing, F&& f) const {
    bool stop = false;
    detail::for_ports<kOut>([&](auto k) {
      if (stop) return;
      if (out_due_[k].front() == tau ||
          (issuing && timing_.depth == 1 && actor_.writes(k)))
        stop = f(Blocker{out_[k]->slot(), Wait::Kind::kOutput, k});
    });
    detail::for_ports<kRead>([&](auto m) {
      if (stop) return;
      if (take_due_[m].front() == tau ||
          (issuing && timing_.take_stage == 0 && actor_.takes(m)))
        stop = f(Blocker{read_[m].channel->arrival(), Wait::Kind::kReadData, m});
      if (!stop && issuing && requests_now(m))
        stop = f(Blocker{read_[m].channel->request_slot(), Wait::Kind::kReadRequest, m});
    });
    detail::for_ports<kWrite>([&](auto m) {
      if (stop) return;
      const bool at_issue = issuing && timing_.put_stage == 0;
      if ((!request_due_[m].empty() && request_due_[m].front().due == tau) ||
          (at_issue && requests_now(std::integral_constant<int, kRead + m>{})))
        stop = f(Blocker{write_[m].channel->request_slot(), Wait::Kind::kWriteRequest, m});
      if (!stop && (put_due_[m].front() == tau || (at_issue && actor_.puts(m))))
        stop = f(Blocker{write_[m].channel->data_slot(), Wait::Kind::kWriteData, m});
      if (!stop && response_due_[m].front() == tau)
        stop = f(Blocker{write_[m].channel->response(), Wait::Kind::kWriteResponse, m});
    });
    if (issuing && timing_.stalling)
      detail::for_ports<kIn>([&](auto k) {
        if (!stop && actor_.reads(k))
          stop = f(Blocker{in_[k]->available(), Wait::Kind::kInput, k});
      });
  }

  /// The first iteration's requests have been posted by the prologue.
  template <int M>
  bool requests_now(std::integral_constant<int, M> m) const {
    return actor_.requests(m) && !(timing_.request_before_loop && !issued_);
  }

  /// Holds the pipeline until the group at tau can happen, each cycle for the first cause that applies, and
  /// at most until `limit`, for which it has to be asked again. False (and asleep): it is not known for how
  /// long.
  template <bool kIssuing>
  [[gnu::hot]] bool await_group(Cycle tau, Cycle limit = kNever) {
    const Cycle first = tau + shift_;
    Cycle cursor = first;
    bool known = true;
    for_blockers(tau, kIssuing, [&](const Blocker& b) __attribute__((always_inline)) {
      if (b.ready <= cursor) return false;
      if (b.ready == kNever) {
        sleep(b);
        known = false;
        return true;
      }
      const Cycle until = std::min(b.ready, limit);
      charge(b, cursor, until,
             b.kind == Wait::Kind::kReadData ? read_[b.port].channel->lost() : 0);
      cursor = until;
      return cursor == limit;
    });
    if (cursor > first) hold(tau, cursor - first);
    return known;
  }

  void sleep(const Blocker& b) {
    wait_ = b.kind;
    switch (b.kind) {
      case Wait::Kind::kInput: in_[b.port]->sleep_reader(owner_); break;
      case Wait::Kind::kOutput: out_[b.port]->sleep_writer(owner_); break;
      case Wait::Kind::kReadData:
      case Wait::Kind::kReadRequest: read_[b.port].channel->set_sleeper(owner_); break;
      default: write_[b.port].channel->set_sleeper(owner_);
    }
  }

  /// The pipeline is held for so many cycles before tau's.
  [[gnu::noinline]] void hold(Cycle tau, Cycle cycles) {
    if (!gap_holds_.empty() && gap_holds_.back().tau == tau)
      gap_holds_.back().cycles += cycles;
    else
      gap_holds_.push_back({tau, cycles});
    shift_ += cycles;
    next_issue_ = std::max(next_issue_, tau);
  }

  /// Charges the cycles from `from` to before `until`; of a wait for a word, the last `lost` before it
  /// came were lost to others.
  [[gnu::always_inline]] void charge(const Blocker& b, Cycle from, Cycle until, Cycle lost) {
    const Cycle cycles = until - from;
    const Cause cause = cause_of(b.kind);
    if (lost != 0) {
      lost = std::max<Cycle>(0, until - std::max(from, b.ready - lost));
      account_[Cause::kArbitration] += lost;
    }
    account_[cause] += cycles - lost;
    if (log_) [[unlikely]]
      log_wait(cause, from, until, lost);
    if (b.kind == Wait::Kind::kOutput) out_[b.port]->writer_waited += cycles;
    if (b.kind == Wait::Kind::kInput) in_[b.port]->reader_waited += cycles;
  }

  [[gnu::noinline]] void log_wait(Cause cause, Cycle from, Cycle until, Cycle lost) {
    log_->held(cause, from, until - lost);
    log_->held(Cause::kArbitration, until - lost, until);
  }

  /// Settles the earliest posted group where no issue can come before it, or holds for it: at most
  /// until `limit`, from which on the next issue may belong to the group. True: progress was made.
  [[gnu::hot]] bool settle_alone(Cycle limit = kNever) {
    const Cycle tau = due_;
    if (!await_group<false>(tau, limit)) return false;
    if (tau + shift_ < limit) settle(tau);
    return true;
  }

  /// All events due at tau happen.
  [[gnu::hot]] void settle(Cycle tau) {
    if (due_ != tau) return;
    const Cycle cycle = tau + shift_;
    last_move_ = cycle;
    Cycle due = kNever;
    // Lets one event of a line happen, and looks at the next.
    const auto happen = [&](DueLine& line, auto&& event) {
      if (line.front() == tau) {
        line.pop();
        event();
      }
      due = std::min(due, line.front());
    };
    detail::for_ports<kOut>([&](auto k) { happen(out_due_[k], [&] { out_[k]->write(cycle); }); });
    detail::for_ports<kRead>(
        [&](auto m) { happen(take_due_[m], [&] { read_[m].channel->take(cycle); }); });
    detail::for_ports<kWrite>([&](auto m) {
      if (!request_due_[m].empty() && request_due_[m].front().due == tau) {
        post(*write_[m].channel, request_due_[m].front().request, cycle);
        request_due_[m].pop();
      }
      if (!request_due_[m].empty()) due = std::min(due, request_due_[m].front().due);
      happen(put_due_[m], [&] { write_[m].channel->put(cycle); });
      happen(response_due_[m], [&] { write_[m].channel->take_response(); });
    });
    due_ = due;
  }

  /// Issues the firings that nothing can hold, up to the earliest posted event. False: there is none, or
  /// somebody looks at it.
  bool skip_quiet_run() {
    if (watched_ || next_issue_ > busy_until_ || due_ <= next_issue_) return false;
    Cycle count = quiet_.length(actor_);
    if (count == 0) return false;
    if (due_ != kNever)
      count = std::min(count, (due_ - next_issue_ + timing_.ii - 1) / timing_.ii);
    gap_holds_.clear();
    last_issue_ = next_issue_ + (count - 1) * timing_.ii;
    next_issue_ = busy_until_ = last_issue_ + timing_.ii;
    account_[Cause::kBusy] += count * timing_.ii;
    last_move_ = last_issue_ + shift_;
    iterations_ += count;
    issued_ = true;
    if (fires_)
      fire_quietly(count);
    else
      quiet_.skip(actor_, static_cast<int>(count));
    return true;
  }

  void fire_quietly(Cycle count) {
    std::array<const std::int32_t*, kIn + 1> in;
    std::array<const std::int32_t*, kRead + 1> taken;
    std::array<std::int32_t*, kOut + 1> out;
    std::array<std::int32_t*, kWrite + 1> put;
    in.fill(idle_lanes_.data());
    taken.fill(idle_lanes_.data());
    out.fill(scratch_.data());
    put.fill(scratch_.data());
    for (; count > 0; --count) {
      actor_.fire(in.data(), taken.data(), out.data(), put.data());
      actor_.next();
    }
  }

  // ----- Steady runs
  // --------------------------------------------------------------------------------------------

  /// A loop that only fetches: words of memory into streams or buffers.
  static constexpr bool kFetches = kIn == 0 && kWrite == 0 && kRead > 0;

  /// Issues firings of a loop that only fetches, as long as they differ in nothing but their cycles: the same
  /// ports, nothing asked for, and the same posted events due beside each. Ends where that changes, or
  /// where something is not known; advance() goes on from there, unless the loop sleeps until the next word
  /// comes (true).
  [[gnu::hot]] bool fetch_steadily() {
    if (watched_ || !issued_ || next_issue_ != busy_until_ || due_ < next_issue_ || asks()) return false;
    const Cycle ii = timing_.ii, first = next_issue_;
    const Cycle written_at = first + timing_.depth - 1, taken_at = first + timing_.take_stage;
    const Uses uses = next_uses();
    // What happens beside each issue, with it or by an event that is due.
    std::array<bool, kOut + 1> writes{};
    std::array<bool, kRead + 1> takes{};
    Cycle most = kNever;
    detail::for_ports<kOut>([&](auto k) {
      const bool posts = uses.writes(k) && written_at > first;
      most = std::min(most, out_due_[k].alike(first, posts, written_at));
      writes[k] = out_due_[k].front() == first || (uses.writes(k) && !posts);
    });
    detail::for_ports<kRead>([&](auto m) {
      const bool posts = uses.takes(m) && taken_at > first;
      most = std::min(most, take_due_[m].alike(first, posts, taken_at));
      takes[m] = take_due_[m].front() == first || (uses.takes(m) && !posts);
    });

    Cycle tau = first, shift = shift_, count = 0;
    Cycle memory = 0, arbitration = 0;  // cycles that words were waited for
    std::array<Cycle, kOut + 1> full{};
    bool asleep = false;
    HandOver over;
    if (kOut == 1 && writes[0]) over.begin(*out_[0], first + shift_);
    while (count < most && !actor_.done() && fetches_like(uses)) {
      const Cycle start = tau + shift;
      std::array<Cycle, kOut + 1> slot{};
      std::array<Arrival, kRead + 1> arrival{};
      Cycle cycle = start;
      if (over.left == 0) {
        detail::for_ports<kOut>([&](auto k) {
          if (writes[k]) cycle = std::max(cycle, slot[k] = out_[k]->slot());
        });
      }
      const bool room = cycle == start;
      detail::for_ports<kRead>([&](auto m) {
        if (!takes[m]) return;
        arrival[m] = read_[m].channel->next_word();
        cycle = std::max(cycle, arrival[m].cycle);
      });
      if (cycle == kNever) {
        asleep = room;
        break;
      }
      if (kOut == 1 && over.left != 0 && cycle >= over.last) {
        over.finish(*out_[0]);
        continue;
      }
      if (cycle > start) {
        Cycle cursor = start;
        detail::for_ports<kOut>([&](auto k) {
          if (slot[k] <= cursor) return;
          full[k] += slot[k] - cursor;
          cursor = slot[k];
        });
        detail::for_ports<kRead>([&](auto m) {
          const Cycle wait = arrival[m].cycle - cursor;
          if (wait <= 0) return;
          const Cycle lost = std::min(arrival[m].lost, wait);
          arbitration += lost;
          memory += wait - lost;
          cursor = arrival[m].cycle;
        });
        shift += cycle - start;
      }
      if (fires_) compute(uses);
      detail::for_ports<kRead>([&](auto m) {
        if (takes[m]) read_[m].channel->take(cycle);
      });
      if (kOut == 1 && over.left != 0) {
        over.write(*out_[0], cycle);
      } else {
        detail::for_ports<kOut>([&](auto k) {
          if (writes[k]) out_[k]->write(cycle);
        });
      }
      actor_.next();
      ++count;
      tau += ii;
    }
    if (kOut == 1 && over.count != 0) over.finish(*out_[0]);
    if (asleep) {
      wait_ = Wait::Kind::kReadData;
      detail::for_ports<kRead>([&](auto m) {
        if (takes[m] && read_[m].channel->arrival() == kNever) read_[m].channel->set_sleeper(owner_);
      });
    }
    if (count == 0) return asleep;

    shift_ = shift;
    last_issue_ = tau - ii;
    last_move_ = last_issue_ + shift;
    next_issue_ = busy_until_ = tau;
    account_[Cause::kBusy] += count * ii;
    account_[Cause::kMemoryRead] += memory;
    account_[Cause::kArbitration] += arbitration;
    detail::for_ports<kOut>([&](auto k) {
      account_[Cause::kOutputFull] += full[k];
      out_[k]->writer_waited += full[k];
    });
    iterations_ += count;
    gap_holds_.clear();
    due_ = kNever;
    const auto pass = [&](DueLine& line, bool used, Cycle due) {
      const bool falls = line.front() == first;
      if (used && due > first) line.push_many(due, count);
      if (falls) line.pop_many(count);
      due_ = std::min(due_, line.front());
    };
    detail::for_ports<kOut>([&](auto k) { pass(out_due_[k], uses.writes(k), written_at); });
    detail::for_ports<kRead>([&](auto m) { pass(take_due_[m], uses.takes(m), taken_at); });
    return asleep;
  }

  /// Items for a reader that takes them in bulk: they are collected, and handed over together.
  struct HandOver {
    std::size_t left = 0;   ///< items that it still takes
    Cycle last = 0;         ///< but none written in this cycle or later
    std::size_t count = 0;  ///< collected
    std::array<Cycle, 16> cycles;

    /// The next item can be written from `cycle` on.
    void begin(const Stream& stream, Cycle cycle) {
      const Appetite appetite = stream.appetite(cycle);
      left = appetite.before > cycle + 1 ? std::min(appetite.items, cycles.size()) : 0;
      last = appetite.before - 1;
    }
    void write(Stream& stream, Cycle cycle) {
      cycles[count++] = cycle;
      if (--left == 0) finish(stream);
    }
    void finish(Stream& stream) {
      if (count != 0) stream.hand_over(cycles.data(), count);
      left = count = 0;
    }
  };

  /// The next firing asks for words.
  [[gnu::always_inline]] bool asks() const {
    bool any = false;
    detail::for_ports<kRead>([&](auto m) { any = any || actor_.requests(m); });
    return any;
  }
  [[gnu::always_inline]] bool fetches_like(const Uses& uses) const {
    bool like = !asks();
    detail::for_ports<kOut>([&](auto k) { like = like && actor_.writes(k) == uses.writes(k); });
    detail::for_ports<kRead>([&](auto m) { like = like && actor_.takes(m) == uses.takes(m); });
    return like;
  }

  template <class Channel>
  static void post(Channel& channel, MemoryRequest request, Cycle cycle) {
    request.cycle = cycle;
    channel.post(request);
  }

  // ----- Issue
  // --------------------------------------------------------------------------------------------------

  /// The cycles of an issue, apart from what it does at its ports.
  [[gnu::always_inline]] void note_issue(Cycle tau) {
    gap_holds_.clear();
    next_issue_ = busy_until_ = tau + timing_.ii;
    last_issue_ = tau;
    account_[Cause::kBusy] += timing_.ii;
    last_move_ = tau + shift_;
    ++iterations_;
  }

  [[gnu::hot]] void issue(Cycle tau) {
    const Cycle cycle = tau + shift_;
    if (tau > busy_until_) charge_input_gap(tau);
    note_issue(tau);
    if (watched_) [[unlikely]] {
      if (log_) log_->issue(cycle, timing_.ii);
      fire<true>(tau, cycle);
    } else {
      fire<false>(tau, cycle);
    }
    issued_ = true;
    actor_.next();
    if (watched_ && tap_ && actor_.done()) [[unlikely]]
      tap_->on_done(actor_);
  }

  template <bool kWatched>
  void fire(Cycle tau, Cycle cycle) {
    if (fires_)
      fire_with_values<kWatched>(tau, cycle);
    else
      fire_without_values<kWatched>(tau, cycle);
  }

  template <bool kWatched>
  void fire_with_values(Cycle tau, Cycle cycle) {
    if constexpr (Actor::kSteers) steer();
    if constexpr (kWatched) {
      if (observer_) observer_->on_firing(*this, firing());
    }
    // What the firing uses is fixed before it computes, which may change the actor.
    const Uses uses = next_uses();
    detail::for_ports<kRead>([&](auto m) { read_port(m, tau, cycle); });
    const Lanes lanes = lanes_of(uses);
    detail::for_ports<kWrite>([&](auto m) { write_port(m, tau, cycle); });
    actor_.fire(lanes.in, lanes.taken, lanes.out, lanes.put);
    if constexpr (kWatched) {
      if (tap_) tap_->on_fire(actor_, lanes.in, lanes.taken, lanes.out, lanes.put);
    }
    detail::for_ports<kOut>([&](auto k) {
      if (uses.writes(k)) write_stream(k, tau, cycle);
    });
    read_streams(uses, cycle);
  }

  void read_streams(const Uses& uses, Cycle cycle) {
    detail::for_ports<kIn>([&](auto k) {
      if (uses.reads(k)) in_[k]->read(cycle);
    });
  }

  /// By what streams of control carry.
  void steer() {
    const std::int32_t* in[kIn + 1] = {};
    detail::for_ports<kIn>([&](auto k) {
      in[k] = actor_.reads(k) ? in_[k]->front_value() : idle_lanes_.data();
    });
    actor_.steer(in);
  }

  /// Where a firing's values come from and go to: the queues of streams and channels, whose cycles are written
  /// apart.
  struct Lanes {
    const std::int32_t* in[kIn + 1] = {};
    const std::int32_t* taken[kRead + 1] = {};
    std::int32_t* out[kOut + 1] = {};
    std::int32_t* put[kWrite + 1] = {};
  };
  Lanes lanes_of(const Uses& uses) {
    Lanes lanes;
    detail::for_ports<kIn>(
        [&](auto k) { lanes.in[k] = uses.reads(k) ? in_[k]->front_value() : idle_lanes_.data(); });
    detail::for_ports<kRead>(
        [&](auto m) { lanes.taken[m] = uses.takes(m) ? take_value(m) : idle_lanes_.data(); });
    detail::for_ports<kOut>(
        [&](auto k) { lanes.out[k] = uses.writes(k) ? out_[k]->push_value() : scratch_.data(); });
    detail::for_ports<kWrite>([&](auto m) {
      std::uint8_t* value = uses.puts(m) ? write_[m].channel->push_value() : nullptr;
      lanes.put[m] = value ? reinterpret_cast<std::int32_t*>(value) : scratch_.data();
    });
    return lanes;
  }
  [[gnu::noinline]] void compute(Uses uses) {
    const Lanes lanes = lanes_of(uses);
    actor_.fire(lanes.in, lanes.taken, lanes.out, lanes.put);
  }

  template <bool kWatched>
  [[gnu::always_inline]] void fire_without_values(Cycle tau, Cycle cycle) {
    if constexpr (Actor::kSteers) steer();
    if constexpr (kWatched) {
      if (observer_) observer_->on_firing(*this, firing());
    }
    detail::for_ports<kRead>([&](auto m) { read_port(m, tau, cycle); });
    detail::for_ports<kWrite>([&](auto m) { write_port(m, tau, cycle); });
    detail::for_ports<kOut>([&](auto k) {
      if (actor_.writes(k)) write_stream(k, tau, cycle);
    });
    detail::for_ports<kIn>([&](auto k) {
      if (actor_.reads(k)) in_[k]->read(cycle);
    });
  }

  /// The cycles of what a firing does at its ports: now, or posted.
  template <class Port>
  [[gnu::always_inline]] void read_port(Port m, Cycle tau, Cycle cycle) {
    if (requests_now(m)) request_read(m, cycle);
    if (!actor_.takes(m)) return;
    if (timing_.take_stage == 0)
      read_[m].channel->take(cycle);
    else
      post_due(take_due_[m], tau + timing_.take_stage);
  }
  template <class Port>
  void write_stream(Port k, Cycle tau, Cycle cycle) {
    if (timing_.depth == 1)
      out_[k]->write(cycle);
    else
      post_due(out_due_[k], tau + timing_.depth - 1);
  }
  template <int M>
  void write_port(std::integral_constant<int, M> m, Cycle tau, Cycle cycle) {
    WriteChannel& channel = *write_[M].channel;
    if (requests_now(std::integral_constant<int, kRead + M>{})) {
      const MemoryRequest request = announce_write(m);
      if (timing_.put_stage == 0) {
        post(channel, request, cycle);
      } else {
        request_due_[M].push({tau + timing_.put_stage, request});
        due_ = std::min(due_, tau + timing_.put_stage);
      }
    }
    if (!actor_.puts(m)) return;
    if (timing_.put_stage == 0)
      channel.put(cycle);
    else
      post_due(put_due_[M], tau + timing_.put_stage);
    if (--write_left_[M].front() == 0) {
      write_left_[M].pop();
      if (timing_.response_stage >= 0) post_due(response_due_[M], tau + timing_.response_stage);
    }
  }

  Firing firing() const {
    Firing now;
    detail::for_ports<kIn>([&](auto k) { now.reads[k] = actor_.reads(k); });
    detail::for_ports<kOut>([&](auto k) { now.writes[k] = actor_.writes(k); });
    detail::for_ports<kRead>([&](auto m) {
      if (actor_.requests(m)) now.request_words[m] = static_cast<int>(actor_.request(m).words);
      now.takes[m] = actor_.takes(m);
    });
    detail::for_ports<kWrite>([&](auto m) {
      constexpr int kPort = kRead + decltype(m)::value;
      if (actor_.requests(kPort))
        now.announce_words[m] = static_cast<int>(actor_.request(kPort).words);
      now.puts[m] = actor_.puts(m);
    });
    return now;
  }

  void post_due(DueLine& line, Cycle due) {
    line.push(due);
    due_ = std::min(due_, due);
  }

  template <int M>
  void request_read(std::integral_constant<int, M> m, Cycle cycle) {
    const auto r = actor_.request(m);
    ReadBinding& b = read_[M];
    const std::uint64_t address =
        b.base + static_cast<std::uint64_t>(r.word) * static_cast<std::uint64_t>(b.word_bytes);
    const auto words = static_cast<std::uint32_t>(r.words);
    if (b.store) read_run_[M].push({address, words});
    post(*b.channel, MemoryRequest{0, address, words, 0, b.step, b.depends_on}, cycle);
  }

  template <int M>
  const std::int32_t* take_value(std::integral_constant<int, M>) {
    if (!read_[M].store) return idle_lanes_.data();
    detail::WordRun& run = read_run_[M].front();
    const std::uint64_t address = run.address;
    run.address += static_cast<std::uint64_t>(read_[M].word_bytes);
    if (--run.left == 0) read_run_[M].pop();
    // Memory words are aligned to at least their lanes.
    return reinterpret_cast<const std::int32_t*>(read_[M].store + address);
  }

  template <int M>
  MemoryRequest announce_write(std::integral_constant<int, M>) {
    const auto r = actor_.request(kRead + M);
    const WriteBinding& b = write_[M];
    const auto words = static_cast<std::uint32_t>(r.words);
    write_left_[M].push(words);
    return {0,
            b.base + static_cast<std::uint64_t>(r.word) * static_cast<std::uint64_t>(b.word_bytes),
            words,
            0,
            b.step,
            0};
  }

  // ----- Requests before the loop
  // -------------------------------------------------------------------------------

  /// Posts the first iteration's requests at the loop's first cycle. False: a queue has no (known)
  /// room yet.
  bool post_prologue() {
    Cycle at = shift_;
    bool known = true;
    for_prologue_blockers([&](const Blocker& b) {
      if (!known) return;
      if (b.ready == kNever) {
        sleep(b);
        known = false;
      }
      at = std::max(at, b.ready);
    });
    if (!known) return false;
    Cycle cursor = shift_;
    for_prologue_blockers([&](const Blocker& b) {
      if (b.ready > cursor) {
        charge(b, cursor, b.ready, 0);
        cursor = b.ready;
      }
    });
    shift_ = at;
    do_prologue(at);
    return true;
  }
  /// Lockstep: the same at one clock edge.
  bool post_prologue(Cycle cycle) {
    Blocker first;
    for_prologue_blockers([&](const Blocker& b) {
      if (first.kind == Wait::Kind::kNothing && b.ready > cycle) first = b;
    });
    if (first.kind != Wait::Kind::kNothing) {
      charge(first, cycle, cycle + 1, 0);
      ++shift_;
      sleep(first);
      return false;
    }
    do_prologue(cycle);
    return true;
  }
  template <class F>
  void for_prologue_blockers(F&& f) const {
    detail::for_ports<kRead>([&](auto m) {
      if (actor_.requests(m))
        f(Blocker{read_[m].channel->request_slot(), Wait::Kind::kReadRequest, m});
    });
    detail::for_ports<kWrite>([&](auto m) {
      if (actor_.requests(std::integral_constant<int, kRead + m>{}))
        f(Blocker{write_[m].channel->request_slot(), Wait::Kind::kWriteRequest, m});
    });
  }
  void do_prologue(Cycle cycle) {
    prologue_ = false;
    last_move_ = std::max(last_move_, cycle);
    bool read = false;
    detail::for_ports<kRead>([&](auto m) {
      if (actor_.requests(m)) {
        request_read(m, cycle);
        read = true;
      }
    });
    detail::for_ports<kWrite>([&](auto m) {
      if (actor_.requests(std::integral_constant<int, kRead + m>{}))
        post(*write_[m].channel, announce_write(m), cycle);
    });
    if (read) {
      next_issue_ = busy_until_ = timing_.request_wait;
      account_[Cause::kMemoryRead] += timing_.request_wait;
      if (log_) log_->work(Cause::kMemoryRead, timing_.request_wait);
    }
  }

  // ----- Accounting
  // ---------------------------------------------------------------------------------------------

  /// The free cycles from busy_until_ to tau were spent waiting for inputs, one stream after the
  /// other.
  void charge_input_gap(Cycle tau) {
    account_[Cause::kInputEmpty] += tau - busy_until_;
    Cycle cursor = busy_until_;
    detail::for_ports<kIn>([&](auto k) {
      if (!actor_.reads(k)) return;
      const Cycle there = std::min(tau, tau_of(in_[k]->available()));
      if (there > cursor) {
        in_[k]->reader_waited += there - cursor;
        cursor = there;
      }
    });
  }

  /// Local time of a cycle in the current gap between issues.
  Cycle tau_of(Cycle cycle) const {
    Cycle shift = shift_;
    for (const Hold& h : gap_holds_) shift -= h.cycles;
    for (const Hold& h : gap_holds_) {
      if (cycle <= h.tau + shift) break;
      if (cycle <= h.tau + shift + h.cycles) return h.tau;
      shift += h.cycles;
    }
    return cycle - shift;
  }

  Cycle retire_tau() const { return issued_ ? last_issue_ + timing_.depth : 0; }

  bool retire() {
    const Cycle tau = retire_tau();
    end_ = tau + shift_;
    if (issued_) {
      // The last issue's interval may reach beyond the pipeline's end.
      account_[Cause::kBusy] -= std::max<Cycle>(0, busy_until_ - tau);
      account_[Cause::kFillDrain] += std::max<Cycle>(0, tau - busy_until_);
    }
    if (log_) log_->end(end_);
    wait_ = Wait::Kind::kNothing;
    pending_ = kNever;
    return true;
  }

  // ----- Lockstep's own decisions, cycle by cycle
  // ---------------------------------------------------------------

  Blocker first_blocker(Cycle tau, bool issuing, Cycle cycle) {
    Blocker first;
    for_blockers(tau, issuing, [&](const Blocker& b) {
      if (b.ready <= cycle) return false;
      first = b;
      return true;
    });
    return first;
  }

  void count_held_cycle(const Blocker& b, Cycle tau) {
    const Cycle cycle = tau + shift_;
    charge(b, cycle, cycle + 1, 0);
    if (b.kind == Wait::Kind::kReadData) held_for_word_.push_back({b.port, cycle});
    sleep(b);
    hold(tau, 1);
  }

  /// Once the words are there, it is known which of the cycles spent waiting for them were lost to
  /// other requesters.
  void settle_lost_cycles() {
    for (const auto& [port, cycle] : held_for_word_) {
      const ReadChannel& channel = *read_[port].channel;
      if (cycle < channel.arrival() - channel.lost()) continue;
      --account_[Cause::kMemoryRead];
      ++account_[Cause::kArbitration];
      if (log_) log_->lost(cycle);
    }
    held_for_word_.clear();
  }

  struct Hold {
    Cycle tau = 0, cycles = 0;
  };
  struct WriteRequest {
    Cycle due = 0;
    MemoryRequest request;
  };

  LoopTiming timing_;
  Actor actor_;
  bool fires_;
  FiringTap<Actor>* tap_ = nullptr;
  Runs<Actor> quiet_, reading_;
  int bulk_input_ = -1;  ///< that reading_ reads
  Process* owner_ = nullptr;
  std::array<Stream*, kIn + 1> in_{};
  std::array<Stream*, kOut + 1> out_{};
  std::array<ReadBinding, kRead + 1> read_{};
  std::array<WriteBinding, kWrite + 1> write_{};

  Wait::Kind wait_ = Wait::Kind::kNothing;  ///< what the pipeline sleeps on
  int missing_ = -1;                        ///< the input that lacks an item while it takes items
  Cycle started_ = 0;                       ///< first cycle of the loop
  Cycle shift_ = 0;                         ///< cycle = tau + shift_
  Cycle next_issue_ = 0;                    ///< earliest tau of the next issue
  Cycle last_issue_ = 0;                    ///< tau of the last issue
  Cycle busy_until_ = 0;  ///< tau from which a missing issue means a missing input
  Cycle due_ = kNever;    ///< earliest tau in the delay line
  bool issued_ = false, prologue_ = false;
  bool watched_ = false;  ///< by a log, an observer or a tap, since the start
  std::vector<std::pair<std::uint32_t, Cycle>>
      held_for_word_;  ///< lockstep: read port and cycle of each held cycle
  std::array<DueLine, kOut + 1> out_due_{};
  std::array<DueLine, kRead + 1> take_due_{};
  std::array<DueLine, kWrite + 1> put_due_{}, response_due_{};
  std::array<Ring<WriteRequest>, kWrite + 1> request_due_{};
  std::array<Ring<detail::WordRun>, kRead + 1> read_run_{};
  std::array<Ring<std::uint32_t>, kWrite + 1> write_left_{};
  std::vector<Hold> gap_holds_;
  std::vector<std::int32_t> scratch_, idle_lanes_;
};

}  // namespace m3sim::timing
