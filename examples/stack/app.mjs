// Counts visits in redis, keeps them in PostgreSQL, and caches their sum in memcached for a second.
import { createServer } from "node:http";
import { cacheGet, cacheSet } from "./memcached.mjs";
import { sql } from "./postgres.mjs";
import { redis } from "./redis.mjs";

const { PORT, REDIS_PORT, MEMCACHED_PORT, POSTGRES_SOCKET } = process.env;

async function visit() {
  const visits = await redis(REDIS_PORT, "INCR", "visits");
  await sql(POSTGRES_SOCKET, "insert into visit (path) values ('/')");
  let stored = await cacheGet(MEMCACHED_PORT, "stored");
  const cached = stored !== null;
  if (!cached) {
    [[stored]] = await sql(POSTGRES_SOCKET, "select count(*) from visit");
    await cacheSet(MEMCACHED_PORT, "stored", stored, 1);
  }
  return { visits, stored: Number(stored), cached };
}

async function health() {
  await redis(REDIS_PORT, "PING");
  await cacheGet(MEMCACHED_PORT, "stored");
  await sql(POSTGRES_SOCKET, "select 1");
  return { ok: true };
}

const routes = { "/": visit, "/health": health, "/alive": async () => ({ pid: process.pid }) };

const server = createServer(async (request, response) => {
  const route = routes[request.url ?? "/"];
  const send = (status, value) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(`${JSON.stringify(value)}\n`);
  };
  if (!route) return send(404, { error: "not found" });
  try {
    send(200, await route());
  } catch (error) {
    send(503, { error: error.message });
  }
});
server.listen(Number(PORT), "127.0.0.1", () =>
  console.log(`listening on http://127.0.0.1:${PORT}/`),
);

process.on("SIGTERM", () => {
  server.close();
  server.closeIdleConnections();
});
