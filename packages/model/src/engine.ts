import type { Action, EngineEvent } from "./event.js";
import type { Configuration, ServiceSpec } from "./spec.js";
import type { ServiceSnapshot } from "./state.js";
import { applyConfiguration } from "./apply-configuration.js";
import { restartService, startAll, startService, stopService } from "./requests.js";
import type { ServiceMachine } from "./service-machine.js";
import { ServiceGraph } from "./service-graph.js";

/** The only source of chance: for the jitter of back-off. Returns a number in [0, 1). */
export interface EngineOptions {
  readonly random: () => number;
}

/** Decides what should happen to all services. One caller, not reentrant: what an action brings about is a later `dispatch`. */
export interface Engine {
  /** Takes in one event and returns what to do, in this order. `nowMs` is monotonic and never goes back. */
  dispatch(event: EngineEvent, nowMs: number): readonly Action[];
  /** Undefined: no such service. The object never changes; a later state is another object. */
  snapshot(name: string): ServiceSnapshot | undefined;
  /** All that there is to a service, to be written down for a later `restored`. Undefined: no such service. */
  machine(name: string): ServiceMachine | undefined;
  /** In the order of the configuration; services that left it and still run come last. */
  snapshots(): Iterable<ServiceSnapshot>;
  /** The spec in force: for a service that is restarted for a new spec, the old one until its run has ended. */
  spec(name: string): ServiceSpec | undefined;
  readonly configuration: Configuration;
  readonly shuttingDown: boolean;
  /** Nothing is in motion: no service is starting, stopping or in back-off, and no stop is held back. */
  settled(): boolean;
  /** Another engine in the same state. */
  clone(): Engine;
}

/** An engine in which nothing runs and nothing is wanted yet; `startAll` begins. The configuration has no cycle. */
export function createEngine(configuration: Configuration, options: EngineOptions): Engine {
  return engineOver(new ServiceGraph(configuration, options.random));
}

function engineOver(graph: ServiceGraph): Engine {
  return {
    get configuration(): Configuration {
      return graph.configuration;
    },
    get shuttingDown(): boolean {
      return graph.shuttingDown;
    },
    dispatch(event, nowMs) {
      receive(graph, event, nowMs);
      graph.drain(nowMs);
      return graph.finish();
    },
    snapshot: (name) => graph.nodes.get(name)?.machine,
    machine: (name) => graph.nodes.get(name)?.machine,
    *snapshots() {
      for (const node of graph.nodes.values()) yield node.machine;
    },
    spec: (name) => graph.nodes.get(name)?.spec,
    settled: () => graph.settled,
    clone: () => engineOver(graph.clone()),
  };
}

function receive(graph: ServiceGraph, event: EngineEvent, nowMs: number): void {
  switch (event.type) {
    case "startService":
      if (!graph.shuttingDown) startService(graph, event.name, event.cause, nowMs);
      return;
    case "startAll":
      if (!graph.shuttingDown) startAll(graph, event.cause, new Set(event.except), nowMs);
      return;
    case "stopService":
      stopService(graph, event.name, event.cause, nowMs);
      return;
    case "restartService":
      if (!graph.shuttingDown) restartService(graph, event.name, event.cause, nowMs);
      return;
    case "shutDown":
      graph.shuttingDown = true;
      for (const node of graph.nodes.values())
        graph.step(node, { type: "stop", cause: event.cause }, nowMs);
      return;
    case "shutDownNow":
      graph.shuttingDown = true;
      for (const node of graph.nodes.values())
        graph.step(node, { type: "kill", cause: event.cause }, nowMs);
      return;
    case "applyConfiguration":
      applyConfiguration(
        graph,
        event.configuration,
        new Set(event.restart),
        event.generation,
        nowMs,
      );
      return;
    case "adopted": {
      const node = graph.nodes.get(event.name);
      if (node === undefined) return;
      graph.step(node, event, nowMs);
      if (graph.shuttingDown)
        graph.step(node, { type: "stop", cause: { kind: "shutdown", by: "policy" } }, nowMs);
      return;
    }
    case "restored":
      // All before any is looked at: what one waits for is another.
      for (const machine of event.machines) {
        const node = graph.nodes.get(machine.name);
        if (node !== undefined) graph.restore(node, machine);
      }
      return;
    case "deadlineReached": {
      const node = graph.nodes.get(event.name);
      if (node === undefined) return;
      graph.forgetDeadline(node);
      graph.step(node, event, nowMs);
      graph.enqueue(node);
      return;
    }
    case "spawned":
    case "spawnFailed":
    case "mainMoved":
    case "becameReady":
    case "readinessFailed":
    case "healthChanged":
    case "watchdogExpired":
    case "stoppingAnnounced":
    case "mainExited":
    case "treeGone":
    case "stopCommandFailed":
    case "survivorsNamed": {
      const node = graph.nodes.get(event.name);
      if (node !== undefined) graph.step(node, event, nowMs);
      return;
    }
  }
}
