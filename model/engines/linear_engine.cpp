#include "model/engines/linear_engine.hpp"

#include <algorithm>

namespace m3sim {

using timing::Activity;
using timing::Event;

namespace {

kernels::LinearShape shape_of(const EngineContext& context, bool single) {
  return {context.features(), context.config.linear.in_tile, context.config.linear.out_tile,
          single};
}

/// Tensors between which the linear unit works.
const std::vector<DramTensor> kInputs{DramTensor::kTmp1, DramTensor::kHidden};
const std::vector<DramTensor> kOutputs{DramTensor::kTmp2, DramTensor::kTmp3, DramTensor::kHidden};

}  // namespace

WeightLoader::WeightLoader(const sc_core::sc_module_name& name, EngineContext& context,
                           WeightBanks& banks)
    : Engine(name, context),
      banks_(banks),
      shape_(shape_of(context, false)),
      cache_(static_cast<std::size_t>(context.config.linear.out_tile *
                                      context.config.network.widest_linear_input() / 2)),
      load_(add_region("load")) {
  const int stage = load_.region.add_stage();
  Activity a;
  const std::int64_t word_bits = context.config.word.bits;
  a[Event::kBufferWriteBits] = 2 * word_bits;  // into the cache, and from it into the bank
  a[Event::kBufferReadBits] = word_bits;
  timing::Process& process = open_process(load_, stage, "load", a);
  const N::Memory cache{cache_.data(), shape_.out_tile * shape_.features};
  weights_ = &add_phase(process, Loop::kLinearLoadWeights,
                        kernels::WeightLoad<N>(shape_, cache, banks.weights(0)));
  const int halves = shape_.halves();
  if (shape_.out_tile % halves == 0 || halves % shape_.out_tile == 0)
    biases_ =
        &add_phase(process, Loop::kLinearLoadBias, kernels::BiasLoad<N>(shape_, banks.biases(0)));
  else
    gathered_biases_ = &add_phase(process, Loop::kLinearLoadBias,
                                  kernels::BiasGather<N>(shape_, banks.biases(0)));
  port_ = std::make_unique<ReadPort>(context, "load", process.number(),
                                     std::vector{DramTensor::kWeights});
}

EngineRegion& WeightLoader::start(const LoadLinear& op, std::uint32_t step, timing::Cycle first) {
  const int row_words = op.in_features / shape_.halves();
  weights_->actor().weights = banks_.weights(op.bank);
  weights_->actor().start({op.first_row * row_words, op.rows, row_words, 0});
  weights_->read_binding(0) = port_->bind(op.weights, step);
  const int words = (op.rows + shape_.halves() - 1) / shape_.halves();
  const auto start_biases = [&](auto& loop) {
    loop.actor().biases = banks_.biases(op.bank);
    loop.actor().start({op.first_row / shape_.halves(), words, op.attention_bias, 0});
    loop.read_binding(0) = port_->bind(op.biases, step);
  };
  if (biases_)
    start_biases(*biases_);
  else
    start_biases(*gathered_biases_);
  banks_.fill(op.bank, step);
  load_.region.start(first);
  return load_;
}

LinearEngine::LinearEngine(const sc_core::sc_module_name& name, EngineContext& context,
                           WeightBanks& banks, ExpertQueues& queues)
    : Engine(name, context),
      banks_(banks),
      queues_(queues),
      shape_(shape_of(context, context.config.loops[Loop::kLinearReadInIndirect].single())),
      in_blocks_(
          static_cast<std::size_t>(context.config.network.widest_linear_input() + shape_.in_tile)),
      compute_region_(add_region("compute")) {
  const AcceleratorConfig& config = context.config;
  timing::Region& region = compute_region_.region;
  timing::Stream& in =
      region.add_stream("in_stream", config.linear.in_stream_depth, shape_.in_tile, context.data);
  timing::Stream& out = region.add_stream("out_stream", config.linear.out_stream_depth,
                                          shape_.out_tile, context.data);
  timing::Stream& index =
      region.add_stream("index_stream", config.linear.index_stream_depth, 1, true);
  const bool exact = config.gelu.kind == GeluKind::kExact;
  timing::Stream& sums = exact ? region.add_stream("sum_stream", config.linear.out_stream_depth,
                                                   shape_.out_tile, context.data)
                               : out;
  const int stage = region.add_stage();
  const auto direct = [this](int) { return by_queue_ ? 0 : 1; };
  const auto indirect = [this](int) { return by_queue_ ? 1 : 0; };
  const kernels::TransferShape read_shape{shape_.features, shape_.in_tile, false};
  const kernels::TransferShape write_shape{shape_.features, shape_.out_tile, false};

  timing::Process& reader = open_process(compute_region_, stage, "read_direct", {}, direct);
  read_direct_ =
      &add_phase(reader, Loop::kLinearReadInDirect, kernels::ReadDirect<N>(read_shape), {}, {&in});
  direct_in_ = std::make_unique<ReadPort>(context, "read_direct", reader.number(), kInputs);

  timing::Process& queue_reader =
      open_process(compute_region_, stage, "read_by_queue", {}, indirect);
  read_indirect_ = &add_phase(queue_reader, Loop::kLinearReadInIndirect,
                              kernels::ReadIndirect<N>(shape_, queues.memory()), {}, {&in, &index});
  indirect_in_ =
      std::make_unique<ReadPort>(context, "read_by_queue", queue_reader.number(), kInputs);

  Activity a;
  a[Event::kMultiply32x16] = macs_per_cycle();
  a[Event::kBufferReadBits] = 16 * macs_per_cycle() + 32 * shape_.in_tile;
  timing::Process& computer = open_process(compute_region_, stage, "compute", a);
  const N::Memory blocks{in_blocks_.data(), shape_.in_tile};
  compute_ = &add_phase(
      computer, Loop::kLinearCompute,
      kernels::LinearCompute<N>(shape_, blocks, banks.weights(0), banks.biases(0)), {&in}, {&sums});
  // A token's blocks are read with its first block of outputs; the last block of inputs ends a sum.
  using Compute = kernels::LinearCompute<N>;
  compute_->take_in_bulk(
      {[](const Compute& c) {
         return c.out_block.first() ? 0 : c.in_block.limit - 1 - c.in_block.at;
       },
       [](Compute& c, int count) {
         c.in_block.at += count;
         c.tile += count;
       }});
  if (exact) build_activation(sums, out, stage);

  timing::Process& writer = open_process(compute_region_, stage, "write_direct", {}, direct);
  write_direct_ = &add_phase(writer, Loop::kLinearWriteOutDirect,
                             kernels::WriteDirect<N>(write_shape), {&out}, {});
  direct_out_ =
      std::make_unique<WritePort>(context, "write_direct", writer.number(), kOutputs, region);

  timing::Process& queue_writer =
      open_process(compute_region_, stage, "write_by_queue", {}, indirect);
  kernels::LinearShape writer_shape = shape_;
  writer_shape.single = config.loops[Loop::kLinearWriteOutIndirect].single();
  write_indirect_ =
      &add_phase(queue_writer, Loop::kLinearWriteOutIndirect,
                 kernels::WriteIndirect<N>(writer_shape, queues.memory()), {&out, &index}, {});
  indirect_sum_ =
      std::make_unique<ReadPort>(context, "write_by_queue", queue_writer.number(), kOutputs);
  indirect_out_ = std::make_unique<WritePort>(context, "write_by_queue", queue_writer.number(),
                                              kOutputs, region);
}

/// Exact GELU units, and the way around them for layers without activation.
void LinearEngine::build_activation(timing::Stream& sums, timing::Stream& out, int stage) {
  const GeluConfig& gelu = context_.config.gelu;
  timing::LoopTiming loop;
  loop.ii = gelu.tile_ii(shape_.out_tile);
  loop.depth = loop.ii - gelu.ii + gelu.depth;  // until the last feature of a tile is there
  loop.put_stage = loop.depth - 1;
  Activity a;
  a[Event::kExponential] = a[Event::kReciprocal] = shape_.out_tile;
  a[Event::kMultiply32x32] = 9 * shape_.out_tile;
  timing::Process& exact =
      open_process(compute_region_, stage, "gelu", a, [this](int) { return activates_ ? 1 : 0; });
  exact_ =
      &add_phase(exact, loop, kernels::ActivateTiles<N>(shape_.out_tile, true), {&sums}, {&out});
  timing::Process& pass =
      open_process(compute_region_, stage, "pass", {}, [this](int) { return activates_ ? 0 : 1; });
  pass_ = &add_phase(pass, timing::LoopTiming{}, kernels::ActivateTiles<N>(shape_.out_tile, false),
                     {&sums}, {&out});
}

EngineRegion& LinearEngine::start(const ComputeLinear& op, std::uint32_t step,
                                  timing::Cycle first) {
  banks_.check(op.bank, static_cast<std::uint32_t>(op.loaded_by), step);
  by_queue_ = op.expert >= 0;
  const int tokens = by_queue_ ? queue_length(op) : direct_tokens(op);
  compute_->actor().weights = banks_.weights(op.bank);
  compute_->actor().biases = banks_.biases(op.bank);
  compute_->actor().start({tokens, op.in_features / shape_.in_tile, op.rows / shape_.out_tile,
                           op.gelu && !exact_, 0, 0});
  activates_ = op.gelu;
  if (exact_) {
    const int tiles = tokens * (op.rows / shape_.out_tile);
    exact_->actor().start({tiles});
    pass_->actor().start({tiles});
  }
  if (by_queue_)
    start_by_queue(op, step);
  else
    start_direct(op, step);
  compute_region_.region.start(first);
  return compute_region_;
}

void LinearEngine::start_direct(const ComputeLinear& op, std::uint32_t step) {
  const int tokens = direct_tokens(op);
  auto& reader = read_direct_->actor();
  reader.start(reader.shape.template tokens<N>(op.first_token * words(op.in_features), tokens,
                                               words(op.in_features), words(op.in_features)));
  read_direct_->read_binding(0) = direct_in_->bind(op.in, step);
  auto& writer = write_direct_->actor();
  const int first_word = op.first_token * words(op.out_features) + words(op.first_row);
  writer.start(writer.shape.template tokens<N>(first_word, tokens, words(op.rows),
                                               words(op.out_features)));
  write_direct_->write_binding(0) = direct_out_->bind(op.out, step);
}

void LinearEngine::start_by_queue(const ComputeLinear& op, std::uint32_t step) {
  const int first = queues_.first_entry(op.expert) + std::max(0, op.entry);
  const int length = queue_length(op);
  read_indirect_->actor().start({0, first, length, words(op.in_features)});
  read_indirect_->read_binding(0) = indirect_in_->bind(op.in, step);
  write_indirect_->actor().start(
      {words(op.first_row), first, length, words(op.rows), words(op.out_features), op.scaled});
  write_indirect_->read_binding(0) = indirect_sum_->bind(op.out, step);
  write_indirect_->write_binding(0) = indirect_out_->bind(op.out, step);
}

}  // namespace m3sim
