"use strict";
(() => {
  const { sweep, silences, load } = JSON.parse(document.getElementById("data").textContent);
  const at = (id) => document.getElementById(id);
  const COUNTS = ["cut_harmful", "cut_harmless", "reconnects", "messages_lost", "messages_delayed", "pushes_missed"];
  const AXES = { idle: sweep.idle_s, exec: sweep.exec_s, memory: sweep.memory_mb, held: sweep.max_concurrency };
  const UNITS = { idle: " s", exec: " s", memory: " MB", held: "" };
  const RAMP = ["00224e", "123570", "3b496c", "575d6d", "707173", "8a8678", "a59c74", "c3b369", "e1cc55", "fee838"]
    .map((hex) => [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16)));

  // Columns come as strings of numbers; what is shown is never calculated, only looked up.
  const split = (columns) => Object.fromEntries(Object.entries(columns).map(([name, text]) => [name, text.split(" ")]));
  const counts = sweep.counts.map(split);
  const planes = new Map(sweep.planes.map((plane) => [plane.key, plane]));
  const grouped = (text) => text.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
  const money = (text) => `${sweep.currency} ${grouped(text)}`;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const percent = (part, whole) => `${(whole ? (100 * part) / whole : 0).toFixed(1)} %`;

  const present = {
    idle: AXES.idle.indexOf(sweep.present.idle_s), exec: AXES.exec.indexOf(sweep.present.exec_s),
    memory: AXES.memory.indexOf(sweep.present.memory_mb), held: AXES.held.indexOf(sweep.present.max_concurrency),
    policy: sweep.reconnect.indexOf(sweep.present.reconnect),
  };
  let chosen = { ...present };

  function columnsOf(plane) {
    const [low, high] = [plane[`${sweep.cost}_low`], plane[`${sweep.cost}_high`]];
    const bounds = low === undefined ? {} : { low, high };
    plane.columns ??= split({ amount: plane.amount, cost: plane[sweep.cost], valid: plane.valid, ...bounds });
    return plane.columns;
  }
  function planeOf(s) {
    return planes.get([sweep.reconnect[s.policy], AXES.held[s.held], AXES.memory[s.memory]].join("|"));
  }
  function figures(s) {
    const plane = planeOf(s), place = s.exec * AXES.idle.length + s.idle;
    const row = {};
    for (const columns of [columnsOf(plane), counts[plane.counts]])
      for (const name in columns) row[name] = columns[name][place];
    return row;
  }

  // Text
  const set = (id, text) => { at(id).textContent = text; };
  function difference(now, before) {
    const [a, b] = [Number(now), Number(before)];
    if (now === before) return "as now";
    const share = b ? `${a > b ? "+" : "−"}${Math.abs((100 * (a - b)) / b).toFixed(0)} % ` : "";
    return `${share}against ${grouped(before)} now`;
  }
  function write() {
    const row = figures(chosen), now = figures(present);
    for (const name in AXES) {
      const value = AXES[name][chosen[name]], shown = `${value.toLocaleString("en")}${UNITS[name]}`;
      at(name).value = chosen[name];
      at(name).setAttribute("aria-valuetext", shown);
      set(`${name}-value`, shown);
    }
    at(`policy-${chosen.policy}`).checked = true;
    set("cost", money(row.cost));
    set("cost-change", difference(row.cost, now.cost));
    set("bounds", row.low === undefined ? "" : `between ${money(row.low)} and ${money(row.high)}: the trace has no message rows`);
    set("amount", money(row.amount));
    set("amount-change", difference(row.amount, now.amount));
    at("amount-card").hidden = sweep.cost === "amount";
    for (const name of COUNTS) {
      const known = row[name] !== undefined;
      set(name, known ? grouped(row[name]) : "not known");
      set(`${name}-change`, known ? difference(row[name], now[name]) : "the trace has no message rows");
    }
    set("invocations", grouped(row.invocations));
    set("beyond", row.valid === "1" ? "" : "Outside what the vendor documents.");
    mix(row);
    speak(row);
  }
  // Rows stay where they are: every code that any setting brings about, also where this one does not.
  const codes = sweep.codes.filter((code) => counts.some((columns) => columns[`outcome_${code}`].some((count) => count !== "0")));
  function mix(row) {
    const whole = codes.reduce((sum, code) => sum + Number(row[`outcome_${code}`]), 0);
    at("bar").replaceChildren(...codes.map((code) => {
      const part = document.createElement("span");
      part.className = `c${code}`;
      part.style.flexGrow = row[`outcome_${code}`];
      return part;
    }));
    at("mix").replaceChildren(...codes.map((code) => {
      const line = document.createElement("tr"), count = row[`outcome_${code}`];
      const head = document.createElement("th"), swatch = document.createElement("i");
      head.scope = "row";
      swatch.className = `swatch c${code}`;
      head.append(swatch, code);
      line.append(head);
      line.dataset.code = code;
      for (const [text, name] of [[sweep.meaning[code], ""], [grouped(count), "number"], [percent(count, whole), "number"]]) {
        const cell = document.createElement("td");
        cell.textContent = text;
        cell.className = name;
        line.append(cell);
      }
      return line;
    }));
  }
  let waiting = 0;
  function speak(row) {  // once the slider rests, so that a screen reader is not flooded
    clearTimeout(waiting);
    const harm = row.cut_harmful === undefined ? "whom the timeouts cut off is not known"
      : `${grouped(row.cut_harmful)} cuts that people notice, ${grouped(row.reconnects)} reconnects`;
    const sentence = `${money(row.cost)}, ${harm}`;
    waiting = setTimeout(() => set("said", sentence), 500);
  }

  // Charts
  const drawn = [];
  const shade = (share) => {
    const place = Math.min(share, 0.9999) * (RAMP.length - 1), k = Math.floor(place), part = place - k;
    return `rgb(${RAMP[k].map((value, c) => Math.round(value + part * (RAMP[k + 1][c] - value))).join(",")})`;
  };
  const thin = (count, most) => {
    const step = Math.ceil(count / most);
    return Array.from({ length: Math.ceil(count / step) }, (_, k) => k * step);
  };
  const axis = (options) => ({
    stroke: () => colour("quiet"), font: "12px system-ui, sans-serif", labelFont: "12px system-ui, sans-serif", labelSize: 18,
    grid: { stroke: () => colour("rule"), width: 0.5 }, ticks: { stroke: () => colour("rule"), width: 0.5 }, ...options,
  });
  const labels = (width, each) => Math.max(3, Math.min(12, Math.floor((width - 80) / each)));
  const short = (values) => values.map((v) => (v === null ? "" : v.toLocaleString("en", { maximumFractionDigits: 4 })));
  function chart(id, options, data) {
    const box = at(id);
    const size = () => ({ width: box.clientWidth || 480, height: 300 });
    const made = new uPlot({ ...size(), legend: { show: false }, ...options }, data, box);
    new ResizeObserver(() => made.setSize(size())).observe(box);
    drawn.push(made);
    return made;
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
  function dot(u, idle, exec, radius, fill, edge, square) {
    const x = u.valToPos(idle, "x", true), y = u.valToPos(exec, "y", true), r = radius * devicePixelRatio;
    u.ctx.save();  // ticks and grid are drawn by the same context afterwards
    u.ctx.beginPath();
    if (square) u.ctx.rect(x - r, y - r, 2 * r, 2 * r);
    else u.ctx.arc(x, y, r, 0, 2 * Math.PI);
    u.ctx.fillStyle = fill;
    u.ctx.fill();
    u.ctx.strokeStyle = edge;
    u.ctx.lineWidth = (edge === "#d55e00" ? 3 : 1) * devicePixelRatio;
    u.ctx.stroke();
    u.ctx.restore();
  }
  function cells(u) {
    const plane = planeOf(chosen), cost = columnsOf(plane).cost.map(Number), width = AXES.idle.length;
    const least = Math.min(...cost), most = Math.max(...cost), span = most - least || 1;
    for (let place = 0; place < cost.length; place++) {
      const i = place % width, e = Math.floor(place / width);
      const x = Math.floor(u.valToPos(i - 0.5, "x", true)), y = Math.floor(u.valToPos(e + 0.5, "y", true));
      u.ctx.fillStyle = shade((cost[place] - least) / span);
      u.ctx.fillRect(x, y, Math.ceil(u.valToPos(i + 0.5, "x", true)) - x, Math.ceil(u.valToPos(e - 0.5, "y", true)) - y);
    }
    for (const place of plane.frontier) dot(u, place % width, Math.floor(place / width), 2.5, "#ffffff", "#222222", false);
    dot(u, present.idle, present.exec, 5, "#d55e00", "#ffffff", true);
    dot(u, chosen.idle, chosen.exec, 7, "rgba(255,255,255,.85)", "#d55e00", false);
    const columns = columnsOf(plane).cost;
    set("least", money(columns[cost.indexOf(least)]));
    set("most", money(columns[cost.indexOf(most)]));
  }
  function pointedAt(u) {
    const { left, top } = u.cursor;
    if (left < 0 || top < 0) return null;
    const clamp = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
    return { idle: clamp(u.posToVal(left, "x"), AXES.idle.length - 1), exec: clamp(u.posToVal(top, "y"), AXES.exec.length - 1) };
  }
  function heatmap() {
    const [n, m] = [AXES.idle.length, AXES.exec.length];
    const made = chart("heat", {
      cursor: { drag: { x: false, y: false }, points: { show: false } },
      scales: { x: { time: false, range: () => [-0.5, n - 0.5] }, y: { range: () => [-0.5, m - 0.5] } },
      axes: [
        axis({ label: "idle timeout [s]", splits: (u) => thin(n, labels(u.width, 48)), values: (_, v) => v.map((k) => AXES.idle[k]) }),
        axis({ label: "execution timeout [s]", splits: () => thin(m, 10), values: (_, v) => v.map((k) => AXES.exec[k]), size: 56 }),
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { draw: [cells], setCursor: [(u) => {
        const here = pointedAt(u), row = here && figures({ ...chosen, ...here });
        set("pointed", here ? `${AXES.idle[here.idle]} s idle, ${AXES.exec[here.exec]} s execution: ${money(row.cost)}` +
          (row.cut_harmful === undefined ? "" : `, ${grouped(row.cut_harmful)} cuts that people notice`) : "");
      }] },
    }, [Array.from({ length: n }, (_, k) => k), Array(n).fill(0)]);
    made.over.addEventListener("click", () => choose(pointedAt(made)));
    return made;
  }
  function curveData() {
    const rows = AXES.idle.map((_, idle) => figures({ ...chosen, idle }));
    return [AXES.idle, rows.map((row) => Number(row.cost)), rows.map((row) => Number(row.cut_harmful ?? 0))];
  }
  function curve() {
    const harms = silences !== null;
    const fromZero = (_, low, high) => [0, (high || 1) * 1.05];
    return chart("curve", {
      cursor: { drag: { x: false, y: false } },
      scales: { x: { time: false }, y: { range: fromZero }, harm: { range: fromZero } },
      axes: [axis({ label: "idle timeout [s]" }), axis({ label: `cost [${sweep.currency}]`, values: (_, v) => short(v), size: 62 }),
        axis({ label: "cuts that people notice", side: 1, scale: "harm", show: harms, grid: { show: false }, values: (_, v) => short(v), size: 62 })],
      series: [{}, { stroke: () => colour("blue"), width: 2.5, points: { show: false } },
        { stroke: () => colour("orange"), width: 2.5, dash: [7, 5], scale: "harm", show: harms, points: { show: false } }],
      hooks: { draw: [(u) => across(u, AXES.idle[chosen.idle], colour("ink"), [2, 4])] },
    }, curveData());
  }
  function gaps() {
    const share = silences.longer.map((count) => count / silences.total);
    return chart("gaps", {
      cursor: { drag: { x: false, y: false } },
      scales: { x: { time: false, distr: 3 }, y: { distr: 3 } },
      axes: [axis({ label: "silence [s]", values: (_, v) => short(v) }),
        axis({ label: "share that lasts longer", size: 66, values: (_, v) => v.map((one) => (one === null ? "" : `${+(one * 100).toPrecision(2)} %`)) })],
      series: [{}, { stroke: () => colour("blue"), width: 2.5, points: { show: false } }],
      hooks: { draw: [(u) => across(u, AXES.idle[chosen.idle], colour("orange"), [7, 5])] },
    }, [silences.seconds, share]);
  }
  // Dates as ISO 8601 writes them, which no reader takes for another day
  const iso = new Intl.DateTimeFormat("sv-SE", { timeZone: load.time_zone, dateStyle: "short", timeStyle: "short" });
  function clock(seconds) {
    const [day, time] = iso.format(new Date(seconds * 1e3)).split(" ");
    return time === "00:00" ? day.slice(5) : time;
  }
  function overTime() {
    const quota = load.quota_mb === null ? null : load.quota_mb / sweep.present.memory_mb;
    const each = Math.ceil(load.start_s.length / 150);  // steps that the eye can tell apart, each with its peak
    const peaks = (values) => Array.from({ length: Math.ceil(values.length / each) }, (_, k) =>
      Math.max(...values.slice(k * each, (k + 1) * each)));
    const starts = load.start_s.filter((_, k) => k % each === 0);
    const top = Math.max(1, ...load.connections, ...load.instances), shown = quota !== null && quota <= 3 * top;
    at("quota-key").hidden = !shown;
    const stepped = uPlot.paths.stepped({ align: 1 });
    const flat = starts.map(() => (shown ? quota : null));
    return chart("load", {
      cursor: { drag: { x: false, y: false } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), load.time_zone),
      scales: { y: { range: () => [0, Math.max(top, shown ? quota : 0) * 1.08] } },
      axes: [axis({ label: `time [${load.time_zone}]`, values: (_, v) => v.map(clock), space: 70 }), axis({ label: "at the same time", values: (_, v) => short(v), size: 56 })],
      series: [{}, { stroke: () => colour("grey"), fill: () => `${colour("grey")}44`, width: 1, paths: stepped, points: { show: false } },
        { stroke: () => colour("blue"), width: 2, paths: stepped, points: { show: false } },
        { stroke: () => colour("ink"), width: 2, dash: [2, 4], points: { show: false } }],
    }, [starts, peaks(load.connections), peaks(load.instances), flat]);
  }

  // The address holds the sliders' state, so that a link leads to what one sees
  function addressed() {
    const parts = Object.keys(AXES).map((name) => [name, AXES[name][chosen[name]]]);
    return new URLSearchParams([...parts, ["policy", sweep.reconnect[chosen.policy]]]).toString();
  }
  function fromAddress() {
    const asked = new URLSearchParams(location.hash.slice(1)), found = {};
    for (const name in AXES) if (asked.has(name)) found[name] = AXES[name].indexOf(Number(asked.get(name)));
    if (asked.has("policy")) found.policy = sweep.reconnect.indexOf(asked.get("policy"));
    return Object.fromEntries(Object.entries(found).filter(([, place]) => place >= 0));
  }

  // Sliders
  function choose(change) {
    if (!change) return;
    chosen = { ...chosen, ...change };
    history.replaceState(null, "", `#${addressed()}`);
    write();
    charts.heat.redraw(false);
    charts.gaps?.redraw(false);
    charts.curve.setData(curveData());
  }
  document.querySelectorAll(".needs-script").forEach((one) => { one.hidden = false; });
  set("cost-name", sweep.cost === "monthly_amount" ? "A month" : "The trace");
  for (const name in AXES) {
    at(name).max = AXES[name].length - 1;
    at(name).addEventListener("input", (event) => choose({ [name]: Number(event.target.value) }));
  }
  at("gaps-figure").hidden = silences === null || silences.seconds.length === 0;
  at("harm-key").hidden = silences === null;
  at("load").closest("figure").hidden = load.start_s.length === 0;
  at("held-control").hidden = AXES.held.length < 2;
  at("policies").append(...sweep.reconnect.map((policy, k) => {
    const label = document.createElement("label"), radio = document.createElement("input");
    Object.assign(radio, { type: "radio", name: "policy", id: `policy-${k}`, value: policy });
    radio.addEventListener("change", () => choose({ policy: k }));
    label.append(radio, policy === "none" ? "never" : policy);
    return label;
  }));
  at("back").addEventListener("click", () => choose({ ...present }));
  chosen = { ...chosen, ...fromAddress() };
  write();
  const charts = { heat: heatmap(), curve: curve(), gaps: silences && gaps(), load: overTime() };
  addEventListener("hashchange", () => choose(fromAddress()));
  const repaint = () => drawn.forEach((one) => one.redraw(false));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  matchMedia("print").addEventListener("change", repaint);
})();
