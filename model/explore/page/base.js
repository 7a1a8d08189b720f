// What all charts share: the page's data, colours, axes, tooltips, and which point and task are shown.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const state = { point: data.first, task: 0, filter: null, frontOnly: false };

const causes = ["busy", "memory_read", "memory_write", "arbitration", "input_empty", "output_full",
                "fill_drain", "idle", "control"];
const causeWords = {
  busy: "computing", memory_read: "waits for read data", memory_write: "waits to write",
  arbitration: "memory serves others", input_empty: "input empty", output_full: "output full",
  fill_drain: "pipeline runs empty", idle: "other processes still work", control: "start and done"
};
const parts = ["patch_embed", "norm", "qkv", "attention_qk", "attention_av", "projection", "mlp",
               "gate", "experts", "residual", "control"];
const components = ["compute", "onchip_memory", "streams", "interconnect", "clock", "dram", "static", "ps"];
const color = list => name => `var(--c${list.indexOf(name) < 0 ? 9 : list.indexOf(name)})`;
const partColor = color(parts), componentColor = color(components);
const causeColor = name => `var(--${name})`;
const three = d3.format(".3~r"), count = d3.format(",");
const digits = v => v === null || v === undefined || isNaN(v) ? "–"
  : Number.isInteger(v) ? count(v) : Math.abs(v) >= 1e6 || Math.abs(v) < 1e-3 ? d3.format(".3~e")(v) : d3.format(",.4~r")(v);
const signed = d3.format("+.1f");

const tip = d3.select("#tip");
/// A tooltip for each mark: `text(datum)` may have several lines.
function tooltip(marks, text) {
  marks.on("mousemove", (d, i) => {
    const node = tip.text(text(d, i)).style("opacity", 1).node();
    const x = d3.event.clientX, y = d3.event.clientY;
    tip.style("left", Math.max(4, Math.min(x + 14, innerWidth - node.offsetWidth - 8)) + "px")
       .style("top", Math.max(4, Math.min(y + 14, innerHeight - node.offsetHeight - 8)) + "px");
  }).on("mouseleave", () => tip.style("opacity", 0));
  return marks;
}

/// An empty chart: a group inside the margins, its width and height.
function chart(id, height, margin) {
  const svg = d3.select("#" + id), width = Math.max(320, svg.node().parentNode.clientWidth - 34);
  svg.selectAll("*").remove();
  svg.attr("viewBox", `0 0 ${width} ${height}`).attr("height", height).attr("role", "img");
  const g = svg.append("g").attr("transform", `translate(${margin.left},${margin.top})`);
  return { svg, g, width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
}
function bottomAxis(c, scale, label, ticks, format) {
  const axis = d3.axisBottom(scale);
  if (ticks) axis.ticks(ticks, format);
  c.g.append("g").attr("class", "axis").attr("transform", `translate(0,${c.height})`).call(axis);
  c.g.append("text").attr("class", "label").attr("x", c.width).attr("y", c.height + 34).attr("text-anchor", "end").text(label);
}
function leftAxis(c, scale, label, ticks, format) {
  const axis = d3.axisLeft(scale);
  if (ticks) axis.ticks(ticks, format);
  c.g.append("g").attr("class", "axis").call(axis);
  if (label) c.g.append("text").attr("class", "label").attr("x", 4).attr("y", -8).text(label);
}
function grid(c, x, y) {
  if (x) c.g.append("g").attr("class", "grid").attr("transform", `translate(0,${c.height})`)
    .call(d3.axisBottom(x).ticks(6).tickSize(-c.height).tickFormat(""));
  if (y) c.g.append("g").attr("class", "grid").call(d3.axisLeft(y).ticks(6).tickSize(-c.width).tickFormat(""));
}
function legend(id, entries) {
  const spans = d3.select("#" + id).selectAll("span").data(entries, e => e.name);
  spans.exit().remove();
  const added = spans.enter().append("span");
  added.append("i").style("background", e => e.color);
  added.append("b").style("font-weight", "normal").text(e => e.text || e.name);
  return added.merge(spans);
}
function options(id, label, values, chosen, changed) {
  const box = d3.select("#" + id).append("label").text(label + " ");
  const select = box.append("select").on("change", function () { changed(this.value); });
  select.selectAll("option").data(values).enter().append("option").attr("value", v => v)
    .property("selected", v => v === chosen).text(v => v);
}

const pointOf = id => data.points[id];
const taskNames = data.points.length ? data.points[0].tasks.map(t => t.task + (t.image > 0 && data.sameTasks ? " #" + t.image : "")) : [];
const detailOf = id => data.details[id];
