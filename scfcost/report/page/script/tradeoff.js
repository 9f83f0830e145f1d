// What a month costs against what people notice of it: the chart that decides
const DOT = 1.6;
function points() {
  const plane = planeOf(chosen), harm = harmOf(plane);
  return columnsOf(plane).cost.map((cost, place) => [Number(cost), shareOf(harm[place]), place]);
}
function span(values, least) {  // from nothing where the values reach near it, else as far as they go
  const [low, high] = [Math.min(...values), Math.max(...values, least)], room = (high - low || high) * 0.08;
  return [low < high / 3 ? -room / 4 : low - room, high + room];
}
const isWide = (values) => Math.min(...values) < Math.max(...values) / 20;
function best() {  // the frontier, the cheapest first
  const all = points();
  return planeOf(chosen).frontier.map((place) => all[place]).sort((a, b) => a[0] - b[0]);
}
function tradeoff() {
  const wide = isWide(points().map((one) => one[1]));
  const made = chart("tradeoff", {
    cursor: { drag: { x: false, y: false }, points: { show: false } },
    padding: [16, 24, 0, 0],
    scales: {
      x: { time: false, range: () => span(points().map((one) => one[0]), 0.01) },
      y: { ...(wide ? { distr: 4, asinh: 1e-4 } : {}), range: () => {
        const [low, high] = span(points().map((one) => one[1]), 2e-4);
        return wide ? [-2e-5, high] : [low, Math.min(high, 1.04)];
      } },
    },
    axes: [
      axis({ label: say(sweep.cost === "amount" ? "axis_cost" : "axis_month", { currency: sweep.currency }), values: (_, v) => short(v) }),
      axis({ label: say("axis_harm"), size: 74, values: (_, v) => shares(v), ...(wide ? { splits: (_u, _axis, _low, high) => [0, 1e-4, 1e-3, 1e-2, 0.1, 1].filter((one) => one <= high) } : {}) }),
    ],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks: { draw: [scatter], ...readOut("tradeoff-read", (u) => pair({ ...chosen, ...settingAt(nearest(u)) }), () => pair(chosen)) },
  }, [[0, 1], [0, 1]]);
  made.over.addEventListener("click", () => choose(settingAt(nearest(made))));
  made.isWide = wide;
  return made;
}
function tradeoffAgain(made) {  // at another policy: on the axis of harm that suits its settings
  if (made === null) return null;
  if (made.isWide === isWide(points().map((one) => one[1]))) {
    made.setData([[0, 1], [0, 1]]);
    return made;
  }
  forget(made);
  return tradeoff();
}
const spot = (u, [cost, share]) => [u.valToPos(cost, "x", true), u.valToPos(share, "y", true)];
function nearest(u) {
  const x = u.bbox.left + u.cursor.left * devicePixelRatio, y = u.bbox.top + u.cursor.top * devicePixelRatio;
  let found = 0, least = Infinity;
  for (const one of points()) {
    const [px, py] = spot(u, one), far = (px - x) ** 2 + (py - y) ** 2;
    if (far < least) [found, least] = [one[2], far];
  }
  return found;
}
function scatter(u) {
  const all = points(), { ctx } = u, r = DOT * devicePixelRatio;
  ctx.save();
  ctx.fillStyle = `${colour("grey")}99`;
  for (const one of all) {
    const [x, y] = spot(u, one);
    ctx.fillRect(x - r, y - r, 2 * r, 2 * r);
  }
  ctx.strokeStyle = colour("blue");
  ctx.lineWidth = 2.5 * devicePixelRatio;
  ctx.beginPath();
  best().forEach((one, k, whole) => {
    const [x, y] = spot(u, one);
    if (k) ctx.lineTo(x, spot(u, whole[k - 1])[1]);
    if (k) ctx.lineTo(x, y);
    else ctx.moveTo(x, y);
  });
  ctx.stroke();
  ctx.restore();
  mark(u, ...spot(u, all[placeOf(chosen)]), 8, "dot", "rgba(255,255,255,.7)", ORANGE, 3);
  for (const one of marksOf(chosen).toReversed()) {
    const [x, y] = spot(u, all[placeOf(one)]);
    mark(u, x, y, 6, shapeOf(one), fillOf(one), DARK);
    name(u, one.title, x, y);
  }
}
function name(u, title, x, y) {  // below its mark, where a falling line leaves room: to the left, else to the right
  const { ctx, bbox } = u, gap = 8 * devicePixelRatio;
  ctx.save();
  ctx.font = `600 ${13 * devicePixelRatio}px ${FONT}`;
  const isLeft = x - gap - ctx.measureText(title).width > bbox.left;
  ctx.textAlign = isLeft ? "right" : "left";
  ctx.textBaseline = "top";
  ctx.lineJoin = "round";
  ctx.lineWidth = 4 * devicePixelRatio;
  ctx.strokeStyle = colour("paper");
  ctx.fillStyle = colour("ink");
  const place = [x + (isLeft ? -gap : gap), Math.min(y + gap / 2, bbox.top + bbox.height - 2 * gap)];
  ctx.strokeText(title, ...place);
  ctx.fillText(title, ...place);
  ctx.restore();
}
// The names as buttons, for those who cannot see or point
function nameButtons() {
  at("named").replaceChildren(...marks.map((one) => {
    const button = document.createElement("button");
    const setting = { ...present, idle: one.idle, exec: one.exec };
    button.type = "button";
    button.className = `pick ${shapeOf(one)}`;
    button.textContent = say("titled", { title: one.title, text: pair(setting) });
    button.addEventListener("click", () => choose(setting));
    return button;
  }));
}
