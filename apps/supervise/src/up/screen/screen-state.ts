import type { ServiceStatus } from "@supervise/model";

/** What is measured of a service's processes while the screen is shown. */
export interface Measured {
  /** Percent of one processor; null: nothing to compare with yet. */
  readonly cpuPercent: number | null;
  /** RSS of all its processes, in bytes. */
  readonly memoryBytes: number;
  /** TCP ports that it listens on, in order. */
  readonly ports: readonly number[];
}

/** All that the screen shows comes of this. */
export interface ScreenState {
  readonly services: readonly ServiceStatus[];
  readonly measured: ReadonlyMap<string, Measured>;
  /** Name of the service that keys act on. */
  readonly selected: string | null;
  /** Only its rows are shown. */
  readonly only: string | null;
  readonly paused: boolean;
  /** How often the end was asked for. */
  readonly leaving: number;
}

export const FIRST_STATE: ScreenState = {
  services: [],
  measured: new Map(),
  selected: null,
  only: null,
  paused: false,
  leaving: 0,
};

/** What a key brings about beyond the screen. */
export type ScreenEffect =
  | { readonly type: "start" | "stop" | "restart"; readonly name: string }
  | { readonly type: "showOnly"; readonly name: string | null }
  | { readonly type: "hold"; readonly on: boolean }
  | { readonly type: "end" | "dashboard" | "suspend" };

/** A key as it was typed; names for those that are no character. */
export type ScreenKey = string;

const NOTHING: readonly ScreenEffect[] = [];

/** What comes of a key. Pure; the machine of the whole screen. */
export function pressKey(
  state: ScreenState,
  key: ScreenKey,
): readonly [ScreenState, readonly ScreenEffect[]] {
  const name = selectedName(state);
  switch (key) {
    case "up":
    case "k":
      return [move(state, -1), NOTHING];
    case "down":
    case "j":
      return [move(state, 1), NOTHING];
    case "r":
      return [state, name === null ? NOTHING : [{ type: "restart", name }]];
    case "s":
      return [state, name === null ? NOTHING : [{ type: "stop", name }]];
    case "a":
      return [state, name === null ? NOTHING : [{ type: "start", name }]];
    case "f": {
      const only = state.only === null ? name : null;
      return [{ ...state, only }, [{ type: "showOnly", name: only }]];
    }
    case "p":
      return [{ ...state, paused: !state.paused }, [{ type: "hold", on: !state.paused }]];
    case "d":
      return [state, [{ type: "dashboard" }]];
    case "ctrl+z":
      return [state, [{ type: "suspend" }]];
    case "q":
    case "ctrl+c":
      // Whoever leaves wants to see how.
      return [
        { ...state, leaving: state.leaving + 1, paused: false },
        [{ type: "hold", on: false }, { type: "end" }],
      ];
    default:
      return [state, NOTHING];
  }
}

/** The service that keys act on; null: there is none at all. */
export function selectedName({ services, selected }: ScreenState): string | null {
  return services.some(({ name }) => name === selected) ? selected : (services[0]?.name ?? null);
}

function move(state: ScreenState, by: number): ScreenState {
  const at = state.services.findIndex(({ name }) => name === selectedName(state));
  const next = state.services[Math.min(Math.max(at + by, 0), state.services.length - 1)];
  return next === undefined ? state : { ...state, selected: next.name };
}
