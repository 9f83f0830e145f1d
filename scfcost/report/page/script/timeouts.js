// Cost or harm of every pair of timeouts, and both over the idle timeout
let byHarm = false;
function cells(u) {
  const plane = planeOf(chosen), cost = columnsOf(plane).cost.map(Number), width = AXES.idle.length;
  const shown = byHarm ? harmOf(plane) : cost;
  const least = Math.min(...shown), most = Math.max(...shown), reach = most - least || 1;
  const middle = (s) => [u.valToPos(s.idle, "x", true), u.valToPos(s.exec, "y", true)];
  for (let place = 0; place < shown.length; place++) {
    const i = place % width, e = Math.floor(place / width);
    const x = Math.floor(u.valToPos(i - 0.5, "x", true)), y = Math.floor(u.valToPos(e + 0.5, "y", true));
    u.ctx.fillStyle = shade((shown[place] - least) / reach);
    u.ctx.fillRect(x, y, Math.ceil(u.valToPos(i + 0.5, "x", true)) - x, Math.ceil(u.valToPos(e - 0.5, "y", true)) - y);
  }
  u.ctx.fillStyle = "#ffffff";
  for (const place of plane.frontier) {
    const [x, y] = middle(settingAt(place));
    u.ctx.fillRect(x - devicePixelRatio, y - devicePixelRatio, 2 * devicePixelRatio, 2 * devicePixelRatio);
  }
  mark(u, ...middle(present), 5, "square", ORANGE, "#ffffff");
  for (const one of marksOf(chosen).filter((own) => shapeOf(own) !== "square"))
    mark(u, ...middle(one), 6, shapeOf(one), fillOf(one), DARK);
  mark(u, ...middle(chosen), 8, "dot", "rgba(255,255,255,.35)", ORANGE, 3);
  const told = byHarm ? shown.map((count) => finely(shareOf(count))) : columnsOf(plane).cost.map(money);
  set("least", told[shown.indexOf(least)]);
  set("most", told[shown.indexOf(most)]);
}
function pointedAt(u) {
  const { left, top } = u.cursor;
  const clamp = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
  return { idle: clamp(u.posToVal(left, "x"), AXES.idle.length - 1), exec: clamp(u.posToVal(top, "y"), AXES.exec.length - 1) };
}
function heatmap() {
  const [n, m] = [AXES.idle.length, AXES.exec.length];
  const made = chart("heat", {
    cursor: { drag: { x: false, y: false }, points: { show: false } },
    scales: { x: { time: false, range: () => [-0.5, n - 0.5] }, y: { range: () => [-0.5, m - 0.5] } },
    axes: [
      axis({ label: say("axis_idle"), splits: (u) => thin(n, labels(u.width, 48)), values: (_, v) => v.map((k) => AXES.idle[k]) }),
      axis({ label: say("axis_exec"), splits: () => thin(m, 10), values: (_, v) => v.map((k) => AXES.exec[k]), size: 56 }),
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks: { draw: [cells], ...readOut("heat-read", (u) => pair({ ...chosen, ...pointedAt(u) }), () => pair(chosen)) },
  }, [Array.from({ length: n }, (_, k) => k), Array(n).fill(0)]);
  made.over.addEventListener("click", () => choose(pointedAt(made)));
  return made;
}
function curveData() {
  const rows = AXES.idle.map((_, idle) => figures({ ...chosen, idle }));
  return [AXES.idle, rows.map((row) => Number(row.cost)), rows.map((row) => Number(row.cut_harmful ?? 0))];
}
function curveRead(idle) {
  const s = { ...chosen, idle }, row = figures(s);
  return row.cut_harmful === undefined ? pair(s) : say("pair_cuts", { pair: pair(s), cuts: say("cuts", { cuts: grouped(row.cut_harmful) }) });
}
function curve() {
  const harms = silences !== null;
  const fromZero = (_, low, high) => [0, (high || 1) * 1.05];
  return chart("curve", {
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: false }, y: { range: fromZero }, harm: { range: fromZero } },
    axes: [axis({ label: say("axis_idle") }), axis({ label: say("axis_cost", { currency: sweep.currency }), values: (_, v) => short(v), size: 62 }),
      axis({ label: say("axis_cuts"), side: 1, scale: "harm", show: harms, grid: { show: false }, values: (_, v) => short(v), size: 62 })],
    series: [{}, { stroke: () => colour("blue"), width: 2.5, points: { show: false } },
      { stroke: () => colour("orange"), width: 2.5, dash: [7, 5], scale: "harm", show: harms, points: { show: false } }],
    hooks: { draw: [(u) => across(u, AXES.idle[chosen.idle], colour("ink"), [2, 4])],
      ...readOut("curve-read", (u) => u.cursor.idx !== null && curveRead(u.cursor.idx), () => curveRead(chosen.idle)) },
  }, curveData());
}
