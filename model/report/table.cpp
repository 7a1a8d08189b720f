#include <algorithm>

#include "model/report/report.hpp"
#include "model/report/spread.hpp"
#include "model/report/text_table.hpp"

namespace m3sim::report {
namespace {

using timing::Cycle;
using Align = TextTable::Align;

constexpr std::size_t kWidth = 100;

std::string percent(Ratio share) {
  return Ratio{share.numerator * 100, share.denominator}.text(1) + " %";
}

std::string megabytes(std::int64_t bytes) { return Ratio{bytes, 1'000'000}.text(2); }

std::string dash_if_zero(Cycle cycles) { return cycles == 0 ? "-" : grouped(cycles); }

/// Breaks a text at spaces so that no line is too long; further lines are indented.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::string result, line;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at + 1), text.size());
    const std::string word = text.substr(at, end - at);
    if (line.size() + word.size() > kWidth) {
      result += line + "\n";
      line = std::string(indent, ' ') + word.substr(word.find_first_not_of(' '));
    } else {
      line += word;
    }
    at = end;
  }
  return result + line + "\n";
}

/// "  name        value", wrapped.
std::string fact(std::string name, const std::string& text) {
  name.resize(12, ' ');
  return wrapped("  " + name + text, 14);
}

std::string head(const Report& report) {
  std::string text = "m3sim " + report.context.version + ": network " +
                     report.config->values.network.name + ", clock " +
                     Ratio{report.run->clock_hz, 1'000'000}.text(3) + " MHz";
  for (const auto& [name, value] : report.context.inputs) text += ", " + name + " " + value;
  return wrapped(text, 2);
}

std::string summary(const Report& report, const TaskFigures& task) {
  const auto ms = [&](Cycle cycles) { return report.latency_ms(cycles).text(3); };
  const LowerBounds& bounds = task.bounds;
  std::string text;
  text += fact("latency", ms(task.cycles) + " ms, " + grouped(task.cycles) + " cycles");
  text += fact("at least", ms(bounds.port) + " ms by port " + std::string(to_word(bounds.busiest)) +
                               ", " + ms(bounds.mac_array) + " ms by the MAC array, " +
                               ms(bounds.dram) + " ms by the DRAM");
  text += fact("energy", millijoules(task.energy.total()).text(3) + " mJ, " +
                             report.power_w(task).text(2) +
                             " W (estimate: " + millijoules(task.energy_low.total()).text(3) +
                             " to " + millijoules(task.energy_high.total()).text(3) + " mJ)");
  text += fact("work", Ratio{task.work.total(), 1'000'000}.text(1) + " M multiply-accumulates, " +
                           report.gops(task).text(1) + " GOP/s; " +
                   percent({task.work.total(), cost::dense_work(report.config->values.network).total()}) +
                   " of a dense model of the same size");
  text +=
      fact("MAC array", percent(report.utilization(task, task.cycles)) + " of " +
                            std::to_string(report.run->macs_per_cycle) + " MACs a cycle used, " +
                            percent(report.utilization(task, task.linear_cycles)) +
                            " while linear kernels run");
  return text;
}

/// The largest cause besides work itself, of all its kernels' cycles.
std::string main_stall(const PartTime& part) {
  std::size_t largest = 0;
  Cycle cycles = 0;
  for (std::size_t i = 0; i < timing::kCauseCount; ++i) {
    const auto cause = static_cast<timing::Cause>(i);
    if (cause != timing::Cause::kBusy && part.account[cause] > cycles) {
      largest = i;
      cycles = part.account[cause];
    }
  }
  if (cycles == 0) return "-";
  return std::string(timing::kCauseNames[largest]) + " " +
         percent(Ratio{cycles, part.kernel_cycles});
}

std::string parts(const Report& report, const TaskFigures& task) {
  TextTable table({{"part", Align::kLeft},
                   {"cycles"},
                   {"ms"},
                   {"share"},
                   {"exposed loads"},
                   {"main stall of its kernels", Align::kLeft}});
  const auto add = [&](std::string_view name, Cycle cycles, const std::string& loads,
                       const std::string& stall) {
    table.add({std::string(name), grouped(cycles), report.latency_ms(cycles).text(3),
               percent({cycles, task.cycles}), loads, stall});
  };
  Cycle loads = 0;
  for (std::size_t i = 0; i < kPartCount; ++i) {
    const PartTime& part = task.timeline.parts[i];
    if (part.compute == 0 && part.exposed_load == 0) continue;
    add(kPartNames[i], part.compute + part.exposed_load, dash_if_zero(part.exposed_load),
        main_stall(part));
    loads += part.exposed_load;
  }
  if (task.timeline.control > 0) add("control", task.timeline.control, "-", "-");
  add("total", task.cycles, dash_if_zero(loads), "");
  const auto share = [&](const std::vector<Part>& of, bool with_loads) {
    return percent({task.cycles_of(of, with_loads), task.cycles});
  };
  return table.text() +
         wrapped("  QK + AV " + share({Part::kAttentionQk, Part::kAttentionAv}, true) +
                     "; QKV + projection + MLP + experts " + share(linear_parts(), true) +
                     ", without exposed loads " + share(linear_parts(), false),
                 2);
}

std::string ports(const TaskFigures& task) {
  TextTable table(
      {{"port", Align::kLeft}, {"MB read"}, {"MB written"}, {"read busy"}, {"write busy"}});
  for (const PortRecord& port : task.record->ports) {
    table.add({std::string(to_word(port.master)), megabytes(port.bytes_read),
               megabytes(port.bytes_written), percent({port.read_busy_cycles, task.cycles}),
               percent({port.write_busy_cycles, task.cycles})});
  }
  return table.text();
}

std::string dram(const Report& report, const TaskFigures& task) {
  const DramRecord& dram = task.record->dram;
  const Wide bytes = Wide{dram.bytes_read} + dram.bytes_written;
  std::string text =
      megabytes(dram.bytes_read) + " MB read, " + megabytes(dram.bytes_written) + " MB written, " +
      Ratio{bytes * report.run->clock_hz, Wide{task.cycles} * 1'000'000'000}.text(2) + " GB/s";
  if (dram.has_commands) {
    text += ", " + percent({dram.row_hits, Wide{dram.reads} + dram.writes}) + " row hits, " +
            grouped(dram.refreshes) + " refreshes";
  }
  return fact("DRAM", text);
}

std::string energy(const TaskFigures& task) {
  TextTable table({{"energy (estimate)", Align::kLeft}, {"mJ"}, {"share"}});
  const std::int64_t total = task.energy.total();
  for (std::size_t i = 0; i < cost::kComponentCount; ++i) {
    const std::int64_t fj = task.energy[static_cast<cost::Component>(i)];
    table.add(
        {std::string(cost::kComponentNames[i]), millijoules(fj).text(3), percent({fj, total})});
  }
  return table.text();
}

std::string experts(const Config& config, const TaskRecord& task) {
  const NetworkConfig& network = config.values.network;
  TextTable table({{"MoE layer", Align::kLeft},
                   {"experts active"},
                   {"longest queue"},
                   {"effective experts"},
                   {"Gini"},
                   {"load cycles"},
                   {"hidden"},
                   {"exposed"}});
  std::size_t moe = 0;
  for (int layer = 0; layer < network.layers; ++layer) {
    if (!network.is_moe(layer) || moe >= task.queues.size()) continue;
    const std::vector<int>& queue = task.queues[moe++];
    Cycle load = 0, exposed = 0;
    for (const ExpertRecord& expert : task.experts) {
      if (expert.layer != layer) continue;
      load += expert.load_cycles;
      exposed += expert.exposed_cycles;
    }
    const Spread even = spread(queue);
    table.add({std::to_string(layer),
               std::to_string(even.active) + " of " + std::to_string(queue.size()),
               std::to_string(even.longest), even.effective.text(1), even.gini.text(2),
               grouped(load), grouped(load - exposed), grouped(exposed)});
  }
  return moe == 0 ? "" : "\n" + table.text();
}

std::string limits(const Report& report, const TaskFigures& task) {
  TextTable table({{"bottleneck", Align::kLeft}, {"share"}, {"ms if free (estimate, each alone)"}});
  for (std::size_t i = 0; i < std::min(kBottlenecksShown, task.bottlenecks.size()); ++i) {
    const Bottleneck& bottleneck = task.bottlenecks[i];
    table.add({bottleneck.resource, percent({bottleneck.saved, task.cycles}),
               report.latency_ms(task.cycles - bottleneck.saved).text(3)});
  }
  return table.text();
}

std::string task_text(const Report& report, const TaskFigures& task) {
  std::string text = "\nTask " + task.record->task + ", image " +
                     std::to_string(task.record->image) + "\n" + summary(report, task) + "\n" +
                     parts(report, task) + "\n" + ports(task) + dram(report, task) +
                     experts(*report.config, *task.record) + "\n" + energy(task);
  if (!task.bottlenecks.empty()) text += "\n" + limits(report, task);
  return text;
}

/// Every image of a task and their mean.
std::string images(const Report& report, const std::vector<const TaskFigures*>& tasks) {
  TextTable table({{"image", Align::kLeft}, {"cycles"}, {"ms"}, {"mJ (estimate)"}});
  Cycle cycles = 0;
  std::int64_t fj = 0;
  for (const TaskFigures* task : tasks) {
    table.add({std::to_string(task->record->image), grouped(task->cycles),
               report.latency_ms(task->cycles).text(3), millijoules(task->energy.total()).text(3)});
    cycles += task->cycles;
    fj += task->energy.total();
  }
  const auto count = static_cast<std::int64_t>(tasks.size());
  table.add({"mean", Ratio{cycles, count}.text(0),
             Ratio{Wide{cycles} * 1000, Wide{count} * report.run->clock_hz}.text(3),
             Ratio{fj, kFemtojoulesPerJoule / 1000 * count}.text(3)});
  return "\n" + table.text();
}

/// The first image of each task in full, the others in one line each.
std::string tasks(const Report& report) {
  std::vector<std::vector<const TaskFigures*>> groups;
  for (const TaskFigures& task : report.tasks) {
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& other) {
      return other.front()->record->task == task.record->task;
    });
    if (group == groups.end()) {
      groups.push_back({&task});
    } else {
      group->push_back(&task);
    }
  }
  std::string text;
  for (const auto& group : groups) {
    text += task_text(report, *group.front());
    if (group.size() > 1) text += images(report, group);
  }
  return text;
}

std::string switches(const RunRecord& run) {
  if (run.switches.empty()) return "";
  TextTable table({{"task switch", Align::kLeft}, {"extra cycles"}});
  for (const SwitchRecord& change : run.switches) {
    table.add({change.from + " -> " + change.to, grouped(change.extra_cycles)});
  }
  return "\n" + table.text();
}

std::string checks(const Report& report) {
  std::string text;
  for (const CheckRecord& check : report.checks) {
    text += "\nCheck of " + check.task + ", image " + std::to_string(check.image) + ": " +
            (check.pass() ? "all stages within their bounds" : "BEYOND BOUNDS") + "\n";
    TextTable table(
        {{"stage", Align::kLeft}, {"max error"}, {"mean error"}, {"bound"}, {"", Align::kLeft}});
    for (const StageRecord& stage : check.stages) {
      table.add({stage.name, three_digits(stage.max_error), three_digits(stage.mean_error),
                 three_digits(stage.bound), stage.pass ? "ok" : "BEYOND"});
    }
    text += table.text();
  }
  return text;
}

/// "1,354 of 2,520 DSP48E2", without "of" where no device is named.
std::string amount(std::int64_t needed, std::int64_t available, const std::string& what) {
  return grouped(needed) + (available > 0 ? " of " + grouped(available) : "") + " " + what;
}

std::string resources(const Report& report) {
  const cost::Device device = report.context.device.value_or(cost::Device{});
  std::string text =
      "Resources (estimate; LUTs and flip-flops a floor): " +
      amount(report.resources.dsp(), device.dsp, "DSP48E2") + ", " +
      amount(report.resources.bram18(), device.bram18, "BRAM18") + ", " +
      amount(report.resources.uram(), device.uram, "URAM") + ", " +
      amount(report.resources.lut(), device.lut, "LUT") + ", " +
      amount(report.resources.ff(), device.ff, "FF");
  if (report.context.device) {
    const bool fits = cost::exceeded(report.resources, device).empty();
    text += fits ? "; fits " : "; DOES NOT FIT ";
    text += device.name;
  }
  return wrapped(text + ".", 2);
}

std::string requirement(const Report& report) {
  constexpr Wide kMibBits = Wide{8} << 20;
  std::string parts;
  for (const cost::MemoryItem& item : report.requirement.items)
    parts += (parts.empty() ? "" : ", ") + item.name + " " + Ratio{item.bits, kMibBits}.text(3);
  return wrapped("On-chip memory requirement: " +
                     Ratio{report.requirement.bits(), kMibBits}.text(3) + " MiB (" + parts + ").",
                 2);
}

std::string notes(const Report& report) {
  std::string text = "\n";
  if (report.one_time_cycles > 0) {
    text += wrapped("One-time weights: " + grouped(report.one_time_cycles) +
                        " cycles before the first image, in no latency above.",
                    2);
  }
  text += resources(report);
  text += requirement(report);
  text += wrapped("Energy is an estimate from " + report.energy_table +
                      " (its rows name sources and bands); DRAM energy comes from its currents.",
                  2);
  const auto unknowns = report.config->unknowns();
  if (unknowns.empty()) return text;
  std::string values;
  for (const ConfigEntry& entry : unknowns) {
    values += (values.empty() ? "  " : ", ") + entry.key->name() + "=" + entry.text;
  }
  text += "Known from no source, and used with these values (m3sim keys: why, and in what span):\n";
  text += wrapped(values, 2);
  return text;
}

}  // namespace

std::string table_text(const Report& report) {
  return head(report) + tasks(report) + switches(*report.run) + checks(report) + notes(report);
}

}  // namespace m3sim::report
