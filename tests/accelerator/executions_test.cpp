// Chosen design points in both executions; what bits depend on, and what every report must satisfy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/accelerator/forked_run.hpp"
#include "tests/accelerator/invariants.hpp"

namespace m3sim {
namespace {

using Json = nlohmann::json;
using Settings = std::map<std::string, std::string>;
using test::RunOutcome;
using test::RunPlan;
using testing::HasSubstr;
using testing::StartsWith;

RunPlan tiny(const Settings& settings = {}) {
  RunPlan plan;
  plan.settings = settings;
  plan.settings.merge(test::tiny_network());
  return plan;
}

RunOutcome decoupled(const RunPlan& plan) {
  RunOutcome outcome = test::run_forked(plan, ExecutionKind::kDecoupled);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.error << "\n" << plan.command_line();
  return outcome;
}

/// Runs a plan both ways, expects equality and closed accounts, and returns the report.
Json agreed(const RunPlan& plan) {
  const RunOutcome ahead = decoupled(plan);
  const RunOutcome step = test::run_forked(plan, ExecutionKind::kLockstep);
  EXPECT_EQ(step.exit_code, 0) << step.error << "\n" << plan.command_line();
  EXPECT_TRUE(ahead.report == step.report) << "reports differ: " << plan.command_line();
  EXPECT_EQ(ahead.request_hash, step.request_hash)
      << "DRAM requests differ: " << plan.command_line();
  EXPECT_EQ(ahead.memory_hash, step.memory_hash) << "memory differs: " << plan.command_line();
  EXPECT_TRUE(ahead.stages == step.stages) << "stage tensors differ: " << plan.command_line();
  if (ahead.report.empty()) return {};
  Json report = Json::parse(ahead.report);
  EXPECT_THAT(test::broken_invariants(report), testing::IsEmpty()) << plan.command_line();
  return report;
}

std::vector<Json> kernels(const Json& task, const std::string& ending) {
  std::vector<Json> found;
  for (const Json& kernel : task["kernels"])
    if (kernel["name"].get<std::string>().ends_with(ending)) found.push_back(kernel);
  return found;
}

TEST(Executions, AgreeOnBothTasksAndMemories) {
  for (const char* memory : {"simple", "ddr"}) {
    RunPlan plan = tiny({{"memory.kind", memory}});
    plan.tasks = {0, 1};
    EXPECT_EQ(agreed(plan)["tasks"].size(), 2u);
  }
}

Settings all_resident() {
  Settings settings{{"resident.capacity_kib", "1024"}};
  for (const char* tensor : {"x", "tmp1", "tmp2", "tmp3", "hidden", "scores", "softmax_info"})
    settings[std::string("resident.") + tensor] = "true";
  return settings;
}

TEST(Executions, AgreeWithActivationsOnChipWhichLeavesTheBitsAlone) {
  const RunOutcome through_dram = decoupled(tiny());
  const RunPlan plan = tiny(all_resident());
  const Json task = agreed(plan)["tasks"][0];
  EXPECT_EQ(decoupled(plan).stages, through_dram.stages);
  EXPECT_EQ(task["dram"]["bytes_written"], 0) << "only image and weights come from DRAM";
  for (const Json& kernel : kernels(task, ".q")) {
    EXPECT_EQ(kernel["dram_bytes_read"], 0);
    EXPECT_EQ(kernel["processes"][0]["ports"].size(), 0u);
  }
}

/// M3ViT's accelerator in small: a unit for each head, tokens in chunks, activations on chip.
Settings head_units(int chunks) {
  Settings settings = all_resident();
  settings["attention.head_units"] = "2";
  settings["schedule.token_chunks"] = std::to_string(chunks);
  return settings;
}

/// Stages that both designs store.
std::map<std::string, std::string> common(std::map<std::string, std::string> stages) {
  std::erase_if(stages, [](const auto& stage) {
    return stage.first.ends_with("attn_logits") || stage.first.ends_with("softmax_info");
  });
  return stages;
}

TEST(Executions, AgreeOnHeadUnitsAndChunksOfTokensWhichLeaveTheBitsAlone) {
  RunPlan published = tiny();
  published.tasks = {0, 1};
  const auto stages = common(decoupled(published).stages);
  for (const int chunks : {1, 3, 4, 100}) {
    RunPlan plan = tiny(head_units(chunks));
    plan.tasks = {0, 1};
    agreed(plan);
    EXPECT_EQ(decoupled(plan).stages, stages) << chunks << " chunks";
  }
}

TEST(Executions, AChunkIsNormalizedWhileTheLinearUnitHasAnother) {
  RunPlan plan = tiny(head_units(4));
  plan.data = false;
  plan.routing = "uniform";
  const Json task = agreed(plan)["tasks"][0];
  const Json second = kernels(task, "layer0.norm1.chunk1").front();
  const Json first = kernels(task, "layer0.q.chunk0").front();
  EXPECT_LT(first["start"], second["end"]);
  EXPECT_LT(second["start"], first["end"]);
}

TEST(Executions, ATileMayStraddleWordsOfBiases) {
  RunPlan plan = tiny({{"network.width", "48"},
                       {"network.mlp_hidden", "96"},
                       {"network.expert_hidden", "48"},
                       {"linear.in_tile", "16"},
                       {"linear.out_tile", "16"}});
  const auto stages = decoupled(plan).stages;
  plan.settings["linear.out_tile"] = "24";
  agreed(plan);
  EXPECT_EQ(decoupled(plan).stages, stages);
}

TEST(Executions, AgreeOnATaskSwitchThatIsFreeWithAGatePerTask) {
  RunPlan plan = tiny();
  plan.tasks = {0, 1, 1};
  const Json report = agreed(plan);
  ASSERT_EQ(report["switches"].size(), 1u);
  EXPECT_EQ(report["switches"][0]["extra_cycles"], 0);
}

TEST(Executions, AgreeOnATaskSwitchThatCostsATaskEmbedding) {
  RunPlan plan = tiny({{"network.gating", "task-conditioned"},
                       {"network.task_embedding", "16"},
                       {"network.task_hidden", "16"}});
  plan.tasks = {0, 1, 1};
  const Json report = agreed(plan);
  ASSERT_EQ(report["switches"].size(), 1u);
  EXPECT_GT(report["switches"][0]["extra_cycles"], 0);
  EXPECT_EQ(kernels(report["tasks"][1], "task_embedding").size(), 1u);
  EXPECT_EQ(kernels(report["tasks"][2], "task_embedding").size(), 0u)
      << "the same task again needs none";
}

TEST(Executions, AgreeOnANetworkWithoutGates) {
  for (const char* gating : {"multi-gate", "task-conditioned"}) {
    RunPlan plan = tiny({{"network.moe_layers", "none"}, {"network.gating", gating}});
    plan.tasks = {0, 1};
    const Json report = agreed(plan);
    EXPECT_EQ(kernels(report["tasks"][0], "task_embedding").size(), 0u)
        << "no gate asks for the task";
  }
}

TEST(Executions, AgreeOnAnExpertWithAllTokensAndEmptyOnes) {
  for (const bool data : {true, false}) {
    RunPlan plan = tiny({{"network.top_k", "1"}});
    plan.routing = "all-to-one";
    plan.data = data;
    const Json report = agreed(plan);
    EXPECT_EQ(report["tasks"][0]["experts"][0]["queue"], Json({9, 0, 0}))
        << "8 patches and the class token";
    EXPECT_EQ(report["tasks"][0]["experts"][0]["loads"].size(), 1u) << "empty experts load nothing";
  }
}

TEST(Executions, DataOffChangesNoCycleAndNoRequest) {
  RunPlan plan = tiny();
  plan.routing = "uniform";
  const RunOutcome with = decoupled(plan);
  plan.data = false;
  const RunOutcome without = decoupled(plan);
  EXPECT_TRUE(with.report == without.report);
  EXPECT_EQ(with.request_hash, without.request_hash);
}

TEST(Executions, AgreeOnSchedules) {
  for (const char* banks : {"1", "2", "3"})
    for (const char* overlap : {"false", "true"}) {
      const Json report = agreed(tiny({{"linear.weight_banks", banks},
                                       {"linear.overlap_dense_loads", overlap},
                                       {"linear.weight_buffer_kib", "1"},
                                       {"gate.overlap_zero_output", overlap}}));
      EXPECT_EQ(kernels(report["tasks"][0], "layer0.mlp.fc1.slice1").size(), 1u)
          << "16 of 32 rows of 64 bytes fill a bank of 1 KiB";
    }
}

TEST(Executions, AgreeOnPipelinesThatStall) {
  for (const char* style : {"flushing", "stalling"})
    agreed(tiny({{"loops.linear_compute.style", style},
                 {"loops.attention_finalize.style", style},
                 {"loops.attention_q_matmul_k.style", style},
                 {"loops.gate_matvec.style", style},
                 {"linear.in_stream_depth", "1"},
                 {"attention.product_stream_depth", "1"}}));
}

/// A shared read buffer of 8 words: the scores fill it and wait for the softmax sums behind them.
const Settings kScoresBlockSums{
    {"ports.scores", "inout4"}, {"port.max_burst_beats", "4"}, {"port.read_buffer_beats", "8"}};

TEST(Executions, AgreeOnADeadlock) {
  const RunOutcome ahead = test::run_forked(tiny(kScoresBlockSums), ExecutionKind::kDecoupled);
  const RunOutcome step = test::run_forked(tiny(kScoresBlockSums), ExecutionKind::kLockstep);
  EXPECT_EQ(ahead.exit_code, 3);
  EXPECT_THAT(ahead.error, StartsWith("deadlock: nothing can proceed after cycle "));
  EXPECT_THAT(ahead.error, HasSubstr("read_softmax_info waits for read data"));
  EXPECT_THAT(ahead.error, HasSubstr("multiply_v waits for a value in stream info_stream"));
  EXPECT_EQ(ahead.error, step.error);
}

TEST(Bits, DoNotChangeWithTheHardware) {
  const RunOutcome reference = decoupled(tiny());
  ASSERT_GT(reference.stages.size(), 30u);
  for (const Settings& change : std::vector<Settings>{
           {{"linear.in_tile", "8"}},
           {{"linear.out_tile", "32"}},
           {{"linear.in_stream_depth", "1"},
            {"linear.out_stream_depth", "7"},
            {"attention.kv_stream_depth", "1"}},
           {{"linear.weight_banks", "1"}},
           {{"linear.weight_banks", "3"}, {"linear.overlap_dense_loads", "true"}},
           {{"linear.weight_buffer_kib", "1"}},
           {{"ports.tmp1", "inout4"}, {"ports.x", "weights"}, {"ps.inout1", "hp3"}},
           {{"attention.softmax_lanes", "4"}},
           {{"layer_norm.token_banks", "1"}, {"patch_embed.row_banks", "3"}},
           {{"memory.kind", "simple"}}}) {
    EXPECT_TRUE(decoupled(tiny(change)).stages == reference.stages) << tiny(change).command_line();
  }
}

TEST(Bits, BeforeTheFirstSoftmaxDoNotChangeWithTheRowsInFlight) {
  const RunOutcome four = decoupled(tiny()), three = decoupled(tiny({{"attention.rows", "3"}}));
  for (const char* before : {"patch_embed", "l0_norm1", "l0_q", "l0_k", "l0_v", "l0_attn_logits"})
    EXPECT_EQ(four.stages.at(std::string("task 0 ") + before),
              three.stages.at(std::string("task 0 ") + before))
        << before;
}

TEST(Refused, WhatNoHardwareCanDo) {
  const std::vector<std::pair<Settings, std::string>> cases{
      {{{"network.image_width", "16"}}, "network.image_width = 16: must be a multiple of 32"},
      {{{"network.patch", "24"}, {"network.image_width", "96"}, {"network.image_height", "24"}},
       "network.patch = 24: must divide 16"},
      {{{"word.bits", "512"}, {"linear.weight_buffer_kib", "1"}},
       "must hold the smallest slice: 32 outputs x 32 inputs"},
      {{{"word.bits", "512"}, {"linear.bias_buffer_features", "16"}}, "must be at least 32"},
      {{{"port.request_queue", "8"}, {"port.read_buffer_beats", "16"}}, "words that loop"},
      {{{"attention.rows", "9"}}, "must be less than the network's 9 tokens"}};
  for (const auto& [settings, message] : cases) {
    const RunOutcome outcome = test::run_forked(tiny(settings), ExecutionKind::kDecoupled);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.error;
    EXPECT_THAT(outcome.error, HasSubstr(message));
  }
}

TEST(Techniques, OrderOfExpertsCacheAndUnitsChangeTimeAndNoBit) {
  const RunOutcome published = decoupled(tiny());
  const Settings cases[] = {{{"experts.order", "by-token"}},
                            {{"experts.order", "by-token"}, {"linear.weight_banks", "1"}},
                            {{"experts.cache", "lru"}, {"experts.cache_experts", "2"}},
                            {{"experts.order", "by-token"},
                             {"experts.cache", "pinned"},
                             {"experts.cache_experts", "1"},
                             {"experts.prefetch", "false"}},
                            {{"linear.units", "per-kind"}, {"linear.out_tile", "4"}}};
  for (const Settings& settings : cases) {
    agreed(tiny(settings));
    const RunOutcome other = decoupled(tiny(settings));
    EXPECT_TRUE(other.stages == published.stages) << tiny(settings).command_line();
    EXPECT_NE(other.report, published.report);
  }
}

TEST(Techniques, KeysInTheirNaturalOrderGiveTheSameBitsInAnyCalls) {
  const auto with = [](const char* call) {
    return tiny({{"attention.reordered", "false"}, {"attention.kv_call", call}});
  };
  const RunOutcome all = decoupled(with("all"));
  for (const char* call : {"row", "keys"}) {
    agreed(with(call));
    EXPECT_TRUE(decoupled(with(call)).stages == all.stages) << call;
  }
}

TEST(Techniques, AThreePassSoftmaxDoesNotDependOnTheOrderOfKeys) {
  const RunOutcome reordered = decoupled(tiny({{"softmax.passes", "3"}}));
  const RunOutcome natural =
      decoupled(tiny({{"softmax.passes", "3"}, {"attention.reordered", "false"}}));
  EXPECT_TRUE(reordered.stages == natural.stages);
  EXPECT_TRUE(reordered.stages.contains("task 0 l0_attn_prob"));
  EXPECT_FALSE(reordered.stages.contains("task 0 l0_softmax_info"));
}

TEST(Techniques, AnExactGeluUnitTakesItsIntervalForEveryFeatureOfATile) {
  const auto cycles = [](const char* ii) {
    // Without DRAM, whose clock the last write response would have to wait for.
    const Json report = agreed(
        tiny({{"gelu.kind", "exact"}, {"gelu.ii", ii}, {"memory.kind", "simple"}}));
    return kernels(report["tasks"][0], "mlp.fc1").front()["cycles"].get<int>();
  };
  // 18 tiles of 16 features; at such intervals nothing else in the kernel is as slow. From the first
  // tile's first feature to the last tile's last lie 17 * 16 + 15 intervals.
  EXPECT_EQ(cycles("30") - cycles("20"), (17 * 16 + 15) * 10);
}

}  // namespace
}  // namespace m3sim
