/**
 * Receiver and worker are killed again and again while deliveries come in. `npm run torture` does it two hundred times;
 * with every change it is done a few times.
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { describe, it, type TestContext } from "node:test";
import { type Look, lookInto } from "../support/look.ts";
import { type TestServer, type Workplace, workplace } from "../support/server.ts";
import {
  checkNothingIsLost,
  readTrace,
  untilAllHaveEnded,
  writeTracedHooks,
} from "../support/traced-hooks.ts";
import { until } from "../support/until.ts";

const KILLS = Number(process.env.LONGSHORE_TORTURE_KILLS ?? 2);
const DELIVERIES_PER_KILL = 12;
const SENDERS = 4;
const ROLES = ["receiver", "worker"] as const;

type Role = (typeof ROLES)[number];

/** Two programs that are killed and started again, and senders that do not care. */
class Torture {
  readonly accepted: string[] = [];
  refused = 0;
  readonly place: Workplace;
  readonly #servers = new Map<Role, Promise<TestServer>>();

  constructor(t: TestContext) {
    this.place = workplace(t);
    writeTracedHooks(this.place);
    for (const role of ROLES) this.#start(role);
  }

  look(t: TestContext): Promise<Look> {
    return lookInto(t, this.place);
  }

  /** Sends some deliveries, and kills one of the two somewhere in the middle. */
  async round(): Promise<void> {
    const victim = ROLES[randomInt(ROLES.length)] ?? "worker";
    const progress = () => (victim === "receiver" ? this.accepted.length : readTrace(this.place).length);
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
  async settle(look: Look): Promise<void> {
    await untilAllHaveEnded(look);
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
    this.#servers.set(role, this.place.serve("--only", role));
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

    await checkNothingIsLost(torture.place, look, torture.accepted);
  });
});
