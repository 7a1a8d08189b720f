#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "model/accelerator/accelerator.hpp"
#include "model/cli/command_registry.hpp"
#include "model/cli/options.hpp"
#include "model/cli/stage_store.hpp"
#include "model/cli/tracing.hpp"
#include "model/explore/page.hpp"
#include "model/network/file.hpp"
#include "model/network/routing_trace.hpp"
#include "model/report/report.hpp"
#include "tlm/trace_writer.hpp"

namespace m3sim::cli {
namespace {

namespace po = boost::program_options;

void describe(Options& options) {
  options.add_config().add()("task", po::value<std::vector<std::string>>(),
                             "a task to run; repeatable; default: every task of the network")(
      "sequence", po::value<std::string>(), "tasks of successive images, separated by commas")(
      "images", po::value<int>()->default_value(1), "images per task, back to back")(
      "weights", po::value<std::string>()->default_value("seed:0"),
      "folder of parameter files, or seed:N")("fill-missing",
                                              po::value<std::string>()->default_value(""),
                                              "seed:N for parameters that the folder lacks")(
      "image", po::value<std::string>()->default_value("seed:0"),
      ".float32.bin, .npy, .png, .ppm, or seed:N")(
      "routing", po::value<std::string>()->default_value("gates"),
      "gates, uniform, zipf:S[:SEED], all-to-one, or a routing trace")(
      "repeat-routing", po::value<int>(),
      "use this layer's routing of the trace in every MoE layer")(
      "data", po::value<std::string>()->default_value("on"), "on, or off: time alone")(
      "time", po::value<std::string>()->default_value("decoupled"), "decoupled or lockstep")(
      "rtl", po::value<std::string>(),
      "linear, attention or both, separated by a comma: their kernels run as Verilated RTL; needs "
      "--time lockstep and a build with -DM3SIM_RTL=ON")("report", po::value<std::string>(),
                                                         "write report.json to FILE")(
      "html", po::value<std::string>(), "draw the report as a page, as m3sim report does")(
      "dump", po::value<std::string>(),
      "write every stage's tensor to DIR (several images: DIR/TASK)")(
      "record-routing", po::value<std::string>(),
      "write the routing of each task's first image to FILE")(
      "memory-trace", po::value<std::string>(),
      "write every DRAM request to FILE[.gz], in the format of m3sim replay")(
      "fits", po::value<std::string>()->value_name("DEVICE"),
      "a device of configs/device: refuse a design that it cannot hold")(
      "check", "compare every stage with the golden model; exit code 1 beyond its bounds");
  Tracing::describe(options);
}

template <class T>
T choice(const Options& options, const std::string& name, const std::map<std::string, T>& known) {
  const std::string& word = options.get<std::string>(name);
  const auto found = known.find(word);
  if (found != known.end()) return found->second;
  std::string all;
  for (const auto& [key, value] : known) all += (all.empty() ? "" : " or ") + key;
  throw UsageError("--" + name + " " + word + ": must be " + all);
}

std::vector<int> tasks_of(const Options& options, const NetworkConfig& network) {
  std::vector<int> tasks;
  const int images = options.get<int>("images");
  if (images < 1) throw UsageError("--images " + std::to_string(images) + ": must be at least 1");
  if (const auto sequence = options.find<std::string>("sequence")) {
    if (options.has("task")) throw UsageError("--sequence and --task: only one of them");
    std::string rest = *sequence + ",";
    for (std::size_t comma; (comma = rest.find(',')) != std::string::npos; rest.erase(0, comma + 1))
      tasks.push_back(task_index(network, rest.substr(0, comma)));
    return tasks;
  }
  std::vector<int> chosen;
  if (const auto names = options.find<std::vector<std::string>>("task")) {
    for (const std::string& name : *names) chosen.push_back(task_index(network, name));
  } else {
    for (std::size_t t = 0; t < network.tasks.size(); ++t) chosen.push_back(static_cast<int>(t));
  }
  for (const int task : chosen) tasks.insert(tasks.end(), static_cast<std::size_t>(images), task);
  return tasks;
}

/// Writes the DRAM requests of a run as they are accepted.
class MemoryTrace final : public tlm_mem::MemoryTraceSink {
 public:
  /// The simple memory's requests are lines of 64 bytes whatever the DRAM's burst.
  MemoryTrace(const std::string& file, const AcceleratorConfig& config)
      : writer_(file, config.memory.kind == MemoryKind::kSimple ? 64 : config.ddr.burst_bytes()) {}
  void on_line(tlm_mem::Cycle memory_cycle, bool is_read, std::uint64_t address) override {
    writer_.add(memory_cycle, is_read ? tlm_mem::Direction::kRead : tlm_mem::Direction::kWrite,
                address);
  }
  void finish() { writer_.finish(); }

 private:
  tlm_mem::TraceWriter writer_;
};

/// Where results go; the folders must exist before the simulation starts.
struct Outputs {
  std::optional<std::string> report, html, dump, routing, memory_trace;
  bool check = false;

  Outputs(const Options& options, const Tracing& tracing)
      : report(options.find<std::string>("report")),
        html(options.find<std::string>("html")),
        dump(options.find<std::string>("dump")),
        routing(options.find<std::string>("record-routing")),
        memory_trace(options.find<std::string>("memory-trace")),
        check(options.has("check")) {
    for (const auto& file :
         {report, html, dump, routing, memory_trace, tracing.perfetto(), tracing.vcd()}) {
      if (!file) continue;
      const auto folder = std::filesystem::absolute(*file).parent_path();
      if (!std::filesystem::is_directory(folder))
        throw InputError(*file, "its folder does not exist");
    }
  }
  bool needs_steps() const { return check || dump || routing; }
};

RunRequest read_request(const Options& options, const Config& config, const Outputs& outputs) {
  const NetworkConfig& network = config.values.network;
  RunRequest request;
  request.config = &config.values;
  request.tasks = tasks_of(options, network);
  request.data = choice<bool>(options, "data", {{"on", true}, {"off", false}});
  request.execution = choice<ExecutionKind>(
      options, "time",
      {{"decoupled", ExecutionKind::kDecoupled}, {"lockstep", ExecutionKind::kLockstep}});
  const std::string& routing = options.get<std::string>("routing");
  if (routing != "gates") request.routing = make_routing(routing, network);
  if (const auto layer = options.find<int>("repeat-routing")) {
    if (!request.routing) throw UsageError("--repeat-routing: needs --routing FILE");
    request.routing = request.routing->repeated(*layer);
  }
  if (!request.data) {
    if (!request.routing && network.has_moe())
      throw UsageError("--data off: needs a routing other than gates (--routing)");
    if (outputs.check || outputs.dump)
      throw UsageError("--data off: there are no tensors to check or dump");
  }
  return request;
}

/// The kernels that --rtl makes hardware.
std::optional<rtl::Hardware> hardware_of(const Options& options, const AcceleratorConfig& config,
                                         const RunRequest& request) {
  const auto names = options.find<std::string>("rtl");
  if (!names) return std::nullopt;
  if (request.execution != ExecutionKind::kLockstep || !request.data)
    throw UsageError("--rtl " + *names + ": needs --time lockstep and --data on");
  std::vector<std::string> groups;
  std::istringstream list(*names);
  for (std::string group; std::getline(list, group, ',');) groups.push_back(group);
  return std::optional<rtl::Hardware>(std::in_place, config, groups);
}

/// The parameters and the image of a run with data, and how its report names them.
struct Inputs {
  std::unique_ptr<Parameters> parameters;
  Image image;
  report::Context context;

  Inputs(const Options& options, const NetworkConfig& network, bool data)
      : context{M3SIM_VERSION, options.get<std::string>("time"), {}, {}} {
    if (data) read(options, network);
    context.inputs.emplace_back("routing", options.get<std::string>("routing"));
    if (const auto layer = options.find<int>("repeat-routing"))
      context.inputs.emplace_back("repeat_routing", std::to_string(*layer));
    context.inputs.emplace_back("data", data ? "on" : "off");
  }

 private:
  void read(const Options& options, const NetworkConfig& network) {
    const auto& weights = options.get<std::string>("weights");
    const auto& fill = options.get<std::string>("fill-missing");
    parameters = std::make_unique<Parameters>(network, ParameterSource::parse(weights, fill));
    image = read_image(options.get<std::string>("image"), network);
    context.inputs = {{"weights", weights}, {"image", options.get<std::string>("image")}};
    if (!parameters->filled().empty())
      context.inputs.emplace_back(
          "fill_missing", fill + " (" + std::to_string(parameters->filled().size()) + " tensors)");
  }
};

void write_page(const std::string& file, const report::Report& figures) {
  const auto json = nlohmann::ordered_json::parse(report::json_text(figures));
  write_file(file,
             explore::page_html(explore::page_of_report(json, nlohmann::ordered_json::array())));
}

/// Throws where the device cannot hold the design.
cost::Device require_fit(const std::string& board, const AcceleratorConfig& config) {
  const cost::Device device = cost::Device::read(board);
  const auto beyond = cost::exceeded(cost::resources(config), device);
  if (beyond.empty()) return device;
  std::string text = "does not fit " + device.name + " (estimate):";
  for (std::size_t i = 0; i < beyond.size(); ++i) text += (i == 0 ? " " : "; ") + beyond[i];
  throw InputError("--fits " + board, text);
}

ExitCode run(const Arguments& arguments) {
  Options options("run", "simulate one design point", "[OPTIONS]");
  describe(options);
  if (!options.read(arguments)) return ExitCode::kDone;
  const Config config = load_config(options.config_sources());
  const NetworkConfig& network = config.values.network;
  std::optional<cost::Device> device;
  if (const auto board = options.find<std::string>("fits"))
    device = require_fit(*board, config.values);
  const cost::EnergyTable energy = cost::EnergyTable::read(config.values.energy.table);
  Tracing tracing(options, network);
  const Outputs outputs(options, tracing);
  RunRequest request = read_request(options, config, outputs);
  const Inputs inputs(options, network, request.data);
  request.parameters = inputs.parameters.get();
  request.image = &inputs.image;

  StageStore store(outputs.check || outputs.dump);
  if (outputs.needs_steps())
    request.on_step = [&store](const Step& step, Accelerator& accelerator) {
      store.on_step(step, accelerator);
    };
  std::optional<MemoryTrace> memory_trace;
  if (outputs.memory_trace)
    request.memory_trace = &memory_trace.emplace(*outputs.memory_trace, config.values);
  tracing.attach(request);
  const std::optional<rtl::Hardware> hardware = hardware_of(options, config.values, request);
  request.hardware = hardware ? &*hardware : nullptr;
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  // Named: a module is complete when the statement that constructs it ends.
  Accelerator accelerator("accelerator", request);
  const RunRecord record = accelerator.run();
  if (memory_trace) memory_trace->finish();
  tracing.finish();

  report::Context context = inputs.context;
  context.device = device;
  report::Report figures = report::derive(config, record, energy, context);
  if (outputs.check)
    figures.checks =
        check_stages(network, *inputs.parameters, inputs.image, store, request.routing.has_value());
  if (outputs.dump) write_dumps(*outputs.dump, network, store);
  if (outputs.routing) write_routing_trace(*outputs.routing, store.routing(), network);
  if (outputs.report) write_file(*outputs.report, report::json_text(figures));
  if (outputs.html) write_page(*outputs.html, figures);
  std::cout << report::table_text(figures);
  for (const report::CheckRecord& c : figures.checks)
    if (!c.pass()) return ExitCode::kCheckFailed;
  return ExitCode::kDone;
}

const RegisterCommand kRun({"run", "simulate one design point: latency, energy and stalls per task",
                            run});

}  // namespace
}  // namespace m3sim::cli
