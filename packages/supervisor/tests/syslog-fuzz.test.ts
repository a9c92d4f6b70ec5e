import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { maxLineBytes } from "@supervise/log";
import { run, syslogScene } from "./syslog-scene.js";

/** A generator of numbers from 0 to 1 (mulberry32), so that a failure can be had again. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const seeds = [
  "<34>Oct 11 22:14:15 su: 'su root' failed for lonvick on /dev/pts/8",
  '<165>1 2003-10-11T22:14:15.003Z host evntslog 77 ID47 [e@32473 iut="3" a="\\"x"] text',
  "<13>logger[12]: line one\nline two\n",
  "<191>1 - - - - - -",
  "no priority at all",
  "",
].map((text) => Buffer.from(text));

function mutated(seed: Buffer, random: () => number): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  const at = (): number => Math.floor(random() * (bytes.length + 1));
  for (let left = Math.floor(random() * 8); left > 0; left -= 1) {
    const place = at();
    const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
    const kind = random();
    if (kind < 0.4) bytes = Buffer.concat([before, Buffer.from([random() * 256]), after]);
    else if (kind < 0.6) bytes = Buffer.concat([before, bytes.subarray(at())]);
    else if (kind < 0.8) bytes = Buffer.concat([before, Buffer.from('\n\0<]"\\ '), after]);
    else if (kind < 0.97) bytes = Buffer.concat([after, before]);
    else bytes = Buffer.concat([before, Buffer.alloc(random() * 90_000, "é\n"), after]);
  }
  return bytes;
}

test("whatever bytes come, each message is lines of a service or a word of the supervisor, and nothing is thrown", (t) => {
  for (const owner of [run("web", process.pid), null]) {
    const scene = syslogScene(t, owner);
    const random = randomOf(owner === null ? 7 : 11);
    for (let count = 1; count <= 4_000; count += 1) {
      scene.send(mutated(seeds[Math.floor(random() * seeds.length)] ?? Buffer.alloc(0), random));
      scene.turn();
      equal(scene.server.counts.received, count);
      for (const { name, message } of scene.taken.splice(0)) {
        equal(name, "web");
        ok(message.priority >= 0 && message.priority <= 191, `priority ${message.priority}`);
        ok(message.bytes.length <= maxLineBytes + 1, `${message.bytes.length} bytes`);
        equal(message.bytes.at(-1) === 0x0a || message.cut, true);
      }
    }
    ok(scene.said.length <= 21, `${scene.said.length} words`);
    // The messages themselves, for nothing of the rest may hold a control character.
    for (const text of scene.said) ok(!/[\u0000-\u001f\u007f-\u009f]/.test(text), text);
    equal(scene.warnings.length, 0);
  }
});
