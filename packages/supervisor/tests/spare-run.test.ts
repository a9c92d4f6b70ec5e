import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import type { ServiceSpec } from "@supervise/model";
import type { OutputPipe } from "@supervise/sys";
import { createSpareRun, type ReadyRun, type SpareRun } from "#supervisor/spare-run.js";
import type { PreparedRun, WantedRun } from "#supervisor/start-run.js";

/** Immediates are called in the order in which they were asked for. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** One whose parts may lie. */
function spec(name: string, more: object = {}): ServiceSpec {
  const plain = { type: "service", ready: null, watchdogMs: null, sockets: [], readsLogs: false };
  const process = { tty: false, stdinOpen: false };
  const rest = { restart: { kind: "always" }, logging: { driver: "none" }, process };
  return { name, ...plain, ...rest, ...more } as unknown as ServiceSpec;
}

function scene({ keeper = null, openFiles = 100 }: { keeper?: object | null; openFiles?: number }) {
  const open = new Set<number>();
  const made: string[] = [];
  let number = 0;
  const kernel = {
    getLimit: () => ({ soft: -1, hard: -1 }),
    outputPipe: (): OutputPipe | number => {
      if (open.size + 2 > openFiles) return -24;
      const pipe = { read: number++, child: number++, inode: number };
      open.add(pipe.read).add(pipe.child);
      return pipe;
    },
    close: (fd: number) => (open.delete(fd) ? 0 : -9),
  };
  const spare: SpareRun = createSpareRun(kernel, keeper, (wanted: WantedRun): ReadyRun | null => {
    made.push(`${wanted.spec.name} ${wanted.run}`);
    const [stdout, stderr] = [spare.pipes.take(), spare.pipes.take()];
    if (typeof stdout === "number" || typeof stderr === "number") return null;
    const prepared = { ...wanted, stdout, stderr } as unknown as PreparedRun;
    return { prepared, spawn: () => ({ pid: 7 }) };
  });
  return { spare, open, made };
}

test("the run that follows is there after a turn, for this spec and this number alone, and once", async () => {
  const { spare, open, made } = scene({});
  const web = spec("web");
  spare.prepareSoon({ spec: web, run: 1 });
  equal(spare.take({ spec: web, run: 2 }), null);
  await turn();
  deepEqual(made, ["web 2"]);
  equal(open.size, 4);
  equal(spare.take({ spec: web, run: 2 })?.prepared.run, 2);
  equal(spare.take({ spec: web, run: 2 }), null);
  for (const wanted of [
    { spec: { ...web }, run: 2 },
    { spec: web, run: 3 },
    { spec: spec("other"), run: 2 },
  ]) {
    spare.prepareSoon({ spec: web, run: 1 });
    await turn();
    equal(spare.take(wanted), null);
    equal(spare.take({ spec: web, run: 2 }), null, "it was taken back");
  }
  // What was taken out, and the two pipes that were put back.
  equal(open.size, 8);
});

test("its pipes are used by whichever run comes", async () => {
  const { spare, open } = scene({});
  spare.prepareSoon({ spec: spec("web"), run: 1 });
  await turn();
  equal(spare.take({ spec: spec("other"), run: 1 }), null);
  equal(typeof spare.pipes.take(), "object");
  equal(typeof spare.pipes.take(), "object");
  equal(open.size, 4);
});

test("what may not lie is not made: pipes are all that waits", async () => {
  for (const [more, keeper] of [
    [{ type: "forking" }, null],
    [{ type: "oneshot" }, null],
    [{ ready: { check: { kind: "notify" } } }, null],
    [{ watchdogMs: 1000 }, null],
    [{ restart: { kind: "no" } }, null],
    [{ sockets: [{}] }, null],
    [{ logging: { driver: "direct" } }, null],
    [{ process: { tty: true, stdinOpen: false } }, null],
    [{ process: { tty: false, stdinOpen: true } }, null],
    [{ readsLogs: true }, null],
    [{}, {}],
  ] as const) {
    const { spare, open, made } = scene({ keeper });
    spare.prepareSoon({ spec: spec("web", more), run: 1 });
    await turn();
    deepEqual(made, [], JSON.stringify(more));
    equal(open.size, 4);
  }
});

test("without room for it there is none, and a close leaves nothing, also of one that was yet to come", async () => {
  const narrow = scene({ openFiles: 2 });
  narrow.spare.prepareSoon({ spec: spec("web"), run: 1 });
  await turn();
  equal(narrow.spare.take({ spec: spec("web"), run: 2 }), null);
  const { spare, open, made } = scene({});
  spare.prepareSoon({ spec: spec("web"), run: 1 });
  await turn();
  spare.prepareSoon({ spec: spec("web"), run: 2 });
  spare.close();
  await turn();
  spare.prepareSoon({ spec: spec("web"), run: 3 });
  await turn();
  deepEqual([made, open.size], [["web 2"], 0]);
});
