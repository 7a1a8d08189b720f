#include "tests/accelerator/draw.hpp"

#include <algorithm>
#include <numeric>
#include <random>

#include "model/config/loops.hpp"

namespace m3sim::test {
namespace {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}
  RunPlan plan();

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }
  int between(int low, int high) { return low + below(high - low + 1); }
  bool chance(int percent) { return below(100) < percent; }
  template <class T>
  T any(std::initializer_list<T> values) {
    return values.begin()[below(static_cast<int>(values.size()))];
  }
  const char* boolean() { return chance(50) ? "true" : "false"; }

  void set(const std::string& key, const std::string& value) { plan_.settings[key] = value; }
  void set(const std::string& key, int value) { set(key, std::to_string(value)); }

  void network();
  void hardware();
  void techniques();
  void loops();
  void ports();
  void residents();
  void memory();
  void ddr();
  void work();

  std::mt19937_64 random_;
  RunPlan plan_;
  bool head_units_ = false;
  int features_ = 8, tokens_ = 2, widest_ = 0, out_tile_ = 16, slice_ = 16, tasks_ = 1, scheduled_latency_ = 71,
      response_latency_ = 68;
};

void Draw::network() {
  const int bits = any({64, 128, 256, 256, 256, 512});
  features_ = bits / 32;
  set("word.bits", bits);
  const auto tile = [&] { return std::max({4, features_, any({4, 8, 16, 32})}); };
  const int in_tile = tile();
  out_tile_ = chance(20) ? 3 * features_ : tile();
  set("linear.in_tile", in_tile);
  set("linear.out_tile", out_tile_);
  slice_ = std::lcm(out_tile_, 2 * features_);
  const int unit = std::lcm(slice_, in_tile);
  const int heads = between(1, 4);
  const int step = std::lcm(unit, heads * features_);
  const int width = step * (step <= 32 ? between(1, 2) : 1);
  int mlp = unit * between(1, 3), expert = unit * between(1, 3);
  set("network.heads", heads);
  if (heads > 1 && chance(30)) {
    head_units_ = true;
    set("attention.head_units", heads == 4 && chance(50) ? 2 : heads);
    set("schedule.token_chunks", between(1, 4));
    mlp = std::max(mlp, width);  // V lies in the place of the hidden activations
    expert = std::max(expert, width);
  }
  widest_ = std::max({width, mlp, expert});
  set("network.width", width);
  set("network.mlp_hidden", mlp);
  set("network.expert_hidden", expert);
  const int layers = between(1, 3);
  set("network.layers", layers);
  set("network.moe_layers", any({"odd", "all", "all", "0", "none"}));
  const int experts = any({1, 1, 2, 3, 4, 5, 8});
  set("network.experts", experts);
  set("network.top_k", between(1, std::min(experts, 3)));
  const bool conditioned = chance(30);
  set("network.gating", conditioned ? "task-conditioned" : "multi-gate");
  set("network.task_embedding", 2 * features_ * between(1, 3));
  set("network.task_hidden", 2 * features_ * between(1, 3));
  tasks_ = between(1, 3);
  std::string names = "task0";
  for (int t = 1; t < tasks_; ++t) names += ",task" + std::to_string(t);
  set("network.tasks", names);
  const int patch = any({4, 8, 16, 32});
  const int columns = std::max(patch, 4 * features_) / patch * between(1, 2);
  const int rows = between(1, columns > 8 ? 1 : 3);
  set("network.patch", patch);
  set("network.image_channels", between(1, 3));
  set("network.image_width", patch * columns);
  set("network.image_height", patch * rows);
  tokens_ = rows * columns + 1;
}

void Draw::hardware() {
  for (const char* stream :
       {"linear.in_stream_depth", "linear.out_stream_depth", "linear.index_stream_depth",
        "attention.q_stream_depth", "attention.kv_stream_depth", "attention.product_stream_depth",
        "attention.score_stream_depth", "attention.info_stream_depth", "attention.out_stream_depth",
        "gate.input_stream_depth", "gate.result_stream_depth", "patch_embed.image_stream_depth"}) {
    if (chance(70)) set(stream, any({1, 1, 2, 2, 3, 4, 7, 16, 33, 64}));
  }
  set("linear.weight_banks", between(1, 3));
  const int least = (widest_ * slice_ * 2 + 1023) / 1024;
  if (chance(60)) set("linear.weight_buffer_kib", least + below(3));
  if (chance(40)) set("linear.bias_buffer_features", slice_ * between(1, 4));
  set("linear.in_buffer_features", widest_ + below(8));
  set("linear.overlap_dense_loads", boolean());
  set("linear.overlap_expert_loads", boolean());
  const int rows = between(1, std::min(8, tokens_ - 1));
  set("attention.rows", rows);
  if (chance(50)) set("attention.softmax_lanes", between(1, rows));
  set("layer_norm.token_banks", between(1, 4));
  set("patch_embed.row_banks", between(1, 3));
  set("gate.parallel_softmax_top_k", boolean());
  set("gate.overlap_zero_output", boolean());
  set("residual.y_request", any({"burst", "single"}));
  for (const char* key : {"control.start_cycles", "control.done_cycles", "control.phase_gap",
                          "control.restart_cycles"})
    if (chance(50)) set(key, below(6));
  if (chance(50)) set("clock.pl_hz", any({100'000'000, 200'000'000, 333'333'333}));
  if (chance(50)) set("clock.crossing_cycles", below(5));
}

void Draw::techniques() {
  if (chance(40)) set("experts.order", any({"by-expert", "by-token", "by-token"}));
  if (chance(40)) {
    set("experts.cache", any({"none", "lru", "lru", "pinned"}));
    set("experts.cache_experts", between(1, 4));
    set("experts.prefetch", boolean());
  }
  if (!head_units_ && chance(30)) set("attention.reordered", boolean());
  if (chance(40)) set("attention.kv_call", any({"all", "row", "keys"}));
  if (!head_units_ && chance(25)) set("linear.units", any({"unified", "per-kind"}));
  if (chance(30)) {
    set("gelu.kind", any({"table", "exact", "exact"}));
    set("gelu.units", any({1, 2, 3, 4, 16}));
    set("gelu.ii", between(1, 4));
    set("gelu.depth", between(1, 40));
  }
  if (!head_units_ && chance(30)) set("softmax.passes", between(1, 3));
  for (const char* loop : {"softmax.max", "softmax.sum", "softmax.normalize"}) {
    if (chance(30)) set(std::string(loop) + "_ii", between(1, 8));
    if (chance(30)) set(std::string(loop) + "_depth", between(1, 40));
  }
}

void Draw::loops() {
  for (const PublishedLoop& loop : kPublishedLoops) {
    if (loop.name.ends_with("_function")) continue;
    const std::string section = "loops." + std::string(loop.name) + ".";
    const LoopConfig& published = loop.config;
    if (chance(20)) set(section + "ii", between(1, 5));
    if (chance(20)) {
      const int inside = published.reads_in_loop * scheduled_latency_ +
                         published.writes_in_loop * response_latency_;
      set(section + "depth", inside + between(1, 60));
    }
    if (chance(20)) set(section + "style", any({"flushing", "stalling"}));
    if (published.request == Request::kNone) continue;
    if (chance(30)) set(section + "request", any({"burst", "single"}));
    if (chance(2)) set(section + "request_before_loop", boolean());
  }
}

void Draw::ports() {
  if (chance(50)) set("port.scheduled_latency", scheduled_latency_ = between(1, 71));
  if (chance(50)) set("port.response_latency", response_latency_ = between(1, 68));
  if (chance(50)) set("port.request_queue", scheduled_latency_ + below(8));
  if (chance(50)) set("port.outstanding_reads", between(1, 16));
  if (chance(50)) set("port.outstanding_writes", between(1, 16));
  const int burst = any({1, 2, 4, 8, 16, 16, 32, 64});
  set("port.max_burst_beats", burst);
  // Small read buffers, which all channels of a port share, may block the data that another channel
  // waits for.
  set("port.read_buffer_beats", (chance(25) ? burst : 256) * between(1, 4) + below(5));
  set("port.write_buffer_beats", burst * between(1, 4) + below(5));
  const auto master = [&] { return any({"inout1", "inout2", "inout3", "inout4", "weights"}); };
  for (const char* tensor :
       {"image", "x", "tmp1", "tmp2", "tmp3", "hidden", "scores", "softmax_info", "weights"})
    if (chance(30)) set(std::string("ports.") + tensor, master());
  std::vector<std::string> slaves = {"hpc0", "hpc1", "hp0", "hp1", "hp2", "hp3"};
  for (const char* name : {"inout1", "inout2", "inout3", "inout4", "weights"}) {
    const auto slave = slaves.begin() + below(static_cast<int>(slaves.size()));
    set(std::string("ps.") + name, *slave);
    slaves.erase(slave);
  }
  for (const char* name : {"hpc0", "hpc1", "hp0", "hp1", "hp2", "hp3"})
    if (chance(30)) set("ps." + std::string(name) + "_controller_port", below(6));
  if (chance(50)) set("ps.width_bits", any({32, 64, 128, 256, 512}));
  if (chance(50)) set("ps.command_queue", between(1, 8));
  if (chance(50)) set("ps.max_burst_beats", any({1, 2, 4, 8, 16}));
  if (chance(50)) set("ps.data_fifo_beats", between(16, 128));
  if (chance(50)) set("ps.smartconnect_queue", between(1, 8));
  if (chance(50)) set("ps.controller_port_bytes_per_cycle", between(1, 64));
  for (const char* key :
       {"smartconnect_request_cycles", "smartconnect_response_cycles", "hp_request_cycles",
        "hp_response_cycles", "hpc_extra_request_cycles", "hpc_extra_response_cycles"})
    if (chance(40)) set(std::string("ps.") + key, below(20));
}

void Draw::residents() {
  if (chance(60)) return;
  for (const char* tensor : {"x", "tmp1", "tmp2", "tmp3", "hidden", "scores", "softmax_info"})
    if (chance(60)) set(std::string("resident.") + tensor, "true");
  set("resident.capacity_kib", 1 << 20);
  if (chance(50)) set("resident.latency_cycles", between(1, 20));
}

void Draw::memory() {
  const bool simple = chance(40);
  set("memory.kind", simple ? "simple" : "ddr");
  if (simple) {
    set("memory.simple_latency_cycles", between(1, 60));
    set("memory.simple_bytes_per_cycle", between(1, 128));
  } else {
    ddr();
  }
}

void Draw::ddr() {
  if (chance(40)) set("ddr.clock_hz", any({800'000'000, 1'200'000'000, 1'600'000'000}));
  if (chance(50)) set("ddr.trefi", between(400, 3000));
  set("ddr.scheduler", any({"frfcfs", "frfcfs-ready", "fcfs"}));
  set("ddr.page_policy", any({"open", "closed"}));
  set("ddr.refresh", any({"all-bank", "all-bank", "none"}));
  set("ddr.half_rate_commands", boolean());
  if (chance(50)) {
    set("ddr.timing_unit", 1);
    set("ddr.trc", 54);
  }
  if (chance(50)) {
    set("ddr.channels", 2);
    set("ddr.address_map", any({"robabgcoch", "chrobabgco", "rochcobgba"}));
  } else {
    set("ddr.address_map", any({"robabgco", "rocobgba", "bgbaroco"}));
  }
  if (chance(50)) set("ddr.read_queue", between(1, 16));
  if (chance(50)) {
    const int queue = between(2, 32), high = between(1, queue);
    set("ddr.write_queue", queue);
    set("ddr.write_high_watermark", high);
    set("ddr.write_low_watermark", below(high));
  }
}

void Draw::work() {
  plan_.tasks.clear();
  for (int images = between(1, 3); images > 0; --images) plan_.tasks.push_back(below(tasks_));
  plan_.routing = any({"gates", "gates", "uniform", "all-to-one", "zipf:1"});
  plan_.data = plan_.routing == "gates" || chance(50);
}

RunPlan Draw::plan() {
  set("network.name", "drawn");
  network();
  hardware();
  techniques();
  ports();
  residents();
  loops();
  memory();
  work();
  return std::move(plan_);
}

}  // namespace

RunPlan draw_plan(std::uint64_t seed) { return Draw(seed).plan(); }

}  // namespace m3sim::test
