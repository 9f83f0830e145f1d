// What the page holds. Columns come as strings of numbers: what is shown is never calculated, only looked up.
const { sweep, silences, load, named, texts } = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const COUNTS = ["cut_harmful", "cut_harmless", "reconnects", "messages_lost", "messages_delayed", "pushes_missed"];
const AXES = { idle: sweep.idle_s, exec: sweep.exec_s, memory: sweep.memory_mb, held: sweep.max_concurrency };
const UNITS = { idle: " s", exec: " s", memory: " MB", held: "" };

const split = (columns) => Object.fromEntries(Object.entries(columns).map(([name, text]) => [name, text.split(" ")]));
const counts = sweep.counts.map(split);
const planes = new Map(sweep.planes.map((plane) => [plane.key, plane]));
const present = {
  idle: AXES.idle.indexOf(sweep.present.idle_s), exec: AXES.exec.indexOf(sweep.present.exec_s),
  memory: AXES.memory.indexOf(sweep.present.memory_mb), held: AXES.held.indexOf(sweep.present.max_concurrency),
  policy: sweep.reconnect.indexOf(sweep.present.reconnect),
};
// Settings with a name, by their places on the axes; they hold at the present memory, policy and concurrency
const marks = named.map((one) => ({ ...one, idle: AXES.idle.indexOf(one.idle_s), exec: AXES.exec.indexOf(one.exec_s) }));
let chosen = { ...present };

function keyOf(s) {
  return [sweep.reconnect[s.policy], AXES.held[s.held], AXES.memory[s.memory]].join("|");
}
const planeOf = (s) => planes.get(keyOf(s));
const marksOf = (s) => (keyOf(s) === keyOf(present) ? marks : []);
const placeOf = (s) => s.exec * AXES.idle.length + s.idle;
const settingAt = (place) => ({ idle: place % AXES.idle.length, exec: Math.floor(place / AXES.idle.length) });

function columnsOf(plane) {
  const [low, high] = [plane[`${sweep.cost}_low`], plane[`${sweep.cost}_high`]];
  const bounds = low === undefined ? {} : { low, high };
  plane.columns ??= split({ amount: plane.amount, cost: plane[sweep.cost], valid: plane.valid, ...bounds });
  return plane.columns;
}
function figures(s) {
  const plane = planeOf(s), place = placeOf(s), row = {};
  for (const columns of [columnsOf(plane), counts[plane.counts]])
    for (const name in columns) row[name] = columns[name][place];
  return row;
}
const knowsHarm = counts.every((columns) => columns.messages_lost !== undefined);
// Messages that are lost, missed or late, of each setting of a plane
function harmOf(plane) {
  const told = counts[plane.counts];
  plane.harm ??= told.messages_lost.map((lost, k) => Number(lost) + Number(told.messages_delayed[k]) + Number(told.pushes_missed[k]));
  return plane.harm;
}
const shareOf = (count) => count / (sweep.messages || 1);
