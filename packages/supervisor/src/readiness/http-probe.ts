import { PROBE_LIMIT_MS, type ProbeResult } from "./probe.js";

/** GET `url`; 200 to 399 is ready. The body is not read. */
export async function tryHttp(url: URL, signal: AbortSignal): Promise<ProbeResult> {
  const module = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  return new Promise((resolve) => {
    const request = module.get(url, {
      agent: false,
      signal,
      headers: { "user-agent": "supervise", connection: "close" },
    });
    const limit = setTimeout(
      () => request.destroy(new Error(`no answer within ${PROBE_LIMIT_MS / 1_000} s`)),
      PROBE_LIMIT_MS,
    );
    request.once("response", (response) => {
      clearTimeout(limit);
      const status = response.statusCode ?? 0;
      // The socket is not needed again, and a body without end must not be waited for.
      response.destroy();
      resolve(
        status >= 200 && status < 400 ? { ok: true } : { ok: false, detail: `answered ${status}` },
      );
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(limit);
      resolve({
        ok: false,
        detail:
          error.code === "ECONNREFUSED" ? "nothing is listening (ECONNREFUSED)" : error.message,
      });
    });
  });
}
