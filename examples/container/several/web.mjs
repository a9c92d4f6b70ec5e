// A web server that answers every request with its process number.
import { createServer } from "node:http";

const port = Number(process.env["PORT"] ?? 8080);
const server = createServer((_, response) => response.end(`process ${process.pid}\n`));
server.listen(port, () => console.log(`listening on ${port}`));
process.once("SIGTERM", () => {
  console.log("closing");
  server.close();
});
