// A socket.io server that answers what is said.
const server = require("http").createServer();
const io = new (require("socket.io").Server)(server);
io.on("connection", (socket) => socket.on("say", (text, answer) => answer(text)));
server.listen(9000);
