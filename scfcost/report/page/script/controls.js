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
function rest() {  // what stands below each chart where nothing is pointed at
  if (knowsHarm) set("tradeoff-read", pair(chosen));
  set("heat-read", pair(chosen));
  set("curve-read", curveRead(chosen.idle));
  if (charts.gaps) set("gaps-read", gapOfChosen());
}
function choose(change) {
  chosen = { ...chosen, ...change };
  history.replaceState(null, "", `#${addressed()}`);
  write();
  charts.tradeoff = tradeoffAgain(charts.tradeoff);
  charts.heat.redraw(false);
  charts.gaps?.redraw(false);
  charts.curve.setData(curveData());
  rest();
}
document.querySelectorAll(".needs-script").forEach((one) => { one.hidden = false; });
set("cost-name", say(sweep.cost === "monthly_amount" ? "month" : "trace"));
for (const name in AXES) {
  at(name).max = AXES[name].length - 1;
  at(name).addEventListener("input", (event) => choose({ [name]: Number(event.target.value) }));
}
at("tradeoff-figure").hidden = at("colours").hidden = !knowsHarm;
at("gaps-figure").hidden = silences === null || silences.seconds.length === 0;
at("harm-key").hidden = silences === null;
at("load").closest("figure").hidden = load.start_s.length === 0;
at("held-control").hidden = AXES.held.length < 2;
at("idle").closest(".control").hidden = at("curve").closest("figure").hidden = AXES.idle.length < 2;
at("policies").closest("fieldset").hidden = sweep.reconnect.length < 2;
at("policies").append(...sweep.reconnect.map((policy, k) => {
  const label = document.createElement("label"), radio = document.createElement("input");
  Object.assign(radio, { type: "radio", name: "policy", id: `policy-${k}`, value: policy });
  radio.addEventListener("change", () => choose({ policy: k }));
  label.append(radio, say(policy === "none" ? "never" : policy));
  return label;
}));
at("back").addEventListener("click", () => choose({ ...present }));
for (const [id, isHarm] of [["by-cost", false], ["by-harm", true]])
  at(id).addEventListener("change", () => { byHarm = isHarm; charts.heat.redraw(false); });

// Copies and files; nothing leaves this machine
async function copy(button, text) {
  const before = button.textContent;
  try { await navigator.clipboard.writeText(text); } catch { prompt(before, text); return; }
  button.textContent = say("copied");
  setTimeout(() => { button.textContent = before; }, 1500);
}
document.querySelectorAll("button.copy").forEach((button) =>
  button.addEventListener("click", () => copy(button, button.previousElementSibling.textContent)));
at("link").addEventListener("click", () => {
  history.replaceState(null, "", `#${addressed()}`);
  copy(at("link"), location.href);
});
function everySetting() {
  const head = ["reconnect", "max_concurrency", "memory_mb", "idle_timeout_s", "exec_timeout_s"], rows = [];
  const told = [...Object.keys(columnsOf(sweep.planes[0])), ...Object.keys(counts[0])].filter((name) => name !== sweep.cost);
  for (const plane of sweep.planes) {
    const columns = { ...columnsOf(plane), ...counts[plane.counts] };
    for (let place = 0; place < columns.cost.length; place++) {
      const s = settingAt(place);
      rows.push([...plane.key.split("|"), AXES.idle[s.idle], AXES.exec[s.exec], ...told.map((name) => columns[name][place])]);
    }
  }
  const titles = told.map((name) => (name === "cost" ? sweep.cost : name === "valid" ? "documented" : name));
  return [[...head, ...titles], ...rows].map((row) => row.join(",")).join("\r\n") + "\r\n";
}
at("every").href = "#";
at("every").addEventListener("click", () => {
  at("every").href = URL.createObjectURL(new Blob([everySetting()], { type: "text/csv" }));
});

chosen = { ...chosen, ...fromAddress() };
write();
const charts = { tradeoff: knowsHarm ? tradeoff() : null, heat: heatmap(), curve: curve(), gaps: silences?.seconds.length ? gaps() : null, load: overTime() };
if (knowsHarm) nameButtons();
rest();
walkAll();
const longs = [...document.querySelectorAll("details.long")];
if (matchMedia("(max-width: 600px)").matches) longs.forEach((one) => { one.open = false; });
document.querySelectorAll(".contents a").forEach((link) => link.addEventListener("click", (event) => {
  const part = at(link.hash.slice(1));  // the address holds the sliders' state
  event.preventDefault();
  if (longs.includes(part)) part.open = true;
  part.scrollIntoView();
}));
addEventListener("hashchange", () => choose(fromAddress()));
const repaint = () => drawn.forEach((one) => one.redraw(false));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
matchMedia("print").addEventListener("change", repaint);
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
