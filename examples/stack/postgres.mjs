import { converse } from "./connection.mjs";

const PROTOCOL = 196608; // 3.0

function startup(user, database) {
  const body = Buffer.from(`user\0${user}\0database\0${database}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(PROTOCOL, 4);
  return Buffer.concat([head, body]);
}

function query(text) {
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.from("Q\0\0\0\0");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** For `read`: one message of the server, `[type, body]`. */
function message(bytes) {
  if (bytes.length < 5) return null;
  const used = bytes.readInt32BE(1) + 1;
  return bytes.length < used
    ? null
    : { value: [String.fromCharCode(bytes[0]), bytes.subarray(5, used)], used };
}

function columns(body) {
  const values = [];
  let at = 2;
  for (let left = body.readInt16BE(0); left > 0; left--) {
    const length = body.readInt32BE(at);
    at += 4;
    values.push(length < 0 ? null : body.toString("utf8", at, at + length));
    at += Math.max(length, 0);
  }
  return values;
}

/** The human-readable field of an ErrorResponse. */
const complaint = (body) => /(?:^|\0)M([^\0]*)/.exec(body.toString("utf8"))?.[1] ?? "unknown error";

/** Runs simple SQL over the Unix socket (PostgreSQL's frontend/backend protocol 3.0, no password) and returns the rows, texts or null. */
export function sql(path, text) {
  return converse({ path }, async ({ write, read }) => {
    write(startup("app", "postgres"));
    const rows = [];
    let asked = false;
    for (;;) {
      const [type, body] = await read(message);
      if (type === "E") throw new Error(`postgres: ${complaint(body)}`);
      if (type === "D") rows.push(columns(body));
      if (type === "R" && body.readInt32BE(0) !== 0)
        throw new Error("postgres: it asks for a password");
      if (type !== "Z") continue;
      if (asked) return rows;
      write(query(text));
      asked = true;
    }
  });
}
