// Says how often it connected within some seconds, and over which transport.
const { io } = require("socket.io-client");
const [port, transports, milliseconds] = process.argv.slice(2);
const socket = io(`http://127.0.0.1:${port}`, { transports: transports.split(","), reconnectionDelay: 200, timeout: 2000 });
const seen = { connected: 0, answers: 0 };
socket.on("connect", () => {
  seen.connected += 1;
  seen.transport = socket.io.engine.transport.name;
  socket.emit("say", "hi", () => (seen.answers += 1));
});
setTimeout(() => {
  console.log(JSON.stringify(seen));
  process.exit(0);
}, Number(milliseconds));
