import { isMasked } from "@supervise/model";

/**
 * Which variables of an environment are not shown to whoever looks over a shoulder: by name, whatever they hold; and passwords within URLs, whatever
 * the variable is called.
 */
const SECRET_NAME =
  /PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|COOKIE|SIGNATURE|(?:^|_)(?:PASS|PW|AUTH|DSN|SALT|PIN)(?:_|$)|KEY(?:_ID|_BASE)?$|(?:API|ACCESS|PRIVATE|SIGNING|ENCRYPTION)_?KEY/i;

/** These say where something is and not what it is. */
const PLACE_NAME = /_(?:FILE|PATH|DIR|SOCK|SOCKET|URI_TEMPLATE)$/i;

/** The password of scheme://user:password@host; the last "@" before the path ends it, for a password may hold one. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)([^\s/]+)(@)/gi;

const MASK = "***";
/** Shorter ones stand in too many words that have nothing to do with them. */
const SHORTEST = 4;

/** A value as it may be shown. */
export interface ShownValue {
  readonly value: string;
  /** Something of it is hidden. */
  readonly masked: boolean;
}

/** `patterns`: more names, those of the configuration's `mask`. */
export function maskSecret(
  name: string,
  value: string,
  patterns: readonly string[] = [],
): ShownValue {
  const secret = (SECRET_NAME.test(name) && !PLACE_NAME.test(name)) || isMasked(name, patterns);
  if (value !== "" && secret) return { value: MASK, masked: true };
  const shown = value.replaceAll(URL_PASSWORD, `$1${MASK}$3`);
  return { value: shown, masked: shown !== value };
}

/** The words of a command line as they may be shown: without the values of the secret variables that the process has, and without passwords within URLs. */
export function maskWords(
  words: readonly string[],
  variables: readonly { readonly name: string; readonly value: string }[],
  patterns: readonly string[],
): readonly string[] {
  const secrets = variables
    .filter(({ name, value }) => maskSecret(name, value, patterns).value === MASK)
    .map(({ value }) => value)
    .filter((value) => value.length >= SHORTEST)
    // One that holds another goes first.
    .toSorted((one, other) => other.length - one.length);
  return words.map((word) =>
    secrets
      .reduce((text, secret) => text.replaceAll(secret, MASK), word)
      .replaceAll(URL_PASSWORD, `$1${MASK}$3`),
  );
}
