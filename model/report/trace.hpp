// A traced window of a run as files for trace viewers. Equal records make equal bytes.
#pragma once

#include <string>

#include "model/accelerator/trace_record.hpp"

namespace m3sim::report {

/// Trace events as JSON, for ui.perfetto.dev and chrome://tracing. A track group for each engine
/// (its kernels, the state of each process, a counter for each stream's fill), for the experts, the
/// weight banks and the traffic of ports and DRAM in GB/s. Time is simulated time.
std::string perfetto_text(const TraceRecord& record);

/// IEEE 1364 value changes in picoseconds, for GTKWave: of each engine its kernel and the state of
/// each process, of each stream its fill, of each weight bank its state and owner. States and names
/// are variables of type `string`. At a resolution above 1, a state is what a process did most and
/// a fill the mean, rounded to a whole item.
std::string vcd_text(const TraceRecord& record);

}  // namespace m3sim::report
