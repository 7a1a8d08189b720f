#!/usr/bin/env python3
"""The HTML pages in headless Chromium: charts are drawn, a click filters, the console stays empty.

page_test.py M3SIM FOLDER: makes a report and a store of a small network, draws both and leaves the
pages and their screenshots (light and dark) in FOLDER. Exit code 77 where Chromium is missing.
"""
import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

SMALL = ["--config", "network/tiny.cfg", "--data", "off", "--routing", "uniform"]
failures = []


def expect(condition, message):
    if not condition:
        failures.append(message)
        print("FAILED:", message)


class Browser:
    """A WebDriver session."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.driver = subprocess.Popen(["chromedriver", f"--port={self.port}"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
        options = {"args": ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                            "--window-size=1280,1000", f"--user-data-dir={folder}/profile"]}
        binary = shutil.which("chromium")
        if binary:
            options["binary"] = binary
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options,
                                                   "goog:loggingPrefs": {"browser": "ALL"}}}}
        self.session = ""
        for attempt in range(100):
            try:
                self.session = "/session/" + self.ask("/session", wanted)["sessionId"]
                return
            except (ConnectionError, urllib.error.URLError) as error:
                if isinstance(error, urllib.error.HTTPError) or attempt == 99:
                    raise
                time.sleep(0.1)

    def ask(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{self.session}{path}",
                                         None if body is None else json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def run(self, script):
        return self.ask("/execute/sync", {"script": script, "args": []})

    def click(self, selector, index=0):
        found = self.ask("/elements", {"using": "css selector", "value": selector})
        expect(len(found) > index, f"{selector} number {index} exists")
        if len(found) > index:
            element = next(iter(found[index].values()))
            self.run(f"document.querySelectorAll({json.dumps(selector)})[{index}].scrollIntoView({{block: 'center'}})")
            self.ask(f"/element/{element}/click", {})

    def count(self, selector):
        return self.run(f"return document.querySelectorAll({json.dumps(selector)}).length")

    def open(self, file):
        self.ask("/url", {"url": "file://" + file})
        expect(self.run("return document.documentElement.dataset.drawn") == "yes", f"{file} is drawn to its end")
        expect(self.run("return performance.getEntriesByType('resource').length") == 0, f"{file} loads nothing else")

    def screenshot(self, file):
        height = self.run("return document.documentElement.scrollHeight")
        self.ask("/window/rect", {"width": 1280, "height": height + 100})
        with open(file, "wb") as image:
            image.write(base64.b64decode(self.ask("/screenshot")))

    def check_console(self, page):
        for entry in self.ask("/se/log", {"type": "browser"}):
            expect(False, f"{page}: console: {entry['message']}")

    def close(self):
        if self.session:
            urllib.request.urlopen(urllib.request.Request(
                f"http://127.0.0.1:{self.port}{self.session}", method="DELETE"), timeout=60)
        self.driver.terminate()
        self.driver.wait()


def both_themes(browser, name):
    background = "return getComputedStyle(document.body).backgroundColor"
    light = browser.run("document.documentElement.dataset.theme = 'light'; " + background)
    browser.screenshot(name + "-light.png")
    browser.click("#theme")
    expect(browser.run(background) != light, "the button changes the theme")
    browser.screenshot(name + "-dark.png")
    browser.click("#theme")


def check_design(browser, page, report):
    """The charts of one design."""
    tasks = report["tasks"]
    for selector, least in [("#latency rect.bar", 8 * len(tasks)), ("#energy rect.bar", 6 * len(tasks)),
                            ("#timeline rect.kernel", len(tasks[0]["kernels"])),
                            ("#experts rect.tokens", 1), ("#roofline circle", 5)]:
        expect(browser.count(selector) >= least, f"{page}: {selector}: at least {least}, not {browser.count(selector)}")
    drawn = browser.run("return d3.sum(pointOf(state.point).tasks[0].parts, p => p[1])")
    expect(abs(drawn - tasks[0]["latency_ms"]) < 1e-4, f"{page}: the bars add up to the latency, {drawn}")
    # A bar is as long as its figure: the end of the last bar stands where the axis has the latency.
    end = browser.run("const b = [...document.querySelectorAll('#latency g > rect.bar')].filter(r => r.__data__.task === pointOf(state.point).tasks[0]);"
                      "const w = d3.sum(b, r => +r.getAttribute('width'));"
                      "const t = [...document.querySelectorAll('#latency .axis .tick')];"
                      "const at = e => +e.getAttribute('transform').match(/\\(([\\d.]+)/)[1];"
                      "const n = t.length - 1; return w / (at(t[n]) - at(t[0])) * (+t[n].textContent)")
    expect(abs(end / tasks[0]["latency_ms"] - 1) < 0.01, f"{page}: length of the latency's bar: {end}")
    over = browser.run("const r = detailOf(state.point).roofs, top = d3.max(r.macs, m => m.gmacs), dram = d3.max(r.bandwidths, b => b.gbs);"
                       "return d3.selectAll('#roofline circle, #roofline rect.part').data().filter(d => d.y > 1.02 * Math.min(top, dram * d.x)).length")
    expect(over == 0, f"{page}: {over} marks above the roofs")
    active = sum(1 for layer in tasks[0]["experts"] for n in layer["queue"] if n > 0)
    expect(browser.count("#experts rect.tokens") == active, f"{page}: a bar for each of {active} active experts")
    browser.click("#timeline-legend span", 0)
    expect(browser.count("#timeline rect.kernel[opacity='0.12']") > 0, f"{page}: a click on a cause dims the others")
    browser.click("#timeline-legend span", 0)
    expect(browser.count("#timeline rect.kernel[opacity='0.12']") == 0, f"{page}: and a second one does not")
    tip = browser.run("const e = document.querySelector('#latency rect.bar');"
                      "e.dispatchEvent(new MouseEvent('mousemove', {clientX: 300, clientY: 300, bubbles: true}));"
                      "const t = document.getElementById('tip'); return [t.textContent, t.style.opacity]")
    expect("ms" in tip[0] and "%" in tip[0] and tip[1] == "1", f"{page}: a tooltip, not {tip}")


def check_space(browser, page, points):
    expect(browser.count("#scatter circle") == points, f"{page}: a mark for each of {points} points")
    expect(browser.count("#points tbody tr") == points, f"{page}: and a row")
    expect(browser.count("#scatter path.front") == 1, f"{page}: the front's line")
    browser.click("#scatter circle", points - 1)
    expect(browser.count("#points tbody tr") == 1, f"{page}: a click on a mark filters the table")
    expect(browser.count("#points tbody tr.chosen") == 1, f"{page}: to that very point")
    browser.click("#clear")
    expect(browser.count("#points tbody tr") == points, f"{page}: all points again")
    browser.click("#heat rect.cell", 0)
    expected = browser.run("return document.querySelector('#heat rect.cell').__data__.points.length")
    expect(0 < browser.count("#points tbody tr") == expected < points, f"{page}: a click on a cell filters the table")
    browser.click("#clear")
    browser.click("#front-only")
    shown = browser.count("#points tbody tr")
    expect(0 < shown < points, f"{page}: the front alone has {shown} points")
    browser.click("#clear")
    expect(browser.count("#sensitivity rect.step") > 0, f"{page}: what a step of each key does")
    browser.run("const s = document.querySelector('#scatter-controls select'); s.value = 'resources.dsp';"
                "s.dispatchEvent(new Event('change'))")
    expect(browser.run("return document.querySelector('#scatter text.label').textContent") == "resources.dsp",
           f"{page}: another figure on the axis")


def main():
    program, folder = sys.argv[1], os.path.abspath(sys.argv[2])
    if not shutil.which("chromedriver") or not shutil.which("chromium"):
        print("skipped: chromium and chromedriver are not installed")
        return 77
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)

    def m3sim(*arguments):
        subprocess.run([program, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    at = lambda name: os.path.join(folder, name)
    m3sim("run", *SMALL, "--report", at("report.json"), "--html", at("run.html"))
    m3sim("report", at("report.json"), "--html", at("report.html"))
    expect(open(at("run.html")).read() == open(at("report.html")).read(), "run --html draws the same page as report")
    m3sim("sweep", *SMALL, "--axis", "attention.rows=2,4,8", "--axis", "ps.width_bits=64,128,256",
          "--axis", "linear.in_tile=8,16", "--store", at("store.sqlite"), "-j", "2")
    m3sim("report", at("store.sqlite"), "--html", at("store.html"))
    report = json.load(open(at("report.json")))

    browser = Browser(folder)
    try:
        browser.open(at("report.html"))
        check_design(browser, "report", report)
        both_themes(browser, at("report"))
        browser.check_console("report")
        browser.open(at("store.html"))
        check_space(browser, "store", 18)
        browser.run("choose(data.first)")
        both_themes(browser, at("store"))
        browser.check_console("store")
    finally:
        browser.close()
    for name in ("report", "store"):
        print(f"{name}.html: {os.path.getsize(at(name + '.html')) // 1024} KiB")
    print("screenshots in", folder)
    return 1 if failures else 0


sys.exit(main())
