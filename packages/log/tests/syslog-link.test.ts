import { deepEqual, equal, match } from "node:assert/strict";
import { test } from "node:test";
import { SyslogLink } from "#log/syslog-link.js";
import type { SendOutcome, TransportEvents } from "#log/syslog-transport.js";

/** A link over a transport whose answers are told in advance; "sent" when none is. */
function linkScene() {
  const outcomes: SendOutcome[] = [];
  const sent: string[] = [];
  const said: string[] = [];
  const timers: { delayMs: number; call: () => void; cancelled: boolean }[] = [];
  let drained = 0;
  let events: TransportEvents | null = null;
  const link = new SyslogLink(
    "/dev/log",
    {
      after: (delayMs, call) => {
        const timer = { delayMs, call, cancelled: false };
        timers.push(timer);
        return () => {
          timer.cancelled = true;
        };
      },
      say: (message) => said.push(message),
      drained: () => {
        drained += 1;
      },
    },
    (given) => {
      events = given;
      return {
        send: (bytes) => {
          const outcome = outcomes.shift() ?? { kind: "sent" };
          if (outcome.kind === "sent") sent.push(bytes.toString());
          return outcome;
        },
        close: () => undefined,
      };
    },
  );
  return {
    link,
    outcomes,
    sent,
    said,
    timers,
    drained: () => drained,
    ready: () => events?.onReady(),
    lost: (errno: number) => events?.onLost(errno),
    send: (text: string) => link.send(Buffer.from(text)),
    tick: () => {
      const timer = timers.findLast(({ cancelled }) => !cancelled);
      if (timer === undefined) throw new Error("no timer is armed");
      timer.cancelled = true;
      timer.call();
    },
  };
}

const gone: SendOutcome = { kind: "gone", errno: -2 };
const full: SendOutcome = { kind: "full" };

test("messages wait in order for room", async () => {
  const { link, outcomes, sent, send, ready, drained } = linkScene();
  outcomes.push(full);
  for (const text of ["1", "2", "3"]) equal(send(text), true);
  deepEqual(sent, []);
  const flushed = link.flush();
  outcomes.push({ kind: "sent" }, full);
  ready();
  deepEqual(sent, ["1"]);
  ready();
  await flushed;
  deepEqual(sent, ["1", "2", "3"]);
  equal(drained(), 1);
});

test("a daemon that is away is looked for less and less often, and told once, and once when it is back", () => {
  const { outcomes, said, send, tick, timers, sent } = linkScene();
  outcomes.push(...Array.from({ length: 9 }, () => gone));
  send("1");
  for (let tries = 0; tries < 8; tries += 1) tick();
  deepEqual(
    timers.map(({ delayMs }) => delayMs),
    [250, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000],
  );
  equal(said.length, 1);
  match(said[0] ?? "", /^cannot send to syslog "\/dev\/log": no such file or directory \(ENOENT\)/);
  tick();
  deepEqual(sent, ["1"]);
  deepEqual(said.slice(1), ['syslog "/dev/log" is there again; nothing was lost']);
});

test("what waits is bounded, and the rest is refused and counted", () => {
  const { link, outcomes, said, send, tick } = linkScene();
  outcomes.push(gone);
  let taken = 0;
  while (send("x".repeat(1_000))) taken += 1;
  equal(taken, Math.floor((1024 * 1024) / 1_000));
  send("one more".padEnd(1_000));
  equal(link.cause, -2);
  tick();
  match(said.at(-1) ?? "", /is there again; 2 messages were lost$/);
});

test("a slow daemon's losses are said once, though they come again and again", () => {
  const { outcomes, said, send, ready } = linkScene();
  for (let round = 0; round < 3; round += 1) {
    outcomes.push(full);
    while (send("x".repeat(10_000)));
    ready();
  }
  equal(said.length, 1);
  match(said[0] ?? "", /\(EAGAIN\); the services go on, and messages are lost$/);
});

test("nobody at the other side of the network is said once, and all of it at the end", () => {
  const { link, said, send, lost } = linkScene();
  for (let count = 0; count < 3; count += 1) {
    send("x");
    lost(-111);
  }
  equal(said.length, 1);
  link.close();
  match(said.at(-1) ?? "", /\(ECONNREFUSED\); 3 messages were lost$/);
});

test("a link that is closed while its daemon is away says what was not sent, and tries no more", async () => {
  const { link, outcomes, said, send, timers } = linkScene();
  outcomes.push(gone, gone);
  send("1");
  send("2");
  await link.flush();
  link.close();
  match(said.at(-1) ?? "", /ENOENT\); 2 messages were lost$/);
  deepEqual(
    timers.filter(({ cancelled }) => !cancelled),
    [],
  );
});
