#pragma once

#include "model/config/memory_config.hpp"

namespace m3sim::tlm_mem {

/// DDR4-2400 x8 8 Gbit: configuration `m2400` of the reference data.
inline DdrConfig ddr4_2400() {
  DdrConfig c;
  c.name = "ddr4-2400-x8";
  c.clock_hz = 1'200'000'000;
  c.rows = 65536;
  c.density_mbit = 8192;
  c.cl = 17;
  c.cwl = 12;
  c.trcd = c.trp = 17;
  c.tras = 39;
  c.trc = 56;
  c.trfc = 420;
  c.trefi = 9360;
  c.trrd_s = 4;
  c.trrd_l = 6;
  c.twtr_s = 3;
  c.twtr_l = 9;
  c.tfaw = 26;
  c.twr = 18;
  c.trtp = 9;
  c.tccd_s = 4;
  c.tccd_l = 6;
  c.trtrs = 2;
  c.timing_unit = 1;
  c.idd0_ma = 48;
  c.idd2n_ma = 34;
  c.idd3n_ma = 43;
  c.idd4w_ma = 123;
  c.idd4r_ma = 135;
  c.idd5ab_ma = 250;
  return c;
}

/// The board's set, which is what DdrConfig holds as constructed.
inline DdrConfig zcu102() { return {}; }

}  // namespace m3sim::tlm_mem
