#!/usr/bin/env bash
# C simulation finds faults that are planted into the kernels, and into a recording.
#   planted_test.sh SOURCE_ROOT RECORDING COMPILER
set -uo pipefail
root=$1 recording=$2 compiler=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/model"
failed=0

# bench TOP SOURCE: builds the bench of one top from the copy, and runs it.
bench() {
  "$compiler" -std=c++14 -O0 -fno-exceptions -fno-rtti -DM3SIM_HLS_TOP="$1" -I"$work" \
    -I"$recording" -o "$work/bench" "$work/model/hls/tops/$2.cpp" "$work/model/hls/bench/main.cpp" &&
    "$work/bench" "${3:-$recording}" >"$work/output" 2>&1
}
fresh() { rm -rf "$work/model/"*; cp -r "$root/model/kernels" "$root/model/hls" "$work/model/"; }

# planted NAME TOP SOURCE FILE SED WORDS: with the edit the bench must fail with these words.
planted() {
  fresh
  sed -i "$5" "$work/model/kernels/$4"
  if cmp -s "$root/model/kernels/$4" "$work/model/kernels/$4"; then
    echo "$1: nothing was planted"
    failed=1
    return
  fi
  bench "$2" "$3"
  if [ $? -ne 1 ] || ! grep -q "$2: FAIL.*$6" "$work/output"; then
    echo "$1: not found"
    cat "$work/output"
    failed=1
  else
    echo "$1: $(grep -o 'FAIL.*' "$work/output" | head -n 1)"
  fi
}

fresh
bench linear_compute linear || { echo "without a fault the bench fails"; cat "$work/output"; failed=1; }
planted "product truncated towards zero" linear_compute linear number.hpp \
  's|(static_cast<I64>(a) \* b) >> Shift)|(static_cast<I64>(a) * b) / (I64{1} << Shift))|' "other lanes"
planted "GELU's table off by one" unit_gelu arithmetic gelu.hpp \
  's|step + Index(1))|step)|' "other lanes"
planted "query slot replaced one key late" attention_qk attention attention.hpp \
  's|loads = N::both(reads(0), loop.key.at == Index(o))|loads = N::both(reads(0), loop.key.at + Index(1) == Index(o))|' \
  "other lanes"
planted "a request of another length" linear_write_indirect linear linear.hpp \
  's|return {base, params.row_words};|return {base, params.row_words - Index(1)};|;s|return {base + word, Index(1)};|return {base + word, Index(2)};|' \
  "other lanes"
planted "a stream read in the wrong firing" attention_attn_v attention attention_out.hpp \
  's|return k == 0 ? word == Index(0)|return k == 0 ? word == Index(1)|' "instead of"
planted "a strict comparison made loose" gate_top_k gate gate.hpp \
  's|N::less(old_logit, logit)|N::less_equal(logit, old_logit)|' "memory lane"

# One bit of a recorded value.
fresh
mkdir "$work/other"
cp "$recording/residual_add.bin" "$work/other/"
size=$(wc -c <"$work/other/residual_add.bin")
printf '\xa5' | dd of="$work/other/residual_add.bin" bs=1 seek=$((size - 10)) conv=notrunc 2>/dev/null
if bench residual_add residual "$work/other" || ! grep -q FAIL "$work/output"; then
  echo "a changed recording: not found"
  failed=1
fi
exit $failed
