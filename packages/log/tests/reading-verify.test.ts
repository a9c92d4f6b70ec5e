import assert from "node:assert/strict";
import * as fs from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import type { LogProof } from "#log/reading/row-proof.js";
import { verifyFiles } from "#log/reading/verify-files.js";
import { temporaryDirectory } from "@supervise/testkit";
import * as fc from "fast-check";

import { fileLogging } from "./file-logging.js";
import { scene } from "./hub-scene.js";
import { ENOSPC } from "./memory-kernel.js";

const prove = (path: string): Promise<LogProof> =>
  verifyFiles({ service: "web", path, form: "auto" }, (message) => {
    throw new Error(message);
  });

const row = (seq: number): string => `- web ${seq} out line ${seq}\n`;
const rows = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => row(from + index)).join("");

const told = ({ findings }: LogProof): string[] =>
  findings.map(({ kind, from, to, lines, cause }) => `${kind} ${from}-${to} ${lines} ${cause}`);

const cases: readonly (readonly [
  rule: string,
  files: readonly string[],
  findings: readonly string[],
  complete: boolean,
])[] = [
  [
    "numbers that follow one another over files are complete",
    [rows(1, 3), rows(4, 4), rows(5, 9)],
    [],
    true,
  ],
  ["files may begin at any number, as older ones are deleted", [rows(500, 510)], [], true],
  [
    "numbers that are missing within a file are an unexplained gap",
    [rows(1, 3) + rows(6, 7)],
    ["gap 4-5 2 null"],
    false,
  ],
  [
    "a file that is missing is an unexplained gap",
    [rows(1, 3), rows(8, 9)],
    ["gap 4-7 4 null"],
    false,
  ],
  [
    "a gap row explains what is missing",
    [`${rows(1, 3)}- web 4 gap 2 lines lost: disk full\n${rows(6, 7)}`],
    ["gap 4-5 2 disk full"],
    true,
  ],
  [
    "a gap row explains no more than it says",
    [`${rows(1, 3)}- web 4 gap 2 lines lost: disk full\n${rows(9, 9)}`],
    ["gap 4-5 2 disk full", "gap 6-8 3 null"],
    false,
  ],
  [
    "a number that comes twice is told, in one with those that follow it",
    [rows(1, 5) + rows(3, 6)],
    ["doubled 3-5 3 null"],
    false,
  ],
  [
    "what is no row is torn",
    [`${rows(1, 2)}- web 3 o\n${rows(3, 4)}`],
    ["torn null-null 1 null"],
    false,
  ],
  [
    "a rotated file that ends within a row is torn",
    [`${rows(1, 2)}- web 3 out li`, rows(3, 4)],
    ["torn null-null 1 null"],
    false,
  ],
  [
    "begins and ends of runs have no number and are no gap",
    [
      `- web - begin run 1, pid 2\n${rows(1, 2)}- web - end run 1 exited with code 1\n${rows(3, 3)}`,
    ],
    [],
    true,
  ],
];

for (const [rule, files, findings, complete] of cases) {
  test(rule, async (t) => {
    const path = join(temporaryDirectory(t), "web.log");
    for (const [index, text] of files.entries())
      fs.writeFileSync(
        index === files.length - 1 ? path : `${path}.2026010${index + 1}T000000.000000Z`,
        text,
      );
    const proof = await prove(path);
    assert.deepEqual(told(proof), findings);
    assert.equal(proof.complete, complete);
    assert.equal(proof.files, files.length);
  });
}

test("a finding says where it is", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  fs.writeFileSync(path, rows(1, 3) + rows(6, 7));
  const [finding] = (await prove(path)).findings;
  assert.equal(finding?.file, path);
  assert.equal(finding?.offset, rows(1, 3).length);
});

test("lines that a full disk has cost are a gap with that cause, and every other number is there", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  const { kernel, hub, service } = scene({ terminal: null });
  const web = service("web", fileLogging(path));
  kernel.push(web.stdout, "one\ntwo\n");
  await kernel.settle();
  kernel.onFileWrite = () => ENOSPC;
  kernel.push(web.stdout, "three\nfour\n");
  await kernel.settle();
  kernel.onFileWrite = null;
  kernel.push(web.stdout, "five\n");
  await kernel.settle();
  hub.close();
  const proof = await prove(path);
  assert.deepEqual(told(proof), ["gap 3-4 2 no space left on device (ENOSPC)"]);
  assert.ok(proof.complete);
  assert.deepEqual([proof.lines, proof.first, proof.last], [3, 1, 5]);
});

test("no row can be taken out, doubled or cut without being found", async (t) => {
  const path = join(temporaryDirectory(t), "web.log");
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 5, max: 60 }),
      fc.nat(),
      fc.constantFrom("out", "double", "cut"),
      async (count, place, deed) => {
        const all = Array.from({ length: count }, (_, index) => row(index + 1));
        // The first and the last may be missing: what was before and what is to come is not known.
        const at = 1 + (place % (count - 2));
        if (deed === "out") all.splice(at, 1);
        else if (deed === "double") all.splice(at, 0, all[at] ?? "");
        else all[at] = `${(all[at] ?? "").slice(0, 7)}\n`;
        fs.writeFileSync(path, all.join(""));
        assert.equal((await prove(path)).complete, false);
      },
    ),
    { numRuns: 100 },
  );
});
