import assert from "node:assert/strict";
import { test } from "node:test";
import { createIdentifiers } from "#supervisor/identifiers.js";

for (const device of ["/dev/urandom", "/dev/null", "/nowhere/urandom"])
  test(`run identifiers are 128 bits in hexadecimal, and differ beyond one batch, with ${device}`, () => {
    const next = createIdentifiers(device);
    const made = Array.from({ length: 600 }, next);
    for (const id of made) assert.match(id, /^[0-9a-f]{32}$/);
    assert.equal(new Set(made).size, made.length);
  });
