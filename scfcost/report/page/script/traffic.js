// Silences, and connections over time
function gapRead(seconds, count) {
  return say("gap_read", { share: finely(count / silences.total), seconds: grouped(+seconds.toPrecision(4)), count: grouped(count) });
}
const gapOf = (place) => gapRead(silences.seconds[place], silences.longer[place]);
const gapOfChosen = () => gapRead(AXES.idle[chosen.idle], silences.beyond_idle[chosen.idle]);
function gaps() {
  const share = silences.longer.map((count) => count / silences.total);
  return chart("gaps", {
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: false, distr: 3 }, y: { distr: 3 } },
    axes: [axis({ label: say("axis_silence"), values: (_, v) => short(v) }),
      axis({ label: say("axis_longer"), size: 66, values: (_, v) => shares(v) })],
    series: [{}, { stroke: () => colour("blue"), width: 2.5, points: { show: false } }],
    hooks: { draw: [(u) => across(u, AXES.idle[chosen.idle], colour("orange"), [7, 5])],
      ...readOut("gaps-read", (u) => u.cursor.idx !== null && gapOf(u.cursor.idx), gapOfChosen) },
  }, [silences.seconds, share]);
}
// Dates as ISO 8601 writes them, which no reader takes for another day
const iso = new Intl.DateTimeFormat("sv-SE", { timeZone: load.time_zone, dateStyle: "short", timeStyle: "short" });
const moment = (seconds) => iso.format(new Date(seconds * 1e3));
function clock(seconds) {
  const [day, time] = moment(seconds).split(" ");
  return time === "00:00" ? day.slice(5) : time;
}
function overTime() {
  const quota = load.quota_mb === null ? null : load.quota_mb / sweep.present.memory_mb;
  const each = Math.ceil(load.start_s.length / 150);  // steps that the eye can tell apart, each with its peak
  const peaks = (values) => Array.from({ length: Math.ceil(values.length / each) }, (_, k) =>
    Math.max(...values.slice(k * each, (k + 1) * each)));
  const starts = load.start_s.filter((_, k) => k % each === 0);
  const [connections, instances] = [peaks(load.connections), peaks(load.instances)];
  const top = Math.max(1, ...connections, ...instances), shown = quota !== null && quota <= 3 * top;
  at("quota-key").hidden = !shown;
  const stepped = uPlot.paths.stepped({ align: 1 });
  const flat = starts.map(() => (shown ? quota : null));
  const read = (k) => say("load_read", { time: moment(starts[k]), connections: grouped(connections[k]), instances: grouped(instances[k]) });
  return chart("load", {
    cursor: { drag: { x: false, y: false } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1e3), load.time_zone),
    scales: { y: { range: () => [0, Math.max(top, shown ? quota : 0) * 1.08] } },
    axes: [axis({ label: say("axis_time", { zone: load.time_zone }), values: (_, v) => v.map(clock), space: 70 }), axis({ label: say("axis_at_once"), values: (_, v) => short(v), size: 56 })],
    series: [{}, { stroke: () => colour("grey"), fill: () => `${colour("grey")}44`, width: 1, paths: stepped, points: { show: false } },
      { stroke: () => colour("blue"), width: 2, paths: stepped, points: { show: false } },
      { stroke: () => colour("ink"), width: 2, dash: [2, 4], points: { show: false } }],
    hooks: readOut("load-read", (u) => u.cursor.idx !== null && read(u.cursor.idx), () => read(connections.indexOf(Math.max(...connections)))),
  }, [starts, connections, instances, flat]);
}
