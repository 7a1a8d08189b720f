#include "model/accelerator/accelerator.hpp"

#include <algorithm>
#include <map>

#include "model/accelerator/accounting_check.hpp"
#include "model/accelerator/memory_record.hpp"
#include "model/accelerator/trace_recorder.hpp"
#include "model/config/error.hpp"

namespace m3sim {

using timing::Cycle;

namespace {

/// One unit, or one per kind of linear layer.
std::vector<std::unique_ptr<LinearEngine>> linear_units(EngineContext& context, WeightBanks& banks,
                                                        ExpertQueues& queues) {
  std::vector<std::unique_ptr<LinearEngine>> units;
  if (context.config.linear.units == LinearUnits::kUnified) {
    units.push_back(std::make_unique<LinearEngine>("linear", context, banks, queues));
    return units;
  }
  for (const std::string_view kind : kLinearKindNames) {
    const std::string name = "linear_" + std::string(kind);
    units.push_back(std::make_unique<LinearEngine>(name.c_str(), context, banks, queues));
  }
  return units;
}

}  // namespace

Accelerator::Accelerator(const sc_core::sc_module_name& name, RunRequest request)
    : sc_core::sc_module(name),
      request_(std::move(request)),
      config_(*request_.config),
      map_(config_),
      clock_(config_.clock.pl_hz),
      memory_("memory", tlm_mem::memory_system_config(config_, map_.bytes(), request_.data)),
      onchip_(config_, memory_.store(), request_.data),
      context_{config_, memory_, onchip_, edges_, request_.data, 0, {}, {}, request_.hardware},
      queues_(gate_shape(config_), config_.network.tokens()),
      banks_("weight_banks", config_),
      patch_embedding_("patch_embedding", context_),
      layer_norm_("layer_norm", context_),
      loader_("loader", context_, banks_),
      linear_(linear_units(context_, banks_, queues_)),
      attention_("attention", context_),
      softmax_("softmax", context_),
      head_units_(config_.attention.head_units > 1
                      ? std::make_unique<HeadUnitsEngine>("head_units", context_)
                      : nullptr),
      gate_("gate", context_, queues_),
      zero_("zero", context_),
      residual_("residual", context_),
      alarm_(*this),
      execution_("execution", request_.execution, clock_, edges_, memory_),
      schedule_(config_, map_) {
  std::vector<Engine*> engines{&patch_embedding_, &layer_norm_, &loader_};
  for (const auto& unit : linear_) engines.push_back(unit.get());
  engines.insert(engines.end(), {&attention_, &softmax_, &gate_, &zero_, &residual_});
  if (head_units_) engines.push_back(head_units_.get());
  for (Engine* engine : engines)
    for (const auto& r : engine->regions()) {
      execution_.add(r->region);
      regions_.push_back(r.get());
      r->region.on_end([this](timing::Region& region, Cycle end) {
        for (Active& active : active_)
          if (&active.region->region == &region) active.end = end;
        alarm_.set(end + config_.control.done_cycles);
      });
      if (request_.trace) request_.trace->attach(context_, *r);
    }
  alarm_.set(0);
  memory_.set_trace_sink(request_.memory_trace);
  gate_.observe(request_.data && request_.on_step);
  result_.clock_hz = config_.clock.pl_hz;
  result_.macs_per_cycle = linear_.front()->macs_per_cycle();
}

RunRecord Accelerator::run() {
  if (request_.data) {
    map_.load_parameters(*request_.parameters, memory_);
    map_.load_image(*request_.image, memory_);
  }
  sc_core::sc_start();
  memory_.rethrow_failure();
  execution_.expect_ended();
  if (result_.tasks.size() < request_.tasks.size()) throw SimulationError(waiting_steps());
  return std::move(result_);
}

std::vector<std::int32_t> Accelerator::read_lanes(std::uint64_t address, std::size_t count) {
  std::vector<std::int32_t> lanes(count);
  memory_.read_back(address, lanes.data(), count * sizeof(std::int32_t));
  return lanes;
}

std::string Accelerator::waiting_steps() const {
  std::string text = "the schedule cannot proceed:";
  for (std::size_t i = next_; i < schedule_.steps().size(); ++i) {
    const Step& step = schedule_.steps()[i];
    if (i < started_.size() && started_[i]) continue;
    for (const std::uint32_t before : step.after)
      if (!done_[before])
        text += " step " + step.name + " waits for step " + std::to_string(before) + ";";
  }
  return text;
}

Accelerator::Alarm::Alarm(Accelerator& owner)
    : Member(owner.memory_.calendar()), owner_(owner) {}

void Accelerator::Alarm::set(Cycle cycle) {
  if (cycle >= cycle_) return;
  cycle_ = cycle;
  meet(std::max(calendar().now(), owner_.clock_.edge_ps(cycle)));
}

void Accelerator::Alarm::on_time() {
  cycle_ = timing::kNever;
  owner_.on_time();
}

void Accelerator::on_time() {
  const Cycle now = execution_.now();
  if (result_.one_time.empty() && schedule_.steps().empty() && one_time_) {
    done_.assign(1, true);
    schedule_.one_time();
  }
  finish_ended(now);
  start_ready_steps();
  Cycle next = timing::kNever;
  for (const Active& active : active_) next = std::min(next, active.end);
  if (next != timing::kNever) alarm_.set(next + config_.control.done_cycles);
  execution_.expect_work(!active_.empty());
  execution_.resume();
}

void Accelerator::finish_ended(Cycle now) {
  for (std::size_t i = 0; i < active_.size();) {
    if (active_[i].end + config_.control.done_cycles > now) {
      ++i;
      continue;
    }
    Active ended = std::move(active_[i]);
    active_.erase(active_.begin() + static_cast<std::ptrdiff_t>(i));
    finish(ended);
  }
  if (!active_.empty() || next_ < schedule_.steps().size()) return;
  if (one_time_) {
    result_.one_time = std::move(kernels_);
    one_time_ = false;
    begin_image();
  } else if (schedule_.complete()) {
    finish_image();
  }
}

void Accelerator::begin_image() {
  schedule_.clear();
  started_.clear();
  kernels_.clear();
  image_queues_.clear();
  next_ = 0;
  image_start_ = execution_.now();
  memory_before_ = {};
  record_memory(memory_before_);
  const bool switches = image_ == 0 || request_.tasks[image_] != request_.tasks[image_ - 1];
  schedule_.begin_image(task(), switches);
}

void Accelerator::finish_image() {
  TaskRecord record;
  record.task = config_.network.tasks[static_cast<std::size_t>(task())];
  record.image = static_cast<int>(image_);
  record.start = image_start_;
  record.end = execution_.now();
  std::sort(kernels_.begin(), kernels_.end(),
            [](const auto& a, const auto& b) { return a.step < b.step; });
  if (image_ > 0 && request_.tasks[image_] != request_.tasks[image_ - 1]) {
    SwitchRecord change{result_.tasks.back().task, record.task, 0};
    // A switch costs what an image of the same task does not need: the task's embedding.
    if (kernels_.front().name == "task_embedding")
      change.extra_cycles = kernels_[1].start - kernels_[0].start;
    result_.switches.push_back(change);
  }
  record.kernels = std::move(kernels_);
  record.queues = image_queues_;
  record_experts(record);
  record_memory(record);
  subtract(record, memory_before_);
  require_closed(record, result_.tasks.empty() ? record.start : result_.tasks.back().end);
  result_.tasks.push_back(std::move(record));
  if (++image_ < request_.tasks.size()) begin_image();
}

void Accelerator::start_ready_steps() {
  if (!one_time_ && image_ >= request_.tasks.size()) return;
  const auto& steps = schedule_.steps();
  started_.resize(steps.size(), false);
  for (std::size_t i = next_; i < steps.size(); ++i) {
    if (done_.size() <= steps[i].number) done_.resize(steps[i].number + 1, false);
    if (started_[i]) continue;
    const bool ready = std::all_of(steps[i].after.begin(), steps[i].after.end(),
                                   [this](std::uint32_t before) { return done_[before]; });
    if (ready) start(i);
  }
  while (next_ < steps.size() && started_[next_]) ++next_;
}

void Accelerator::start(std::size_t index) {
  const Step& step = schedule_.steps()[index];
  started_[index] = true;
  if (request_.trace) request_.trace->begin(step, one_time_ ? -1 : task());
  EngineRegion& region = start_engine(step, execution_.now() + config_.control.start_cycles);
  active_.push_back({index, &region, timing::kNever});
  // A region without iterations has ended already.
  if (!region.region.running()) active_.back().end = region.region.ended();
}

EngineRegion& Accelerator::start_engine(const Step& step, Cycle first) {
  struct Start {
    Accelerator& a;
    std::uint32_t step;
    Cycle first;
    EngineRegion& operator()(const LoadPatchWeights& op) {
      return a.patch_embedding_.start(op, step, first);
    }
    EngineRegion& operator()(const EmbedPatches& op) {
      return a.patch_embedding_.start(op, step, first);
    }
    EngineRegion& operator()(const WriteClassToken& op) {
      return a.patch_embedding_.start(op, step, first);
    }
    EngineRegion& operator()(const LoadNormParameters& op) {
      return a.layer_norm_.start(op, step, first);
    }
    EngineRegion& operator()(const Normalize& op) { return a.layer_norm_.start(op, step, first); }
    EngineRegion& operator()(const LoadLinear& op) { return a.loader_.start(op, step, first); }
    EngineRegion& operator()(const ComputeLinear& op) {
      return a.linear_[static_cast<std::size_t>(op.unit)]->start(op, step, first);
    }
    EngineRegion& operator()(const MultiplyQK& op) { return a.attention_.start(op, step, first); }
    EngineRegion& operator()(const SoftmaxPass& op) { return a.softmax_.start(op, step, first); }
    EngineRegion& operator()(const MultiplyAV& op) { return a.attention_.start(op, step, first); }
    EngineRegion& operator()(const AttendHeads& op) {
      return a.head_units_->start(op, step, first);
    }
    EngineRegion& operator()(const EmbedTask& op) { return a.gate_.start(op, step, first); }
    EngineRegion& operator()(const LoadGate& op) { return a.gate_.start(op, step, first); }
    EngineRegion& operator()(const RouteTokens& op) { return a.gate_.start(op, step, first); }
    EngineRegion& operator()(const ZeroTokens& op) { return a.zero_.start(op, step, first); }
    EngineRegion& operator()(const AddTokens& op) { return a.residual_.start(op, step, first); }
  };
  return std::visit(Start{*this, step.number, first}, step.operation);
}

void Accelerator::finish(Active& active) {
  const Step& step = schedule_.steps()[active.step];
  done_[step.number] = true;
  onchip_.settle();
  kernels_.push_back(record(active));
  require_closed(kernels_.back());
  if (request_.trace) trace_end(step, *active.region);
  const auto* route = std::get_if<RouteTokens>(&step.operation);
  const bool routes = route && route->ends_at(config_.network.tokens());
  if (routes && request_.routing) queues_.fill(request_.routing->layer(task(), step.layer));
  if (request_.on_step) request_.on_step(step, *this);
  if (!routes) return;
  image_queues_.push_back(queues_.lengths());
  schedule_.extend(expert_work(config_.experts.order, queues_));
}

void Accelerator::trace_end(const Step& step, const EngineRegion& region) {
  const std::string name = one_time_ ? "" : config_.network.tasks[static_cast<std::size_t>(task())];
  request_.trace->end(step, region, kernels_.back(), name,
                      step.expert < 0 ? 0 : queues_.length(step.expert));
}

KernelRecord Accelerator::record(const Active& active) {
  const Step& step = schedule_.steps()[active.step];
  const timing::Region& region = active.region->region;
  KernelRecord kernel;
  kernel.name = step.name;
  kernel.engine = active.region->engine;
  kernel.part = step.part;
  kernel.step = static_cast<int>(step.number);
  kernel.layer = step.layer;
  kernel.expert = step.expert;
  kernel.is_load = step.is_load;
  kernel.start = region.started();
  kernel.end = region.ended();
  for (std::size_t i = 0; i < region.processes().size(); ++i) {
    const timing::Process& process = *region.processes()[i];
    const std::vector<BoundPort> ports = context_.take_bound_ports(process.number());
    if (process.iterations() == 0) continue;
    std::vector<Master> masters;
    for (const BoundPort& port : ports) {
      const std::int64_t words = port.channel->words_moved() - port.words_before;
      if (port.resident) {
        kernel.activity[port.writes ? timing::Event::kBufferWriteBits
                                    : timing::Event::kBufferReadBits] += words * config_.word.bits;
        continue;
      }
      if (std::find(masters.begin(), masters.end(), port.master) == masters.end())
        masters.push_back(port.master);
      kernel.activity[port.writes ? timing::Event::kAxiWriteBeats : timing::Event::kAxiReadBeats] +=
          words;
    }
    kernel.processes.push_back(
        {process.name(), process.iterations(), region.account(i), std::move(masters)});
    kernel.activity += active.region->per_iteration[i] * process.iterations();
  }
  for (const auto& stream : region.streams()) {
    if (stream->items() == 0) continue;
    kernel.streams.push_back({stream->name(), stream->depth(), stream->high_water(),
                              stream->items(), stream->writer_waited, stream->reader_waited});
    kernel.activity[timing::Event::kStreamBits] += stream->items() * stream->lanes() * 32;
  }
  // The GELU stands at the linear unit's output, one look-up a lane.
  if (const auto* op = std::get_if<ComputeLinear>(&step.operation);
      op && op->gelu && config_.gelu.kind == GeluKind::kTable) {
    const int tokens = op->entry >= 0    ? 1
                       : op->expert >= 0 ? queues_.length(op->expert)
                                         : op->tokens > 0     ? op->tokens
                                         : config_.network.tokens();
    kernel.activity[timing::Event::kTableLookup] += std::int64_t{tokens} * op->rows;
  }
  kernel.bytes_read = kernel.activity[timing::Event::kAxiReadBeats] * config_.word.bytes();
  kernel.bytes_written = kernel.activity[timing::Event::kAxiWriteBeats] * config_.word.bytes();
  return kernel;
}

void Accelerator::record_experts(TaskRecord& task) const {
  struct Loads {
    Cycle cycles = 0, exposed = 0;
  };
  const ComputeTime compute(task.kernels);
  std::map<std::pair<int, int>, Loads> loads;  // by layer and expert
  for (const KernelRecord& kernel : task.kernels) {
    if (!kernel.is_load || kernel.expert < 0) continue;
    Loads& of = loads[{kernel.layer, kernel.expert}];
    of.cycles += kernel.end - kernel.start;
    of.exposed += compute.exposed(kernel);
  }
  const std::vector<int> layers = moe_layers(config_.network);
  for (std::size_t l = 0; l < task.queues.size() && l < layers.size(); ++l)
    for (std::size_t e = 0; e < task.queues[l].size(); ++e) {
      if (task.queues[l][e] == 0) continue;
      const Loads& of = loads[{layers[l], static_cast<int>(e)}];
      task.experts.push_back(
          {layers[l], static_cast<int>(e), task.queues[l][e], of.cycles, of.exposed});
    }
}

void Accelerator::record_memory(TaskRecord& task) {
  snapshot(memory_, config_, execution_.now(), task);
}

}  // namespace m3sim
