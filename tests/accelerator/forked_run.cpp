#include "tests/accelerator/forked_run.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "model/accelerator/accelerator.hpp"
#include "model/accelerator/stages.hpp"
#include "model/report/report.hpp"
#include "tests/accelerator/region_oracle.hpp"

namespace m3sim::test {
namespace {

/// FNV-1a, 64 bits.
class Hash {
 public:
  void add(const void* bytes, std::size_t count) {
    const auto* byte = static_cast<const unsigned char*>(bytes);
    for (std::size_t i = 0; i < count; ++i) value_ = (value_ ^ byte[i]) * 0x100000001b3u;
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325u;
};

class RequestHash final : public tlm_mem::MemoryTraceSink {
 public:
  void on_line(timing::Cycle cycle, bool is_read, std::uint64_t address) override {
    const std::uint64_t record[] = {static_cast<std::uint64_t>(cycle), is_read, address};
    hash_.add(record, sizeof record);
  }
  std::uint64_t value() const { return hash_.value(); }

 private:
  Hash hash_;
};

std::uint64_t memory_hash(Accelerator& accelerator) {
  std::vector<std::uint8_t> bytes(accelerator.map().bytes());
  accelerator.memory().read_back(0, bytes.data(), bytes.size());
  Hash hash;
  hash.add(bytes.data(), bytes.size());
  return hash.value();
}

RunOutcome simulate(const RunPlan& plan, ExecutionKind execution) {
  ConfigSources sources;
  for (const auto& [key, value] : plan.settings) sources.assignments.push_back(key + "=" + value);
  const Config config = load_config(sources);
  const NetworkConfig& network = config.values.network;

  RunRequest request;
  request.config = &config.values;
  request.tasks = plan.tasks;
  request.execution = execution;
  request.data = plan.data;
  if (plan.routing != "gates") request.routing = make_routing(plan.routing, network);
  std::unique_ptr<Parameters> parameters;
  Image image;
  if (plan.data) {
    parameters = std::make_unique<Parameters>(network, ParameterSource::parse("seed:0", ""));
    image = read_image("seed:0", network);
    request.parameters = parameters.get();
    request.image = &image;
  }
  RequestHash requests;
  request.memory_trace = &requests;

  RunOutcome outcome;
  int task = 0;
  StageReader reader([&](const StageTensor& stage) {
    Hash hash;
    hash.add(stage.tensor.raw.data(), stage.tensor.raw.size() * sizeof(std::int32_t));
    outcome.stages["task " + std::to_string(task) + " " + stage.name] =
        std::to_string(hash.value());
  });
  RegionOracle oracle;
  request.on_step = [&](const Step& step, Accelerator& accelerator) {
    oracle.check();
    task = accelerator.task();
    if (plan.data && step.part != Part::kOneTime) reader.on_step(step, accelerator);
  };
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  Accelerator accelerator("accelerator", request);
  // Observed loops take nothing in bulk, so the other execution runs as users run it.
  if (execution == ExecutionKind::kLockstep) oracle.attach(accelerator);
  const RunRecord record = accelerator.run();
  outcome.oracle_runs = oracle.checked();
  outcome.oracle_skipped = oracle.skipped();
  outcome.oracle_difference = oracle.difference();
  const auto energy = cost::EnergyTable::read(config.values.energy.table);
  outcome.report = report::json_text(report::derive(config, record, energy, {"", "", {}}));
  outcome.memory_hash = memory_hash(accelerator);
  outcome.request_hash = requests.value();
  return outcome;
}

void write_all(int file, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = write(file, text.data() + done, text.size() - done);
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
}

[[noreturn]] void run_child(const RunPlan& plan, ExecutionKind execution, int to_parent) {
  alarm(kPatience);
  RunOutcome outcome;
  try {
    outcome = simulate(plan, execution);
  } catch (const Error& error) {
    outcome = {static_cast<int>(error.exit_code()), error.what()};
  } catch (const std::exception& error) {
    outcome = {kInternalError, error.what()};
  }
  const nlohmann::json message{outcome.exit_code,   outcome.error,        outcome.report,
                               outcome.memory_hash, outcome.request_hash, outcome.stages,
                               outcome.oracle_runs, outcome.oracle_skipped,
                               outcome.oracle_difference};
  write_all(to_parent, message.dump());
  _exit(0);
}

}  // namespace

std::string RunPlan::command_line() const {
  std::string text = "m3sim run";
  for (const auto& [key, value] : settings) text += " --set '" + key + "=" + value + "'";
  text += " --sequence ";
  for (std::size_t i = 0; i < tasks.size(); ++i)
    text += (i ? ",task" : "task") + std::to_string(tasks[i]);
  text += " --routing " + routing;
  return data ? text : text + " --data off";
}

RunOutcome run_forked(const RunPlan& plan, ExecutionKind execution) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    close(ends[0]);
    run_child(plan, execution, ends[1]);
  }
  close(ends[1]);
  std::string text;
  char buffer[65536];
  for (ssize_t count; (count = read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(count));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return {-WTERMSIG(status), "ended by a signal"};
  const auto message = nlohmann::json::parse(text, nullptr, false);
  if (message.is_discarded()) return {kInternalError, "the child said nothing"};
  RunOutcome outcome{message[0], message[1]};
  outcome.report = message[2];
  outcome.memory_hash = message[3];
  outcome.request_hash = message[4];
  outcome.stages = message[5];
  outcome.oracle_runs = message[6];
  outcome.oracle_skipped = message[7];
  outcome.oracle_difference = message[8];
  return outcome;
}

std::map<std::string, std::string> tiny_network() {
  return {{"network.name", "tiny"},        {"network.image_channels", "1"},
          {"network.image_height", "32"},  {"network.image_width", "64"},
          {"network.patch", "16"},         {"network.width", "32"},
          {"network.heads", "2"},          {"network.layers", "2"},
          {"network.mlp_hidden", "32"},    {"network.experts", "3"},
          {"network.top_k", "2"},          {"network.expert_hidden", "32"},
          {"network.tasks", "task0,task1"}};
}

}  // namespace m3sim::test
