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

/** A value as it may be shown. */
export interface ShownValue {
  readonly value: string;
  /** Something of it is hidden. */
  readonly masked: boolean;
}

export function maskSecret(name: string, value: string): ShownValue {
  if (value !== "" && SECRET_NAME.test(name) && !PLACE_NAME.test(name))
    return { value: MASK, masked: true };
  const shown = value.replaceAll(URL_PASSWORD, `$1${MASK}$3`);
  return { value: shown, masked: shown !== value };
}
