/**
 * Receiver and worker are killed again and again while deliveries come in. `npm run torture` does it two hundred times;
 * with every change it is done a few times.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { type Look, lookInto } from "../support/look.ts";
import { isRunning } from "../support/processes.ts";
import { type TestServer, type Workplace, workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

const KILLS = Number(process.env.LONGSHORE_TORTURE_KILLS ?? 2);
const DELIVERIES_PER_KILL = 12;
const SENDERS = 4;
const ROLES = ["receiver", "worker"] as const;

type Role = (typeof ROLES)[number];

const GROUPS = {
  single: "concurrency: newest",
  max: "concurrency: { group: every, queue: max }",
  none: "",
  retried: "retry: { max-attempts: 3, backoff: 10ms }",
};

/** A script that notes its begin and its end, and whether another one of its group is still at work. */
function hookText(folder: string, name: string): string {
  const lock = `exec 9> ${folder}/${name}.lock; flock -n 9 || echo "overlap $LONGSHORE_RUN" >> ${folder}/trace`;
  return `on: push
stale: run
${GROUPS[name as keyof typeof GROUPS]}
run: |
  ${["single", "max"].includes(name) ? lock : ""}
  echo "begin $LONGSHORE_RUN $$ $PPID" >> ${folder}/trace
  sleep 0.02
  ${name === "retried" ? "[ $((LONGSHORE_RUN % 2)) = 0 ] || [ $LONGSHORE_ATTEMPT -gt 1 ] || exit 1" : ""}
  echo "end $LONGSHORE_RUN" >> ${folder}/trace
`;
}

interface Line {
  what: string;
  run: number;
  pids: number[];
}

/** Two programs that are killed and started again, and senders that do not care. */
class Torture {
  readonly accepted: string[] = [];
  refused = 0;
  readonly #place: Workplace;
  readonly #servers = new Map<Role, Promise<TestServer>>();

  constructor(t: TestContext) {
    this.#place = workplace(t);
    for (const name of Object.keys(GROUPS))
      this.#place.write(`hooks/${name}.yml`, hookText(this.#place.folder, name));
    for (const role of ROLES) this.#start(role);
  }

  look(t: TestContext): Promise<Look> {
    return lookInto(t, this.#place);
  }

  /** What the scripts have noted. */
  trace(): Line[] {
    const file = join(this.#place.folder, "trace");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    return lines.map((line) => {
      const [what = "", run, ...pids] = line.split(" ");
      return { what, run: Number(run), pids: pids.map(Number) };
    });
  }

  /** Sends some deliveries, and kills one of the two somewhere in the middle. */
  async round(): Promise<void> {
    const victim = ROLES[randomInt(ROLES.length)] ?? "worker";
    const progress = () => (victim === "receiver" ? this.accepted.length : this.trace().length);
    const enough = progress() + randomInt(DELIVERIES_PER_KILL);
    const killing = until(`the ${victim} has gone on`, () => progress() >= enough).then(async () => {
      await (await this.#servers.get(victim))?.end("SIGKILL");
      this.#start(victim);
    });
    const sending = Array.from({ length: SENDERS }, async () => {
      for (let sent = 0; sent < DELIVERIES_PER_KILL / SENDERS; sent++) await this.#send();
    });
    await Promise.all([killing, ...sending]);
  }

  /** All that it has begun is at its end, and so are the programs. */
  async settle({ store }: Look): Promise<void> {
    let waiting = Number.POSITIVE_INFINITY;
    // As long as it goes on, however slowly.
    while (waiting > 0)
      waiting = await until("fewer runs wait", async () => {
        const { left } = await store.db
          .selectFrom("runs")
          .select(({ fn }) => fn.countAll<number>().as("left"))
          .where("finished_at", "is", null)
          .executeTakeFirstOrThrow();
        return left < waiting ? { left } : undefined;
      }).then(({ left }) => left);
    for (const role of ROLES) assert.equal((await (await this.#servers.get(role))?.end("SIGTERM"))?.code, 0);
  }

  async #send(): Promise<void> {
    const server = await this.#servers.get("receiver");
    try {
      const guid = crypto.randomUUID();
      const { status } = (await server?.send({ guid })) ?? assert.fail();
      assert.equal(status, 202);
      this.accepted.push(guid);
    } catch (error) {
      // The connection broke, or there was none: GitHub would call it failed.
      if (error instanceof assert.AssertionError) throw error;
      this.refused++;
    }
  }

  #start(role: Role): void {
    this.#servers.set(role, this.#place.serve("--only", role));
  }
}

describe("a receiver and a worker that are killed at any moment", () => {
  it("have every delivery that was accepted, bring each of its runs to an end, and never two of a group at once", {
    timeout: 120_000 + KILLS * 10_000,
  }, async (t) => {
    const torture = new Torture(t);
    for (let kills = 0; kills < KILLS; kills++) await torture.round();
    const look = await torture.look(t);
    await torture.settle(look);
    t.diagnostic(`${KILLS} kills, ${torture.accepted.length} accepted, ${torture.refused} broken off`);

    const deliveries = new Map((await look.deliveries()).map((delivery) => [delivery.guid, delivery]));
    const runs = new Map((await look.runs()).map((run) => [run.id, run]));
    const trace = torture.trace();
    const ended = new Set(trace.filter(({ what }) => what === "end").map(({ run }) => run));
    for (const guid of torture.accepted) {
      const delivery = deliveries.get(guid);
      assert.deepEqual(delivery?.runs.map(({ hook }) => hook).sort(), Object.keys(GROUPS).sort(), guid);
      for (const { id } of delivery?.runs ?? []) {
        const { status, reason } = runs.get(id) ?? assert.fail();
        if (status === "succeeded")
          assert.ok(ended.has(id), `run ${id} has succeeded, and was never performed`);
        else
          assert.match(
            `${status}: ${reason}`,
            /^cancelled: (superseded by|100 runs)|^failed: interrupted 3 times/,
          );
      }
    }
    assert.deepEqual(
      trace.filter(({ what }) => what === "overlap"),
      [],
    );
    const pids = new Set(trace.flatMap((line) => line.pids));
    await until("no process is left over", () => ![...pids].some(isRunning));
  });
});
