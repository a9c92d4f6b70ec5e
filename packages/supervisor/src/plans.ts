import type { ServiceSpec } from "@supervise/model";
import { planSpawn, type PlanContext, type PlanFailure, type SpawnPlan } from "@supervise/process";

/** Spawn plans, made at the first run of a spec. */
export interface Plans {
  of(spec: ServiceSpec): SpawnPlan | PlanFailure;
}

export function createPlans(context: PlanContext): Plans {
  const plans = new WeakMap<ServiceSpec, SpawnPlan>();
  return {
    of: (spec) => {
      const known = plans.get(spec);
      if (known !== undefined) return known;
      const plan = planSpawn(spec, context);
      // A failure is not kept: the user may exist by the next try.
      if (plan.kind === "plan") plans.set(spec, plan);
      return plan;
    },
  };
}
