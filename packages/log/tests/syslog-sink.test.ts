import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { parseSyslog, type SyslogForm } from "@supervise/model";
import type { LineBatch } from "#log/line-batch.js";
import type { SyslogLink } from "#log/syslog-link.js";
import { SyslogSink } from "#log/syslog-sink.js";
import { startMicros } from "./hub-scene.js";

/** A sink over a link that takes what it is told to take. */
function sinkScene(form: SyslogForm = "local") {
  const sent: Buffer[] = [];
  let takes = true;
  const link = {
    cause: -11,
    send: (bytes: Buffer) => {
      if (takes) sent.push(bytes);
      return takes;
    },
  } as unknown as SyslogLink;
  const spec = {
    driver: "syslog",
    address: { kind: "unix", path: "/dev/log" },
    facility: 3,
    form,
    tag: null,
  } as const;
  const sink = new SyslogSink({ spec, service: "web", host: "here", link });
  return {
    sent,
    sink,
    texts: () => sent.map((bytes) => parseSyslog(bytes, { host: "none" }).text),
    takes: (on: boolean) => {
      takes = on;
    },
    write: (bytes: Buffer, more: Partial<LineBatch> = {}) => {
      const ends = Uint32Array.from(
        [...bytes].flatMap((byte, index) => (byte === 0x0a ? [index] : [])),
      );
      sink.write({
        source: { name: "web", id: 1 },
        run: 1,
        stream: 0,
        priority: -1,
        timeMicros: startMicros,
        firstSeq: 1,
        firstArrival: 1,
        bytes,
        start: 0,
        ends,
        count: ends.length,
        partial: false,
        continued: false,
        ...more,
      });
    },
  };
}

test("the level is that of the stream, or the message's own", () => {
  const { write, sent } = sinkScene();
  write(Buffer.from("a\n"));
  write(Buffer.from("b\n"), { stream: 1 });
  write(Buffer.from("c\n"), { stream: 2, priority: 165 });
  deepEqual(
    sent.map((bytes) => /^<\d+>/.exec(bytes.toString())?.[0]),
    ["<30>", "<27>", "<165>"],
  );
});

test("each form has the fields that belong to it", () => {
  const { write, sent } = sinkScene("rfc5424");
  write(Buffer.from("a\n"));
  const { time, host, app, text } = parseSyslog(sent[0] ?? Buffer.alloc(0));
  ok(time?.kind === "instant");
  deepEqual([time.micros, host, app, text], [startMicros, "here", "web", "a"]);
  const other = sinkScene("rfc3164");
  other.write(Buffer.from("a\n"));
  const parsed = parseSyslog(other.sent[0] ?? Buffer.alloc(0));
  deepEqual([parsed.host, parsed.app, parsed.text], ["here", "web", "a"]);
});

test("empty lines stay, and a long one becomes several messages, none cut within a character", () => {
  const { write, texts } = sinkScene();
  const long = `x${"é".repeat(10_000)}`;
  write(Buffer.from(`\n${long}\nend\n`));
  const [empty, ...parts] = texts();
  equal(empty, "");
  equal(parts.pop(), "end");
  equal(parts.length, 3);
  equal(parts.join(""), long);
});

test("bytes that are not UTF-8 are cut too, and end", () => {
  const { write, texts } = sinkScene();
  write(Buffer.concat([Buffer.alloc(20_000, 0x80), Buffer.from("\n")]));
  deepEqual(
    texts().map((text) => text.length),
    [8_000, 8_000, 4_000],
  );
});

test("what the link does not take is counted, and told before the next message that it takes", () => {
  const { write, texts, takes, sink } = sinkScene();
  write(Buffer.from("1\n"));
  takes(false);
  write(Buffer.from("2\n3\n"));
  takes(true);
  write(Buffer.from("4\n"));
  takes(false);
  write(Buffer.from("5\n"));
  takes(true);
  ok(sink.tellLost(startMicros));
  const cause = "resource temporarily unavailable (EAGAIN)";
  deepEqual(texts(), ["1", `2 messages lost: ${cause}`, "4", `1 message lost: ${cause}`]);
});
