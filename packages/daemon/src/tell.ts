import { createKernel } from "@supervise/sys";

/** Takes a line for the operator, such as `(message) => syslog(LOG_ERR, message)`. */
export type Tell = (message: string) => void;

/** To descriptor 2: the terminal, or the log that a daemon has there. What it does not take is lost; a daemon has nobody else to tell. */
export function tellStderr(message: string): void {
  const bytes = Buffer.from(`${message}\n`);
  createKernel().write(2, bytes, 0, bytes.length);
}

/** The cause at the end of a message, on one line. */
export function causeOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replaceAll(/\s*\n\s*/g, " ");
}
