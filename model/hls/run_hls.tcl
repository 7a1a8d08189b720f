# Vitis HLS: C simulation, synthesis, co-simulation and export of one top. Settings come from the
# environment (run_tool.sh sets them):
#   M3SIM_HLS_TOP        the top
#   M3SIM_HLS_SOURCE     the file in tops/ that defines it
#   M3SIM_HLS_RECORDING  folder of shapes.hpp and TOP.bin, absolute
#   M3SIM_HLS_STAGES     of: csim csynth cosim export
#   M3SIM_HLS_PART, M3SIM_HLS_CLOCK_NS, M3SIM_HLS_CALLS (calls that are simulated)
proc setting {name default} {
  global env
  if {[info exists env($name)] && $env($name) ne ""} {return $env($name)}
  if {$default eq ""} {
    puts stderr "run_hls.tcl: $name is not set"
    exit 2
  }
  return $default
}

set here [file dirname [file normalize [info script]]]
set root [file dirname [file dirname $here]]
set top [setting M3SIM_HLS_TOP ""]
set source [setting M3SIM_HLS_SOURCE ""]
set recording [setting M3SIM_HLS_RECORDING ""]
set stages [setting M3SIM_HLS_STAGES "csim csynth cosim export"]
set calls [setting M3SIM_HLS_CALLS 2]

set flags "-std=c++14 -DM3SIM_HLS_VITIS -I$root -I$recording"
set bench_flags "$flags -DM3SIM_HLS_TOP=$top -DM3SIM_HLS_CALLS=$calls"
append bench_flags " -DM3SIM_HLS_RECORDING=\\\"$recording\\\""

open_project -reset $top
set_top $top
add_files $source -cflags $flags
add_files -tb $here/bench/main.cpp -cflags $bench_flags
open_solution -reset solution -flow_target vivado
set_part [setting M3SIM_HLS_PART xczu9eg-ffvb1156-2-e]
create_clock -period [setting M3SIM_HLS_CLOCK_NS 3.33] -name default

if {"csim" in $stages} csim_design
if {"csynth" in $stages} csynth_design
if {"cosim" in $stages} {cosim_design -rtl verilog}
if {"export" in $stages} {export_design -format ip_catalog}
exit
