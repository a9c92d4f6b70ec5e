import type { ServiceSpec } from "@supervise/model";
import type { LoggedService } from "@supervise/log";
import type { PlanContext } from "@supervise/process";
import { secretsOf } from "./secrets.js";

/** What the log hub needs to know of a service. */
export function loggedService(
  spec: ServiceSpec,
  inherited: Pick<PlanContext, "environment">,
): LoggedService {
  return { name: spec.name, logging: spec.logging, secrets: secretsOf(spec, inherited) };
}
