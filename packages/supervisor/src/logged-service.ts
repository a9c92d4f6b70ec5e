import { isMasked, type ServiceSpec } from "@supervise/model";
import { Mask, type LoggedService } from "@supervise/log";
import type { PlanContext } from "@supervise/process";

/** What services inherit. */
type Inherited = Pick<PlanContext, "environment">;

/** What the log hub needs to know of a service. */
export function loggedService(spec: ServiceSpec, inherited: Inherited): LoggedService {
  return { name: spec.name, logging: spec.logging, secrets: secretsOf(spec, inherited) };
}

/** A text that the service has said of itself, without its secrets. */
export function withoutSecrets(text: string, spec: ServiceSpec, inherited: Inherited): string {
  return spec.logging.mask === undefined ? text : new Mask(secretsOf(spec, inherited)).ofText(text);
}

/** Values of the variables whose names `mask` matches, inherited ones included. */
function secretsOf({ logging, process }: ServiceSpec, { environment }: Inherited): string[] {
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
