/** One request, whole. */
export interface Request {
  readonly method: string;
  /** Without the query, as it was sent. */
  readonly path: string;
  /** Names in lower case; of several lines with one name the values are joined by ", ". */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** May another one follow on this connection? */
  readonly keepAlive: boolean;
}

/** What keeps a request from being answered by a route: RFC 9110's number, and why, for the client and the log. */
export interface Refusal {
  readonly status: 400 | 408 | 413 | 431 | 501 | 505;
  readonly why: string;
}

/** What is known once the head is there. */
export interface Head {
  readonly request: Omit<Request, "body">;
  /** Bytes of the body, or "chunked" where only its own end says. */
  readonly length: number | "chunked";
  /** The client waits for "100 Continue" before it sends the body. */
  readonly expectsContinue: boolean;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Reads a head without its empty line (RFC 9112). What two readers might read differently is refused: that is how requests are smuggled. */
export function parseHead(text: string): Head | Refusal {
  const [first = "", ...lines] = text.split("\r\n");
  const found = /^(\S+) (\S+) HTTP\/(\d)\.(\d)$/.exec(first);
  const [, method = "", target = "", major, minor] = found ?? [];
  if (found === null || !TOKEN.test(method))
    return bad("the request line must be METHOD PATH HTTP/1.1");
  if (major !== "1") return { status: 505, why: `only HTTP/1 is spoken here, not HTTP/${major}` };
  const path = pathOf(target);
  if (path === null) return bad("the target must be a path");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    if (!TOKEN.test(name)) return bad("a header must be NAME: VALUE");
    const value = line.slice(colon + 1).replaceAll(/^[ \t]+|[ \t]+$/g, "");
    if (/[\u0000-\u0008\u000A-\u001F\u007F]/.test(value)) return bad("a header must hold text");
    const before = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  const host = headers.get("host");
  if (minor !== "0" && (host === undefined || host.includes(",")))
    return bad("a request of HTTP/1.1 must have one Host header");
  const length = lengthOf(headers);
  if (typeof length === "object") return length;
  const connection = (headers.get("connection") ?? "").toLowerCase().split(/\s*,\s*/);
  const keepAlive =
    minor === "0" ? connection.includes("keep-alive") : !connection.includes("close");
  const expectsContinue = minor !== "0" && headers.get("expect")?.toLowerCase() === "100-continue";
  return { request: { method, path, headers, keepAlive }, length, expectsContinue };
}

function lengthOf(headers: ReadonlyMap<string, string>): Head["length"] | Refusal {
  const coding = headers.get("transfer-encoding");
  const length = headers.get("content-length");
  if (coding !== undefined) {
    if (length !== undefined) return bad("a body must have one length, not two");
    return coding.toLowerCase() === "chunked"
      ? "chunked"
      : { status: 501, why: "the only transfer coding known here is chunked" };
  }
  if (length === undefined) return 0;
  return /^\d{1,15}$/.test(length) ? Number(length) : bad("Content-Length must be a number");
}

/** Of "/path?query" and of "http://host/path"; "*" is what OPTIONS may ask for. */
function pathOf(target: string): string | null {
  if (target === "*") return target;
  const path = target.replace(/^https?:\/\/[^/?#]*/i, "").replace(/[?#].*$/, "");
  return path.startsWith("/") ? path : path === "" && target !== "" ? "/" : null;
}

function bad(why: string): Refusal {
  return { status: 400, why };
}
