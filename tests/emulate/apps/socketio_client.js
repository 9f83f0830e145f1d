// Says how often it connected and over which transport, once it did so many times, or failed as often.
const { io } = require("socket.io-client");
const [port, transports, times] = process.argv.slice(2);
const socket = io(`http://127.0.0.1:${port}`, { transports: transports.split(","), reconnectionDelay: 200, timeout: 60000 });
const seen = { connected: 0, failed: 0, answers: 0 };
const told = () => {
  if (seen.answers < Number(times) && seen.failed < Number(times)) return;
  console.log(JSON.stringify(seen));
  process.exit(0);
};
socket.on("connect", () => {
  seen.connected += 1;
  seen.transport = socket.io.engine.transport.name;
  socket.emit("say", "hi", () => {
    seen.answers += 1;
    told();
  });
});
socket.on("connect_error", () => {
  seen.failed += 1;
  told();
});
