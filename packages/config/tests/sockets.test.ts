import assert from "node:assert/strict";
import { test } from "node:test";
import { indent, loadText, messages } from "./support/load.js";

const at = (line: number, column: number): string =>
  `cannot read "supervise.yaml", line ${line}, column ${column}:`;

/** The rule, the whole file, and what is said. */
const cases: readonly (readonly [rule: string, text: string, expected: readonly string[]])[] = [
  [
    "a socket has one address",
    service("command: x\nsockets: { a: {}, b: { tcp: 80, unix: s } }"),
    [
      `${at(4, 19)} sockets.a must have exactly one of tcp and unix, found none`,
      `${at(4, 26)} sockets.b must have exactly one of tcp and unix, found both`,
    ],
  ],
  [
    "a socket's address is numeric",
    service("command: x\nsockets: { c: localhost:80, d: { tcp: 0 } }"),
    [
      `${at(4, 19)} sockets.c must be a numeric "address:port" or a port number from 1 to 65535, found "localhost:80"`,
      `${at(4, 43)} sockets.d.tcp must be a numeric "address:port" or a port number from 1 to 65535, found 0`,
    ],
  ],
  [
    "a socket's descriptor is not that of the readiness",
    service("command: x\nsockets: { a: 80, b: 81 }\nready: { fd: 4 }"),
    [`${at(5, 18)} ready.fd: 4 is the descriptor of a socket; those of "web" are 3 to 4`],
  ],
  [
    "one socket is bound once",
    "services:\n  a: { command: x, sockets: { h: 80 } }\n  b: { command: x, scale: 2, sockets: { h: { tcp: '127.0.0.1:80' } } }",
    [`${at(3, 44)} "b" and "a" would listen on 127.0.0.1:80`],
  ],
];
for (const [rule, text, expected] of cases) {
  test(rule, async () => {
    const result = await loadText(text);
    assert.deepEqual(messages(result), expected);
    assert.equal(result.configuration, null);
  });
}

function service(lines: string): string {
  return `services:\n  web:\n${indent(lines)}\n`;
}
