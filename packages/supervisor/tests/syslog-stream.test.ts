import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { maxLineBytes } from "@supervise/log";
import { atEnd, type TestScope } from "@supervise/testkit";
import { createStreamFrames } from "#supervisor/syslog/stream-frames.js";
import { kernel, run, syslogScene, type SyslogScene } from "./syslog-scene.js";

type Frame = readonly [text: string, cut: boolean];

/** What comes out when these bytes arrive in pieces of this size. */
function framesOf(bytes: Buffer, piece: number, most = 40): readonly Frame[] {
  const found: Frame[] = [];
  const take = (data: Uint8Array, cut: boolean): void =>
    void found.push([Buffer.from(data).toString(), cut]);
  const frames = createStreamFrames(most);
  for (let at = 0; at < bytes.length; at += piece)
    frames.push(bytes.subarray(at, at + piece), take);
  frames.end(take);
  return found;
}

const whole = (...texts: readonly string[]): readonly Frame[] =>
  texts.map((text) => [text, false] as const);

const cases: readonly (readonly [string, string, readonly Frame[]])[] = [
  ["a NUL ends a message", "<13>a\0<13>b\0", whole("<13>a", "<13>b")],
  ["a newline ends one", "<13>a\n\n<13>b\n\0", whole("<13>a", "<13>b")],
  [
    "a counted one has newlines and NULs",
    "9 <13>a\nb\nc8 <13>x\0yz<13>end\n",
    whole("<13>a\nb\nc", "<13>x\0yz", "<13>end"),
  ],
  ["what is no length is text", "10 apples\n0 <13>x\n", whole("10 apples", "0 <13>x")],
  ["the end of the stream ends a message", "<13>rest", whole("<13>rest")],
  ["a length without its bytes is what there is", "39 <13>short", whole("39 <13>short")],
  [
    "one that is too long is cut, the next one is whole",
    `<13>${"x".repeat(60)}\n<13>next\n`,
    [[`<13>${"x".repeat(36)}`, true], ...whole("<13>next")],
  ],
  [
    "a counted one that is too long is cut, the next one is whole",
    `64 <13>${"y".repeat(60)}<13>next\n`,
    [[`<13>${"y".repeat(36)}`, true], ...whole("<13>next")],
  ],
];

for (const [name, text, expected] of cases) {
  test(`frames: ${name}, in pieces of any size`, () => {
    for (const piece of [1, 2, 3, 7, 1000])
      deepEqual(framesOf(Buffer.from(text), piece), expected, `pieces of ${piece}`);
  });
}

test("frames: garbage is the same in pieces of any size, and of limited length", () => {
  let state = 7;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state >> 8;
  };
  for (let round = 0; round < 300; round += 1) {
    const bytes = Buffer.from(
      Array.from({ length: random() % 400 }, () => "0123 <13>\n\0x".charCodeAt(random() % 12)),
    );
    const frames = framesOf(bytes, 1000);
    deepEqual(framesOf(bytes, 1 + (random() % 9)), frames);
    // The last one may have its length in front.
    ok(frames.every(([text]) => Buffer.byteLength(text) <= 49));
  }
});

const web = run("web", process.pid);
const textsOf = ({ taken }: SyslogScene): readonly string[] =>
  taken.map(({ message }) => message.bytes.toString());

function connect(t: TestScope, { streamPath }: SyslogScene): (text: string | Buffer) => number {
  const fd = kernel.connectSocket(streamPath, "stream");
  ok(fd >= 0, `errno ${-fd}`);
  atEnd(t, () => void kernel.close(fd));
  return (text) => {
    const bytes = Buffer.from(text);
    return kernel.write(fd, bytes, 0, bytes.length);
  };
}

test("a client of the stream socket is heard as one of the datagram socket is", (t) => {
  const scene = syslogScene(t, web);
  const write = connect(t, scene);
  write("<27>Nov 21 16:20:28 web server[77]: one\0<28>web: tw");
  scene.turn();
  scene.turn();
  write("o\n10 <29>x: a\nb");
  scene.turn();
  deepEqual(textsOf(scene), ["web server[77]: one\n", "web: two\n", "x: a\nb\n"]);
  deepEqual(
    scene.taken.map(({ name, message }) => [name, message.run, message.priority]),
    [
      ["web", 3, 27],
      ["web", 3, 28],
      ["web", 3, 29],
    ],
  );
});

test("the last words of a process are read before it is collected, of one who has just connected too", (t) => {
  const scene = syslogScene(t, web);
  connect(t, scene)("<13>x: unfinished");
  connect(t, scene)("<13>x: last words\n");
  scene.server.drain();
  deepEqual(textsOf(scene), ["x: last words\n"]);
  scene.server.close();
  deepEqual(textsOf(scene), ["x: last words\n", "x: unfinished\n"]);
});

test("nothing is read from a stream while a sink can't take more, and a flood waits at its end", (t) => {
  const scene = syslogScene(t, web);
  const write = connect(t, scene);
  scene.turn();
  scene.block();
  const line = (number: number): string => `<13>x: ${number} ${"z".repeat(1_000)}\n`;
  let sent = 0;
  while (write(line(sent)) > 1_000) sent += 1;
  scene.turn();
  scene.turn();
  deepEqual(scene.taken, []);
  scene.unblock();
  scene.turn();
  ok(
    scene.taken.length > 0 && scene.taken.length < 64,
    `${scene.taken.length} of ${sent} in one turn`,
  );
  scene.server.drain();
  ok(scene.taken.length >= sent);
});

test("clients beyond the limit wait without harm, and a message of any length is cut", (t) => {
  const scene = syslogScene(t, web);
  const writers = Array.from({ length: 300 }, (_, index) => {
    if (index % 100 === 99) scene.turn();
    return connect(t, scene);
  });
  const long = Buffer.from(`<13>x: ${"w".repeat(maxLineBytes)}`);
  for (let at = 0; at < long.length; at += 4_096) {
    writers[0]?.(long.subarray(at, at + 4_096));
    scene.server.drain();
  }
  writers[0]?.(`${"w".repeat(100)}\n<13>x: after\n`);
  scene.server.drain();
  equal(scene.taken[0]?.message.cut, true);
  equal(textsOf(scene)[1], "x: after\n");
  equal(writers.length, 300);
});
