#!/usr/bin/env bash
# run_test.sh M3SIM: with the kernels of the regions as RTL the tiny network, both tasks, gives the
# same table, the same report.json and the same tensors as without.
set -euo pipefail
m3sim=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# go NAME OPTIONS...
go() {
  local name=$1
  shift
  mkdir "$folder/$name"
  (cd "$folder/$name" &&
    "$m3sim" run --config network/tiny.cfg --time lockstep --report report.json --dump tensors "$@" >table.txt)
}
go simulated
go rtl --rtl linear,attention
diff -r "$folder/simulated" "$folder/rtl"
tensors=$(find "$folder/rtl/tensors" -type f | wc -l)
[ "$tensors" -gt 0 ] && [ -s "$folder/rtl/table.txt" ] && [ -s "$folder/rtl/report.json" ]
echo "--rtl linear,attention: table, report.json and $tensors files of tensors as without"
