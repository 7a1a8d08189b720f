#!/usr/bin/env bash
# Synthesizes or co-simulates tops with the HLS tools that are on the PATH.
#
#   run_tool.sh synth|cosim RECORDING OUT [TOP...]
#
# RECORDING is a folder that hls_record wrote, OUT gets a folder per tool and top. The default is
# every top that has a recording. M3SIM_HLS_PART, M3SIM_HLS_CLOCK_NS and M3SIM_HLS_CALLS are the part,
# the clock and the calls that are simulated; M3SIM_HLS_BAMBU_DEVICE is Bambu's device. Exit code 1
# where a tool fails or a top differs.
set -uo pipefail

if [ $# -lt 3 ] || { [ "$1" != synth ] && [ "$1" != cosim ]; }; then
  echo "usage: run_tool.sh synth|cosim RECORDING OUT [TOP...]" >&2
  exit 2
fi
mode=$1
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
root=$(dirname "$(dirname "$here")")
recording=$(readlink -f "$2")
out=$(readlink -m "$3")
shift 3

vitis=()
if command -v vitis-run >/dev/null; then
  vitis=(vitis-run --mode hls --tcl)
elif command -v vitis_hls >/dev/null; then
  vitis=(vitis_hls -f)
fi
bambu=$(command -v bambu)
if [ ${#vitis[@]} -eq 0 ] && [ -z "$bambu" ]; then
  echo "hls-$mode: none of vitis-run, vitis_hls and bambu is on the PATH; nothing was done"
  exit 0
fi

tops=("$@")
if [ ${#tops[@]} -eq 0 ]; then
  for file in "$recording"/*.bin; do tops+=("$(basename "$file" .bin)"); done
fi

export M3SIM_HLS_RECORDING=$recording
export M3SIM_HLS_CALLS=${M3SIM_HLS_CALLS:-2}
clock_ns=${M3SIM_HLS_CLOCK_NS:-3.33}

run_vitis() {  # TOP SOURCE
  local stages="csim csynth export"
  [ "$mode" = cosim ] && stages="csim csynth cosim"
  M3SIM_HLS_TOP=$1 M3SIM_HLS_SOURCE=$2 M3SIM_HLS_STAGES=$stages "${vitis[@]}" "$here/run_hls.tcl"
}

# Bambu knows no UltraScale+ device, and the block RAMs of older ones are too slow for the clock.
run_bambu() {  # TOP SOURCE
  local options=(--top-fname="$1" --std=c++14 --compiler=I386_CLANG16 --clock-period="$clock_ns"
                 --device-name="${M3SIM_HLS_BAMBU_DEVICE:-xcku060-3ffva1156-VVD}"
                 -I"$root" -I"$recording" -DM3SIM_HLS_ARRAYS)
  if [ "$mode" = cosim ]; then
    local flags="-std=c++14 -I$root -I$recording -DM3SIM_HLS_ARRAYS"
    flags+=" -DM3SIM_HLS_TOP=$1 -DM3SIM_HLS_CALLS=$M3SIM_HLS_CALLS"
    options+=(--simulate --simulator=VERILATOR --generate-tb="$here/bench/main.cpp"
              --tb-extra-gcc-options="$flags" --tb-arg="$recording")
  fi
  bambu "${options[@]}" "$2"
  local code=$?
  # What the bench prints is not in Bambu's output.
  [ "$mode" = synth ] || cat HLS_output/simulation/testbench.log
  return $code
}

# judged NAME TOP COMMAND...: a co-simulation has passed where its bench says so, whatever the exit
# code of the tool.
status=0
judged() {
  local name=$1 top=$2
  shift 2
  mkdir -p "$out/$name/$top"
  local log="$out/$name/$top/log.txt"
  if (cd "$out/$name/$top" && "$@") >"$log" 2>&1 &&
     { [ "$mode" = synth ] || { grep -q "hls_bench: PASS" "$log" && ! grep -q "hls_bench: FAIL" "$log"; }; }; then
    echo "$name $mode $top: done"
  else
    echo "$name $mode $top: FAILED, see $log"
    status=1
  fi
}

for top in "${tops[@]}"; do
  source=$(grep -l "^void $top(" "$here"/tops/*.cpp)
  if [ -z "$source" ]; then
    echo "run_tool.sh: $top: no such top" >&2
    exit 2
  fi
  [ ${#vitis[@]} -eq 0 ] || judged vitis "$top" run_vitis "$top" "$source"
  [ -z "$bambu" ] || judged bambu "$top" run_bambu "$top" "$source"
done
exit $status
