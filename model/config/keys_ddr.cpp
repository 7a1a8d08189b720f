#include "model/config/registry.hpp"

namespace m3sim {
namespace {

constexpr const char* kBoard = "ZCU102 start-up code: DRAM controller registers";

void register_organisation_keys(Section<DdrConfig>& s) {
  s.key("name", &DdrConfig::name, "name of the memory in reports").derived("a label");
  s.key("clock_hz", &DdrConfig::clock_hz, "memory clock in Hz; data moves on both edges")
      .range(1'000'000, 10'000'000'000)
      .source("published block design: 1066.56 MHz");
  s.key("channels", &DdrConfig::channels, "independent channels")
      .range(1, 16)
      .power_of_two()
      .source(kBoard);
  s.key("ranks", &DdrConfig::ranks, "ranks of a channel").range(1, 4).power_of_two().source(kBoard);
  s.key("bank_groups", &DdrConfig::bank_groups, "bank groups of a device; 1 where it has none")
      .range(1, 8)
      .power_of_two()
      .verbatim("JESD79-4: x8 devices");
  s.key("banks", &DdrConfig::banks, "banks of a bank group")
      .range(1, 32)
      .power_of_two()
      .verbatim("JESD79-4");
  s.key("rows", &DdrConfig::rows, "rows of a bank").range(1, 1 << 20).power_of_two().source(kBoard);
  s.key("columns", &DdrConfig::columns, "columns of a row")
      .range(8, 1 << 14)
      .power_of_two()
      .source(kBoard);
  s.key("device_width", &DdrConfig::device_width, "data bits of a device")
      .one_of({4, 8, 16, 32, 64, 128})
      .source(kBoard);
  s.key("bus_width", &DdrConfig::bus_width, "data bits of a channel, without ECC")
      .one_of({16, 32, 64, 128})
      .source(kBoard);
  s.key("density_mbit", &DdrConfig::density_mbit, "capacity of a device in Mbit")
      .range(64, 1 << 20)
      .power_of_two()
      .source(kBoard);
  s.key("burst_length", &DdrConfig::burst_length, "beats of a DRAM burst")
      .one_of({2, 4, 8, 16, 32})
      .verbatim("JESD79-4: BL8");
}

struct Timing {
  const char* name;
  int DdrConfig::*member;
  const char* help;
};

constexpr Timing kTimings[] = {
    {"cl", &DdrConfig::cl, "read command to first data"},
    {"cwl", &DdrConfig::cwl, "write command to first data"},
    {"trcd", &DdrConfig::trcd, "activate to column command"},
    {"trp", &DdrConfig::trp, "precharge to activate"},
    {"tras", &DdrConfig::tras, "activate to precharge"},
    {"trc", &DdrConfig::trc, "activate to activate of one bank"},
    {"trfc", &DdrConfig::trfc, "refresh to activate"},
    {"trefi", &DdrConfig::trefi, "average refresh interval"},
    {"trrd_s", &DdrConfig::trrd_s, "activate to activate, other bank group"},
    {"trrd_l", &DdrConfig::trrd_l, "activate to activate, same bank group"},
    {"twtr_s", &DdrConfig::twtr_s, "end of write data to read, other bank group"},
    {"twtr_l", &DdrConfig::twtr_l, "end of write data to read, same bank group"},
    {"tfaw", &DdrConfig::tfaw, "window of four activates"},
    {"twr", &DdrConfig::twr, "end of write data to precharge"},
    {"trtp", &DdrConfig::trtp, "read to precharge"},
    {"tccd_s", &DdrConfig::tccd_s, "column to column command, other bank group"},
    {"tccd_l", &DdrConfig::tccd_l, "column to column command, same bank group"},
    {"trtrs", &DdrConfig::trtrs, "data bus turn-around between ranks"},
};

void register_timing_keys(Section<DdrConfig>& s) {
  for (const Timing& timing : kTimings) {
    s.key(timing.name, timing.member, std::string(timing.help) + ", in memory clocks")
        .range(0, 1'000'000'000)
        .source(kBoard);
  }
  s.key("timing_unit", &DdrConfig::timing_unit,
        "memory clocks that the controller's timing registers count in")
      .range(1, 2)
      .source("ZCU102 start-up code: the controller runs at half the memory clock");
}

void register_controller_keys(Section<DdrConfig>& s) {
  s.key("read_queue", &DdrConfig::read_queue, "reads that a channel's controller queues")
      .range(1, 4096)
      .derived("64-entry command store of the Zynq controller, halved between directions");
  s.key("write_queue", &DdrConfig::write_queue, "writes that a channel's controller queues")
      .range(1, 4096)
      .derived("64-entry command store of the Zynq controller, halved between directions");
  const std::string marks = "write drain of the reference DRAM simulators, 0.8 and 0.2 of 32";
  s.key("write_high_watermark", &DdrConfig::write_high_watermark,
        "queued writes from which they are drained even while reads wait")
      .range(1, 4096)
      .derived(marks);
  s.key("write_low_watermark", &DdrConfig::write_low_watermark,
        "queued writes at which a drain stops when a read waits")
      .range(0, 4096)
      .derived(marks);
  s.key("scheduler", &DdrConfig::scheduler, "which queued request goes first")
      .one_of({"frfcfs", "frfcfs-ready", "fcfs"})
      .derived("first ready, first come first served, as the Zynq controller reorders");
  s.key("page_policy", &DdrConfig::page_policy, "whether rows stay open without pending hits")
      .source(kBoard);
  s.key("refresh", &DdrConfig::refresh, "how rows are refreshed")
      .one_of({"all-bank", "none"})
      .source(kBoard);
  s.key("address_map", &DdrConfig::address_map, "fields of the burst index, most significant first")
      .source("published block design: ROW_BANK_COL");
  s.key("half_rate_commands", &DdrConfig::half_rate_commands,
        "commands only in every second memory clock")
      .derived("half-rate effects of the board are in its timings");
}

struct Current {
  const char* name;
  double DdrConfig::*member;
  const char* help;
};

constexpr Current kCurrents[] = {
    {"idd0_ma", &DdrConfig::idd0_ma, "one bank activate-precharge"},
    {"ipp0_ma", &DdrConfig::ipp0_ma, "one bank activate-precharge, word line supply"},
    {"idd2p_ma", &DdrConfig::idd2p_ma, "precharge power-down"},
    {"idd2n_ma", &DdrConfig::idd2n_ma, "precharge standby"},
    {"idd3p_ma", &DdrConfig::idd3p_ma, "active power-down"},
    {"idd3n_ma", &DdrConfig::idd3n_ma, "active standby"},
    {"idd4w_ma", &DdrConfig::idd4w_ma, "burst write"},
    {"idd4r_ma", &DdrConfig::idd4r_ma, "burst read"},
    {"idd5ab_ma", &DdrConfig::idd5ab_ma, "burst refresh"},
    {"idd6x_ma", &DdrConfig::idd6x_ma, "self refresh"},
};

void register_current_keys(Section<DdrConfig>& s) {
  s.key("vdd_v", &DdrConfig::vdd_v, "supply in volts").range(0, 5).verbatim("JESD79-4");
  for (const Current& current : kCurrents) {
    s.key(current.name, current.member, std::string(current.help) + " current of a device in mA")
        .range(0, 10'000)
        .verbatim(
            "datasheet currents of a DDR4-2133 x8 device, as the reference simulators use "
            "them");
  }
}

void register_io_keys(Section<DdrConfig>& s) {
  s.key("io_driver_ohm", &DdrConfig::io_driver_ohm, "output impedance of a data line's driver")
      .range(1, 1000)
      .verbatim("JESD79-4: RZQ / 7");
  s.key("io_termination_ohm", &DdrConfig::io_termination_ohm,
        "termination at a data line's receiving end; 0 where there is none")
      .range(0, 1000)
      .unknown("RZQ / 5, one of the values of JESD79-4; what the board uses is not known");
  s.key("io_fj_per_bit", &DdrConfig::io_fj_per_bit,
        "energy in fJ to move a bit over a data line, beside what its termination draws")
      .range(0, 1'000'000)
      .derived("terminated lines: the termination's share dominates");
}

}  // namespace

void register_ddr_keys(Registry& registry) {
  Section<MemoryConfig> memory(registry, "memory",
                               [](AcceleratorConfig& c) -> MemoryConfig& { return c.memory; });
  memory.key("kind", &MemoryConfig::kind, "memory behind the ports: a DDR model or a plain one")
      .derived("the DDR model is the one that was compared with others");
  memory
      .key("simple_latency_cycles", &MemoryConfig::simple_latency_cycles,
           "PL cycles of every access of the plain memory")
      .range(1, 100'000)
      .derived("36 memory clocks, an unloaded read of a closed bank, are 10.1 PL cycles");
  memory
      .key("simple_bytes_per_cycle", &MemoryConfig::simple_bytes_per_cycle,
           "bytes a PL cycle that the plain memory moves for all ports together")
      .range(1, 65'536)
      .derived("17.06 GB/s at 299.97 MHz are 56.9 bytes a cycle");

  Section<DdrConfig> ddr(registry, "ddr", [](AcceleratorConfig& c) -> DdrConfig& { return c.ddr; });
  register_organisation_keys(ddr);
  register_timing_keys(ddr);
  register_controller_keys(ddr);
  register_current_keys(ddr);
  register_io_keys(ddr);

  Section<EnergyConfig> energy(registry, "energy",
                               [](AcceleratorConfig& c) -> EnergyConfig& { return c.energy; });
  energy.key("table", &EnergyConfig::table, "file of energies per event: a preset or a path")
      .derived("the table names the source of each of its rows");
}

}  // namespace m3sim
