import { isMasked, type ServiceSpec } from "@supervise/model";
import { Mask } from "@supervise/log";
import type { PlanContext } from "@supervise/process";

/** What services inherit. */
type Inherited = Pick<PlanContext, "environment">;

/** The values of all services' secrets, for what the supervisor itself says: events, reasons, command lines. */
export interface Secrets {
  /** The services in force from now on. */
  use(specs: readonly ServiceSpec[]): void;
  /** The text without them. */
  hide(text: string): string;
}

export function createSecrets(inherited: Inherited): Secrets {
  let specs: readonly ServiceSpec[] = [];
  /** Undefined: not looked up yet. Null: there are none. */
  let mask: Mask | null | undefined;
  const find = (): Mask | null => {
    const all = new Set(specs.flatMap((spec) => secretsOf(spec, inherited)));
    const found = new Mask([...all]);
    return found.empty ? null : found;
  };
  return {
    use: (all) => {
      specs = all;
      mask = all.some(({ logging }) => logging.mask !== undefined) ? undefined : null;
    },
    hide: (text) => {
      if (mask === undefined) mask = find();
      return mask === null ? text : mask.ofText(text);
    },
  };
}

/** Values of the variables of a service whose names `mask` matches, inherited ones included. */
export function secretsOf(
  { logging, process }: ServiceSpec,
  { environment }: Inherited,
): readonly string[] {
  const { mask } = logging;
  if (mask === undefined) return [];
  const own = Object.entries(process.environment);
  const inherited = process.inheritEnvironment ? environment.map(parted) : [];
  return [...own, ...inherited].flatMap(([name, value]) => (isMasked(name, mask) ? [value] : []));
}

function parted(variable: Uint8Array): [name: string, value: string] {
  const text = Buffer.from(variable).toString();
  const equals = text.indexOf("=");
  return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
}
