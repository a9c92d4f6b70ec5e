import { converse, exactly, line } from "./connection.mjs";

/** Runs one command over RESP2 and returns its reply: a string, a number or null. */
export function redis(port, ...words) {
  return converse({ host: "127.0.0.1", port }, async ({ write, read }) => {
    write(
      [
        `*${words.length}`,
        ...words.flatMap((word) => [`$${Buffer.byteLength(word)}`, word]),
        "",
      ].join("\r\n"),
    );
    const head = await read(line);
    const rest = head.slice(1);
    switch (head[0]) {
      case "+":
        return rest;
      case ":":
        return Number(rest);
      case "$":
        return rest === "-1"
          ? null
          : (await read(exactly(Number(rest) + 2))).toString("utf8", 0, Number(rest));
      default:
        throw new Error(`redis: ${rest}`);
    }
  });
}
