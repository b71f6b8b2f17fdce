/**
 * A small model of the queue: what the rules say of every run, without a database. Tests do the same things to it and to
 * a store, and compare.
 */
import { MAX_INTERRUPTIONS } from "../../src/store/run-ends.ts";
import type { RunStatus } from "../../src/store/tables.ts";

export type Queue = "single" | "max";

export interface ModelRun {
  id: number;
  hook: string;
  group?: string;
  queue?: Queue;
  status: RunStatus;
  due: number;
  attempt: number;
  failures: number;
  interruptions: number;
  ending?: "failed" | "cancelled";
  worker?: string;
  leaseUntil?: number;
  /** Whether somebody wants the attempt that is being made to end. */
  isUnwanted: boolean;
  /** The attempts before the one that is being made, or that was the last. */
  kept: string[];
}

export class RunModel {
  readonly runs: ModelRun[] = [];
  now = 1_000;

  get(id: number): ModelRun {
    const run = this.runs.find((one) => one.id === id);
    if (!run) throw new Error(`the model has no run ${id}`);
    return run;
  }

  with(...statuses: RunStatus[]): ModelRun[] {
    return this.runs.filter(({ status }) => statuses.includes(status));
  }

  accept(id: number, hook: string, group?: { name: string; queue: Queue; cancelsRunning: boolean }): void {
    const run: ModelRun = {
      ...{ id, hook, group: group?.name, queue: group?.queue, status: "queued" },
      ...{ due: this.now, attempt: 0, failures: 0, interruptions: 0, isUnwanted: false, kept: [] },
    };
    this.runs.push(run);
    if (!group) return;
    this.#settle(group.name, group.queue);
    const performed = this.runs.find((one) => one.group === group.name && one.status === "running");
    if (group.cancelsRunning && performed && !performed.ending) performed.isUnwanted = true;
  }

  /** Those that a worker may have now. */
  claimable(): ModelRun[] {
    return this.with("queued").filter((run) => {
      if (run.due > this.now) return false;
      const others = this.runs.filter(
        ({ group, id }) => group !== undefined && group === run.group && id !== run.id,
      );
      return !others.some(({ status, id }) => status === "running" || (status === "queued" && id < run.id));
    });
  }

  claim(id: number, worker: string, leaseUntil: number): void {
    const run = this.get(id);
    Object.assign(run, { status: "running", worker, leaseUntil, attempt: run.attempt + 1 });
  }

  finish(id: number, status: "succeeded" | "failed" | "cancelled" | "skipped"): void {
    Object.assign(this.get(id), { status, worker: undefined, leaseUntil: undefined, ending: undefined });
  }

  retry(id: number, due: number): void {
    const run = this.get(id);
    this.#putBack(run, "failed", due);
    run.failures++;
    if (run.isUnwanted) this.#end(run);
    if (run.group && run.queue) this.#settle(run.group, run.queue);
  }

  decide(id: number, ending: "failed" | "cancelled"): void {
    Object.assign(this.get(id), { ending, isUnwanted: false });
  }

  handBack(id: number): void {
    const run = this.get(id);
    this.#putBack(run, "handed back", this.now);
    if (run.isUnwanted && !run.ending) Object.assign(run, { ending: "cancelled", isUnwanted: false });
  }

  interrupt(run: ModelRun): void {
    this.#putBack(run, "interrupted", this.now);
    run.interruptions++;
    if (run.ending) return;
    if (run.isUnwanted) Object.assign(run, { ending: "cancelled", isUnwanted: false });
    else if (run.interruptions >= MAX_INTERRUPTIONS) run.ending = "failed";
  }

  cancel(id: number): void {
    const run = this.get(id);
    if (run.status === "queued" && !run.ending) this.#end(run);
    else if (["queued", "running"].includes(run.status)) run.isUnwanted = true;
  }

  /** The newest takes the place of all others that wait, save those of which only the ending is left. */
  #settle(group: string, queue: Queue): void {
    if (queue === "max") return;
    const waiting = this.with("queued").filter((run) => run.group === group && !run.ending);
    for (const run of waiting.slice(0, -1)) this.#end(run);
  }

  #end(run: ModelRun): void {
    if (run.ending) return;
    if (run.failures === 0) run.status = "cancelled";
    else Object.assign(run, { ending: "cancelled", due: this.now, isUnwanted: false });
  }

  #putBack(run: ModelRun, outcome: string, due: number): void {
    run.kept.push(`${run.attempt} ${run.ending ?? outcome}`);
    Object.assign(run, { status: "queued", worker: undefined, leaseUntil: undefined, due });
  }
}
