import { errnoNumber, errnoText } from "@supervise/sys";

/** What `%m` stands for: an errno, negative or positive, its name ("ENOENT"), or an error of Node that carries one. */
export type ErrorCause = number | string | Error;

/**
 * `%m` becomes the text of the error and `%%` becomes `%`, as in syslog(3); nothing else is a conversion here, since the rest of a text comes from template strings
 * and may hold a `%` of any kind.
 */
export function expandError(text: string, cause: ErrorCause): string {
  return text.replaceAll(/%[m%]/g, (found) => (found === "%m" ? describe(cause) : "%"));
}

function describe(cause: ErrorCause): string {
  if (typeof cause === "number") return errnoText(-Math.abs(cause));
  if (typeof cause === "string") {
    const errno = errnoNumber(cause);
    return errno === null ? cause : errnoText(errno);
  }
  const errno: unknown = Reflect.get(cause, "errno");
  return typeof errno === "number" && errno < 0 ? errnoText(errno) : cause.message;
}
