// Text: what the sliders show
const say = (name, values = {}) => texts[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
const set = (id, text) => { at(id).textContent = text; };
const grouped = (text) => String(text).replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
const money = (text) => `${sweep.currency} ${grouped(text)}`;
const percent = (part, whole) => say("percent", { share: (whole ? (100 * part) / whole : 0).toFixed(1) });
function finely(share) {  // what is not nothing never reads 0 %
  if (share > 0 && share < 1e-4) return say("percent", { share: "< 0.01" });
  return say("percent", { share: share ? (100 * share).toFixed(2) : "0" });
}
function difference(now, before) {
  const [a, b] = [Number(now), Number(before)];
  if (now === before) return say("as_now");
  const change = b ? `${a > b ? "+" : "−"}${say("percent", { share: Math.abs((100 * (a - b)) / b).toFixed(0) })} ` : "";
  return say("against", { change, before: grouped(before) });
}
// A pair of timeouts in words, with its cost and its harm
function pair(s) {
  const row = figures(s), told = say("pair", { idle: AXES.idle[s.idle], exec: AXES.exec[s.exec], cost: money(row.cost) });
  return knowsHarm ? say("pair_harm", { pair: told, harm: finely(shareOf(harmOf(planeOf(s))[placeOf(s)])) }) : told;
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
  set("bounds", row.low === undefined ? "" : say("between", { low: money(row.low), high: money(row.high) }));
  set("amount", money(row.amount));
  set("amount-change", difference(row.amount, now.amount));
  at("amount-card").hidden = sweep.cost === "amount";
  for (const name of COUNTS) {
    const known = row[name] !== undefined;
    set(name, known ? grouped(row[name]) : say("not_known"));
    set(`${name}-change`, known ? difference(row[name], now[name]) : say("no_rows"));
  }
  set("invocations", say("in_all", { count: grouped(row.invocations) }));
  set("beyond", row.valid === "1" ? "" : say("beyond"));
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
  const harm = row.cut_harmful === undefined ? say("whom_unknown")
    : say("harm", { cuts: grouped(row.cut_harmful), reconnects: grouped(row.reconnects) });
  const sentence = say("spoken", { cost: money(row.cost), harm });
  waiting = setTimeout(() => set("said", sentence), 500);
}
