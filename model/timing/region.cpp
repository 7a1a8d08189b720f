#include "model/timing/region.hpp"

#include <algorithm>

#include "model/config/error.hpp"

namespace m3sim::timing {

Stream& Region::add_stream(std::string name, int depth, int lanes, bool carries_values) {
  streams_.push_back(std::make_unique<Stream>(std::move(name), depth, lanes, carries_values));
  return *streams_.back();
}

int Region::add_stage(int banks) {
  stages_.emplace_back();
  stages_.back().banks = banks;
  return static_cast<int>(stages_.size()) - 1;
}

Process& Region::add_process(int stage, std::unique_ptr<Process> process,
                             std::function<int(int)> prepare) {
  process->on_end([this, stage](Process&, Cycle end) { process_ended(stage, end); });
  stages_.at(static_cast<std::size_t>(stage))
      .members.push_back({process.get(), std::move(prepare)});
  processes_.push_back(std::move(process));
  return *processes_.back();
}

void Region::use(ReadyList* list) {
  list_ = list;
  for (const auto& process : processes_) process->use(list);
}

void Region::start(Cycle first, int iterations) {
  started_ = first;
  ended_ = first;
  iterations_ = iterations;
  running_ = true;
  if (listener_) listener_->on_start(*this, first);
  for (const auto& process : processes_) process->begin_run();
  for (const auto& stream : streams_) stream->begin_run();
  for (Stage& stage : stages_) {
    stage.started = stage.running = 0;
    stage.end = first;
    stage.ends.clear();
  }
  start_ready_stages();
  if (iterations_ == 0) try_finish();
}

void Region::start_ready_stages() {
  if (starting_) return;  // A process without iterations ends while its stage is being started.
  starting_ = true;
  bool again = true;
  while (again) {
    again = false;
    for (std::size_t s = 0; s < stages_.size(); ++s) again = try_start(s) || again;
  }
  starting_ = false;
}

bool Region::try_start(std::size_t s) {
  Stage& stage = stages_[s];
  const auto k = static_cast<std::size_t>(stage.started);
  if (stage.running > 0 || stage.started == iterations_ || stage.ends.size() < k) return false;
  Cycle first = k == 0 ? started_ : stage.ends[k - 1] + restart_cycles_;
  if (s > 0) {
    if (stages_[s - 1].ends.size() <= k) return false;
    first = std::max(first, stages_[s - 1].ends[k]);
  }
  const auto banks = static_cast<std::size_t>(stage.banks);
  if (s + 1 < stages_.size() && k >= banks) {
    if (stages_[s + 1].ends.size() <= k - banks) return false;
    first = std::max(first, stages_[s + 1].ends[k - banks]);
  }
  const int iteration = stage.started++;
  stage.running = static_cast<int>(stage.members.size());
  stage.end = first;
  for (const Member& member : stage.members)
    member.process->start(first, member.prepare ? member.prepare(iteration) : 1);
  return true;
}

void Region::process_ended(int number, Cycle end) {
  Stage& stage = stages_[static_cast<std::size_t>(number)];
  stage.end = std::max(stage.end, end);
  if (--stage.running > 0) return;
  stage.ends.push_back(stage.end);
  ended_ = std::max(ended_, stage.end);
  start_ready_stages();
  if (stages_.back().ends.size() == static_cast<std::size_t>(iterations_)) try_finish();
}

void Region::try_finish() {
  if (!running_) return;
  for (WriteChannel* channel : writes_)
    while (channel->responses_due()) {
      if (channel->response() == kNever) {
        channel->set_sleeper(this);
        return;
      }
      ended_ = std::max(ended_, channel->response());
      channel->take_response();
    }
  for (const auto& stream : streams_)
    if (!stream->empty())
      throw SimulationError(name_ + ": " + std::to_string(stream->left()) +
                            " values left in stream " + stream->name());
  running_ = false;
  if (on_end_) on_end_(*this, ended_);
}

void Region::wake() { try_finish(); }

void Region::step(Cycle cycle) {
  bool again = true;
  while (again) {
    again = false;
    for (const auto& process : processes_)
      if (process->wants_step(cycle)) {
        process->step(cycle);
        again = true;
      }
  }
}

bool Region::stirs(Cycle cycle) const {
  return std::any_of(processes_.begin(), processes_.end(),
                     [&](const auto& p) { return p->stirs(cycle); });
}

std::size_t Region::stage_of(const Process& process) const {
  const auto has = [&process](const Stage& stage) {
    return std::any_of(stage.members.begin(), stage.members.end(),
                       [&process](const Member& m) { return m.process == &process; });
  };
  return static_cast<std::size_t>(std::find_if(stages_.begin(), stages_.end(), has) -
                                  stages_.begin());
}

CycleAccount Region::account(std::size_t process) const {
  CycleAccount account = processes_[process]->account();
  account[Cause::kIdle] += ended_ - started_ - account.total();
  return account;
}

}  // namespace m3sim::timing
