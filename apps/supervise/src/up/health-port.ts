import { serveHealth } from "@supervise/control";
import type { Keeper } from "@supervise/process";
import { errnoNumber, errnoText } from "@supervise/sys";
import { CommandError, EXIT_USAGE } from "../verb.js";
import type { Refusal } from "./claim-place.js";
import { keptSocket } from "./kept-socket.js";
import type { Session } from "./session.js";

/** Where health is served over TCP. */
export interface HealthPlace {
  readonly host: string;
  readonly port: number;
}

const LOOPBACK = "127.0.0.1";
const HIGHEST_PORT = 65_535;

/** "8080", "0.0.0.0:8080", "[::]:8080"; null: not asked for. Throws a `CommandError` for anything else. */
export function readHealthPlace(text: string | null): HealthPlace | null {
  if (text === null) return null;
  const found = /^(?:(?:\[([0-9A-Fa-f:.%\w]+)\]|([^:[\]]+)):)?([0-9]{1,5})$/.exec(text);
  const port = Number(found?.[3] ?? -1);
  if (found !== null && port <= HIGHEST_PORT)
    return { host: found[1] ?? found[2] ?? LOOPBACK, port };
  throw new CommandError(
    `cannot use option "--health-listen": it must be a port or HOST:PORT, found "${text}"`,
    { exitCode: EXIT_USAGE, hint: "such as 8080, 0.0.0.0:8080 or [::]:8080" },
  );
}

/** The listening socket, with the keeper. */
const DEPOSIT = "health";

/** Serves it; under a keeper on the socket that the supervisor before listened on. Returns its end, or why it can't. */
export async function listenForHealth(
  session: Session,
  place: HealthPlace,
  keeper: Keeper | null,
): Promise<(() => Promise<void>) | Refusal> {
  const { room } = session.core;
  try {
    const { url, close } = await serveHealth(session.target, {
      ...place,
      onWarning: (message) => room.warn(null, message),
      ...keptSocket(keeper, DEPOSIT),
    });
    room.hub.say(`Health is served on ${url}`, "info");
    return close;
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    const errno = errnoNumber(code);
    const cause = errno === null ? message : `${errnoText(errno)} (${code})`;
    return { message: `cannot serve health on ${place.host}:${place.port}: ${cause}`, hint: null };
  }
}
