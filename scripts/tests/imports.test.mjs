import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { importsOf, onlyCode, packageOf } from "../imports.mjs";

const specifiers = (text) => importsOf(text).map(({ specifier }) => specifier);

test("every form of import is found", () => {
  const text = `
import type { A } from "a";
import {
  b,
  type B,
} from 'b';
import "c";
export { d } from "d";
export type * from "e";
const f = await import("f");
const g = require("g");
`;
  deepEqual(new Set(specifiers(text)), new Set(["a", "b", "c", "d", "e", "f", "g"]));
});

test("what stands in a comment or a string is no import", () => {
  deepEqual(
    specifiers('/** import { x } from "x"; */\n// import "y";\nconst z = `\nimport "z";`;\n'),
    [],
  );
  deepEqual(specifiers('export interface A {\n  /** read from "notify" */\n  b: 1;\n}\n'), []);
});

test("an import in a program that a string holds is none", () => {
  deepEqual(specifiers(`start(["node", "-e", "require('net').connect(1)"]);\n`), []);
});

test("a type-only import is told from one that runs", () => {
  deepEqual(importsOf('import type { A } from "a";\nimport { type B, b } from "b";\n'), [
    { specifier: "a", typeOnly: true },
    { specifier: "b", typeOnly: false },
  ]);
});

test("code is what is left without comments and literals", () => {
  deepEqual(onlyCode('f("process.exit"); // process.exit').trim(), 'f("");');
});

test("a specifier is reduced to its package", () => {
  deepEqual(["@a/b/c", "d/e", "./f.js", "node:fs", "#g"].map(packageOf), [
    "@a/b",
    "d",
    null,
    null,
    null,
  ]);
});
