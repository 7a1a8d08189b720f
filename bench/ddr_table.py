#!/usr/bin/env python3
"""Replays the reference traces and prints the results beside DRAMsim3 and Ramulator 2.1.

    bench/ddr_table.py [--program build/bin/m3sim] [--data ../shared/data/dram]
                       [--scheduler frfcfs] [--failures]

Every trace x window 0 and 16 x both address maps x both configurations. Rules, for window 16:
  total    a d e g i f_moe: within 1 % of Ramulator, or between the two references;
           the others: between the two, or within 3 % of the nearer
  latency  g and i: mean between the two, or within 2 % of the nearer; g: unloaded closed bank,
           hit and conflict exact
for all: refreshes within one of either reference, energy equal to the formula on the counts, no
command that breaks a DRAM rule. Exit code 1 if anything fails.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

CONFIGS = {"m2400": "ddr4-2400-x8", "zcu102": "zcu102"}
MAPS = ("robabgco", "robacobg")
UNLOADED = {"m2400": (39, 22, 56), "zcu102": (36, 20, 54)}  # closed bank, hit, conflict
ROOT = pathlib.Path(__file__).resolve().parent.parent


def replay(program, trace, config, overrides, window=16):
    command = [program, "replay", "--trace", str(trace), "--window", str(window), "--check",
               "--config", str(ROOT / "configs" / "ddr" / (CONFIGS[config] + ".cfg"))]
    for key, value in overrides.items():
        command += ["--set", f"ddr.{key}={value}"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def between(value, one, other):
    return min(one, other) <= value <= max(one, other)


def off(value, reference):
    return abs(value / reference - 1) if reference else 0.0 if value == reference else 1.0


def total_passes(trace, ours, d3, r2):
    if between(ours, d3, r2):
        return True
    if trace[0] in "adegi" or trace == "f_moe":
        return off(ours, r2) <= 0.01
    return min(off(ours, d3), off(ours, r2)) <= 0.03


def latency_passes(trace, ours, d3, r2):
    return (trace[0] not in "gi" or between(ours, round(d3, 3), round(r2, 3))
            or min(off(ours, d3), off(ours, r2)) <= 0.02)


def formula_pj(timing, result):
    """Energy in pJ of the counts, by the formula of the reference data."""
    i, counts = timing["idd"], result["commands"]
    opened, total = result["any_bank_open_cycles"], result["total_cycles"]
    row_cycle = max(timing["tRC"], timing["tRAS"] + timing["tRP"])
    charge = {  # mA x clocks of one device
        "activate": counts["act"] * (i["IDD0"] * row_cycle - i["IDD3N"] * timing["tRAS"]
                                     - i["IDD2N"] * timing["tRP"]),
        "read": counts["rd"] * (i["IDD4R"] - i["IDD3N"]) * timing["BL"] // 2,
        "write": counts["wr"] * (i["IDD4W"] - i["IDD3N"]) * timing["BL"] // 2,
        "refresh": counts["ref"] * (i["IDD5AB"] - i["IDD3N"]) * timing["tRFC"],
        "background": i["IDD3N"] * opened + i["IDD2N"] * (total - opened)}
    unit = i["VDD"] * timing["tCK_ps"] / 1000 * (64 // timing["dev_width"])
    return {part: value * unit for part, value in charge.items()}


def check(trace, config, window, timing, ours, d3, r2):
    """Names of the rules that do not hold."""
    failed = []
    if window == 16:
        if not total_passes(trace, ours["total_cycles"], d3["total_cycles"], r2["total_cycles"]):
            failed.append("total")
        if not latency_passes(trace, ours["latency_cycles"]["mean"], d3["lat_cycles"]["mean"],
                              r2["lat_cycles"]["mean"]):
            failed.append("latency")
    if trace[0] == "g":
        latency = ours["latency_cycles"]
        if any(latency[k] != r2["lat_cycles"][k] for k in ("min", "p50")):
            failed.append("unloaded")
    refreshes = ours["commands"]["ref"]
    if min(abs(refreshes - d3["n_cmd"]["REF"]), abs(refreshes - r2["n_cmd"]["REF"])) > 1:
        failed.append("refreshes")
    expected = formula_pj(timing, ours)
    if any(abs(ours["energy_pj"][part] - pj) > 0.1 + 1e-9 * pj for part, pj in expected.items()):
        failed.append("energy")
    if ours["legality_violations"]:
        failed.append("legality")
    return failed


def check_unloaded(program):
    """One read at a time: to a closed bank, to the open row, to another row of that bank."""
    failures = 0
    for config, expected in UNLOADED.items():
        latencies = []
        for addresses in ((0x0,), (0x0, 0x40), (0x0, 0x1000000)):
            with tempfile.NamedTemporaryFile("w", suffix=".csv") as trace:
                trace.writelines(f"{600 * n},R,{a:x}\n" for n, a in enumerate(addresses))
                trace.flush()
                result = replay(program, trace.name, config, {})
            latencies.append(result["total_cycles"] - 600 * (len(addresses) - 1))
        ok = tuple(latencies) == expected
        failures += not ok
        print(f"unloaded read, {config}: closed bank {latencies[0]}, hit {latencies[1]}, conflict "
              f"{latencies[2]} clocks; expected {expected}: {'ok' if ok else 'FAILED'}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "build" / "bin" / "m3sim"))
    parser.add_argument("--data", type=pathlib.Path, default=ROOT.parent / "shared/data/dram")
    parser.add_argument("--scheduler", default="frfcfs")
    parser.add_argument("--failures", action="store_true", help="print failing rows only")
    args = parser.parse_args()
    if not args.data.is_dir():
        sys.exit(f"{args.data}: no reference data")
    references = {(r["sim"], r["config"], r["map"], r["window"], r["trace"]): r
                  for r in json.loads((args.data / "results.json").read_text())}
    timings = json.loads((args.data / "configs.json").read_text())
    traces = sorted({key[4] for key in references})

    failures = check_unloaded(args.program)
    rows = exact = 0
    for config in CONFIGS:
        for address_map in MAPS:
            for window in (16, 0):
                print(f"\n{config} {address_map} window {window}\n"
                      f"{'trace':17} {'DRAMsim3':>9} {'Ramulator':>9} {'m3sim':>9} {'to R':>7} | "
                      f"{'mean read latency':^26} | {'row hits':^20} | {'refr.':^8} | verdict")
                for trace in traces:
                    d3, r2 = (references[sim, config, address_map, window, trace]
                              for sim in ("d3", "r2"))
                    ours = replay(args.program, args.data / "traces" / (trace + ".csv.gz"), config,
                                  {"address_map": address_map, "scheduler": args.scheduler},
                                  window)
                    failed = check(trace, config, window, timings[config], ours, d3, r2)
                    rows += 1
                    failures += bool(failed)
                    exact += ours["total_cycles"] == r2["total_cycles"]
                    if args.failures and not failed:
                        continue
                    print(f"{trace:17} {d3['total_cycles']:9} {r2['total_cycles']:9} "
                          f"{ours['total_cycles']:9} "
                          f"{100 * (ours['total_cycles'] / r2['total_cycles'] - 1):+6.2f}% | "
                          f"{d3['lat_cycles']['mean']:8.2f} {r2['lat_cycles']['mean']:8.2f} "
                          f"{ours['latency_cycles']['mean']:8.2f} | "
                          f"{d3['row_hit_rate']:.4f} {r2['row_hit_rate']:.4f} "
                          f"{ours['row_hit_rate']:.4f} | "
                          f"{d3['n_cmd']['REF']:2}/{r2['n_cmd']['REF']:2}/"
                          f"{ours['commands']['ref']:2} | "
                          f"{'FAILED: ' + ', '.join(failed) if failed else 'ok'}")
    print(f"\n{rows} runs, {exact} with exactly Ramulator's cycles; {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
