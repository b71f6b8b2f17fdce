/** What {@link createReceiver} is told of its store, checked; see `options.ts`. */
import { resolve } from "node:path";
import { tooOld } from "../lib/node-version.ts";
import { parseDuration, parseSize } from "../lib/quantity.ts";

export interface StoreOptions {
  /**
   * Where deliveries are stored before they are answered: `sqlite:PATH` or `postgres://user@host/database`. Listeners
   * are then durable runs, performed in this process with retries, and each needs a name: `on(event, { name }, listener)`.
   * Without it all happens in memory.
   */
  store?: string;
  /** With `store`: how many listeners are at work at once. 4 unless said. */
  workers?: number;
  /** With `store`: how long deliveries are kept, a text such as `30d`, which is the default, or `forever`. */
  retention?: string;
  /** With `store`: bytes, or a text such as `1GiB`, which is the default; with less space on the disk nothing is stored. */
  minFreeDisk?: number | string;
  /**
   * With `store`: whether a body that came before under another GUID starts nothing, unless its sender is known to be
   * GitHub by its address. `auto` unless said; `off` where nobody can tell who connects, as in a route of Next.js.
   */
  replayProtection?: "auto" | "off";
  /** How long `close()` waits for listeners: milliseconds, or a text such as `30s`, which is the default. */
  stopGrace?: number | string;
}

export interface CheckedStoreOptions {
  /** Absent: all happens in memory. */
  store?: StoreSettings;
  stopGraceMs: number;
}

export interface StoreSettings {
  /** The path of a file, or the URL of a server. */
  database: string;
  workers: number;
  /** `null`: for ever. */
  retentionMs: number | null;
  minFreeDiskBytes: number;
  holdsReplays: boolean;
}

type Report = (message: string) => void;

/** The keys that mean something only with a store. */
const WITH_STORE = ["workers", "retention", "minFreeDisk", "replayProtection"] as const;
export const STORE_OPTIONS: readonly string[] = ["store", ...WITH_STORE, "stopGrace"];

const DEFAULTS = {
  workers: 4,
  retention: "30d",
  minFreeDisk: "1GiB",
  replayProtection: "auto",
  stopGrace: "30s",
};
const MAX_WORKERS = 1_000;
const SERVER = /^postgres(ql)?:\/\//;
const FILE = /^sqlite:(?!:memory:)(.+)$/;
/** What is meant to be thirty months is easily written `30m`, and cannot be brought back. */
const MIN_AGE_MS = 3_600_000;

/** @param given without those that are `undefined`. */
export function checkStoreOptions(given: StoreOptions, report: Report): CheckedStoreOptions {
  const stopGraceMs = checkedDuration("stopGrace", given.stopGrace ?? DEFAULTS.stopGrace, report);
  if (given.store === undefined) {
    for (const name of WITH_STORE)
      if (given[name] !== undefined) report(`\`${name}\` means nothing without \`store\``);
    return { stopGraceMs };
  }
  const old = tooOld(process.versions);
  if (old !== undefined) report(`\`store\`: ${old}`);
  const all = { ...DEFAULTS, ...given };
  const store = {
    database: checkedDatabase(given.store, report),
    workers: checkedWorkers(all.workers, report),
    retentionMs: checkedRetention(all.retention, report),
    minFreeDiskBytes: checkedSize("minFreeDisk", all.minFreeDisk, report),
    holdsReplays: checkedProtection(all.replayProtection, report),
  };
  return { store, stopGraceMs };
}

/** @returns bytes. */
export function checkedSize(name: string, given: unknown, report: Report): number {
  const bytes = ["number", "string"].includes(typeof given) ? parseSize(String(given)) : undefined;
  if (bytes === undefined)
    report(`\`${name}\`: "${given}" is no size; write a number of bytes, or a text such as "25MiB"`);
  return bytes ?? 0;
}

/** @returns milliseconds. */
export function checkedDuration(name: string, given: unknown, report: Report): number {
  const ms = typeof given === "number" && given >= 0 ? given : parseDuration(String(given));
  if (ms === undefined)
    report(`\`${name}\`: "${given}" is no duration; write milliseconds, or a text such as "5s"`);
  return ms ?? 0;
}

function checkedDatabase(given: unknown, report: Report): string {
  const text = String(given);
  if (SERVER.test(text) && URL.canParse(text)) return text;
  const [, path] = FILE.exec(text) ?? [];
  if (path === undefined)
    report(
      `\`store\`: expected "sqlite:" and the path of a file, or "postgres://user@host/database"${
        text.startsWith("sqlite:") || SERVER.test(text) ? "" : `; is "sqlite:${text}" meant?`
      }`,
    );
  return resolve(path ?? "");
}

function checkedWorkers(given: unknown, report: Report): number {
  if (Number.isInteger(given) && Number(given) >= 1 && Number(given) <= MAX_WORKERS) return Number(given);
  report(`\`workers\` must be a whole number from 1 to ${MAX_WORKERS}`);
  return 1;
}

function checkedRetention(given: unknown, report: Report): number | null {
  if (given === "forever") return null;
  const ms = typeof given === "string" ? parseDuration(given) : undefined;
  if (ms !== undefined && ms >= MIN_AGE_MS) return ms;
  report(`\`retention\`: "${given}" is not "forever", nor a duration of an hour or more such as "30d"`);
  return null;
}

function checkedProtection(given: unknown, report: Report): boolean {
  if (given !== "auto" && given !== "off") report('`replayProtection` must be "auto" or "off"');
  return given !== "off";
}
