import type {
  ActionMessage,
  EventEntry,
  ProcessRow,
  ProjectStatus,
  ServiceStatus,
} from "@supervise/model";
import type { Detail } from "./detail.js";
import type { ShownLine } from "./log-page.js";
import type { LogPageMessage } from "./log-window.js";
import type { Sample } from "./model.js";
import type { Proposal } from "./proposal.js";

export interface MouseEvent {
  readonly kind: "press" | "wheelUp" | "wheelDown";
  readonly x: number;
  readonly y: number;
}

/** All that can happen to the dashboard. */
export type Message =
  | { readonly type: "key"; readonly key: string }
  | { readonly type: "paste"; readonly text: string }
  | { readonly type: "mouse"; readonly mouse: MouseEvent }
  | { readonly type: "resize"; readonly width: number; readonly height: number }
  | { readonly type: "time"; readonly nowMs: number }
  | { readonly type: "connected"; readonly project: ProjectStatus }
  | { readonly type: "away"; readonly reason: string }
  /** `all`: these are all that there are. */
  | {
      readonly type: "services";
      readonly services: readonly ServiceStatus[];
      readonly all: boolean;
    }
  | {
      readonly type: "processes";
      /** Which services were asked about: those without a row have no process. */
      readonly names: readonly string[];
      readonly rows: readonly ProcessRow[];
    }
  | { readonly type: "samples"; readonly samples: ReadonlyMap<number, Sample> }
  | { readonly type: "events"; readonly entries: readonly EventEntry[] }
  /** `anew`: the lines of these services from their first that is kept, in place of those before. */
  | {
      readonly type: "logs";
      readonly names: readonly string[];
      readonly anew: boolean;
      readonly lines: readonly ShownLine[];
    }
  | LogPageMessage
  /** So far a search in the files has come. */
  | { readonly type: "logLooked"; readonly id: number; readonly time: string }
  | { readonly type: "why"; readonly name: string; readonly sentences: readonly string[] }
  | {
      readonly type: "configured";
      readonly name: string;
      readonly configured: NonNullable<Detail["configured"]>;
    }
  | { readonly type: "inspected"; readonly inspected: NonNullable<Detail["inspected"]> }
  | { readonly type: "proposed"; readonly proposal: Proposal }
  | { readonly type: "acting"; readonly id: number; readonly message: ActionMessage }
  | {
      readonly type: "told";
      readonly text: string;
      readonly good: boolean;
      readonly id: number | null;
    };
