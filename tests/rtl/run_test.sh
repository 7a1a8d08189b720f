#!/usr/bin/env bash
# run_test.sh M3SIM GROUPS OPTIONS...: with the kernels of GROUPS as RTL the run of OPTIONS gives the
# same table, the same report.json and the same tensors as without.
set -euo pipefail
m3sim=$1 groups=$2
shift 2
options=("$@")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# go NAME MORE OPTIONS...
go() {
  local name=$1
  shift
  mkdir "$folder/$name"
  (cd "$folder/$name" &&
    "$m3sim" run "${options[@]}" --time lockstep --report report.json --dump tensors "$@" >table.txt)
}
go simulated
go rtl --rtl "$groups"
diff -r "$folder/simulated" "$folder/rtl"
tensors=$(find "$folder/rtl/tensors" -type f | wc -l)
[ "$tensors" -gt 0 ] && [ -s "$folder/rtl/table.txt" ] && [ -s "$folder/rtl/report.json" ]
echo "--rtl $groups ${options[*]}: table, report.json and $tensors files of tensors as without"
