/** An answer that is an error: its HTTP status and the JSON that says why. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;
  /** For 405. */
  readonly allow: string | null;

  constructor(status: number, code: string, message: string, more: { readonly hint?: string | null; readonly allow?: string } = {}) {
    super(message);
    this.name = "RequestError";
    this.status = status;
    this.code = code;
    this.hint = more.hint ?? null;
    this.allow = more.allow ?? null;
  }
}

/** What a thrown value means to a client. */
export function toRequestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  if (error instanceof Error && "code" in error && error.code === "unknown-service") {
    const hint = "hint" in error && typeof error.hint === "string" ? error.hint : null;
    return new RequestError(404, "unknown-service", error.message, { hint });
  }
  return new RequestError(500, "internal", `internal error: ${error instanceof Error ? error.message : String(error)}`);
}

/** The body of an answer that is an error. */
export function errorBody({ code, message, hint }: RequestError): string {
  return `${JSON.stringify({ error: { code, message, hint } })}\n`;
}
