#!/usr/bin/env bash
# The drivers of the HLS tools with programs in the tools' places: what they are asked for exists, in
# the order of Vitis HLS, and a bench that does not pass is a failure whatever the tool's exit code.
#   drivers_test.sh MODEL_HLS RECORDING
set -uo pipefail
hls=$1 recording=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
expect() {  # WHAT COMMAND...
  local what=$1
  shift
  if ! "$@"; then
    echo "not so: $what"
    failed=1
  fi
}
# Only these programs are found.
mkdir "$work/bin"
for program in bash basename cat dirname readlink mkdir grep tclsh; do
  found=$(command -v $program) && ln -s "$found" "$work/bin/$program"
done
run() { PATH="$work/bin" "$work/bin/bash" "$hls/run_tool.sh" "$@" >"$work/output" 2>&1; }
tool() { printf '#!%s\n%s\n' "$work/bin/bash" "$2" >"$work/bin/$1" && chmod +x "$work/bin/$1"; }

expect "without a tool, one line says so" run cosim "$recording" "$work/out" linear_compute
expect "the line names the tools" grep -q "none of vitis-run, vitis_hls and bambu" "$work/output"
expect "it is one line" test "$(wc -l <"$work/output")" -eq 1

tool bambu 'echo "$@" >"'"$work"'/asked"; echo "hls_bench: PASS"'
expect "a bench that passes" run cosim "$recording" "$work/out" linear_compute
expect "the top is named" grep -q -- "--top-fname=linear_compute" "$work/asked"
expect "the source is named" grep -q "tops/linear.cpp" "$work/asked"
tool bambu 'echo "hls_bench: FAIL"'
expect "a bench that fails, exit code 0" eval '! run cosim "$recording" "$work/out" unit_gelu'
log=HLS_output/simulation/testbench.log
tool bambu "mkdir -p HLS_output/simulation; echo 'hls_bench: PASS' >$log"
expect "a bench that Bambu runs apart" run cosim "$recording" "$work/out" norm_load
tool bambu "mkdir -p HLS_output/simulation; echo 'hls_bench: PASS' >$log; exit 1"
expect "a bench that passes, but Bambu's own comparison fails" \
  eval '! run cosim "$recording" "$work/out" norm_load'
tool bambu 'true'
expect "a bench that says nothing" eval '! run cosim "$recording" "$work/out" unit_gelu'
expect "a top that does not exist: exit code 2" \
  eval 'run cosim "$recording" "$work/out" nothing; [ $? -eq 2 ]'
rm "$work/bin/bambu"

if [ ! -e "$work/bin/tclsh" ]; then
  [ $failed -eq 0 ] && echo "tclsh is missing: run_hls.tcl was not run" && exit 77
  exit 1
fi
cat >"$work/stubs.tcl" <<'STUBS'
foreach name {open_project set_top open_solution set_part create_clock csim_design csynth_design
              cosim_design export_design} {
  proc $name args "puts \[concat $name \$args\]"
}
proc add_files args {
  puts [concat add_files $args]
  set file [lindex $args [expr {[lindex $args 0] eq "-tb" ? 1 : 0}]]
  if {![file exists $file]} {puts "missing: $file"}
}
STUBS
tool vitis_hls 'set -- "$2"; echo "source '"$work"'/stubs.tcl; source $1" >"'"$work"'/run.tcl"
tclsh "'"$work"'/run.tcl"; echo "hls_bench: PASS"'
expect "Vitis HLS through its script" run cosim "$recording" "$work/out" attention_qk
log="$work/out/vitis/attention_qk/log.txt"
expect "no file is missing" eval '! grep -q "^missing" "$log"'
for line in "set_top attention_qk" "set_part xczu9eg-ffvb1156-2-e" "create_clock -period 3.33" \
            csim_design csynth_design cosim_design; do
  expect "$line" grep -q -- "^$line" "$log"
done
expect "nothing is exported by a co-simulation" eval '! grep -q ^export_design "$log"'
[ $failed -eq 0 ] || cat "$log" "$work/output"
exit $failed
