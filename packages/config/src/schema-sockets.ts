import { isIP } from "node:net";
import { z } from "zod";
import type { SocketFields } from "./fields.js";
import { leaf, refuse, whole } from "./schema-leaf.js";
import { object, record } from "./schema-shapes.js";
import { path, umask } from "./schema-values.js";

/** As listen(2) has it since Linux 5.4. */
const BACKLOG = 4096;
const MODE = 0o666;

/** What LISTEN_FDNAMES can carry (sd_listen_fds_with_names(3)). */
const NAME = /^[^\p{Cc}\s:]{1,255}$/u;

export function sockets(): z.ZodType<Readonly<Record<string, SocketFields>>> {
  const short = listenAddress().transform((tcp): SocketFields => ({
    tcp,
    mode: MODE,
    backlog: BACKLOG,
  }));
  const long = object(
    {
      tcp: listenAddress()
        .optional()
        .describe("A numeric address and a port, or a port of 127.0.0.1."),
      unix: path().optional().describe("Path of a Unix stream socket."),
      mode: umask().prefault("666").describe("File mode of a Unix socket, in octal digits."),
      backlog: whole("a whole number from 1 to 65535", 1, 65_535)
        .prefault(BACKLOG)
        .describe("Clients that may wait to be accepted."),
    },
    "a map with tcp or unix",
  );
  const name = z
    .string()
    .refine((found) => NAME.test(found), { error: 'a name without blanks and ":"' });
  return record(
    name,
    z.union([short, long], { error: "host:port, a port, or a map with tcp or unix" }),
    "a map from names to sockets",
  );
}

function listenAddress(): z.ZodType<{ readonly host: string; readonly port: number }> {
  const json = {
    title: "`address:port` or port",
    type: ["string", "integer"],
    examples: ["127.0.0.1:8080", "[::]:8080", 8080],
  };
  const allowed = 'a numeric "address:port" or a port number from 1 to 65535';
  return leaf(allowed, ["string", "number"], json, (value) => {
    const match = /^(?:(\[[0-9A-Fa-f:.]+\]|[0-9.]+):)?([0-9]{1,5})$/.exec(String(value));
    const host = (match?.[1] ?? "127.0.0.1").replace(/^\[|\]$/g, "");
    const port = Number(match?.[2]);
    if (match === null || isIP(host) === 0 || port < 1 || port > 65_535) return refuse();
    return { host, port };
  });
}
