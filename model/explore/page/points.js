// The design space: scatter, table, heat map, sensitivity.
"use strict";
const space = { x: "latency_ms", y: "energy_mj.total", color: "", hx: "", hy: "", hz: "latency_ms", sort: null, up: true };

const figure = (p, name) => {
  const t = p.tasks[state.task];
  return name in p.values ? p.values[name] : t && name in t.figures ? t.figures[name] : NaN;
};
const numeric = d3.keys(data.points.length ? data.points[0].tasks[0].figures : {});
const axisNames = data.axes.map(a => a.key);

/// Points that no other beats in both figures.
function front(points, x, y) {
  const sorted = points.filter(p => !isNaN(figure(p, x)) && !isNaN(figure(p, y)))
    .sort((a, b) => figure(a, x) - figure(b, x) || figure(a, y) - figure(b, y));
  let best = Infinity;
  return sorted.filter(p => figure(p, y) < best && ((best = figure(p, y)), true));
}
const onFront = () => new Set(front(data.points, space.x, space.y).map(p => p.id));
function shownPoints() {
  const kept = onFront();
  return data.points.filter(p => (!state.filter || state.filter.has(p.id)) && (!state.frontOnly || kept.has(p.id)));
}

function colorScale() {
  const axis = data.axes.find(a => a.key === space.color);
  return axis ? { axis, of: p => `var(--c${axis.values.indexOf(p.values[axis.key]) % 10})` } : { of: () => "var(--accent)" };
}

function drawScatter() {
  const c = chart("scatter", 420, { left: 64, right: 16, top: 22, bottom: 44 });
  const kept = onFront(), colors = colorScale();
  const domain = name => {
    const [low, high] = d3.extent(data.points, p => figure(p, name)), pad = (high - low || high || 1) * .05;
    return [low - pad, high + pad];
  };
  const x = d3.scaleLinear(domain(space.x), [0, c.width]), y = d3.scaleLinear(domain(space.y), [c.height, 0]);
  grid(c, x, y);
  bottomAxis(c, x, space.x);
  leftAxis(c, y, space.y);
  const brush = d3.brush().extent([[0, 0], [c.width, c.height]]).on("end", () => {
    if (!d3.event.sourceEvent || !d3.event.selection) return;
    const [[x0, y0], [x1, y1]] = d3.event.selection;
    setFilter(data.points.filter(p => x(figure(p, space.x)) >= x0 && x(figure(p, space.x)) <= x1 &&
      y(figure(p, space.y)) >= y0 && y(figure(p, space.y)) <= y1).map(p => p.id));
  });
  c.g.append("g").attr("class", "brush").call(brush);
  const path = front(data.points, space.x, space.y);
  c.g.append("path").attr("fill", "none").attr("stroke", "var(--c3)").attr("stroke-width", 1.6).attr("class", "front")
    .attr("d", d3.line().curve(d3.curveStepAfter).x(p => x(figure(p, space.x))).y(p => y(figure(p, space.y)))(path));
  const order = data.points.filter(p => !isNaN(figure(p, space.x)) && !isNaN(figure(p, space.y)))
    .sort((a, b) => kept.has(a.id) - kept.has(b.id));
  const marks = c.g.selectAll("circle").data(order).enter().append("circle").attr("class", "point")
    .classed("chosen", p => p.id === state.point)
    .attr("cx", p => x(figure(p, space.x))).attr("cy", p => y(figure(p, space.y))).attr("r", p => kept.has(p.id) ? 6 : 4)
    .attr("fill", colors.of).attr("opacity", p => state.filter && !state.filter.has(p.id) ? .18 : kept.has(p.id) ? 1 : .55)
    .on("click", p => { d3.event.stopPropagation(); choose(p.id); setFilter([p.id]); });
  tooltip(marks, p => [`${space.x}  ${digits(figure(p, space.x))}`, `${space.y}  ${digits(figure(p, space.y))}`]
    .concat(axisNames.map(k => `${k} = ${p.values[k]}`)).join("\n"));
  legend("scatter-legend", colors.axis ? colors.axis.values.map((v, i) => (
    { name: `${colors.axis.key} = ${v}`, color: `var(--c${i % 10})` })) : []);
}

function drawTable() {
  const columns = axisNames.concat(["latency_ms", "energy_mj.total", "resources.dsp", "resources.bram18"].filter(n => numeric.includes(n)));
  const rows = shownPoints().sort((a, b) => {
    const key = space.sort || space.x, u = figure(a, key), v = figure(b, key);
    return (space.up ? 1 : -1) * d3.ascending(u, v);
  });
  d3.select("#shown").text(`${rows.length} of ${data.points.length} points`);
  const table = d3.select("#points");
  table.selectAll("*").remove();
  table.append("thead").append("tr").selectAll("th").data(columns).enter().append("th")
    .text(k => k + ((space.sort || space.x) === k ? (space.up ? " ▲" : " ▼") : ""))
    .on("click", k => { space.up = space.sort === k ? !space.up : true; space.sort = k; drawTable(); });
  const kept = onFront();
  table.append("tbody").selectAll("tr").data(rows).enter().append("tr").classed("chosen", p => p.id === state.point)
    .style("font-weight", p => kept.has(p.id) ? 600 : null).on("click", p => choose(p.id))
    .selectAll("td").data(p => columns.map(k => figure(p, k))).enter().append("td")
    .text(v => typeof v === "number" ? digits(v) : v);
}

function drawHeat() {
  if (axisNames.length < 2) return d3.select("#heat-section").attr("hidden", true);
  const ax = data.axes.find(a => a.key === space.hx), ay = data.axes.find(a => a.key === space.hy);
  const cells = d3.nest().key(p => p.values[ax.key]).key(p => p.values[ay.key]).entries(data.points);
  const flat = d3.merge(cells.map(cx => cx.values.map(cy => ({
    x: cx.key, y: cy.key, points: cy.values, value: d3.min(cy.values, p => figure(p, space.hz)) }))));
  const c = chart("heat", Math.max(150, 44 * ay.values.length + 70), { left: 90, right: 16, top: 22, bottom: 44 });
  const x = d3.scaleBand(ax.values.map(String), [0, c.width]).padding(.04), y = d3.scaleBand(ay.values.map(String), [0, c.height]).padding(.06);
  const [low, high] = d3.extent(flat, d => d.value);
  const t = d3.scaleLinear([low, high === low ? low + 1 : high], [0, 1]);
  const shade = v => isNaN(v) ? "var(--grid)" : `color-mix(in srgb, var(--heat-high) ${(t(v) * 100).toFixed(1)}%, var(--heat-low))`;
  bottomAxis(c, x, ax.key);
  leftAxis(c, y, ay.key);
  const boxes = c.g.selectAll("rect").data(flat).enter().append("rect").attr("class", "cell").attr("rx", 3)
    .attr("x", d => x(d.x)).attr("y", d => y(d.y)).attr("width", x.bandwidth()).attr("height", y.bandwidth())
    .style("fill", d => shade(d.value)).on("click", d => setFilter(d.points.map(p => p.id)));
  tooltip(boxes, d => `${ax.key} = ${d.x}\n${ay.key} = ${d.y}\n${space.hz}  ${digits(d.value)}\n${d.points.length} points`);
  c.g.selectAll("text.value").data(flat).enter().append("text").attr("class", "value").attr("text-anchor", "middle")
    .attr("x", d => x(d.x) + x.bandwidth() / 2).attr("y", d => y(d.y) + y.bandwidth() / 2 + 4).style("pointer-events", "none")
    .style("fill", d => t(d.value) > .5 ? "var(--card)" : "var(--text)").text(d => digits(d.value));
}

/// Of the point: its neighbours a step away in one key. From the store, or as measured for the report.
function steps() {
  const p = pointOf(state.point), base = figure(p, "latency_ms");
  if (data.sensitivity.length)
    return data.sensitivity.map(s => ({ key: s.key, from: s.value, sides: s.steps.filter(t => t.tasks[state.task]).map(t => (
      { value: t.value, up: t.up, change: t.tasks[state.task].latency_ms - base, energy: t.tasks[state.task].energy_mj })) }));
  return data.axes.map(axis => {
    const at = axis.values.indexOf(p.values[axis.key]);
    const sides = [at - 1, at + 1].filter(i => i >= 0 && i < axis.values.length).map(i => {
      const other = data.points.find(q => axisNames.every(k => q.values[k] === (k === axis.key ? axis.values[i] : p.values[k])));
      return other && { value: axis.values[i], up: i > at, change: figure(other, "latency_ms") - base, energy: figure(other, "energy_mj.total") };
    }).filter(s => s && !isNaN(s.change));
    return { key: axis.key, from: p.values[axis.key], sides };
  });
}
function drawSensitivity() {
  const tried = data.points.length ? steps().filter(r => r.sides.length) : [];
  const little = figure(pointOf(state.point), "latency_ms") * 5e-4;
  const rows = tried.filter(r => r.sides.some(s => Math.abs(s.change) >= little));
  const quiet = tried.filter(r => !rows.includes(r)).map(r => r.key);
  for (const r of rows) if (r.sides.length > 1 && r.sides.every(s => s.up)) r.sides = r.sides.sort((a, b) => a.change - b.change).slice(0, 1);
  d3.select("#sensitivity-section").attr("hidden", rows.length ? null : true);
  if (!rows.length) return;
  d3.select("#sensitivity-note").text("Change of the latency of " + taskNames[state.task] + " when one key alone moves one step, simulated" +
    (data.sensitivity.length ? " for this design." : ", for the chosen point. Steps that the store does not hold are left out.") +
    " Bars to the left are faster." + (quiet.length ? " Less than 0.05 %: " + quiet.join(", ") + "." : ""));
  rows.sort((a, b) => d3.max(b.sides, s => Math.abs(s.change)) - d3.max(a.sides, s => Math.abs(s.change)));
  const c = chart("sensitivity", 36 * rows.length + 66, { left: 210, right: 90, top: 20, bottom: 44 });
  const most = d3.max(rows, r => d3.max(r.sides, s => Math.abs(s.change))) || 1;
  const x = d3.scaleLinear([-most, most], [0, c.width]), y = d3.scaleBand(rows.map(r => r.key), [0, c.height]).padding(.25);
  grid(c, x, null);
  bottomAxis(c, x, "change of latency, ms");
  c.g.append("line").attr("x1", x(0)).attr("x2", x(0)).attr("y2", c.height).attr("stroke", "var(--soft)");
  const row = c.g.selectAll("g.row").data(rows).enter().append("g").attr("transform", r => `translate(0,${y(r.key)})`);
  row.append("text").attr("x", -10).attr("y", y.bandwidth() / 2 + 4).attr("text-anchor", "end").text(r => `${r.key} = ${r.from}`);
  const bars = row.selectAll("rect").data(r => r.sides.map(s => Object.assign({ row: r }, s))).enter().append("rect").attr("class", "step").attr("rx", 2)
    .attr("x", s => x(Math.min(0, s.change))).attr("width", s => Math.max(1.5, Math.abs(x(s.change) - x(0))))
    .attr("y", s => s.up ? y.bandwidth() / 2 : 0).attr("height", y.bandwidth() / 2 - 1)
    .style("fill", s => s.up ? "var(--c0)" : "var(--c1)");
  tooltip(bars, s => `${s.row.key}: ${s.row.from} → ${s.value}\nlatency ${d3.format("+.4~f")(s.change)} ms\nenergy then ${digits(s.energy)} mJ`);
  row.selectAll("text.soft").data(r => r.sides).enter().append("text").attr("class", "soft")
    .attr("x", s => s.change < 0 ? x(s.change) - 4 : x(s.change) + 4).attr("text-anchor", s => s.change < 0 ? "end" : "start")
    .attr("y", s => (s.up ? y.bandwidth() / 2 : 0) + y.bandwidth() / 4 + 4).text(s => `→ ${s.value}`);
}

function setFilter(ids) {
  state.filter = ids ? new Set(ids) : null;
  drawScatter();
  drawTable();
}
function drawSpace() {
  if (data.kind !== "store") return;
  d3.select("#space").attr("hidden", null);
  drawScatter(); drawTable(); drawHeat();
}
function setUpSpace() {
  if (data.kind !== "store") return;
  space.color = axisNames[0] || "";
  space.hx = axisNames[0]; space.hy = axisNames[1];
  options("scatter-controls", "x", numeric, space.x, v => { space.x = v; drawSpace(); });
  options("scatter-controls", "y", numeric, space.y, v => { space.y = v; drawSpace(); });
  options("scatter-controls", "colour", axisNames, space.color, v => { space.color = v; drawScatter(); });
  options("heat-controls", "columns", axisNames, space.hx, v => { space.hx = v; drawHeat(); });
  options("heat-controls", "rows", axisNames, space.hy, v => { space.hy = v; drawHeat(); });
  options("heat-controls", "value", numeric, space.hz, v => { space.hz = v; drawHeat(); });
  d3.select("#clear").on("click", () => { state.frontOnly = false; d3.select("#front-only").attr("aria-pressed", false); setFilter(null); });
  d3.select("#front-only").on("click", function () {
    state.frontOnly = !state.frontOnly;
    d3.select(this).attr("aria-pressed", state.frontOnly);
    drawTable();
  });
}
