#!/usr/bin/env python3
"""Resources of the kernels' SystemVerilog as Yosys counts them.

yosys.py PLAN [--timeout SECONDS] [--only CONFIGURATION[/MODULE]]... [--without-gates]
    synthesises every module of PLAN (a folder that rtl_resource_plan wrote) whose row in
    resources.json is missing, of other code or without LUT and FF, one at a time, each in at most
    so many seconds of processor time, and writes the tables of README.md; without gates it stops
    where multipliers and memories are mapped, so that LUT and FF stay open
yosys.py PLAN --tables
    writes the tables of README.md alone, where only an estimate has changed
yosys.py PLAN --check
    exit code 1 where a row is of other code, or where a table is not the one of the rows; modules
    without a row are open, and the tables say so
"""

import argparse
import contextlib
import fcntl
import json
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROWS = HERE / "resources.json"
PAGE = HERE / "README.md"
SYNTHESIS = "synth_xilinx -family xcup -noiopad -noclkbuf"
FIGURES = ("dsp", "bram18", "lut", "ff")

# LUTs that a cell takes (AMD UG574).
LUTS = {
    "SRL16E": 1, "SRLC32E": 1, "RAM32X1S": 1, "RAM64X1S": 1, "RAM32X1D": 2, "RAM64X1D": 2,
    "RAM128X1S": 2, "RAM128X1D": 4, "RAM256X1S": 4, "RAM256X1D": 8, "RAM512X1S": 8, "RAM32M": 4,
    "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8, "RAM32X16DR8": 8, "RAM64X8SW": 8,
}
# Cells that take none of the figures: inverters go into LUTs, carries and multiplexers lie beside
# them.
FREE = {"INV", "CARRY4", "CARRY8", "MUXF7", "MUXF8", "MUXF9", "GND", "VCC"}
FLIP_FLOPS = {"FDRE", "FDSE", "FDCE", "FDPE"}


def figures_of(cells, gates=True):
    """Figures of a netlist from its cells by type; without gates those of DSP and RAM alone."""
    sums = dict.fromkeys(FIGURES, 0)
    for cell, count in cells.items():
        if cell == "DSP48E2":
            sums["dsp"] += count
        elif cell in ("RAMB36E2", "RAMB18E2"):
            sums["bram18"] += count * (2 if cell == "RAMB36E2" else 1)
        elif re.fullmatch("LUT[1-6]", cell):
            sums["lut"] += count
        elif cell in LUTS:
            sums["lut"] += count * LUTS[cell]
        elif cell in FLIP_FLOPS:
            sums["ff"] += count
        elif gates and cell not in FREE and not cell.startswith("$paramod") and not cell.startswith("m3sim_"):
            raise ValueError(f"what does a {cell} take?")
    return sums if gates else sums | {"lut": None, "ff": None}


def yosys_version():
    said = subprocess.run(["yosys", "-V"], capture_output=True, text=True, check=True).stdout
    return said.split()[1]


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def synthesise(plan, configuration, module, timeout, gates):
    """A row of the module: its figures, or that the time did not suffice."""
    files = [plan / "m3sim_modules.sv"]
    if module["kind"] == "kernel":
        files.append(plan / configuration / (module["module"] + ".sv"))
    script = "".join(f"read_verilog -sv {file}\n" for file in files)
    for name, value in module["parameters"].items():
        script += f"chparam -set {name} {value} {module['top']}\n"
    row = {"module": module["module"], "configuration": configuration, "kind": module["kind"],
           "hash": module["hash"], "version": yosys_version()}
    with tempfile.TemporaryDirectory() as folder:
        said = pathlib.Path(folder) / "stat.json"
        script += SYNTHESIS + ("" if gates else " -run begin:fine")
        script += f" -top {module['top']}\ntee -q -o {said} stat -json\n"
        (pathlib.Path(folder) / "run.ys").write_text(script)
        before = processor_seconds()
        done = subprocess.run(["yosys", "-q", "-s", f"{folder}/run.ys"],
                              stdout=subprocess.DEVNULL, preexec_fn=lambda: resource.setrlimit(
                                  resource.RLIMIT_CPU, (timeout, timeout + 5)))
        if done.returncode == -signal.SIGXCPU:
            return row | dict.fromkeys(FIGURES) | {"seconds": None, "timeout": timeout}
        done.check_returncode()
        seconds = processor_seconds() - before
        text = said.read_text()
        row |= figures_of(json.loads(text[text.index("{"):])["design"]["num_cells_by_type"],
                          gates)
    return row | {"seconds": round(seconds)}


def same_code(rows, configuration, module, gates):
    """The figures of a module whose code and parameters are the same."""
    for row in rows.values():
        if row["hash"] == module["hash"] and (row["lut"] is not None or not gates):
            return row | {"module": module["module"], "configuration": configuration,
                          "kind": module["kind"]}
    return None


@contextlib.contextmanager
def alone():
    """While no other run reads or writes the rows."""
    with pathlib.Path(__file__).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def read_rows():
    if not ROWS.exists():
        return {}
    return {(r["configuration"], r["module"]): r
            for r in json.loads(ROWS.read_text())["results"]}


def write_rows(rows, plan):
    """A row a line, so that a change reads as one."""
    head = {"schema": "m3sim.rtl_resources/1", "tool": "yosys", "command": SYNTHESIS,
            "configurations": {name: c["description"] for name, c in plan.items()}}
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in head.items()]
    known = [(c, m["module"]) for c, described in plan.items() for m in described["modules"]]
    results = ",\n".join("    " + json.dumps(rows[key], separators=(",", ":"))
                         for key in known if key in rows)
    ROWS.write_text("{\n" + ",\n".join(lines) + ',\n  "results": [\n' + results + "\n  ]\n}\n")


def stale(plan, rows):
    """Rows of other code than today's."""
    return [(c, m) for c, described in plan.items() for m in described["modules"]
            if (c, m["module"]) in rows and rows[c, m["module"]]["hash"] != m["hash"]]


def open_modules(plan, rows, gates=False, timeout=0):
    """Modules without figures, with gates also those without LUT and FF, that no run has tried for
    so long."""
    def lacks(configuration, m):
        row = rows.get((configuration, m["module"]), {"dsp": None, "lut": None})
        return row["lut" if gates else "dsp"] is None and row.get("timeout", -1) < timeout
    return [(c, m) for c, described in plan.items() for m in described["modules"] if lacks(c, m)]


def shown(value):
    return "–" if value is None else f"{value:,}"


def modules_table(plan, rows):
    names = {m["module"]: m["kind"] for c in plan.values() for m in c["modules"]}
    text = "| module | DSP48E2 | RAMB18 | LUT | FF | s |\n|---|---|---|---|---|---|\n"
    for name, kind in names.items():
        of = [rows.get((c, name), {}) for c in plan]
        if not any(of):
            continue
        cells = [" / ".join(shown(r.get(f)) for r in of) for f in FIGURES + ("seconds",)]
        text += f"| {name}{'' if kind == 'kernel' else f' ({kind})'} | " + " | ".join(cells) + " |\n"
    for c in plan:
        late = {m["module"]: rows[x, m["module"]]["timeout"]
                for x, m in open_modules(plan, rows, timeout=sys.maxsize)
                if x == c and (x, m["module"]) in rows}
        still = [m["module"] for x, m in open_modules(plan, rows) if x == c]
        if late:
            text += f"\nNot within so many seconds of processor time, {c}: "
            text += ", ".join(f"{name} ({seconds})" for name, seconds in late.items()) + ".\n"
        if still:
            said = f"{len(still)} of {len(plan[c]['modules'])} modules"
            text += f"\nNot synthesised yet, {c}: {', '.join(still) if len(still) < 20 else said}.\n"
    return text


def add(sums, other, times=1):
    """Adds; what is open on one side stays open."""
    for f in FIGURES:
        sums[f] = None if None in (sums[f], other[f]) else sums[f] + times * other[f]


def units_of(described, configuration, rows):
    """Sums of a configuration's units: open where a module of theirs has no figures."""
    units = {}
    for m in described["modules"]:
        if m["count"] > 0:
            sums = units.setdefault(m["unit"], dict.fromkeys(FIGURES, 0))
            add(sums, rows.get((configuration, m["module"]), dict.fromkeys(FIGURES)), m["count"])
    return units


def estimate_table(described, configuration, rows):
    estimates = {e["unit"]: e for e in described["estimates"]}
    text = ("| unit | DSP: Yosys | estimate | residual | RAMB18: Yosys | estimate | residual "
            "| LUT: Yosys | estimate | FF: Yosys | estimate |\n" + "|---" * 11 + "|\n")
    total, expected = dict.fromkeys(FIGURES, 0), dict.fromkeys(FIGURES, 0)
    still = []

    def line(name, found, estimate):
        cells = [name]
        for f in FIGURES:
            cells += [shown(found[f]), shown(estimate[f])]
            if f in ("dsp", "bram18"):
                cells.append("–" if found[f] is None else f"{found[f] - estimate[f]:+,}")
        return "| " + " | ".join(cells) + " |\n"

    for unit, sums in units_of(described, configuration, rows).items():
        estimate = estimates.get(unit, dict.fromkeys(FIGURES, 0))
        if sums["dsp"] is None:
            still.append(unit)
        else:
            add(total, sums)
            add(expected, estimate)
        text += line(unit, sums, estimate)
    text += line("**sum**" + (" of units with figures" if still else ""), total, expected)
    outside = dict.fromkeys(FIGURES, 0)
    for e in described["estimates"]:
        if not e["modeled"]:
            add(outside, e)
    text += line("not kernels: AXI adapters, SmartConnect", dict.fromkeys(FIGURES), outside)
    return text


def page_of(plan, rows):
    """README.md with today's tables between their marks."""
    text = PAGE.read_text()
    tables = {"modules": modules_table(plan, rows), "full": estimate_table(plan["full"], "full", rows)}
    for name, table in tables.items():
        begin, end = f"<!-- yosys.py: {name} -->\n", "<!-- end -->\n"
        start = text.index(begin) + len(begin)
        text = text[:start] + "\n" + table + "\n" + text[text.index(end, start):]
    return text


def check(plan, rows):
    faults = [f"{c}/{m['module']}: its figures are of other code" for c, m in stale(plan, rows)]
    if page_of(plan, rows) != PAGE.read_text():
        faults.append("README.md: the tables are not those of resources.json")
    if faults:
        print("\n".join(faults))
        print("renew the tables: cmake --build build/release --target rtl-resource-tables")
        print("renew figures, too: cmake --build build/release --target rtl-resources (needs yosys)")
    return 1 if faults else 0


def main():
    options = argparse.ArgumentParser(description=__doc__,
                                      formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("plan", type=pathlib.Path)
    options.add_argument("--timeout", type=int, default=600)
    options.add_argument("--only", action="append", default=[])
    options.add_argument("--without-gates", action="store_true")
    options.add_argument("--tables", action="store_true")
    options.add_argument("--check", action="store_true")
    given = options.parse_args()
    plan, rows = json.loads((given.plan / "plan.json").read_text()), read_rows()
    if given.check:
        return check(plan, rows)
    gates = not given.without_gates
    todo = [] if given.tables else stale(plan, rows) + open_modules(plan, rows, gates, given.timeout)
    for configuration, module in todo:
        name = f"{configuration}/{module['module']}"
        if given.only and not any(name == o or name.startswith(o + "/") for o in given.only):
            continue
        with alone():
            row = same_code(read_rows(), configuration, module, gates)
        row = row or synthesise(given.plan, configuration, module, given.timeout, gates)
        with alone():
            rows = read_rows()
            rows[(configuration, module["module"])] = row
            write_rows(rows, plan)
        print(name, {f: row[f] for f in FIGURES}, row["seconds"], "s", flush=True)
    with alone():
        PAGE.write_text(page_of(plan, read_rows()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
