// The same small server with Node's ws, permessage-deflate on.
const { WebSocketServer } = require("ws");
const server = new WebSocketServer({ port: 9000, perMessageDeflate: true });
server.on("connection", (socket) =>
  socket.on("message", (data) => {
    const text = data.toString();
    text.startsWith("close:") ? socket.close(Number(text.slice(6))) : socket.send(text);
  }),
);
