// One design: latency and energy, engines and ports over time, experts, roofline.
"use strict";
const view = { cause: null, layer: "all", zoom: d3.zoomIdentity };

function stack(id, legendId, entriesOf, unit, colorOf, hatched) {
  const tasks = pointOf(state.point).tasks;
  const c = chart(id, 46 * tasks.length + 70, { left: 92, right: 62, top: 8, bottom: 44 });
  const total = t => d3.sum(entriesOf(t), e => e.value);
  const x = d3.scaleLinear([0, d3.max(tasks, total) || 1], [0, c.width]).nice();
  const y = d3.scaleBand(d3.range(tasks.length), [0, c.height]).padding(.28);
  grid(c, x, null);
  bottomAxis(c, x, unit, 6);
  if (hatched) {
    const p = c.svg.append("defs").append("pattern").attr("id", "hatch").attr("width", 5).attr("height", 5)
      .attr("patternUnits", "userSpaceOnUse").attr("patternTransform", "rotate(45)");
    p.append("line").attr("y2", 5).attr("stroke", "var(--card)").attr("stroke-width", 3.5);
  }
  tasks.forEach((t, i) => {
    let at = 0;
    const bars = entriesOf(t).map(e => { const b = Object.assign({ x: at, task: t }, e); at += e.value; return b; });
    const g = c.g.append("g").attr("transform", `translate(0,${y(i)})`);
    g.append("text").attr("x", -8).attr("y", y.bandwidth() / 2 + 4).attr("text-anchor", "end").text(taskNames[i])
      .style("font-weight", i === state.task ? 600 : null);
    const rects = g.selectAll("rect").data(bars).enter().append("rect").attr("class", "bar").attr("x", b => x(b.x))
      .attr("width", b => Math.max(0, x(b.x + b.value) - x(b.x))).attr("height", y.bandwidth())
      .style("fill", b => colorOf(b.name)).attr("stroke", "var(--card)").attr("stroke-width", .6);
    tooltip(rects, b => `${taskNames[i]}: ${b.name}\n${digits(b.value)} ${unit}, ${three(100 * b.value / at)} %` +
      (b.exposed ? `\n${digits(b.exposed)} ${unit} of it exposed loads` : ""));
    if (hatched) g.selectAll("rect.load").data(bars.filter(b => b.exposed)).enter().append("rect").attr("class", "load")
      .attr("x", b => x(b.x + b.value - b.exposed)).attr("width", b => x(b.x + b.exposed) - x(b.x)).attr("height", y.bandwidth())
      .attr("fill", "url(#hatch)").attr("opacity", .75).style("pointer-events", "none");
    g.append("text").attr("x", x(at) + 6).attr("y", y.bandwidth() / 2 + 4).text(digits(+at.toPrecision(4)));
  });
  const names = Array.from(new Set(d3.merge(tasks.map(t => entriesOf(t).filter(e => e.value > 0).map(e => e.name)))));
  legend(legendId, names.map(n => ({ name: n, color: colorOf(n) })));
}

function drawStacks() {
  stack("latency", "latency-legend", t => t.parts.map(p => ({ name: p[0], value: p[1], exposed: p[2] })), "ms", partColor, true);
  stack("energy", "energy-legend", t => components.filter(k => k in t.energy).map(k => ({ name: k, value: t.energy[k] })), "mJ", componentColor, false);
}

function drawTimeline() {
  const report = detailOf(state.point), task = report.tasks[state.task], hz = report.config["clock.pl_hz"];
  const ms = cycles => cycles * 1e3 / hz, start = d3.min(task.kernels, k => k.start);
  const engines = Array.from(new Set(task.kernels.map(k => k.engine)));
  const ports = Array.from(new Set(d3.merge(task.kernels.map(k => d3.keys(k.waits || {}))))).sort();
  const rows = engines.concat(ports.map(p => "port " + p));
  const c = chart("timeline", 30 * rows.length + 54, { left: 112, right: 12, top: 4, bottom: 44 });
  const x = d3.scaleLinear([0, ms(task.cycles)], [0, c.width]), y = d3.scaleBand(rows, [0, c.height]).padding(.16);
  c.svg.append("defs").append("clipPath").attr("id", "window").append("rect").attr("width", c.width).attr("height", c.height);
  c.g.selectAll("text.row").data(rows).enter().append("text").attr("class", "row").attr("x", -8).attr("text-anchor", "end")
    .attr("y", r => y(r) + y.bandwidth() / 2 + 4).text(r => r);
  c.g.selectAll("rect.lane").data(rows).enter().append("rect").attr("x", 0).attr("width", c.width).attr("y", r => y(r))
    .attr("height", y.bandwidth()).attr("fill", "var(--grid)").attr("opacity", .6);
  const axis = c.g.append("g").attr("class", "axis").attr("transform", `translate(0,${c.height})`);
  c.g.append("text").attr("class", "label").attr("x", c.width).attr("y", c.height + 34).attr("text-anchor", "end").text("ms since the image's start");
  const blocks = [];
  for (const k of task.kernels) {
    const from = ms(k.start - start), length = ms(k.cycles);
    const sum = d3.sum(causes, n => k.stalls[n] || 0) || 1;
    let at = from;
    for (const n of causes) {
      const part = length * (k.stalls[n] || 0) / sum;
      if (part > 0) blocks.push({ k, row: k.engine, x: at, w: part, cause: n });
      at += part;
    }
    for (const [port, w] of Object.entries(k.waits || {})) {
      const waited = (w.memory_read || 0) + (w.memory_write || 0), lost = w.arbitration || 0;
      const pieces = [["memory_read", w.memory_read || 0], ["memory_write", w.memory_write || 0], ["arbitration", lost],
                      ["busy", Math.max(0, k.cycles - waited - lost)]];
      let p = from;
      for (const [cause, cycles] of pieces) {
        if (cycles > 0) blocks.push({ k, port, row: "port " + port, x: p, w: ms(cycles), cause: cause === "busy" ? "used" : cause });
        p += ms(cycles);
      }
    }
  }
  const fill = b => b.cause === "used" ? "var(--idle)" : causeColor(b.cause);
  const rects = c.g.append("g").attr("clip-path", "url(#window)").selectAll("rect").data(blocks).enter().append("rect").attr("class", "kernel")
    .attr("y", b => y(b.row)).attr("height", y.bandwidth()).style("fill", fill)
    .attr("opacity", b => view.cause && view.cause !== b.cause ? .12 : 1);
  tooltip(rects, b => `${b.k.name}${b.port ? ", port " + b.port : ""}\n${digits(ms(b.k.cycles))} ms from ${digits(ms(b.k.start - start))} ms, ${count(b.k.cycles)} cycles` +
    (b.port ? `\n${b.cause === "used" ? "not waited for" : causeWords[b.cause]}: ${three(100 * b.w / ms(b.k.cycles))} %`
            : `\nslowest process ${b.k.critical_process}\n` + causes.filter(n => b.k.stalls[n] > 0)
                .map(n => `${causeWords[n]}: ${three(100 * b.k.stalls[n] / b.k.cycles)} %`).join("\n") +
              `\n${count(b.k.dram_bytes_read)} B read, ${count(b.k.dram_bytes_written)} B written`));
  const place = () => {
    const z = view.zoom.rescaleX(x);
    rects.attr("x", b => z(b.x)).attr("width", b => Math.max(.3, z(b.x + b.w) - z(b.x)));
    axis.call(d3.axisBottom(z).ticks(8));
  };
  c.svg.call(d3.zoom().scaleExtent([1, 2000]).translateExtent([[0, 0], [c.width + 112, 0]]).on("zoom", () => {
    view.zoom = d3.event.transform;
    place();
  })).call(d3.zoom().transform, view.zoom);
  place();
  d3.select("#no-ports").attr("hidden", ports.length ? true : null);
  const seen = new Set(blocks.map(b => b.cause));
  legend("timeline-legend", causes.filter(n => seen.has(n)).map(n => ({ name: n, text: causeWords[n], color: causeColor(n) })))
    .classed("off", e => view.cause && view.cause !== e.name)
    .on("click", e => { view.cause = view.cause === e.name ? null : e.name; drawTimeline(); });
}

function drawExperts() {
  const report = detailOf(state.point), layers = report.tasks[state.task].experts;
  d3.select("#experts-section").attr("hidden", layers.length ? null : true);
  if (!layers.length) return;
  const hz = report.config["clock.pl_hz"], ms = cycles => cycles * 1e3 / hz;
  const names = layers.map(l => "layer " + l.layer);
  d3.select("#experts-controls").selectAll("*").remove();
  options("experts-controls", "show", ["all"].concat(names), view.layer, v => { view.layer = v; drawExperts(); });
  const shown = layers.filter((l, i) => view.layer === "all" || names[i] === view.layer);
  const bars = d3.merge(shown.map(l => l.loads.map(e => Object.assign({ layer: l.layer }, e))));
  const idle = d3.sum(shown, l => l.queue.filter(n => n === 0).length);
  d3.select("#experts-note").text(`Tokens in each active expert's queue (above) and the time its weights took to load (below): hidden behind computing, or exposed. ` +
    `${bars.length} of ${d3.sum(shown, l => l.queue.length)} experts got tokens, ${idle} cost nothing; ` +
    `${digits(ms(d3.sum(bars, b => b.exposed_cycles)))} of ${digits(ms(d3.sum(bars, b => b.load_cycles)))} ms of loads are exposed.`);
  const c = chart("experts", 330, { left: 56, right: 12, top: 20, bottom: 40 }), half = 150;
  const key = b => b.layer + "." + b.expert;
  const x = d3.scaleBand(bars.map(key), [0, c.width]).paddingInner(.18);
  const up = d3.scaleLinear([0, d3.max(bars, b => b.tokens)], [half, 0]).nice();
  const down = d3.scaleLinear([0, d3.max(bars, b => ms(b.load_cycles)) * 1e3], [half + 14, c.height - 10]).nice();
  c.g.append("g").attr("class", "axis").call(d3.axisLeft(up).ticks(5));
  c.g.append("g").attr("class", "axis").call(d3.axisLeft(down).ticks(4));
  c.g.append("text").attr("class", "label").attr("x", 4).attr("y", -6).text("tokens");
  c.g.append("text").attr("class", "label").attr("x", 4).attr("y", c.height + 4).text("load, µs");
  const us = v => ms(v) * 1e3;
  const draw = (cls, y, h, col) => tooltip(c.g.selectAll("rect." + cls).data(bars).enter().append("rect").attr("class", cls)
    .attr("x", b => x(key(b))).attr("width", x.bandwidth()).attr("y", y).attr("height", h).style("fill", col),
    b => `layer ${b.layer}, expert ${b.expert}\n${b.tokens} tokens\nload ${digits(us(b.load_cycles))} µs\n  hidden ${digits(us(b.hidden_cycles))} µs\n  exposed ${digits(us(b.exposed_cycles))} µs`);
  draw("tokens", b => up(b.tokens), b => half - up(b.tokens), "var(--c0)");
  draw("hidden-load", half + 14, b => down(us(b.hidden_cycles)) - half - 14, "var(--c2)");
  draw("exposed-load", b => down(us(b.hidden_cycles)), b => down(us(b.load_cycles)) - down(us(b.hidden_cycles)), "var(--c3)");
  for (const l of shown) {
    const mine = bars.filter(b => b.layer === l.layer);
    if (!mine.length) continue;
    const from = x(key(mine[0])), to = x(key(mine[mine.length - 1])) + x.bandwidth();
    c.g.append("line").attr("x1", from).attr("x2", to).attr("y1", c.height + 14).attr("y2", c.height + 14).attr("stroke", "var(--line)");
    c.g.append("text").attr("class", "soft").attr("x", (from + to) / 2).attr("y", c.height + 30).attr("text-anchor", "middle").text("layer " + l.layer);
  }
  const even = report.break_even_tokens;
  if (even <= up.domain()[1]) {
    c.g.append("line").attr("x2", c.width).attr("y1", up(even)).attr("y2", up(even)).attr("stroke", "var(--soft)").attr("stroke-dasharray", "4 3");
  }
  legend("experts-legend", [{ name: "tokens", color: "var(--c0)", text: `tokens (from ${even} on, computing hides the next load${even <= up.domain()[1] ? ": dashed" : ""})` }, { name: "load hidden", color: "var(--c2)" }, { name: "load exposed", color: "var(--c3)" }]);
}

function drawRoofline() {
  const report = detailOf(state.point), task = report.tasks[state.task], roofs = report.roofs;
  const hz = report.config["clock.pl_hz"];
  const kernels = task.kernels.filter(k => k.macs > 0);
  const dots = kernels.map(k => ({ k, x: k.macs / Math.max(1, k.bytes), y: k.macs * hz / k.cycles / 1e9 }));
  // Whole parts, with their loads: bytes of all their kernels, and the time that is theirs.
  const whole = pointOf(state.point).tasks[state.task].parts.filter(p => task.macs_by_part[p[0]] > 0).map(p => {
    const macs = task.macs_by_part[p[0]];
    const bytes = d3.sum(task.kernels.filter(k => k.part === p[0]), k => k.dram_bytes_read + k.dram_bytes_written);
    return { part: p[0], macs, bytes, ms: p[1], x: macs / Math.max(1, bytes), y: macs / p[1] / 1e6 };
  });
  const c = chart("roofline", 420, { left: 64, right: 150, top: 22, bottom: 44 });
  const peak = d3.max(roofs.macs, r => r.gmacs);
  const all = dots.concat(whole);
  const x = d3.scaleLog([d3.min(all, d => d.x) / 2, d3.max(all, d => d.x) * 3], [0, c.width]);
  const y = d3.scaleLog([d3.min(all, d => d.y) / 2, peak * 2], [c.height, 0]);
  grid(c, x, y);
  bottomAxis(c, x, "multiply-accumulates per byte moved", 6, "~g");
  leftAxis(c, y, "10⁹ multiply-accumulates per second", 6, "~g");
  c.svg.append("defs").append("clipPath").attr("id", "roof").append("rect").attr("width", c.width).attr("height", c.height);
  const lines = c.g.append("g").attr("clip-path", "url(#roof)");
  const [x0, x1] = x.domain();
  for (const r of roofs.bandwidths) {
    const top = Math.min(x1, peak / r.gbs);
    lines.append("line").attr("x1", x(x0)).attr("y1", y(x0 * r.gbs)).attr("x2", x(top)).attr("y2", y(top * r.gbs))
      .attr("stroke", "var(--soft)").attr("stroke-dasharray", r.dash ? "5 4" : null).attr("stroke-width", 1.4);
    const at = Math.max(x0, y.domain()[0] / r.gbs) * 1.25;
    const turn = -Math.atan2(y(at * r.gbs) - y(at * 2 * r.gbs), x(at * 2) - x(at)) * 180 / Math.PI;
    c.g.append("text").attr("class", "soft on-line").attr("transform", `translate(${x(at)},${y(at * r.gbs) - 5}) rotate(${turn})`).text(`${r.name}, ${digits(r.gbs)} GB/s`);
  }
  for (const r of roofs.macs) {
    lines.append("line").attr("x1", 0).attr("x2", c.width).attr("y1", y(r.gmacs)).attr("y2", y(r.gmacs)).attr("stroke", "var(--soft)").attr("stroke-width", 1.4);
    c.g.append("text").attr("class", "soft").attr("x", c.width + 6).attr("y", y(r.gmacs) + 4).text(`${r.name}, ${digits(r.gmacs)}`);
  }
  tooltip(c.g.selectAll("circle").data(dots).enter().append("circle").attr("class", "point")
    .attr("cx", d => x(d.x)).attr("cy", d => y(d.y)).attr("r", d => 3 + 6 * Math.sqrt(d.k.cycles / d3.max(kernels, k => k.cycles)))
    .style("fill", d => partColor(d.k.part)).attr("opacity", .7),
    d => `${d.k.name}\n${digits(d.y)} ·10⁹ MAC/s\n${digits(d.x)} MAC per byte\n${count(d.k.macs)} MACs, ${count(d.k.bytes)} bytes, ${count(d.k.cycles)} cycles`);
  tooltip(c.g.selectAll("rect.part").data(whole).enter().append("rect").attr("class", "part")
    .attr("transform", d => `translate(${x(d.x)},${y(d.y)}) rotate(45)`).attr("x", -6).attr("y", -6).attr("width", 12).attr("height", 12)
    .attr("stroke", "var(--text)").attr("stroke-width", 1.4).style("fill", d => partColor(d.part)),
    d => `${d.part}, all its kernels and loads\n${digits(d.y)} ·10⁹ MAC/s\n${digits(d.x)} MAC per byte\n${count(d.macs)} MACs, ${count(d.bytes)} bytes, ${digits(d.ms)} ms`);
  d3.select("#roofline-note").text("A circle is a kernel, its area grows with its time; a diamond is a whole part of the network with the loading of its weights. " +
    "What lies on the slope of a port is held back by it.");
  legend("roofline-legend", Array.from(new Set(dots.map(d => d.k.part))).map(n => ({ name: n, color: partColor(n) })));
}
