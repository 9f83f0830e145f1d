// Let a Node server that listens on port 9000 listen on the port of its instance, where the system cannot be asked to.
const net = require("net");
const listen = net.Server.prototype.listen;
const port = () => Number(process.env.SCF_PORT);
net.Server.prototype.listen = function (...asked) {
  if (Number(asked[0]) === 9000) asked = [port(), "127.0.0.1", ...asked.slice(1).filter((one) => typeof one !== "string")];
  else if (asked[0] && typeof asked[0] === "object" && Number(asked[0].port) === 9000)
    asked[0] = { ...asked[0], port: port(), host: "127.0.0.1" };
  return listen.apply(this, asked);
};
