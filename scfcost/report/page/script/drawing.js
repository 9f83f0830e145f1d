// What every chart stands on
const drawn = [];
const RAMP = ["00224e", "123570", "3b496c", "575d6d", "707173", "8a8678", "a59c74", "c3b369", "e1cc55", "fee838"]
  .map((hex) => [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16)));
const STAR = "#f0e442", ORANGE = "#d55e00", DARK = "#222222";
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const shade = (share) => {
  const place = Math.min(share, 0.9999) * (RAMP.length - 1), k = Math.floor(place), part = place - k;
  return `rgb(${RAMP[k].map((value, c) => Math.round(value + part * (RAMP[k + 1][c] - value))).join(",")})`;
};
const thin = (count, most) => {
  const step = Math.ceil(count / most);
  return Array.from({ length: Math.ceil(count / step) }, (_, k) => k * step);
};
const FONT = 'system-ui, "DejaVu Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';
const axis = (options) => ({
  stroke: () => colour("quiet"), font: `12px ${FONT}`, labelFont: `12px ${FONT}`, labelSize: 18,
  grid: { stroke: () => colour("rule"), width: 0.5 }, ticks: { stroke: () => colour("rule"), width: 0.5 }, ...options,
});
const labels = (width, each) => Math.max(3, Math.min(12, Math.floor((width - 80) / each)));
const short = (values) => values.map((v) => (v === null ? "" : v.toLocaleString("en", { maximumFractionDigits: 4 })));
const shares = (values) => values.map((v) => (v === null ? "" : say("percent", { share: +(v * 100).toPrecision(3) })));
function chart(id, options, data) {
  const box = at(id);
  const size = () => ({ width: box.clientWidth || 480, height: box.clientHeight || 300 });
  const made = new uPlot({ ...size(), legend: { show: false }, ...options }, data, box);
  made.watch = new ResizeObserver(() => made.setSize(size()));
  made.watch.observe(box);
  drawn.push(made);
  return made;
}
function forget(made) {
  made.watch.disconnect();
  made.destroy();
  drawn.splice(drawn.indexOf(made), 1);
}
// What is pointed at is read out below a chart, else what `rest` says: for fingers, keyboards and paper
function readOut(id, here, rest) {
  return { setCursor: [(u) => set(id, (u.cursor.left >= 0 && here(u)) || rest())] };
}
function across(u, value, paint, dash) {
  const x = u.valToPos(value, "x", true), { top, height, left, width } = u.bbox;
  if (x < left || x > left + width) return;
  u.ctx.save();
  u.ctx.strokeStyle = paint;
  u.ctx.lineWidth = 2 * devicePixelRatio;
  u.ctx.setLineDash(dash.map((part) => part * devicePixelRatio));
  u.ctx.beginPath();
  u.ctx.moveTo(x, top);
  u.ctx.lineTo(x, top + height);
  u.ctx.stroke();
  u.ctx.restore();
}
const SHAPES = {
  dot: (ctx, x, y, r) => ctx.arc(x, y, r, 0, 2 * Math.PI),
  square: (ctx, x, y, r) => ctx.rect(x - r, y - r, 2 * r, 2 * r),
  cheapest: (ctx, x, y, r) => polygon(ctx, [[x - r, y - r], [x + r, y - r], [x, y + r]]),
  safest: (ctx, x, y, r) => polygon(ctx, [[x - r, y + r], [x + r, y + r], [x, y - r]]),
  balanced: (ctx, x, y, r) => polygon(ctx, Array.from({ length: 10 }, (_, k) => {
    const length = k % 2 ? r * 0.6 : r * 1.5, turn = (k * Math.PI) / 5;
    return [x + length * Math.sin(turn), y - length * Math.cos(turn)];
  })),
};
const FILLS = { cheapest: "#56b4e9", balanced: STAR, safest: "#009e73", now: ORANGE };
const shapeOf = (one) => ["balanced", "cheapest", "safest"].find((name) => one.names.includes(name)) ?? "square";
const fillOf = (one) => FILLS[shapeOf(one)] ?? FILLS.now;
function polygon(ctx, corners) {
  corners.forEach(([x, y], k) => (k ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  ctx.closePath();
}
function mark(u, x, y, radius, shape, fill, edge, width = 1) {
  u.ctx.save();  // ticks and grid are drawn by the same context afterwards
  u.ctx.beginPath();
  SHAPES[shape](u.ctx, x, y, radius * devicePixelRatio);
  u.ctx.fillStyle = fill;
  u.ctx.fill();
  u.ctx.strokeStyle = edge;
  u.ctx.lineWidth = width * devicePixelRatio;
  u.ctx.stroke();
  u.ctx.restore();
}
