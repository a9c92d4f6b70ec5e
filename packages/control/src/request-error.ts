const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** An answer that is an error: its HTTP status and the JSON that says why. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;
  /** Allowed methods, for 405; else null. */
  readonly allow: string | null;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { readonly hint?: string | null; readonly allow?: string } = {},
  ) {
    super(message);
    this.name = "RequestError";
    this.status = status;
    this.code = code;
    this.hint = more.hint ?? null;
    this.allow = more.allow ?? null;
  }

  /** Behind the status in HTTP's first line. */
  get reason(): string {
    return REASONS[this.status] ?? "Error";
  }
}

/** Of what a target throws, by its code. */
const STATUSES: Readonly<Record<string, number>> = {
  "unknown-service": 404,
  "not-attachable": 409,
  ambiguous: 400,
};

/** What a thrown value means to a client. */
export function toRequestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  const status =
    error instanceof Error && "code" in error ? STATUSES[String(error.code)] : undefined;
  if (error instanceof Error && "code" in error && status !== undefined) {
    const hint = "hint" in error && typeof error.hint === "string" ? error.hint : null;
    return new RequestError(status, String(error.code), error.message, { hint });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new RequestError(500, "internal", `internal error: ${message}`);
}

/** The body of an answer that is an error, and the last line of a stream that breaks. */
export function errorBody({ code, message, hint }: RequestError): string {
  return `${JSON.stringify({ error: { code, message, hint } })}\n`;
}
