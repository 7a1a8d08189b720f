#include "model/timing/process.hpp"

#include <algorithm>

namespace m3sim::timing {

void Process::add_phase(std::unique_ptr<PipelineBase> pipeline, Prepare prepare) {
  phases_.emplace_back();
  add_parallel(std::move(pipeline), std::move(prepare));
}

void Process::add_parallel(std::unique_ptr<PipelineBase> pipeline, Prepare prepare) {
  phases_.back().members.push_back({std::move(pipeline), std::move(prepare), false, {}});
}

void Process::start(Cycle first, int repeats) {
  phase_ = 0;
  repeat_ = 0;
  repeats_ = repeats;
  running_ = true;
  stepped_ = -1;  // A run without iterations takes no cycle: the next one may start in the cycle
                  // that ended it.
  if (repeats_ == 0) {
    running_ = false;
    on_end_(*this, first);
    return;
  }
  start_phase(first);
  wake();
}

void Process::start_phase(Cycle first) {
  phase_start_ = first;
  for (Member& member : phases_[phase_].members) {
    member.finished = false;
    member.before = member.pipeline->account();
    if (member.prepare) member.prepare(repeat_);
    member.pipeline->start(first, *this);
  }
  const auto& members = phases_[phase_].members;
  single_ = members.size() == 1 ? members.front().pipeline.get() : nullptr;
}

void Process::finish_phase() {
  const Phase& phase = phases_[phase_];
  const Member* longest = &phase.members.front();
  for (const Member& member : phase.members)
    if (member.pipeline->end() > longest->pipeline->end()) longest = &member;
  // Parallel pipelines overlap; the one that ends last accounts for the phase.
  for (std::size_t i = 0; i < kCauseCount; ++i) {
    const Cause cause = static_cast<Cause>(i);
    account_[cause] += longest->pipeline->account()[cause] - longest->before[cause];
  }
  if (trace_) trace_->add(longest->pipeline->log()->buckets());
  const Cycle end = longest->pipeline->end();
  if (++phase_ == phases_.size()) {
    phase_ = 0;
    ++repeat_;
  }
  if (repeat_ == repeats_) {
    running_ = false;
    on_end_(*this, end);
    return;
  }
  account_[Cause::kIdle] += phase_gap_;
  start_phase(end + phase_gap_);
}

[[gnu::hot]] void Process::advance() {
  while (running_) {
    if (single_) {
      if (!single_->advance()) return;
      phases_[phase_].members.front().finished = true;
    } else {
      bool all = true;
      for (Member& member : phases_[phase_].members) {
        if (!member.finished) member.finished = member.pipeline->advance();
        all = all && member.finished;
      }
      if (!all) return;
    }
    finish_phase();
  }
}

void Process::step(Cycle cycle) {
  if (!wants_step(cycle)) return;
  stepped_ = cycle;
  for (;;) {
    bool all = true;
    for (Member& member : phases_[phase_].members) {
      if (!member.finished) member.finished = member.pipeline->step(cycle);
      all = all && member.finished;
    }
    // A phase without iterations takes no cycle: the next one may start in this very cycle.
    if (!all) return;
    finish_phase();
    if (!running_ || phase_start_ > cycle) return;
  }
}

bool Process::stirs(Cycle cycle) const {
  if (!running_) return false;
  if (cycle < phase_start_) return true;
  return std::any_of(phases_[phase_].members.begin(), phases_[phase_].members.end(),
                     [&](const Member& m) { return !m.finished && m.pipeline->stirs(cycle); });
}

Cycle Process::first_pending() const {
  Cycle earliest = kNever;
  for (const Member& member : phases_[phase_].members)
    if (!member.finished) earliest = std::min(earliest, member.pipeline->pending());
  return earliest;
}

void Process::permit(Cycle horizon) {
  PipelineBase* first = nullptr;
  for (Member& member : phases_[phase_].members) {
    if (member.finished) continue;
    PipelineBase* candidate = member.pipeline.get();
    if (first && candidate->pending() < first->pending()) std::swap(first, candidate);
    if (!first)
      first = candidate;
    else
      horizon = std::min(horizon, candidate->pending());
  }
  first->permit(horizon);
  wake();
}

std::int64_t Process::total_iterations() const {
  std::int64_t sum = 0;
  for (const Phase& phase : phases_)
    for (const Member& member : phase.members) sum += member.pipeline->iterations();
  return sum;
}

Cycle Process::last_move() const {
  Cycle last = 0;
  for (const Phase& phase : phases_)
    for (const Member& member : phase.members) last = std::max(last, member.pipeline->last_move());
  return last;
}

void Process::trace(CauseBuckets* buckets, const TraceScale& scale) {
  trace_ = buckets;
  for (Phase& phase : phases_)
    for (Member& member : phase.members)
      member.pipeline->keep_log(buckets ? std::make_unique<PipelineLog>(scale) : nullptr);
}

std::vector<Wait> Process::waits() const {
  std::vector<Wait> waits;
  if (!running_) return waits;
  for (const Member& member : phases_[phase_].members)
    if (!member.finished) waits.push_back(member.pipeline->blocked());
  return waits;
}

bool Process::reads_from(const Stream& stream) const {
  for (const Phase& phase : phases_)
    for (const Member& member : phase.members)
      if (member.pipeline->reads_from(stream)) return true;
  return false;
}

bool Process::writes_to(const Stream& stream) const {
  for (const Phase& phase : phases_)
    for (const Member& member : phase.members)
      if (member.pipeline->writes_to(stream)) return true;
  return false;
}

}  // namespace m3sim::timing
