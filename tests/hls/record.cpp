// hls_record OUT [--config FILE]... [--set KEY=VALUE]... [--calls N]: simulates an image and writes,
// for every process of every engine, its first N calls (default 4) as stimuli and expected values of
// its HLS top, and the tops' parameters as OUT/shapes.hpp.
#include <charconv>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

#include "model/accelerator/accelerator.hpp"
#include "model/config/config.hpp"
#include "model/kernels/gelu.hpp"
#include "model/kernels/residual.hpp"
#include "tests/hls/memories.hpp"

namespace m3sim::hls_test {
namespace {

struct Arguments {
  std::filesystem::path out;
  ConfigSources sources;
  int calls = 4;
};

int calls_of(const std::string& text) {
  int calls = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), calls);
  if (error != std::errc() || end != text.data() + text.size() || calls < 1)
    throw std::invalid_argument("--calls " + text + ": must be a number from 1 on");
  return calls;
}

Arguments parse(int count, char** words) {
  const std::string usage = "usage: hls_record OUT [--config FILE] [--set KEY=VALUE] [--calls N]";
  if (count < 2) throw std::invalid_argument(usage);
  Arguments a;
  a.out = words[1];
  for (int i = 2; i + 1 < count; i += 2) {
    const std::string option = words[i], value = words[i + 1];
    if (option == "--config")
      a.sources.files.push_back(value);
    else if (option == "--set")
      a.sources.assignments.push_back(value);
    else if (option == "--calls")
      a.calls = calls_of(value);
    else
      throw std::invalid_argument(option + ": " + usage);
  }
  if (count % 2 != 0) throw std::invalid_argument(usage);
  return a;
}

/// Tops of actors that several processes run, by region and process.
const std::map<std::string, std::string> kSharedActors{
    {"compute.read_direct", "linear_read_direct"},
    {"compute.write_direct", "linear_write_direct"},
    {"qk.read_q", "attention_read_q"},
    {"qk.write_scores", "attention_write_scores"},
    {"qk.write_softmax_info", "attention_write_info"},
    {"av.read_scores", "attention_read_scores"},
    {"av.read_softmax_info", "attention_read_info"},
    {"av.write_out", "attention_write_out"},
    {"route.read", "gate_read"},
    {"load_norms.load", "norm_load"},
    {"load_patch_weights.load", "patch_bias_load"},
};

class Recorders {
 public:
  Recorders(const Arguments& arguments, int features)
      : arguments_(arguments), features_(features) {}

  void attach(timing::PipelineBase& pipeline, const std::string& place) {
    using namespace kernels;
    const auto shared = kSharedActors.find(place);
    const std::string name = shared == kSharedActors.end() ? "" : shared->second;
    const bool known = open<ReadItems<Ints>>(pipeline, name) ||
                       open<WriteItems<Ints>>(pipeline, name) ||
                       open<LoadNorms<Ints>>(pipeline, name) ||
                       open<WeightLoad<Ints>>(pipeline, "linear_weight_load") ||
                       open<BiasLoad<Ints>>(pipeline, "linear_bias_load") ||
                       open<ReadIndirect<Ints>>(pipeline, "linear_read_indirect") ||
                       open<LinearCompute<Ints>>(pipeline, "linear_compute") ||
                       open<WriteIndirect<Ints>>(pipeline, "linear_write_indirect") ||
                       open<ReadRotated<Ints>>(pipeline, "attention_read_rotated") ||
                       open<QxK<Ints>>(pipeline, "attention_qk") ||
                       open<Finalize<Ints>>(pipeline, "attention_finalize") ||
                       open<Prepare<Ints>>(pipeline, "attention_prepare") ||
                       open<AttnxV<Ints>>(pipeline, "attention_attn_v") ||
                       open<GateWeightLoad<Ints>>(pipeline, "gate_weight_load") ||
                       open<MatVec<Ints>>(pipeline, "gate_mat_vec") ||
                       open<SoftmaxUpdate<Ints>>(pipeline, "gate_softmax") ||
                       open<TopK<Ints>>(pipeline, "gate_top_k") ||
                       open<ExpDivide<Ints>>(pipeline, "gate_exp_divide") ||
                       open<WriteResults<Ints>>(pipeline, "gate_write_results") ||
                       open<MetaQueue<Ints>>(pipeline, "gate_meta_queue") ||
                       open<WriteZeros<Ints>>(pipeline, "gate_zero_output") ||
                       open<TaskEmbedding<Ints>>(pipeline, "gate_task_embedding") ||
                       open<NormAccumulate<Ints>>(pipeline, "norm_accumulate") ||
                       open<NormOutput<Ints>>(pipeline, "norm_output") ||
                       open<PatchWeightLoad<Ints>>(pipeline, "patch_weight_load") ||
                       open<ReadPixels<Ints>>(pipeline, "patch_read_pixels") ||
                       open<PatchAccumulate<Ints>>(pipeline, "patch_accumulate") ||
                       open<PatchOutput<Ints>>(pipeline, "patch_output") ||
                       open<CopyWords<Ints>>(pipeline, "patch_class_token") ||
                       open<Add<Ints>>(pipeline, "residual_add");
    if (!known) throw std::runtime_error(place + ": no HLS top runs this actor");
  }

  Recording& recording(const std::string& top) {
    auto& slot = recordings_[top];
    if (!slot)
      slot = std::make_unique<Recording>(top, arguments_.out / (top + ".bin"), arguments_.calls);
    return *slot;
  }

  void finish() {
    for (const auto& [top, recording] : recordings_) {
      recording->finish();
      std::cout << top << ": " << recording->calls() << " calls\n";
    }
  }

 private:
  template <class Actor>
  bool open(timing::PipelineBase& pipeline, const std::string& top) {
    auto* typed = dynamic_cast<timing::Pipeline<Actor>*>(&pipeline);
    if (!typed) return false;
    if (top.empty()) throw std::runtime_error("a process runs a shared actor and has no HLS top");
    auto recorder = std::make_shared<Recorder<Actor>>(
        recording(top), features_, [](const Actor& actor) { return memories(actor); });
    typed->tap(recorder.get());
    taps_.push_back(recorder);
    return true;
  }

  const Arguments& arguments_;
  int features_;
  std::map<std::string, std::unique_ptr<Recording>> recordings_;
  std::vector<std::shared_ptr<void>> taps_;
};

void attach(Recorders& recorders, const sc_core::sc_object& object) {
  for (sc_core::sc_object* child : object.get_child_objects()) {
    attach(recorders, *child);
    const auto* engine = dynamic_cast<const Engine*>(child);
    if (!engine) continue;
    for (const auto& region : engine->regions())
      for (const auto& process : region->region.processes())
        process->for_pipelines([&](timing::PipelineBase& pipeline) {
          recorders.attach(pipeline, region->region.name() + "." + process->name());
        });
  }
}

/// The simulation's arithmetic units at the borders of their ranges and at seeded random arguments.
void record_unit(Recording& to, int arguments, std::int32_t (*unit)(const std::int32_t*)) {
  if (!to.wants()) return;
  constexpr int kItems = 4096;
  const std::int32_t borders[] = {0,
                                  1,
                                  -1,
                                  kernels::kOne,
                                  -kernels::kOne,
                                  kernels::kLowest,
                                  kernels::kHighest,
                                  kernels::kExpSaturates,
                                  kernels::kExpSaturates - 1,
                                  11 << 21,
                                  -(11 << 21)};
  for (const int word : {int{kMagic}, 1, 1, 0, 0, 0, 1, arguments, 1, shapes().features, 1, kItems,
                         kItems * (arguments + 3)})
    to.add(word);
  std::uint64_t state = 1;
  for (int i = 0; i < kItems; ++i) {
    std::int32_t x[2];
    for (int j = 0; j < arguments; ++j) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      // Magnitudes of every size alike.
      const auto bits = static_cast<std::int32_t>(state >> 32) >> (state >> 27 & 31);
      const auto border = static_cast<std::size_t>(i + 5 * j * (i / 11));
      x[j] = i < 121 ? borders[border % std::size(borders)] : bits;
    }
    const std::int32_t result = unit(x);
    to.add(static_cast<int>(Operation::kRead) * 256);
    to.add(x, arguments);
    to.add(static_cast<int>(Operation::kWrite) * 256);
    to.add(result);
  }
  to.end_call();
}

void record_units(Recorders& recorders) {
  using I = const std::int32_t*;
  record_unit(recorders.recording("unit_exponential"), 1,
              [](I x) { return kernels::exponential<Ints>(x[0]); });
  record_unit(recorders.recording("unit_reciprocal"), 1,
              [](I x) { return kernels::reciprocal<Ints>(x[0]); });
  record_unit(recorders.recording("unit_square_root"), 1,
              [](I x) { return kernels::square_root<Ints>(x[0]); });
  record_unit(recorders.recording("unit_divide"), 2,
              [](I x) { return kernels::divide<Ints>(x[0], x[1]); });
  record_unit(recorders.recording("unit_gelu"), 1, [](I x) { return kernels::gelu<Ints>(x[0]); });
}

void record(const Arguments& arguments) {
  const Config config = load_config(arguments.sources);
  const Parameters parameters(config.values.network, ParameterSource::parse("seed:0"));
  const Image image = read_image("seed:0", config.values.network);
  RunRequest request;
  request.config = &config.values;
  request.tasks = {0};
  request.parameters = &parameters;
  request.image = &image;
  std::filesystem::create_directories(arguments.out);
  make_shapes(config.values);
  write_shapes(arguments.out / "shapes.hpp");

  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  Accelerator accelerator("accelerator", request);
  Recorders recorders(arguments, shapes().features);
  attach(recorders, accelerator);
  record_units(recorders);
  accelerator.run();
  recorders.finish();
}

}  // namespace
}  // namespace m3sim::hls_test

int main(int count, char** words) {
  try {
    m3sim::hls_test::record(m3sim::hls_test::parse(count, words));
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "hls_record: " << error.what() << "\n";
    return 2;
  }
}
