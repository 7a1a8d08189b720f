#include "model/config/registry.hpp"

namespace m3sim {
namespace {

constexpr int kMaxStreamDepth = 65536;
constexpr const char* kDefaultDepth = "Vitis HLS default depth of a stream without a depth pragma";

template <class S>
void stream_depth(Section<S>& s, const std::string& name, int S::*member, const std::string& what) {
  s.key(name, member, "depth of the stream of " + what)
      .range(1, kMaxStreamDepth)
      .source(kDefaultDepth);
}

void register_clock_keys(Registry& registry) {
  Section<ClockConfig> clock(registry, "clock",
                             [](AcceleratorConfig& c) -> ClockConfig& { return c.clock; });
  clock.key("pl_hz", &ClockConfig::pl_hz, "clock of the programmable logic in Hz")
      .range(1'000'000, 2'000'000'000)
      .source("published block design: pl_clk0 of 299,970,032 Hz");
  clock
      .key("crossing_cycles", &ClockConfig::crossing_cycles,
           "cycles of the receiving clock that a clock crossing adds")
      .range(0, 64)
      .unknown("two-stage synchroniser; span 0 to 4");

  Section<WordConfig> word(registry, "word",
                           [](AcceleratorConfig& c) -> WordConfig& { return c.word; });
  word.key("bits", &WordConfig::bits, "bits of the word of streams, engines and kernel ports")
      .one_of({64, 128, 256, 512})
      .source("hardware.hpp: AXI_XFER_BIT_WIDTH");
}

void register_linear_keys(Registry& registry) {
  Section<LinearConfig> s(registry, "linear",
                          [](AcceleratorConfig& c) -> LinearConfig& { return c.linear; });
  s.key("units", &LinearConfig::units,
        "one MAC array for all linear layers, or one per kind (Q, K, V, projection, both MLP "
        "layers, "
        "both expert layers), each in_tile x out_tile with weight banks of its own")
      .source("linear.cpp: one instance, called for every layer");
  s.key("in_tile", &LinearConfig::in_tile, "input features that the MAC tile takes a cycle")
      .range(4, 64)
      .source("hardware.hpp: two words of 8 features");
  s.key("out_tile", &LinearConfig::out_tile, "output features that the MAC tile works on a cycle")
      .range(4, 64)
      .source("hardware.hpp: two words of 8 features");
  s.key("in_stream_depth", &LinearConfig::in_stream_depth, "depth of the stream of input tiles")
      .range(1, kMaxStreamDepth)
      .source("linear.cpp");
  stream_depth(s, "out_stream_depth", &LinearConfig::out_stream_depth, "output tiles");
  s.key("index_stream_depth", &LinearConfig::index_stream_depth,
        "depth of the stream of token numbers from reader to writer")
      .range(1, kMaxStreamDepth)
      .source("linear.cpp");
  s.key("weight_banks", &LinearConfig::weight_banks,
        "weight and bias buffers: 1 for no double buffering, 2 for ping-pong")
      .range(1, 64)
      .source("linear.cpp: ping and pong");
  s.key("weight_buffer_kib", &LinearConfig::weight_buffer_kib, "capacity of one weight bank in KiB")
      .range(1, 1 << 20)
      .source("linear.hpp: 768 x 192 weights of 16 bit");
  s.key("bias_buffer_features", &LinearConfig::bias_buffer_features,
        "output features whose bias one bank holds")
      .range(1, 1 << 20)
      .source("linear.hpp: 48 entries of 16 features");
  s.key("in_buffer_features", &LinearConfig::in_buffer_features,
        "input features of a token that the unit keeps while it computes the outputs")
      .range(1, 1 << 20)
      .source("linear.cpp: 48 blocks of 16 features");
  s.key("overlap_dense_loads", &LinearConfig::overlap_dense_loads,
        "dense layers' weights load while the previous kernel runs")
      .source("ViT_compute.cpp: load and compute called one after the other");
  s.key("overlap_expert_loads", &LinearConfig::overlap_expert_loads,
        "the next expert layer's weights load while the current one computes")
      .source("moe.cpp: compute on one bank while the other loads");
}

void register_gelu_keys(Registry& registry) {
  Section<GeluConfig> s(registry, "gelu",
                        [](AcceleratorConfig& c) -> GeluConfig& { return c.gelu; });
  const std::string other = "not in the published design";
  s.key("kind", &GeluConfig::kind,
        "table with interpolation in the linear unit's loop, or exact units behind it")
      .source("gelu.cpp: table of the distance from ReLU");
  s.key("units", &GeluConfig::units, "exact units that share the features of an output tile")
      .range(1, 64)
      .derived(other);
  s.key("ii", &GeluConfig::ii, "cycles between two features of an exact unit")
      .range(1, 10'000)
      .derived("pipelined; " + other);
  s.key("depth", &GeluConfig::depth, "depth of an exact unit in cycles")
      .range(1, 10'000)
      .derived("reciprocal 50, eight products in a row 40 and a subtraction; " + other);
  s.key("dsp", &GeluConfig::dsp, "DSP48E2 of an exact unit")
      .range(0, 10'000)
      .derived("nine 32x32 products and an exponential of three; " + other);
  s.key("lut", &GeluConfig::lut, "LUTs of an exact unit")
      .range(0, 1'000'000)
      .derived("a divider of 54 steps, 54 bits wide; an estimate; " + other);
}

void register_expert_keys(Registry& registry) {
  Section<ExpertsConfig> s(registry, "experts",
                           [](AcceleratorConfig& c) -> ExpertsConfig& { return c.experts; });
  s.key("order", &ExpertsConfig::order,
        "experts are loaded once for all their tokens, or anew for every token")
      .source("moe.cpp: meta-queue of experts, each works off its queue");
  s.key("cache", &ExpertsConfig::cache,
        "policy of an on-chip cache of whole experts of the current layer")
      .one_of({"none", "lru", "pinned"})
      .source("moe.cpp: every active expert is loaded");
  s.key("cache_experts", &ExpertsConfig::cache_experts,
        "experts that the cache holds (experts.cache other than none)")
      .range(1, 1024)
      .derived("M3ViT: its latencies imply 4 of 16 experts");
  s.key("prefetch", &ExpertsConfig::prefetch,
        "experts that the cache lacks are loaded while the one before computes "
        "(experts.cache other than none; else linear.overlap_expert_loads decides)")
      .source("moe.cpp: compute on one bank while the other loads");
  s.key("share_weight_memory", &ExpertsConfig::share_weight_memory,
        "cached experts lie in the memory of the weight banks (resources and memory requirement; "
        "an expert stays only while its layer's experts are worked off)")
      .derived("M3ViT: the same memory with 4 cached experts as with double buffering");
}

void register_attention_keys(Registry& registry) {
  Section<AttentionConfig> s(registry, "attention",
                             [](AcceleratorConfig& c) -> AttentionConfig& { return c.attention; });
  s.key("rows", &AttentionConfig::rows, "query rows in flight (p)")
      .range(1, 32)
      .source("hardware.hpp: ATTN_MATMUL_PARALLEL");
  s.key("reordered", &AttentionConfig::reordered,
        "every K and V word read serves all rows in flight; else each row reads its own")
      .source("attention.cpp: p rows, skewed by a key each");
  s.key("kv_call", &AttentionConfig::kv_call,
        "without reordering: one reading loop for all, or a call, whose request is waited for, per "
        "query row or per row and group of attention.rows keys")
      .source("attention.cpp: read_kv is one loop");
  s.key("head_units", &AttentionConfig::head_units,
        "parallel units, each of which takes its heads from scores to output and keeps the scores "
        "on chip; 1: one unit, scores in memory (more needs schedule.token_chunks)")
      .range(1, 256)
      .source("attention.cpp: all heads share one stream, scores go to DRAM");
  s.key("softmax_lanes", &AttentionConfig::softmax_lanes,
        "score items that the single-pass softmax takes in parallel")
      .range(1, 32)
      .source("attention.cpp: one item at a time");
  stream_depth(s, "q_stream_depth", &AttentionConfig::q_stream_depth, "query words");
  stream_depth(s, "kv_stream_depth", &AttentionConfig::kv_stream_depth, "K or V words");
  stream_depth(s, "product_stream_depth", &AttentionConfig::product_stream_depth,
               "score groups of the rows in flight");
  stream_depth(s, "score_stream_depth", &AttentionConfig::score_stream_depth, "single scores");
  stream_depth(s, "info_stream_depth", &AttentionConfig::info_stream_depth,
               "softmax maxima and reciprocal sums");
  stream_depth(s, "out_stream_depth", &AttentionConfig::out_stream_depth, "attention outputs");
}

void register_softmax_keys(Registry& registry) {
  Section<SoftmaxConfig> s(registry, "softmax",
                           [](AcceleratorConfig& c) -> SoftmaxConfig& { return c.softmax; });
  s.key("passes", &SoftmaxConfig::passes,
        "1: inside attention; 2: running maximum and sum, then normalise; 3: maximum, sum, "
        "normalise; the passes read the scores from memory, the last writes them")
      .range(1, 3)
      .source("attention.cpp: finalize_attn");
  const auto loop = [&s](const std::string& pass, int SoftmaxConfig::*ii, int SoftmaxConfig::*depth,
                         const std::string& made_of) {
    s.key(pass + "_ii", ii, "initiation interval of the " + pass + " pass, cycles per score item")
        .range(1, 10'000)
        .derived("pipelined; not in the published design");
    s.key(pass + "_depth", depth, "depth of the " + pass + " pass's loop in cycles")
        .range(1, 10'000)
        .derived(made_of);
  };
  loop("max", &SoftmaxConfig::max_ii, &SoftmaxConfig::max_depth,
       "prepare's 3 and a comparison; not in the published design");
  loop("sum", &SoftmaxConfig::sum_ii, &SoftmaxConfig::sum_depth,
       "prepare's 3, exponential 19, add, reciprocal 50; not in the published design");
  loop("normalize", &SoftmaxConfig::normalize_ii, &SoftmaxConfig::normalize_depth,
       "prepare's 3, exponential 19, a 32x32 product 5; not in the published design");
}

void register_other_engine_keys(Registry& registry) {
  Section<LayerNormConfig> norm(
      registry, "layer_norm",
      [](AcceleratorConfig& c) -> LayerNormConfig& { return c.layer_norm; });
  norm.key("token_banks", &LayerNormConfig::token_banks, "token buffers between the two stages")
      .range(1, 8)
      .source("layernorm.cpp: dataflow makes the token buffer a ping-pong buffer");

  Section<GateConfig> gate(registry, "gate",
                           [](AcceleratorConfig& c) -> GateConfig& { return c.gate; });
  gate.key("parallel_softmax_top_k", &GateConfig::parallel_softmax_top_k,
           "softmax update and top-k of a token run at the same time")
      .unknown("both need the scores alone; the log does not show the schedule; false or true");
  gate.key("overlap_zero_output", &GateConfig::overlap_zero_output,
           "the expert output is zeroed while the gate runs")
      .unknown("no dependency between them; the log does not show the schedule; false or true");
  stream_depth(gate, "input_stream_depth", &GateConfig::input_stream_depth, "gate inputs");
  stream_depth(gate, "result_stream_depth", &GateConfig::result_stream_depth, "gate results");

  Section<PatchEmbedConfig> patch(
      registry, "patch_embed",
      [](AcceleratorConfig& c) -> PatchEmbedConfig& { return c.patch_embed; });
  patch.key("row_banks", &PatchEmbedConfig::row_banks, "buffers of one row of patches")
      .range(1, 8)
      .source("conv.cpp: dataflow makes the row a ping-pong buffer");
  stream_depth(patch, "image_stream_depth", &PatchEmbedConfig::image_stream_depth, "pixels");

  Section<ResidualConfig> residual(
      registry, "residual", [](AcceleratorConfig& c) -> ResidualConfig& { return c.residual; });
  residual.key("y_request", &ResidualConfig::y_request, "how the residual add reads y")
      .one_of({Request::kBurst, Request::kSingle})
      .verbatim("burst inference of the synthesis log");
}

void register_control_keys(Registry& registry) {
  Section<ControlConfig> s(registry, "control",
                           [](AcceleratorConfig& c) -> ControlConfig& { return c.control; });
  s.key("start_cycles", &ControlConfig::start_cycles,
        "cycles from the controller's start of a region to its processes' first cycle")
      .range(0, 1000)
      .unknown("one state of an ap_ctrl_hs controller; span 0 to 4");
  s.key("done_cycles", &ControlConfig::done_cycles,
        "cycles from a region's end to the controller's next step")
      .range(0, 1000)
      .unknown("one state of an ap_ctrl_hs controller; span 0 to 4");
  s.key("phase_gap", &ControlConfig::phase_gap, "cycles between two phases of a process")
      .range(0, 1000)
      .unknown("one state between two loops of a function; span 0 to 3");
  s.key("restart_cycles", &ControlConfig::restart_cycles,
        "cycles between two iterations of a stage of a repeated region")
      .range(0, 1000)
      .unknown("one state from done to ready; span 0 to 3");
}

void register_schedule_keys(Registry& registry) {
  Section<ScheduleConfig> s(registry, "schedule",
                            [](AcceleratorConfig& c) -> ScheduleConfig& { return c.schedule; });
  s.key("token_chunks", &ScheduleConfig::token_chunks,
        "chunks of tokens whose norm, gate and residual run beside the linear unit, with all "
        "weights loaded ahead; 0: one kernel after the other (needs attention.head_units)")
      .range(0, 4096)
      .source("ViT_compute.cpp: kernels called one after the other");
  Section<ResourceConfig> r(registry, "resources",
                            [](AcceleratorConfig& c) -> ResourceConfig& { return c.resources; });
  r.key("uram_from_kib", &ResourceConfig::uram_from_kib,
        "memories of at least so many KiB are URAM in the estimate; 0: all are block RAM")
      .range(0, 1 << 20)
      .derived("XCZU9EG has no URAM");
  r.key("buffers_kib", &ResourceConfig::buffers_kib,
        "KiB that the memory requirement counts for buffers besides weights; 0: the modelled ones")
      .range(0, 1 << 20)
      .derived("only to repeat a publication's count");
}

}  // namespace

void register_engine_keys(Registry& registry) {
  register_clock_keys(registry);
  register_linear_keys(registry);
  register_gelu_keys(registry);
  register_expert_keys(registry);
  register_attention_keys(registry);
  register_softmax_keys(registry);
  register_other_engine_keys(registry);
  register_control_keys(registry);
  register_schedule_keys(registry);
}

}  // namespace m3sim
