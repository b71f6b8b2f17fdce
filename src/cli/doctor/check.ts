/** What a check of `longshore doctor` looks at, and what it has to say. */
import type { HookFolder } from "../../config/hook-folder.ts";
import type { LoadedSettings } from "../../config/settings.ts";
import type { Store } from "../../store/store.ts";

/** A server as it is found: what it is made of, not the process. */
export interface Patient extends LoadedSettings {
  hooks: HookFolder;
  /** Absent where there is no database yet, or where it cannot be opened. */
  store?: Store;
  /** Why the database cannot be opened. */
  storeProblem?: string;
  /** The rights that files had before the database was opened, which sets those of its own. */
  modes: ReadonlyMap<string, FileRights>;
  /** Epoch milliseconds. */
  now: number;
}

export interface FileRights {
  /** The nine bits, and before them the sticky one. */
  mode: number;
  /** The numbers of the account and of the group that own it. */
  owner: number;
  group: number;
}

/** `bad`: it does not work, or is not safe. `unknown`: nobody could tell. */
export type Status = "good" | "warning" | "bad" | "unknown";

export interface Finding {
  status: Status;
  message: string;
  /** What to do. */
  remedy: string | null;
}

export interface Check {
  /** For people and for whoever picks one out of the JSON. */
  name: string;
  /** At least one finding. What it throws becomes one that is `unknown`. */
  examine(patient: Patient): Promise<Finding[]> | Finding[];
}

export function good(message: string): Finding {
  return { status: "good", message, remedy: null };
}

export function warning(message: string, remedy: string): Finding {
  return { status: "warning", message, remedy };
}

export function bad(message: string, remedy: string): Finding {
  return { status: "bad", message, remedy };
}

export function unknown(message: string, remedy: string | null = null): Finding {
  return { status: "unknown", message, remedy };
}

/** The findings, or where there are none that all is well. */
export function orGood(findings: readonly Finding[], message: string): Finding[] {
  return findings.length > 0 ? [...findings] : [good(message)];
}
