import type { DependencyCondition, ServiceSpec } from "@supervise/model";
import { dependsOn, makeConfiguration, makeSpec } from "./specs.js";
import { World } from "./world.js";

/** "db" as given, and "web" that depends on it. */
export function pair(
  db: Partial<ServiceSpec>,
  condition: DependencyCondition = "service_started",
  given: { required?: boolean; restart?: boolean } = {},
): World {
  const world = new World(
    makeConfiguration(
      makeSpec("db", db),
      makeSpec("web", { dependencies: [dependsOn("db", condition, given)] }),
    ),
  );
  world.startAll();
  return world;
}
