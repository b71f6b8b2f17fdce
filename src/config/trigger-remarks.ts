/**
 * What is to be said of `on` beside its form: names that GitHub does not send, filters that do not go with their event.
 * An event or a type that is not known is only a warning, because GitHub adds some every year.
 */
import { didYouMean } from "../lib/suggest.ts";
import { EVENT_NAMES, filtersOf, typesOf, webhookOf } from "../match/events.ts";
import { EVENT_NAME, OURS } from "./trigger-schema.ts";
import type { Remark } from "./yaml-file.ts";

/** Triggers of Actions that no webhook stands behind, and what does the same here. */
export const SUBSTITUTES = new Map([
  [
    "schedule",
    "`schedule` comes from no webhook: let cron or a systemd timer start `longshore run HOOK` at that time",
  ],
  [
    "workflow_dispatch",
    "`workflow_dispatch` is the button of Actions: start a hook by hand with `longshore run HOOK`, or through GitHub's API with `on: repository_dispatch`",
  ],
  [
    "workflow_call",
    "`workflow_call` is how workflows call each other: put what is shared into a script that both hooks run, or start the other hook with `longshore run HOOK` or, through GitHub's API, `on: repository_dispatch`",
  ],
]);

/** Of each, only one of `KIND` and `KIND-ignore` can stand at an event. */
export const EXCLUSIVE = ["branches", "tags", "paths"];

/** @param on the value of the key, of whatever form. */
export function remarksOnTriggers(on: unknown): Remark[] {
  if (typeof on === "string") return remarksOnName(on, ["on"]);
  if (Array.isArray(on)) return on.flatMap((name, index) => remarksOnName(name, ["on", index]));
  return entries(on).flatMap(([name, filters]) => {
    const remarks = remarksOnName(name, ["on", name], true);
    return SUBSTITUTES.has(name) ? remarks : [...remarks, ...remarksOnFilters(name, filters)];
  });
}

function remarksOnName(name: unknown, path: PropertyKey[], atKey = false): Remark[] {
  // What is no name at all is an error of form.
  if (typeof name !== "string" || !EVENT_NAME.test(name)) return [];
  const substitute = SUBSTITUTES.get(name);
  if (substitute !== undefined) return [{ path, atKey, severity: "error", message: substitute }];
  const warning = (message: string): Remark[] => [{ path, atKey, severity: "warning", message }];
  if (!EVENT_NAMES.includes(name)) {
    const said = `GitHub has no event \`${name}\` that this version knows, so perhaps it never comes.`;
    return warning(`${said}${didYouMean(name, EVENT_NAMES)}`);
  }
  return webhookOf(name) === null
    ? warning(`GitHub tells only Actions of \`${name}\`, so it never comes`)
    : [];
}

function remarksOnFilters(event: string, filters: unknown): Remark[] {
  const allowed = filtersOf(event);
  return entries(filters).flatMap(([filter, value]) => {
    const error = (message: string): Remark[] => [
      { path: ["on", event, filter], atKey: true, severity: "error", message },
    ];
    const places = placesOf(filter);
    if (allowed && places.length > 0 && !places.includes(event))
      return error(misplaced(filter, event, places));
    const other = EXCLUSIVE.find((kind) => filter === `${kind}-ignore`);
    if (other !== undefined && entries(filters).some(([key]) => key === other))
      return error(`\`${other}\` and \`${filter}\` exclude each other: use \`${other}\` with \`!\` patterns`);
    return filter === "types" ? remarksOnTypes(event, value) : [];
  });
}

function misplaced(filter: string, event: string, places: readonly string[]): string {
  const all = filter === "types" ? "events that have actions, such as `pull_request`" : places.join(", ");
  return `\`${filter}\` does not go with \`${event}\`; it belongs to ${all}`;
}

/** The names that a filter goes with. */
export function placesOf(filter: string): readonly string[] {
  return OURS.get(filter) ?? EVENT_NAMES.filter((name) => filtersOf(name)?.includes(filter));
}

function remarksOnTypes(event: string, types: unknown): Remark[] {
  const known = typesOf(event);
  if (known.length === 0) return [];
  const path = ["on", event, "types"];
  const written: [unknown, PropertyKey[]][] = Array.isArray(types)
    ? types.map((type, index) => [type, [...path, index]])
    : [[types, path]];
  return written.flatMap(([type, place]): Remark[] => {
    if (typeof type !== "string" || known.includes(type)) return [];
    const message = `\`${event}\` has no type \`${type}\` that this version knows, so perhaps it never comes.${didYouMean(type, known)}`;
    return [{ path: place, severity: "warning", message }];
  });
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}
