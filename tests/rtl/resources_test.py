#!/usr/bin/env python3
"""resources_test.py PLAN_PROGRAM ROOT: model/rtl/resources.json is of today's modules, the tables of
model/rtl/README.md are made of it, and a change of either is found; no synthesis runs."""

import fractions
import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

PROGRAM, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
spec = importlib.util.spec_from_file_location("yosys", ROOT / "model/rtl/yosys.py")
yosys = importlib.util.module_from_spec(spec)
spec.loader.exec_module(yosys)


class Resources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([PROGRAM, folder], check=True)
            cls.plan = json.loads((pathlib.Path(folder) / "plan.json").read_text())
        cls.rows = yosys.read_rows()

    def test_rows_and_tables_are_of_todays_modules(self):
        self.assertEqual(yosys.check(self.plan, self.rows), 0)
        for kernel in ("linear_compute", "q_times_k", "attention_times_v"):
            self.assertGreater(self.rows["full", kernel]["dsp"], 0)
        known = {(c, m["module"]) for c, described in self.plan.items()
                 for m in described["modules"]}
        self.assertLessEqual(set(self.rows), known, "rows of modules that are no more")

    def test_a_stale_row_is_found(self):
        changed = {key: dict(row) for key, row in self.rows.items()}
        changed["full", "linear_compute"]["hash"] = "0" * 16
        self.assertEqual([(c, m["module"]) for c, m in yosys.stale(self.plan, changed)],
                         [("full", "linear_compute")])
        self.assertEqual(yosys.check(self.plan, changed), 1)

    def test_a_changed_figure_changes_the_tables(self):
        changed = {key: dict(row) for key, row in self.rows.items()}
        changed["full", "linear_compute"]["dsp"] += 1
        self.assertNotEqual(yosys.page_of(self.plan, changed), yosys.PAGE.read_text())

    def test_every_estimate_is_counted_once(self):
        for configuration in self.plan.values():
            items = [i for e in configuration["estimates"] for i in e["items"].split(", ")]
            whole = [i for i in items if "(" not in i]
            self.assertEqual(len(whole), len(set(whole)), items)
            parts = {}
            for name, part, of in re.findall(r"(\S+) \((\d+)/(\d+)\)", ", ".join(items)):
                self.assertNotIn(name, whole)
                parts[name] = parts.get(name, 0) + fractions.Fraction(int(part), int(of))
            self.assertEqual(set(parts.values()), {1}, parts)
            units = {m["unit"] for m in configuration["modules"]}
            for e in configuration["estimates"]:
                self.assertEqual(e["unit"] in units, e["modeled"], e)

    def test_cells_are_weighed(self):
        cells = {"LUT6": 3, "INV": 5, "RAM64M8": 2, "SRL16E": 4, "FDRE": 7, "DSP48E2": 6,
                 "RAMB36E2": 2, "RAMB18E2": 1, "CARRY4": 9}
        self.assertEqual(yosys.figures_of(cells), {"dsp": 6, "bram18": 5, "lut": 23, "ff": 7})
        with self.assertRaises(ValueError):
            yosys.figures_of({"RAM1024X1": 1})


unittest.main(argv=sys.argv[:1], verbosity=2)
