// Arrow keys walk along a chart as a pointer does, Enter chooses what is read, Escape leaves
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1], Home: [-Infinity, 0], End: [Infinity, 0] };
const within = (place, most) => Math.max(0, Math.min(most, place));
function walk(id, { begin, step, spot, take }) {
  const box = at(id), read = at(`${id}-read`);
  if (!charts[id]) return;
  let here = null;
  const show = () => charts[id].setCursor(here === null ? { left: -10, top: -10 } : spot(charts[id], here));
  box.tabIndex = 0;
  box.setAttribute("aria-describedby", `${id}-read keys`);
  box.addEventListener("keydown", (event) => {
    const move = STEPS[event.key], takes = event.key === "Enter" || event.key === " ";
    if (!move && event.key !== "Escape" && !(takes && take && here !== null)) return;
    event.preventDefault();
    if (event.key === "Escape") here = null;
    else if (takes) take(here);
    else here = here === null ? begin() : step(here, ...move);
    show();
  });
  box.addEventListener("focus", () => read.setAttribute("aria-live", "polite"));
  box.addEventListener("blur", () => { here = null; show(); read.removeAttribute("aria-live"); });
}
// Along a line in at most a hundred steps
function walkLine(id, begin, take) {
  const last = charts[id] ? charts[id].data[0].length - 1 : 0, length = Math.ceil(last / 100);
  walk(id, {
    begin, take, step: (k, across) => within(k + across * length, last),
    spot: (u, k) => ({ left: u.valToPos(u.data[0][k], "x"), top: u.over.clientHeight / 2 }),
  });
}
function walkAll() {
  const frontier = () => best().map((one) => one[2]);
  walk("tradeoff", {  // along the line of those that nothing beats, the cheapest first
    begin: () => within(frontier().indexOf(placeOf(chosen)), frontier().length - 1),
    step: (k, across) => within(k + across, frontier().length - 1),
    spot: (u, k) => ({ left: u.valToPos(best()[k][0], "x"), top: u.valToPos(best()[k][1], "y") }),
    take: (k) => choose(settingAt(frontier()[k])),
  });
  walk("heat", {
    begin: () => ({ idle: chosen.idle, exec: chosen.exec }), take: choose,
    step: (s, across, up) => ({ idle: within(s.idle + across, AXES.idle.length - 1), exec: within(s.exec + up, AXES.exec.length - 1) }),
    spot: (u, s) => ({ left: u.valToPos(s.idle, "x"), top: u.valToPos(s.exec, "y") }),
  });
  walkLine("curve", () => chosen.idle, (idle) => choose({ idle }));
  walkLine("gaps", () => within(silences.seconds.findIndex((one) => one >= AXES.idle[chosen.idle]), silences.seconds.length - 1));
  walkLine("load", () => 0);
}
