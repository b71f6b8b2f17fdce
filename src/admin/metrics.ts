/**
 * What Prometheus asks for. Labels are of closed sets only (sources, hooks that are loaded, statuses, codes of ours), so
 * that no stranger can make new ones. Accepts are those of this node; all else is of the database, the same on every node.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { SHIPPED_LIST_AT } from "../github/addresses.ts";
import { deliveriesBySource, newestIds } from "../store/changes.ts";
import { countAllQueuedRuns, type EndedRun, endedRunsBetween } from "../store/counts.ts";
import { readAddresses } from "../store/github-addresses.ts";
import { listNodes } from "../store/nodes.ts";
import { listRefusals, MAX_REFUSALS } from "../store/refusals.ts";
import { countRunningRuns } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import type { AdminSettings, Today } from "./parts.ts";

/** What ended less long ago may not all be there yet. */
const SETTLED_MS = 5_000;
const GONE = "(not loaded)";
const SECONDS = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600];
const ACCEPT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10];

interface MetricsOptions {
  store: Store;
  settings: AdminSettings;
  version: string;
  today(): Promise<Today>;
}

export class Metrics {
  readonly #options: MetricsOptions;
  readonly #registry = new Registry();
  readonly #counters;
  readonly #gauges;
  readonly #histograms;
  #seen?: { delivery: number; refusal: number; endedAt: number };
  #scraping: Promise<unknown> = Promise.resolve();

  constructor(options: MetricsOptions) {
    this.#options = options;
    const registers = [this.#registry];
    const counter = <T extends string>(name: string, help: string, labelNames: T[]) =>
      new Counter({ name: `longshore_${name}`, help, labelNames, registers });
    const gauge = <T extends string>(name: string, help: string, labelNames: T[] = []) =>
      new Gauge({ name: `longshore_${name}`, help, labelNames, registers });
    const histogram = <T extends string>(name: string, help: string, labelNames: T[], buckets: number[]) =>
      new Histogram({ name: `longshore_${name}`, help, labelNames, buckets, registers });
    this.#counters = {
      deliveries: counter("deliveries_total", "Deliveries stored since this node was started.", ["source"]),
      runs: counter("runs_ended_total", "Runs that have ended since this node was started.", [
        "hook",
        "status",
      ]),
      refusals: counter("refusals_total", "Requests refused since this node was started.", ["code"]),
    };
    this.#gauges = {
      info: gauge("info", "Which Longshore this is.", ["version"]),
      runs: gauge("runs", "Runs that have not ended.", ["status"]),
      hooks: gauge("hooks", "Hooks by state; broken: files with a mistake.", ["state"]),
      nodes: gauge("nodes", "Nodes by state.", ["state"]),
      addresses: gauge(
        "address_list_age_seconds",
        "Since GitHub's list of addresses was confirmed, or taken into this version.",
      ),
      database: gauge("database_bytes", "What of the database is in use."),
      memory: gauge("resident_memory_bytes", "Memory of this process."),
    };
    this.#histograms = {
      accept: histogram(
        "accept_duration_seconds",
        "From a request's head to its answer, here.",
        [],
        ACCEPT_SECONDS,
      ),
      run: histogram(
        "run_duration_seconds",
        "Of the last attempt of runs that have ended.",
        ["status"],
        SECONDS,
      ),
      wait: histogram("run_wait_seconds", "From queued to the start of the last attempt.", [], SECONDS),
    };
    this.#gauges.info.set({ version: options.version }, 1);
  }

  /** @param durations how long accepts took, in milliseconds. */
  observeAccepts(durations: readonly number[]): void {
    for (const ms of durations) this.#histograms.accept.observe(ms / 1_000);
  }

  /** Counts from now on. */
  async start(): Promise<void> {
    const { db } = this.#options.store;
    const [refusal] = await listRefusals(db, 1);
    const { delivery } = await newestIds(db);
    this.#seen = { delivery, refusal: refusal?.id ?? 0, endedAt: Date.now() };
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** In Prometheus's text format. */
  text(): Promise<string> {
    // One after the other: what is new would be counted by each.
    const text = this.#scraping.then(async () => {
      if (!this.#seen) await this.start();
      await this.#count();
      await this.#gauge();
      return this.#registry.metrics();
    });
    this.#scraping = text.catch(() => {});
    return text;
  }

  async #count(): Promise<void> {
    const seen = this.#seen;
    if (!seen) return;
    const { store, settings } = this.#options;
    const { delivery } = await newestIds(store.db);
    for (const { source, deliveries } of await deliveriesBySource(store.db, seen.delivery, delivery))
      if (settings.sources.some(({ name }) => name === source))
        this.#counters.deliveries.inc({ source }, deliveries);
    const refusals = (await listRefusals(store.db, MAX_REFUSALS)).filter(({ id }) => id > seen.refusal);
    for (const { code } of refusals) this.#counters.refusals.inc({ code });
    const until = Math.max(Date.now() - SETTLED_MS, seen.endedAt);
    const names = new Set((await this.#options.today()).hooks.map(({ name }) => name));
    for (const run of await endedRunsBetween(store.db, seen.endedAt, until)) this.#countRun(run, names);
    this.#seen = { delivery, refusal: refusals[0]?.id ?? seen.refusal, endedAt: until };
  }

  #countRun(
    { hook, status, queued_at, started_at, finished_at }: EndedRun,
    names: ReadonlySet<string>,
  ): void {
    this.#counters.runs.inc({ hook: names.has(hook) ? hook : GONE, status });
    if (started_at === null) return;
    this.#histograms.run.observe({ status }, (finished_at - started_at) / 1_000);
    this.#histograms.wait.observe((started_at - queued_at) / 1_000);
  }

  async #gauge(): Promise<void> {
    const { store, settings, today } = this.#options;
    const { runs, hooks, nodes, addresses, database, memory } = this.#gauges;
    runs.set({ status: "queued" }, await countAllQueuedRuns(store.db));
    runs.set({ status: "running" }, await countRunningRuns(store.db));
    const now = await today();
    const broken = new Set(
      now.problems.filter(({ severity }) => severity === "error").map(({ file }) => file),
    );
    hooks.set({ state: "loaded" }, now.hooks.length);
    hooks.set({ state: "disabled" }, now.hooks.filter(({ disabled }) => disabled).length);
    hooks.set({ state: "broken" }, broken.size);
    const all = await listNodes(store.db, Date.now());
    for (const state of ["up", "gone", "stopped"] as const)
      nodes.set({ state }, all.filter((node) => node.state === state).length);
    const list = await readAddresses(store.db, settings.githubApiUrl);
    addresses.set((Date.now() - Date.parse(list?.checkedAt ?? SHIPPED_LIST_AT)) / 1_000);
    database.set((await store.size()).usedBytes);
    memory.set(process.memoryUsage.rss());
  }
}
