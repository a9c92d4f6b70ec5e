import type { Request } from "./request.js";
import { jsonResponse, textResponse } from "./response.js";
import type { Response } from "./response.js";

type Handler = (request: Request) => Response;

/** Path, then method. HEAD is answered where GET is. */
export type Routes = ReadonlyMap<string, ReadonlyMap<string, Handler>>;

/** What this daemon answers. */
export function createRoutes(status: () => unknown): Routes {
  return new Map([
    ["/", new Map([["GET", (): Response => textResponse(200, "GET /status, POST /echo")]])],
    ["/status", new Map([["GET", (): Response => jsonResponse(200, status())]])],
    ["/echo", new Map([["POST", echo]])],
  ]);
}

function echo({ headers, body }: Request): Response {
  const type = headers.get("content-type") ?? "application/octet-stream";
  return { status: 200, headers: { "content-type": type }, body };
}

/** 404 where there is no such path, 405 with what is allowed where the path has no such method. */
export function route(routes: Routes, request: Request): Response {
  const { method, path } = request;
  if (path === "*" && method === "OPTIONS")
    return textResponse(200, "", { allow: "GET, HEAD, POST" });
  const methods = routes.get(path);
  if (methods === undefined) return textResponse(404, `there is no ${path} here`);
  const handler = methods.get(method) ?? (method === "HEAD" ? methods.get("GET") : undefined);
  if (handler !== undefined) return handler(request);
  const allow = [...methods.keys()].flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name]));
  return textResponse(405, `${path} takes ${allow.join(", ")}, not ${method}`, {
    allow: allow.join(", "),
  });
}
