// Serves a greeting, and jobs for the worker.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const greeting = readFileSync(join(process.env.DEMO_DIR, "greeting.txt"), "utf8");
const port = Number(process.env.PORT);
let jobs = 0;

const answers = {
  "/": () => greeting,
  "/health": () => "ok\n",
  "/job": () => `${20 + (jobs++ % 20)}\n`,
};

const server = createServer((request, response) => {
  const answer = answers[request.url ?? "/"];
  response.writeHead(answer ? 200 : 404, { "content-type": "text/plain" });
  response.end(answer ? answer() : "not found\n");
});
server.on("error", (error) => {
  console.error(`cannot listen on port ${port}: ${error.message}`);
  process.exit(1);
});
server.listen(port, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${port}/`));

process.on("SIGTERM", () => {
  console.log(`closing, after ${jobs} jobs`);
  server.close();
  server.closeAllConnections();
});
