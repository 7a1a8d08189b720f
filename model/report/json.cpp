#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "model/report/report.hpp"
#include "model/report/spread.hpp"

namespace m3sim::report {
namespace {

using Json = nlohmann::ordered_json;
using timing::Cycle;

Json text_of(std::string_view text) { return std::string(text); }

double mj(std::int64_t fj) { return millijoules(fj).value(9); }

Json value_of(const ConfigValue& value) {
  return std::visit([](const auto& v) { return Json(v); }, value);
}

Json config_of(const Config& config) {
  Json json = Json::object();
  for (const ConfigEntry& entry : config.entries) json[entry.key->name()] = value_of(entry.value);
  return json;
}

/// The values in effect whose defaults no source gives.
Json unknowns_of(const Config& config) {
  Json json = Json::array();
  for (const ConfigEntry& entry : config.unknowns()) {
    json.push_back({{"key", entry.key->name()},
                    {"value", value_of(entry.value)},
                    {"note", entry.key->provenance_text()},
                    {"set", entry.origin.text()}});
  }
  return json;
}

Json energy_of(const cost::Energy& energy) {
  Json json{{"total", mj(energy.total())}};
  for (std::size_t i = 0; i < cost::kComponentCount; ++i) {
    json[std::string(cost::kComponentNames[i])] = mj(energy[static_cast<cost::Component>(i)]);
  }
  return json;
}

/// Cycles by cause; `all` prints those without a cycle too.
Json account_of(const timing::CycleAccount& account, bool all) {
  Json json = Json::object();
  for (std::size_t i = 0; i < timing::kCauseCount; ++i) {
    const Cycle cycles = account[static_cast<timing::Cause>(i)];
    if (all || cycles != 0) json[std::string(timing::kCauseNames[i])] = cycles;
  }
  return json;
}

Json process_of(const ProcessRecord& process) {
  Json ports = Json::array();
  for (const Master port : process.ports) ports.push_back(text_of(to_word(port)));
  return {{"name", process.name},
          {"iterations", process.iterations},
          {"ports", ports},
          {"stalls", account_of(process.account, false)}};
}

Json stream_of(const StreamRecord& stream) {
  return {{"name", stream.name},
          {"depth", stream.depth},
          {"high_water", stream.high_water},
          {"items", stream.items},
          {"writer_waited", stream.writer_waited},
          {"reader_waited", stream.reader_waited}};
}

Json kernel_of(const KernelRecord& kernel, const cost::Energy& energy) {
  const ProcessRecord* critical = critical_process(kernel);
  Json stalls = account_of(critical == nullptr ? timing::CycleAccount{} : critical->account, true);
  stalls["control"] = control_cycles(kernel);
  Json json{{"name", kernel.name},
            {"engine", kernel.engine},
            {"part", text_of(kPartNames[static_cast<std::size_t>(kernel.part)])},
            {"layer", kernel.layer},
            {"expert", kernel.expert},
            {"load", kernel.is_load},
            {"start", kernel.start},
            {"end", kernel.end},
            {"cycles", kernel.end - kernel.start},
            {"critical_process", critical == nullptr ? "" : critical->name},
            {"stalls", stalls},
            {"dram_bytes_read", kernel.bytes_read},
            {"dram_bytes_written", kernel.bytes_written},
            {"energy_mj", mj(energy.total())}};
  json["processes"] = Json::array();
  for (const ProcessRecord& process : kernel.processes) {
    json["processes"].push_back(process_of(process));
  }
  json["streams"] = Json::array();
  for (const StreamRecord& stream : kernel.streams) json["streams"].push_back(stream_of(stream));
  return json;
}

Json kernels_of(const TaskFigures& task) {
  Json json = Json::array();
  for (std::size_t i = 0; i < task.record->kernels.size(); ++i) {
    json.push_back(kernel_of(task.record->kernels[i], task.kernel_energy[i]));
  }
  return json;
}

Json parts_of(const Report& report, const TaskFigures& task) {
  Json json = Json::array();
  for (std::size_t i = 0; i < kPartCount; ++i) {
    const PartTime& part = task.timeline.parts[i];
    if (part.compute == 0 && part.exposed_load == 0) continue;
    const Cycle cycles = part.compute + part.exposed_load;
    json.push_back({{"part", text_of(kPartNames[i])},
                    {"cycles", cycles},
                    {"latency_ms", report.latency_ms(cycles).value()},
                    {"share", Ratio{cycles, task.cycles}.value()},
                    {"exposed_load_cycles", part.exposed_load},
                    {"kernel_cycles", part.kernel_cycles},
                    {"stalls", account_of(part.account, true)}});
  }
  json.push_back({{"part", "control"},
                  {"cycles", task.timeline.control},
                  {"latency_ms", report.latency_ms(task.timeline.control).value()},
                  {"share", Ratio{task.timeline.control, task.cycles}.value()}});
  return json;
}

Json shares_of(const TaskFigures& task) {
  const auto share = [&](const std::vector<Part>& parts, bool with_loads) {
    return Ratio{task.cycles_of(parts, with_loads), task.cycles}.value();
  };
  const std::vector<Part> attention{Part::kAttentionQk, Part::kAttentionAv};
  return {{"qk_and_av", share(attention, true)},
          {"linear_and_experts", share(linear_parts(), true)},
          {"linear_and_experts_without_exposed_loads", share(linear_parts(), false)}};
}

Json experts_of(const Config& config, const TaskRecord& task) {
  Json json = Json::array();
  const NetworkConfig& network = config.values.network;
  std::size_t moe = 0;
  for (int layer = 0; layer < network.layers; ++layer) {
    if (!network.is_moe(layer) || moe >= task.queues.size()) continue;
    Json loads = Json::array();
    for (const ExpertRecord& expert : task.experts) {
      if (expert.layer != layer) continue;
      loads.push_back({{"expert", expert.expert},
                       {"tokens", expert.tokens},
                       {"load_cycles", expert.load_cycles},
                       {"hidden_cycles", expert.load_cycles - expert.exposed_cycles},
                       {"exposed_cycles", expert.exposed_cycles}});
    }
    const Spread even = spread(task.queues[moe]);
    json.push_back({{"layer", layer},
                    {"queue", task.queues[moe]},
                    {"active", even.active},
                    {"longest_queue", even.longest},
                    {"effective_experts", even.effective.value()},
                    {"gini", even.gini.value()},
                    {"loads", loads}});
    ++moe;
  }
  return json;
}

/// What the router really did, whatever it was asked for.
Json routing_of(const TaskRecord& task) {
  const Spread even = spread(task.queues);
  return {{"choices", even.choices},
          {"active_experts", even.active},
          {"longest_queue", even.longest},
          {"effective_experts", even.effective.value()},
          {"gini", even.gini.value()}};
}

Json port_of(const PortRecord& port, Cycle cycles) {
  return {{"port", text_of(to_word(port.master))},
          {"bytes_read", port.bytes_read},
          {"bytes_written", port.bytes_written},
          {"read_bursts", port.read_bursts},
          {"write_bursts", port.write_bursts},
          {"read_busy", Ratio{port.read_busy_cycles, cycles}.value()},
          {"write_busy", Ratio{port.write_busy_cycles, cycles}.value()}};
}

Json dram_of(const Report& report, const TaskFigures& task) {
  const DramRecord& dram = task.record->dram;
  const Wide bytes = Wide{dram.bytes_read} + dram.bytes_written;
  Json json{{"bytes_read", dram.bytes_read},
            {"bytes_written", dram.bytes_written},
            {"bandwidth_gbs",
             Ratio{bytes * report.run->clock_hz, Wide{task.cycles} * 1'000'000'000}.value()},
            {"row_hit_rate", Ratio{dram.row_hits, Wide{dram.reads} + dram.writes}.value()},
            {"reads", dram.reads},
            {"writes", dram.writes},
            {"activates", dram.activates},
            {"precharges", dram.precharges},
            {"refreshes", dram.refreshes}};
  if (dram.has_commands) {
    json["energy_mj"] = {{"activate", mj(dram.activate_fj)},     {"read", mj(dram.read_fj)},
                         {"write", mj(dram.write_fj)},           {"refresh", mj(dram.refresh_fj)},
                         {"background", mj(dram.background_fj)}, {"io", mj(dram.io_fj)}};
  }
  json["ports"] = Json::array();
  for (const PortRecord& port : task.record->ports) {
    json["ports"].push_back(port_of(port, task.cycles));
  }
  return json;
}

Json bottlenecks_of(const Report& report, const TaskFigures& task) {
  Json json = Json::array();
  for (std::size_t i = 0; i < std::min(kBottlenecksShown, task.bottlenecks.size()); ++i) {
    const Bottleneck& bottleneck = task.bottlenecks[i];
    json.push_back(
        {{"resource", bottleneck.resource},
         {"share", Ratio{bottleneck.saved, task.cycles}.value()},
         {"saved_cycles", bottleneck.saved},
         {"latency_ms_if_free", report.latency_ms(task.cycles - bottleneck.saved).value()},
         {"estimate", true}});
  }
  return json;
}

Json bounds_of(const Report& report, const LowerBounds& bounds) {
  return {{"mac_array_ms", report.latency_ms(bounds.mac_array).value()},
          {"port_ms", report.latency_ms(bounds.port).value()},
          {"port", text_of(to_word(bounds.busiest))},
          {"dram_ms", report.latency_ms(bounds.dram).value()}};
}

Json macs_by_part(const cost::Work& work) {
  return {{"patch_embed", work.patch_embed},
          {"qkv", work.qkv},
          {"attention_qk", work.attention_qk},
          {"attention_av", work.attention_av},
          {"projection", work.projection},
          {"mlp", work.mlp},
          {"gate", work.gate},
          {"experts", work.experts}};
}

Json amount_of(const cost::Work& work) {
  return {{"macs", work.total()},
          {"flops", cost::flops(work.total())},
          {"macs_by_part", macs_by_part(work)}};
}

/// What is computed, and what dense models of the same size would compute.
Json work_of(const Report& report, const TaskFigures& task) {
  const NetworkConfig& network = report.config->values.network;
  const cost::Work dense = cost::dense_work(network);
  Json json = amount_of(task.work);
  json["dense_same_size"] = amount_of(dense);
  json["dense_same_size"]["rule"] = "every token through all experts, no router";
  json["share_of_dense"] = Ratio{task.work.total(), dense.total()}.value();
  json["decoders"] = "not counted: task decoders do not run on the accelerator";
  return json;
}

Json task_of(const Report& report, const TaskFigures& task) {
  Json json{{"task", task.record->task},
            {"image", task.record->image},
            {"cycles", task.cycles},
            {"latency_ms", report.latency_ms(task.cycles).value()},
            {"energy_mj", energy_of(task.energy)},
            {"energy_mj_band",
             {{"low", mj(task.energy_low.total())}, {"high", mj(task.energy_high.total())}}},
            {"power_w", report.power_w(task).value()},
            {"macs", task.work.total()},
            {"macs_by_part", macs_by_part(task.work)},
            {"work", work_of(report, task)},
            {"achieved_gops", report.gops(task).value()},
            {"utilization", report.utilization(task, task.cycles).value()},
            {"utilization_in_kernels", report.utilization(task, task.linear_cycles).value()},
            {"shares", shares_of(task)},
            {"parts", parts_of(report, task)},
            {"lower_bounds", bounds_of(report, task.bounds)},
            {"bottlenecks", bottlenecks_of(report, task)},
            {"dram", dram_of(report, task)},
            {"routing", routing_of(*task.record)},
            {"experts", experts_of(*report.config, *task.record)},
            {"kernels", kernels_of(task)}};
  return json;
}

/// Three significant digits, so that rounding in a library cannot change the output.
double rounded(double value) {
  const std::string text = three_digits(value);
  double result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

Json check_of(const std::vector<CheckRecord>& checks) {
  Json json = Json::array();
  for (const CheckRecord& check : checks) {
    Json stages = Json::array();
    for (const StageRecord& stage : check.stages) {
      stages.push_back({{"stage", stage.name},
                        {"max_error", rounded(stage.max_error)},
                        {"mean_error", rounded(stage.mean_error)},
                        {"bound", rounded(stage.bound)},
                        {"pass", stage.pass}});
    }
    json.push_back(
        {{"task", check.task}, {"image", check.image}, {"pass", check.pass()}, {"stages", stages}});
  }
  return json;
}

Json switches_of(const RunRecord& run) {
  Json json = Json::array();
  for (const SwitchRecord& change : run.switches) {
    json.push_back(
        {{"from", change.from}, {"to", change.to}, {"extra_cycles", change.extra_cycles}});
  }
  return json;
}

Json resources_of(const Report& report) {
  const cost::Resources& r = report.resources;
  Json json{{"dsp", r.dsp()}, {"bram18", r.bram18()}, {"uram", r.uram()},
            {"lut", r.lut()}, {"ff", r.ff()}};
  if (const auto& device = report.context.device) {
    json["device"] = device->name;
    json["fits"] = cost::exceeded(r, *device).empty();
  }
  json["estimate"] = true;
  json["items"] = Json::array();
  for (const cost::ResourceItem& item : r.items) {
    json["items"].push_back({{"name", item.name},
                             {"dsp", item.dsp},
                             {"bram18", item.bram18},
                             {"uram", item.uram},
                             {"lut", item.lut},
                             {"ff", item.ff},
                             {"rule", item.rule}});
  }
  return json;
}

constexpr Wide kMibBits = Wide{8} << 20;

Json requirement_of(const cost::MemoryRequirement& requirement) {
  Json json{{"mib", Ratio{requirement.bits(), kMibBits}.value()}, {"bits", requirement.bits()}};
  json["items"] = Json::array();
  for (const cost::MemoryItem& item : requirement.items)
    json["items"].push_back({{"name", item.name},
                             {"mib", Ratio{item.bits, kMibBits}.value()},
                             {"bits", item.bits},
                             {"rule", item.rule}});
  return json;
}

}  // namespace

std::string json_text(const Report& report) {
  Json json{{"schema", "m3sim.report/1"},
            {"version", report.context.version},
            {"execution", report.context.execution}};
  json["inputs"] = Json::object();
  for (const auto& [name, value] : report.context.inputs) json["inputs"][name] = value;
  json["config"] = config_of(*report.config);
  json["unknowns"] = unknowns_of(*report.config);
  json["energy_table"] = report.energy_table;
  json["one_time"] = {{"cycles", report.one_time_cycles},
                      {"energy_mj", energy_of(report.one_time_energy)}};
  json["energy_mj"] = energy_of(report.energy);
  json["tasks"] = Json::array();
  for (const TaskFigures& task : report.tasks) json["tasks"].push_back(task_of(report, task));
  json["switches"] = switches_of(*report.run);
  json["resources"] = resources_of(report);
  json["memory_requirement"] = requirement_of(report.requirement);
  if (!report.checks.empty()) json["check"] = check_of(report.checks);
  return json.dump(1) + "\n";
}

}  // namespace m3sim::report
