import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kernel, OutputPipe } from "@supervise/sys";
import { createSparePipes } from "#supervisor/spare-pipes.js";

/** Immediates are called in the order in which they were asked for. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function scene(limit = Number.POSITIVE_INFINITY, openFiles = -1) {
  const open = new Set<number>();
  let made = 0;
  const kernel: Pick<Kernel, "outputPipe" | "close" | "getLimit"> = {
    getLimit: (resource) => {
      assert.equal(resource, 7);
      return { soft: openFiles, hard: openFiles };
    },
    outputPipe: (): OutputPipe | number => {
      if (open.size >= limit) return -24;
      made += 1;
      const pipe = { read: made * 2, child: made * 2 + 1, inode: made };
      open.add(pipe.read).add(pipe.child);
      return pipe;
    },
    close: (fd) => (open.delete(fd) ? 0 : -9),
  };
  return { pipes: createSparePipes(kernel), open, made: () => made };
}

test("none is made before anybody asked for the refill", async () => {
  const { pipes, made } = scene();
  assert.notEqual(typeof pipes.take(), "number");
  assert.equal(made(), 1);
  await turn();
  assert.equal(made(), 1);
});

test("a run takes the two that were made while nobody waited", async () => {
  const { pipes, made } = scene();
  pipes.refillSoon();
  assert.equal(made(), 0);
  await turn();
  assert.equal(made(), 2);
  const taken = [pipes.take(), pipes.take()];
  assert.deepEqual(
    new Set(taken.map((pipe) => (typeof pipe === "number" ? pipe : pipe.inode))),
    new Set([1, 2]),
  );
  assert.equal(made(), 2);
});

test("at the limit of descriptors there is one less to spare, and the errno comes with the next", async () => {
  const { pipes } = scene(2);
  pipes.refillSoon();
  await turn();
  assert.notEqual(typeof pipes.take(), "number");
  assert.equal(pipes.take(), -24);
});

test("a close leaves none behind, also of a refill that was yet to come", async () => {
  const { pipes, open } = scene();
  pipes.refillSoon();
  await turn();
  const taken = pipes.take();
  pipes.refillSoon();
  pipes.close();
  await turn();
  pipes.refillSoon();
  await turn();
  assert.equal(typeof taken, "object");
  assert.equal(open.size, 2);
});

test("runs leave twelve numbers to the control socket and all else", () => {
  const { pipes, open } = scene(undefined, 64);
  const taken: number[] = [];
  for (let pipe = pipes.take(); typeof pipe === "object"; pipe = pipes.take())
    taken.push(pipe.read, pipe.child);
  assert.equal(Math.max(...taken), 51);
  assert.equal(pipes.take(), -24);
  // What was refused is closed.
  assert.deepEqual([...open], taken);
});
