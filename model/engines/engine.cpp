#include "model/engines/engine.hpp"

#include <algorithm>

namespace m3sim {
namespace {

/// One channel per master and one to the on-chip memories, shared by the tensors that it carries.
template <class Channel, class Open, class OpenOnChip>
void open_channels(const EngineContext& context, const std::vector<DramTensor>& tensors,
                   std::array<Channel*, kTensorCount>& channels, Open open,
                   OpenOnChip open_on_chip) {
  std::array<Channel*, kMasterCount> by_master{};
  Channel* on_chip = nullptr;
  for (const DramTensor tensor : tensors) {
    const auto master = static_cast<std::size_t>(context.config.ports[tensor]);
    Channel*& channel = context.config.resident[tensor] ? on_chip : by_master[master];
    if (!channel)
      channel = context.config.resident[tensor] ? &open_on_chip() : &open(static_cast<int>(master));
    channels[static_cast<std::size_t>(tensor)] = channel;
  }
}

}  // namespace

void EngineContext::bound(int process, DramTensor tensor, bool writes,
                          timing::MemoryChannel& channel) {
  const auto number = static_cast<std::size_t>(process);
  if (bound_ports.size() <= number) bound_ports.resize(number + 1);
  std::vector<BoundPort>& ports = bound_ports[number];
  const auto same = [&](const BoundPort& port) { return port.channel == &channel; };
  if (std::none_of(ports.begin(), ports.end(), same))
    ports.push_back(
        {config.ports[tensor], writes, config.resident[tensor], &channel, channel.words_moved()});
  if (on_bound && !config.resident[tensor])
    on_bound(process, {config.ports[tensor], writes, config.resident[tensor], &channel,
                       channel.words_moved()});
}

std::vector<BoundPort> EngineContext::take_bound_ports(int process) {
  const auto number = static_cast<std::size_t>(process);
  return number < bound_ports.size() ? std::exchange(bound_ports[number], {})
                                     : std::vector<BoundPort>{};
}

ReadPort::ReadPort(EngineContext& context, const std::string& name, int process,
                   const std::vector<DramTensor>& tensors)
    : context_(context), process_(process) {
  unbound_.store = context.data ? context.memory.store().data() : nullptr;
  unbound_.word_bytes = context.word_bytes();
  open_channels(
      context, tensors, channels_,
      [&](int master) -> timing::ReadChannel& {
        return context.memory.open_read(master, name, process);
      },
      [&]() -> timing::ReadChannel& { return context.onchip.open_read(name, process); });
}

timing::ReadBinding ReadPort::bind(const TensorRef& ref, std::uint32_t step) const {
  timing::ReadBinding binding = unbound_;
  binding.channel = channels_[static_cast<std::size_t>(ref.tensor)];
  context_.bound(process_, ref.tensor, false, *binding.channel);
  binding.base = ref.address;
  binding.step = step;
  binding.depends_on = ref.written_by;
  return binding;
}

WritePort::WritePort(EngineContext& context, const std::string& name, int process,
                     const std::vector<DramTensor>& tensors, timing::Region& region)
    : context_(context), process_(process) {
  unbound_.word_bytes = context.word_bytes();
  std::vector<timing::WriteChannel*> opened;
  const auto keep = [&](timing::WriteChannel& channel) -> timing::WriteChannel& {
    opened.push_back(&channel);
    return channel;
  };
  open_channels(
      context, tensors, channels_,
      [&](int master) -> timing::WriteChannel& {
        return keep(context.memory.open_write(master, name, process));
      },
      [&]() -> timing::WriteChannel& { return keep(context.onchip.open_write(name, process)); });
  for (timing::WriteChannel* channel : opened) region.add_write_channel(*channel);
}

timing::WriteBinding WritePort::bind(const TensorRef& ref, std::uint32_t step) const {
  timing::WriteBinding binding = unbound_;
  binding.channel = channels_[static_cast<std::size_t>(ref.tensor)];
  context_.bound(process_, ref.tensor, true, *binding.channel);
  binding.base = ref.address;
  binding.step = step;
  return binding;
}

Engine::Engine(const sc_core::sc_module_name& name, EngineContext& context)
    : sc_core::sc_module(name), context_(context) {
  SC_METHOD(on_edge);
  sensitive << context.clock.edge;
  dont_initialize();
}

EngineRegion& Engine::add_region(const std::string& name) {
  regions_.push_back(std::make_unique<EngineRegion>(basename(), name, context_));
  return *regions_.back();
}

timing::Process& Engine::open_process(EngineRegion& to, int stage, const std::string& name,
                                      const timing::Activity& per_iteration,
                                      std::function<int(int)> prepare) {
  to.per_iteration.push_back(per_iteration);
  return to.region.add_process(stage,
                               std::make_unique<timing::Process>(name, context_.processes++,
                                                                 context_.config.control.phase_gap),
                               std::move(prepare));
}

void Engine::on_edge() try {
  for (const auto& r : regions_)
    if (r->region.running()) r->region.step(context_.clock.cycle);
} catch (...) {
  context_.memory.calendar().fail();
}

}  // namespace m3sim
