"""The ladder of trust: each rung is a command whose last figures are printed and kept.

A rung whose program is not built, or whose reference data is not there, is left out, and what the last run
found stays in published_results.json.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared/data"


def said(pattern):
    """The first line of an output that matches."""
    def find(output):
        found = re.search(pattern, output, re.MULTILINE)
        return found[0].strip() if found else None
    return find


def passed(output):
    """What ctest counted."""
    found = re.search(r"tests passed, (\d+) tests? failed out of (\d+)", output)
    return f"{int(found[2]) - int(found[1])} of {found[2]} pass" if found else None


def equal_tensors(output):
    return "36 of 36 tensors equal, bit for bit" if "[  PASSED  ] 1 test" in output else None


# name, what is compared with what, the command, what must exist (in the build folder or the reference
# data), how its output is read
RUNGS = [
    ("cycles: regions", "processes, streams and regions against a max-plus oracle without coroutine or SystemC, exactly",
     ["build/release/tests/timing/timing_oracle_test"], "release/tests/timing/timing_oracle_test",
     said(r"^\d+ random regions.*$")),
    ("cycles: designs", "decoupled against lockstep: report, DRAM requests with their cycles, and bytes, exactly, on random "
     "design points", ["build/release/tests/accelerator/differential", "--count", "200"],
     "release/tests/accelerator/differential", said(r"^\d+ draws from seed.*$")),
    ("bits: layers 0 and 1", "C simulation of the published HLS sources, every tensor that the design stores",
     ["build/release/tests/accelerator/published_design_test"], DATA / "edge-moe/golden/manifest.json", equal_tensors),
    ("bits: kernels as HLS", "C simulation of the tops made from the same kernels: the simulated operations in the same order, "
     "lane by lane", ["ctest", "--test-dir", "build/release", "-R", "^hls_csim"], "release/tests/hls/hls_csim_gcc_tiny", passed),
    ("cycles: kernels as RTL", "SystemVerilog of every kernel in Verilator: streams, requests, values and stalls, cycle by cycle",
     ["build/rtl/tests/rtl/rtl_cosim", "--seeds", "50", "--config", "tests/rtl/small.cfg"], "rtl/tests/rtl/rtl_cosim",
     said(r"^\d+ kernels, .* differ$")),
    ("DDR", "DRAMsim3 and Ramulator 2.1 on 16 request traces",
     ["bench/ddr_table.py", "--failures", "--program", "build/release/bin/m3sim"], DATA / "dram/results.json",
     said(r"^\d+ runs, .* failures$")),
    ("energy: conservation", "parts = total, kernels + time + DRAM = image, images + one-time loads = run; on random counts, on a "
     "run, and on every report behind this page", ["ctest", "--test-dir", "build/release", "-R", "^(cost_test|report_test)$"],
     "release/tests/cost/cost_test", passed),
]


ORDER = ["cycles: regions", "cycles: designs", "cycles: published design", "cycles: with data", "cycles: kernels as RTL",
         "bits: layers 0 and 1", "bits: kernels as HLS", "numbers", "DDR", "energy: conservation"]


def climb(program, prefix, build):
    """{rung: [against, result, command]} of the rungs whose name starts so, with programs of `build`."""
    results = {}
    for name, against, command, needed, read in RUNGS:
        if not name.startswith(prefix):
            continue
        found = build / needed if isinstance(needed, str) else needed
        if not found.exists():
            print(f"rung {name}: {found} is missing, left out", file=sys.stderr)
            continue
        words = [re.sub("^build/", f"{build}/", word) for word in command]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
        result = read(done.stdout + done.stderr)
        if result is None:
            print(f"rung {name}: {' '.join(command)} said nothing of it\n{done.stdout[-2000:]}{done.stderr}", file=sys.stderr)
            result = f"FAILED, exit code {done.returncode}"
        results[name] = [against, result, " ".join(command)]
    if any(name.startswith(prefix) for name in IMAGES):
        results.update({name: rung for name, rung in images(program).items() if name.startswith(prefix)})
    return results


TIMED = ["run", "--task", "semseg", "--data", "off", "--routing", "traces/edge-moe.routing"]
IMAGES = {"cycles: published design": "decoupled against lockstep execution",
          "cycles: with data": "the gates' own routing and all data against the recorded routing and data off",
          "numbers": "every stored stage against the network in double precision, same quantised weights and input"}


def report_of(program, words):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "report.json")
        done = subprocess.run([str(program)] + words + ["--report", file], cwd=ROOT, capture_output=True, text=True)
        if done.returncode not in (0, 1):
            sys.exit(done.stderr)
        with open(file, encoding="utf-8") as text:
            return json.load(text)


def images(program):
    """Rungs of whole images of the published design."""
    cycles = lambda report: report["tasks"][0]["cycles"]
    compared = lambda one, other: f"equal: {one:,} cycles" if one == other else f"{one:,} against {other:,} cycles"
    shown = lambda words: "m3sim " + " ".join(words)
    decoupled = cycles(report_of(program, TIMED))
    lockstep = TIMED + ["--time", "lockstep"]
    results = {"cycles: published design": [compared(decoupled, cycles(report_of(program, lockstep))), shown(lockstep)]}
    weights = DATA / "edge-moe/weights"
    if weights.is_dir():
        words = ["run", "--task", "semseg", "--weights", "DIR", "--image", "DIR/image.float32.bin", "--fill-missing", "seed:0",
                 "--check"]
        checked = report_of(program, [word.replace("DIR", str(weights)) for word in words])
        stages = [stage for check in checked["check"] for stage in check["stages"]]
        within = sum(stage["max_error"] <= stage["bound"] for stage in stages)
        worst = max(stages, key=lambda stage: stage["max_error"] / stage["bound"] if stage["bound"] else 0)
        end = stages[-1]
        results["numbers"] = [
            f"{within} of {len(stages)} stages within their bounds; nearest {worst['stage']}, {worst['max_error']:.2e} of "
            f"{worst['bound']:.2e}; {end['stage']} {end['max_error']:.2e}", shown(words)]
        results["cycles: with data"] = [compared(cycles(checked), decoupled), shown(words)]
    return {name: [IMAGES[name]] + rung for name, rung in results.items()}
