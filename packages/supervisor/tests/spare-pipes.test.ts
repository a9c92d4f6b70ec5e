import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kernel, OutputPipe } from "@supervise/sys";
import { createSparePipes } from "#supervisor/spare-pipes.js";

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

test("none is made before anybody asked for the refill", () => {
  const { pipes, made } = scene();
  assert.notEqual(typeof pipes.take(), "number");
  assert.equal(made(), 1);
});

test("a run takes the two that were made while nobody waited", () => {
  const { pipes, made } = scene();
  pipes.refill();
  assert.equal(made(), 2);
  const taken = [pipes.take(), pipes.take()];
  assert.deepEqual(
    new Set(taken.map((pipe) => (typeof pipe === "number" ? pipe : pipe.inode))),
    new Set([1, 2]),
  );
  assert.equal(made(), 2);
});

test("at the limit of descriptors there is one less to spare, and the errno comes with the next", () => {
  const { pipes } = scene(2);
  pipes.refill();
  assert.notEqual(typeof pipes.take(), "number");
  assert.equal(pipes.take(), -24);
});

test("one that is put back is taken next, and closed where there are two already", () => {
  const { pipes, open } = scene();
  const [one, other, third] = [pipes.take(), pipes.take(), pipes.take()];
  for (const pipe of [one, other, third]) if (typeof pipe === "object") pipes.putBack(pipe);
  assert.equal(open.size, 4);
  assert.deepEqual([pipes.take(), pipes.take()], [other, one]);
});

test("a close leaves none behind", () => {
  const { pipes, open } = scene();
  pipes.refill();
  const taken = pipes.take();
  pipes.close();
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
