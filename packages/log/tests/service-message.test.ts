import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { maxLineBytes } from "@supervise/log";
import { scene } from "./hub-scene.js";

const warning = 28;
const message = (text: string, cut = false) => ({
  run: 2,
  priority: warning,
  bytes: Buffer.from(text),
  cut,
});

test("a message is lines among those of the service's output, with its facility and level", async () => {
  const { hub, kernel, service, shown } = scene();
  const { stdout } = service("web");
  kernel.push(stdout, "printed\n");
  await kernel.settle();
  hub.takeMessage("web", message("one\ntwo\n"));
  kernel.push(stdout, "again\n");
  await kernel.settle();
  deepEqual(
    hub.tail(["web"], null).map(({ seq, run, stream, text, facility, level }) => ({
      seq,
      run,
      stream,
      text,
      facility,
      level,
    })),
    [
      { seq: 1, run: 1, stream: "stdout", text: "printed", facility: undefined, level: undefined },
      { seq: 2, run: 2, stream: "syslog", text: "one", facility: "daemon", level: "warning" },
      { seq: 3, run: 2, stream: "syslog", text: "two", facility: "daemon", level: "warning" },
      { seq: 4, run: 1, stream: "stdout", text: "again", facility: undefined, level: undefined },
    ],
  );
  equal(shown().split("\n").length, 5);
});

test("a message that was cut ends with a partial line", () => {
  const { hub, service } = scene({ hub: { ringBytes: 256 * 1024 } });
  service("web");
  hub.takeMessage("web", message("one\ntw", true));
  hub.takeMessage("web", message("x".repeat(maxLineBytes), true));
  deepEqual(
    hub.tail(["web"], null).map(({ text, partial }) => [text.length, partial]),
    [
      [3, false],
      [2, true],
      [maxLineBytes, true],
    ],
  );
  throws(() => hub.takeMessage("web", message("x".repeat(maxLineBytes + 2), true)));
});

test("a message makes a service ready that waits for a line", () => {
  const { hub, service } = scene();
  service("web");
  const seen: string[] = [];
  hub.watchLines("web", 2, /listening/, (text) => seen.push(text));
  hub.takeMessage("web", message("server: listening on 80\n"));
  deepEqual(seen, ["server: listening on 80"]);
});

test("a service that is not known takes no message", () => {
  const { hub } = scene();
  equal(hub.takeMessage("nobody", message("x\n")), false);
});
