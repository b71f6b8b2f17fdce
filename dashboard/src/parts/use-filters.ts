/** Filters that stand in the page's address, so that a view can be kept, shared and gone back to. */
import { useSearchParams } from "wouter";
import type { Query } from "../api/request.ts";

export interface Filters {
  /** Empty where it is not set. */
  get(name: string): string;
  set(name: string, value: string): void;
  clear(): void;
  /** How many are set. */
  count: number;
  /** As the API wants them. */
  query: Query;
}

/** As the API understands them. */
export const PERIODS: readonly (readonly [period: string, name: string])[] = [
  ["1h", "Last hour"],
  ["24h", "Last 24 hours"],
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
];

/** @param names of what the list can be narrowed down by, besides `period`, `since` and `until`. */
export function useFilters(names: readonly string[]): Filters {
  const [parameters, setParameters] = useSearchParams();
  const all = [...names, "period", "since", "until"];
  const get = (name: string) => parameters.get(name) ?? "";
  const change = (edit: (next: URLSearchParams) => void) =>
    setParameters(
      (previous) => {
        const next = new URLSearchParams(previous);
        edit(next);
        return next;
      },
      { replace: true },
    );
  return {
    get,
    set: (name, value) =>
      change((next) => {
        if (value === "") next.delete(name);
        else next.set(name, value);
        if (name === "period") for (const bound of ["since", "until"]) next.delete(bound);
      }),
    clear: () =>
      change((next) => {
        for (const name of all) next.delete(name);
      }),
    count: all.filter((name) => get(name) !== "").length,
    query: { ...Object.fromEntries(names.map((name) => [name, get(name)])), ...timesOf(get) },
  };
}

function timesOf(get: (name: string) => string): Query {
  const period = get("period");
  if (PERIODS.some(([known]) => known === period)) return { since: period };
  const toIso = (text: string) => (Number.isNaN(Date.parse(text)) ? "" : new Date(text).toISOString());
  return { since: toIso(get("since")), until: toIso(get("until")) };
}
