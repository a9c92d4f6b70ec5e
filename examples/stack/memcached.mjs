import { converse, exactly, line } from "./connection.mjs";

/** The value of a key, or null. The text protocol: protocol.txt of memcached. */
export function cacheGet(port, key) {
  return converse({ host: "127.0.0.1", port }, async ({ write, read }) => {
    write(`get ${key}\r\n`);
    const head = await read(line);
    if (head === "END") return null;
    const [word, , , length] = head.split(" ");
    if (word !== "VALUE") throw new Error(`memcached: ${head}`);
    return (await read(exactly(Number(length)))).toString("utf8");
  });
}

export function cacheSet(port, key, value, seconds) {
  return converse({ host: "127.0.0.1", port }, async ({ write, read }) => {
    write(`set ${key} 0 ${seconds} ${Buffer.byteLength(value)}\r\n${value}\r\n`);
    const answer = await read(line);
    if (answer !== "STORED") throw new Error(`memcached: ${answer}`);
  });
}
