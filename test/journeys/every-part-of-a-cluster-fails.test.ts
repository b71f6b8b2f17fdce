/** Receivers and workers of several machines on one PostgreSQL, while one after the other of all parts fails. */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { lookInto, runsOf } from "../support/look.ts";
import { type Network, networkTo } from "../support/network.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { type TestServer, type Workplace, workplace } from "../support/server.ts";
import {
  checkNothingIsLost,
  lockText,
  readTrace,
  untilAllHaveEnded,
  writeTracedHooks,
} from "../support/traced-hooks.ts";
import { until } from "../support/until.ts";

const SENDERS = 3;
const ENOUGH = 3;
/** A lease and the time until somebody looks for those that have ended, several times. */
const TAKE_OVER_MS = 60_000;

/** Two receivers and two workers, and a third worker whose network can be cut. */
class Cluster {
  readonly accepted: string[] = [];
  broken = 0;
  readonly place: Workplace;
  readonly network: Network;
  readonly #postgres: TestPostgres;
  readonly #receivers: Promise<TestServer>[] = [];
  readonly #workers: Promise<TestServer>[] = [];

  private constructor(place: Workplace, postgres: TestPostgres, network: Network) {
    this.place = place;
    this.#postgres = postgres;
    this.network = network;
  }

  static async start(t: TestContext): Promise<Cluster> {
    const postgres = await startPostgres(t);
    const network = await networkTo(t, Number(new URL(postgres.url).port));
    const place = workplace(t);
    writeTracedHooks(place);
    place.write("hooks/long.yml", longHookText(place.folder));
    const cluster = new Cluster(place, postgres, network);
    for (const index of [0, 1]) cluster.#startReceiver(index);
    await Promise.all(cluster.#receivers);
    return cluster;
  }

  /** Of the two that are killed, or the one behind the network that is cut. */
  startWorker(index: number, { isFar = false } = {}): Promise<TestServer> {
    const worker = this.#serve("worker", isFar);
    this.#workers[index] = worker;
    return worker;
  }

  async killReceiver(index: number): Promise<void> {
    await (await this.#receivers[index])?.end("SIGKILL");
    this.#startReceiver(index);
  }

  async killWorker(index: number): Promise<void> {
    await (await this.#workers[index])?.end("SIGKILL");
    void this.startWorker(index);
  }

  async restartDatabase(): Promise<void> {
    await this.#postgres.stop();
    await this.#postgres.start();
  }

  /** Does something while deliveries come in, to every receiver in turn, and until some more are accepted and performed. */
  async underLoad(what: string, action: () => unknown): Promise<void> {
    let isSending = true;
    const senders = Array.from({ length: SENDERS }, async (_, sender) => {
      for (let sent = sender; isSending; sent++) await this.#sendOne(sent);
    });
    const begun = this.accepted.length;
    await until(`deliveries are accepted before ${what}`, () => this.accepted.length > begun + SENDERS);
    await action();
    const before = { accepted: this.accepted.length, trace: readTrace(this.place).length };
    await until(
      `deliveries are accepted and performed after ${what}`,
      () =>
        this.accepted.length >= before.accepted + ENOUGH &&
        readTrace(this.place).length > before.trace + ENOUGH,
    );
    isSending = false;
    await Promise.all(senders);
  }

  async receiver(): Promise<TestServer> {
    return (await this.#receivers[0]) ?? assert.fail();
  }

  async stop(): Promise<void> {
    for (const server of await Promise.all([...this.#receivers, ...this.#workers]))
      assert.equal((await server.end("SIGTERM")).code, 0);
  }

  async #sendOne(sent: number): Promise<void> {
    const server = await this.#receivers[sent % 2];
    const guid = crypto.randomUUID();
    try {
      const { status } = (await server?.send({ guid })) ?? assert.fail();
      assert.ok(status === 202 || status === 503, String(status));
      if (status === 202) this.accepted.push(guid);
      else this.broken++;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      this.broken++; // The connection broke, or there was none: GitHub would call it failed.
    }
  }

  #startReceiver(index: number): void {
    this.#receivers[index] = this.#serve("receiver");
  }

  #serve(role: string, isFar = false): Promise<TestServer> {
    const url = new URL(this.#postgres.url);
    if (isFar) url.port = String(this.network.port);
    this.place.environment.LONGSHORE_DATABASE = url.href;
    const server = this.place.serve("--only", role);
    this.place.environment.LONGSHORE_DATABASE = this.#postgres.url;
    return server;
  }
}

/** A run that only one may perform, and that lasts until the file `go` is there. */
function longHookText(folder: string): string {
  return `on: issues
concurrency: { group: long, queue: max }
run: |
  ${lockText(folder, "long")}
  echo "begin $LONGSHORE_RUN $LONGSHORE_ATTEMPT $$ $PPID" >> ${folder}/trace
  until [ -e ${folder}/go ]; do sleep 0.05; done
  echo "end $LONGSHORE_RUN $LONGSHORE_ATTEMPT" >> ${folder}/trace
`;
}

describe("receivers and workers with one PostgreSQL", () => {
  it("lose nothing and do nothing twice, whichever of them dies, while the database restarts, and when a worker is cut off from it", {
    timeout: 240_000,
  }, async (t) => {
    const cluster = await Cluster.start(t);
    const { place } = cluster;
    const look = await lookInto(t, place);
    const far = await cluster.startWorker(2, { isFar: true });
    const [long] = runsOf(await (await cluster.receiver()).send({ event: "issues" }));
    await look.reached(long, "running");
    for (const index of [0, 1]) await cluster.startWorker(index);

    await cluster.underLoad("the end of a receiver", () => cluster.killReceiver(1));
    await cluster.underLoad("the end of a worker", () => cluster.killWorker(0));
    await cluster.underLoad("a restart of the database", () => cluster.restartDatabase());
    await cluster.underLoad("the loss of a worker's network", () => cluster.network.cut());
    const { attempt } = await until(
      "another worker has taken the long run over",
      async () => {
        const run = readTrace(place).find((line) => line.run === long && line.attempt > 1);
        return run && { attempt: run.attempt };
      },
      TAKE_OVER_MS,
    );
    assert.equal(attempt, 2);
    await cluster.underLoad("its return", () => cluster.network.mend());
    assert.equal(far.process.exitCode, null, "it has survived that");
    place.write("go", "");
    await untilAllHaveEnded(look);
    await cluster.stop();
    t.diagnostic(`${cluster.accepted.length} accepted, ${cluster.broken} broken off or refused`);
    assert.equal((await look.ended(long)).status, "succeeded");
    await checkNothingIsLost(place, look, cluster.accepted);
  });
});
