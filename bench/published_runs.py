"""Runs of m3sim run for bench/published: one simulation for each command line, whoever asks for it."""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time

import published_figures

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Failure(Exception):
    pass


def reduced(lines):
    """The JSON text of a report whose kernels' processes and streams, most of a long one, are empty."""
    kept, skipping = [], False
    for line in lines:
        if skipping and not line.startswith("     ]"):
            continue
        skipping = line.startswith(('     "processes": [', '     "streams": [')) and line.rstrip().endswith("[")
        kept.append(line)
    return "".join(kept)


class Point:
    """Figures of one run, once it is done."""

    def __init__(self, future, words):
        self.future, self.words = future, words

    def figures(self, names):
        figures = self.future.result()
        missing = [name for name in names if name not in figures]
        if missing:
            raise Failure(f"no {', '.join(missing)} in the report of {' '.join(self.words)}")
        return [figures[name] for name in names]

    def figure(self, name):
        return self.figures([name])[0]


class Kept:
    """Figures of runs that a run of bench/published before this one, with the same program, left in a file."""

    def __init__(self, file, program):
        self.file = file
        self.program = hashlib.sha256(pathlib.Path(program).read_bytes()).hexdigest()[:16]
        self.runs = {}
        if file and file.exists():
            for line in file.read_text().splitlines():
                run = json.loads(line)
                if run["program"] == self.program:
                    self.runs[tuple(run["words"])] = run

    def find(self, words):
        return self.runs.get(tuple(words[1:]))

    def keep(self, words, figures, seconds):
        if self.file:
            run = {"program": self.program, "words": words[1:], "figures": figures, "seconds": seconds}
            with self.file.open("a") as file:
                file.write(json.dumps(run) + "\n")


class Runner:
    def __init__(self, program, jobs, kept=None):
        self.program = program
        self.kept = Kept(kept, program)
        self.pool = concurrent.futures.ThreadPoolExecutor(jobs)
        self.points = {}
        self.seconds = {}
        self.folder = tempfile.TemporaryDirectory()

    def start(self, row, settings=None, routing=None):
        """A run of a row's design point, with `settings` on top and perhaps another routing."""
        words = [str(self.program), "run"]
        for preset in row["config"]:
            words += ["--config", str(ROOT / "configs" / preset)]
        for key, value in {**row.get("set", {}), **(settings or {})}.items():
            words += ["--set", f"{key}={value}"]
        words += ["--data", "off"]
        source = routing or row["routing"]
        if source == "layer 1 everywhere":
            words += ["--routing", self.file_or_word(row["routing"]), "--repeat-routing", "1"]
        else:
            words += ["--routing", self.file_or_word(source)]
        words += row.get("options", [])
        key = tuple(words)
        if key not in self.points:
            self.points[key] = Point(self.pool.submit(self.run, words), words)
        return self.points[key]

    def run(self, words):
        if kept := self.kept.find(words):
            self.seconds[tuple(words)] = kept["seconds"]
            return kept["figures"]
        report = tempfile.mktemp(suffix=".json", dir=self.folder.name)
        begun = time.monotonic()
        done = subprocess.run(words + ["--report", report], capture_output=True, text=True)
        if done.returncode not in (0, 1):
            raise Failure(f"{' '.join(words)}\n{done.stderr}")
        self.seconds[tuple(words)] = time.monotonic() - begun
        try:
            with open(report, encoding="utf-8") as file:
                figures = published_figures.all_of(json.loads(reduced(file)))
        except published_figures.Unbalanced as fault:
            raise Failure(f"{' '.join(words)}: {fault}") from fault
        os.unlink(report)
        self.kept.keep(words, figures, self.seconds[tuple(words)])
        return figures

    def trace_for(self, routing, experts):
        """The trace `routing` for a network of more experts, of which the others get no token."""
        file = pathlib.Path(tempfile.gettempdir()) / f"m3sim-{experts}-{pathlib.Path(routing).name}"
        text = (ROOT / routing).read_text()  # the number of experts stands in the first line
        file.write_text(re.sub(r"experts=\d+", f"experts={experts}", text, count=1))
        return str(file)

    @staticmethod
    def file_or_word(routing):
        file = ROOT / routing
        return str(file) if file.exists() else routing
