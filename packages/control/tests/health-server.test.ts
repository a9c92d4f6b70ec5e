import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { serveHealth, type HealthOptions, type HealthServer } from "@supervise/control";
import { assertNoLeaks, atEnd, type TestScope } from "@supervise/testkit";
import { fakeTarget, serviceStatus } from "./fake-target.js";
import { errorOf } from "./serving.js";

async function serve(
  t: TestScope,
  more: Partial<HealthOptions> = {},
  failing = false,
): Promise<HealthServer> {
  assertNoLeaks(t);
  const web = serviceStatus("web", failing ? { state: "failed", reason: "it broke" } : {});
  const server = await serveHealth(
    { ...fakeTarget(), services: () => [web] },
    { host: "127.0.0.1", port: 0, onWarning: () => undefined, ...more },
  );
  atEnd(t, () => server.close());
  return server;
}

/** All that is answered to these bytes until the server closes. */
function say(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
    let heard = "";
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => (heard += text));
    // What breaks shows in what is heard.
    socket.on("error", () => undefined);
    socket.once("close", () => resolve(heard));
    socket.write(bytes);
  });
}

const closing = (line: string): string =>
  `${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`;
const bodyOf = (answer: string): string => answer.split("\r\n\r\n")[1] ?? "";
const statusOf = (answer: string): number => Number(answer.split(" ")[1]);

test("health over TCP is 200 when nothing fails, and 503 with the reason when something does", async (t) => {
  const good = await say((await serve(t)).url, closing("GET /v1/health"));
  equal(statusOf(good), 200);
  deepEqual(JSON.parse(bodyOf(good)), { healthy: true, failing: [] });
  const bad = await say((await serve(t, {}, true)).url, closing("GET /v1/health"));
  equal(statusOf(bad), 503);
  deepEqual(JSON.parse(bodyOf(bad)), {
    healthy: false,
    failing: [{ name: "web", state: "failed", health: "none", reason: "it broke" }],
  });
});

test("metrics are served too, and nothing else: no other path, no change", async (t) => {
  const { url } = await serve(t);
  equal(statusOf(await say(url, closing("GET /metrics"))), 200);
  for (const line of [
    "GET /v1/services",
    "POST /v1/shutdown",
    "GET /v1/logs?follow=1",
    "GET /v1/health/",
    "GET //v1/health",
  ]) {
    const answer = await say(url, closing(line));
    equal(errorOf({ status: statusOf(answer), text: bodyOf(answer) }), "404 no-such-path", line);
  }
  equal(statusOf(await say(url, closing("POST /v1/health"))), 405);
});

test("it is deaf to garbage and to silence, and goes on", async (t) => {
  const { url } = await serve(t);
  equal(statusOf(await say(url, "\0\0\r\n\r\n")), 400);
  equal(statusOf(await say(url, `GET / HTTP/1.1\r\nx: ${"x".repeat(20_000)}`)), 431);
  equal(statusOf(await say(url, closing("GET /v1/health"))), 200);
  const hasty = await serve(t, { limits: { requestMs: 40 } });
  equal(statusOf(await say(hasty.url, "GET /v1/health HTTP/1.1\r\nhost:")), 408);
  equal(statusOf(await say(hasty.url, "G")), 408);
});

test("beyond its limit of connections it says so, and there is room again once they are over", async (t) => {
  const { url } = await serve(t, { limits: { requestMs: 1_000, connections: 2 } });
  // Each of them hangs, and there is room for two.
  const answers = await Promise.all(Array.from({ length: 8 }, () => say(url, "G")));
  deepEqual(new Set(answers.map(statusOf)), new Set([408, 503]));
  equal(statusOf(await say(url, closing("GET /v1/health"))), 200);
});

test("a port that is taken is an error", async (t) => {
  const { url } = await serve(t);
  await rejects(serve(t, { port: Number(new URL(url).port) }), { code: "EADDRINUSE" });
});

const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
const noIpv6 = addresses.some(({ address }) => address === "::1") ? false : "no IPv6 here";

test("an IPv6 address is told as a client needs it", { skip: noIpv6 }, async (t) => {
  match((await serve(t, { host: "::1" })).url, /^http:\/\/\[::1\]:\d+\/v1\/health$/);
});
