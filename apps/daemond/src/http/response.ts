import type { Refusal, Request } from "./request.js";

export interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  505: "HTTP Version Not Supported",
};

export const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

export function textResponse(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const type = { "content-type": "text/plain; charset=utf-8" };
  return { status, headers: { ...type, ...headers }, body: `${text}\n` };
}

export function jsonResponse(status: number, value: unknown): Response {
  const headers = { "content-type": "application/json" };
  return { status, headers, body: `${JSON.stringify(value, null, 2)}\n` };
}

export function refusalResponse({ status, why }: Refusal): Response {
  return textResponse(status, why);
}

/** As it goes over the wire; a HEAD gets the head alone, with the length that the body would have. */
export function formatResponse(
  { status, headers, body }: Response,
  { method, keepAlive, date }: Pick<Request, "method" | "keepAlive"> & { readonly date: Date },
): Buffer {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const lines = [
    `HTTP/1.1 ${status} ${REASONS[status] ?? ""}`,
    `date: ${date.toUTCString()}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${bytes.length}`,
    `connection: ${keepAlive ? "keep-alive" : "close"}`,
  ];
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  return method === "HEAD" ? head : Buffer.concat([head, bytes]);
}
