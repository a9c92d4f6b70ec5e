// Counts the visits of each visitor.
import { createServer } from "node:http";

const visits = new Map();
const port = Number(process.env.PORT);

const server = createServer((request, response) => {
  const visitor =
    new URL(request.url ?? "/", "http://localhost").searchParams.get("name") ?? "stranger";
  visits.set(visitor, (visits.get(visitor) ?? 0) + 1);
  response.end(`hello ${visitor}, visit ${visits.get(visitor)}\n`);
});
server.listen(port, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${port}/`));
process.on("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
