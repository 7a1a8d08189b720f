// Puts the page together and redraws it when another point, task, theme or width is chosen.
"use strict";
function drawCards() {
  const p = pointOf(state.point), cards = [];
  p.tasks.forEach((t, i) => cards.push([digits(+t.figures.latency_ms.toPrecision(5)) + " ms", "latency, " + taskNames[i]]));
  p.tasks.forEach((t, i) => cards.push([digits(+t.figures["energy_mj.total"].toPrecision(4)) + " mJ", "energy (estimate), " + taskNames[i]]));
  const f = p.tasks[0].figures;
  if (f["resources.dsp"] !== undefined) cards.push([digits(f["resources.dsp"]), "DSP slices (estimate)"]);
  if (f["resources.bram18"] !== undefined) cards.push([digits(f["resources.bram18"]), "BRAM18 (estimate)"]);
  const box = d3.select("#cards");
  box.selectAll("*").remove();
  const card = box.selectAll("div").data(cards.slice(0, 8)).enter().append("div").attr("class", "card");
  card.append("b").text(c => c[0]);
  card.append("span").text(c => c[1]);
}
function drawPoint() {
  drawCards();
  drawStacks();
  drawSensitivity();
  const known = detailOf(state.point) !== undefined;
  d3.select("#detail").attr("hidden", known ? null : true);
  d3.select("#no-detail").attr("hidden", known ? true : null);
  if (!known) return;
  drawTimeline(); drawExperts(); drawRoofline();
}
function choose(id) {
  state.point = id;
  view.layer = "all";
  drawSpace();
  drawPoint();
}
function drawAll() { drawSpace(); if (data.points.length) drawPoint(); }

document.title = data.title;
d3.select("#title").text(data.title);
d3.select("#about").text(data.about);
const root = document.documentElement;
root.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
d3.select("#theme").on("click", () => { root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"; });
d3.select("#task").on("change", function () { state.task = +this.value; view.layer = "all"; drawAll(); })
  .selectAll("option").data(taskNames).enter().append("option").attr("value", (n, i) => i).text(n => n);
setUpSpace();
drawAll();
let width = innerWidth;
addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; drawAll(); } });
root.dataset.drawn = "yes";
