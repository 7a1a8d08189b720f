#!/bin/sh
# Succeeds if a test of the program fails. One process for each case: SystemC elaborates once.
for case in $("$1" --gtest_list_tests | awk '/^[^ ]/ { suite = $1 } /^ / { print suite $1 }'); do
  if ! "$1" --gtest_filter="$case" >/dev/null 2>&1; then
    echo "found by $case"
    exit 0
  fi
done
echo "not found"
exit 1
