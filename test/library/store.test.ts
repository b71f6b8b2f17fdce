import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { UserError } from "../../src/config/problem.ts";
import { createReceiver } from "../../src/index.ts";
import type { ErrorContext, ReceiverOptions } from "../../src/library/options.ts";
import { findDelivery } from "../../src/store/deliveries.ts";
import { readOutput } from "../../src/store/output.ts";
import { findRun, type Run } from "../../src/store/runs.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { delivery, pushOfSize, pushPayload, SECRET } from "../support/github.ts";
import type { Answer } from "../support/http.ts";
import { type Mounted, mount, mountStored, recorder } from "../support/mounted.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

interface Stored extends Mounted {
  database: string;
  /** As somebody else has it open. */
  store: Store;
  /** A run, once it is at its end. */
  ended(run: number | undefined): Promise<Run>;
}

/** At once, so that no test waits for it. */
const AT_ONCE = { backoff: 0 };

async function mountInFile(t: TestContext, options: Partial<ReceiverOptions> = {}): Promise<Stored> {
  const database = join(temporaryFolder(t), "app.db");
  const mounted = await mountStored(t, `sqlite:${database}`, options);
  const store = await openStore(database);
  t.after(() => store.close());
  const ended = (run: number | undefined) =>
    until(`run ${run} has ended`, async () => {
      const found = await findRun(store.db, run ?? 0);
      return found?.finishedAt != null && found;
    });
  return { ...mounted, database, store, ended };
}

function runsIn({ json }: Answer): number[] {
  return (json as { runs: number[] }).runs;
}

describe("a receiver with a store", () => {
  it("stores before it answers, and then calls the listener with what came", async (t) => {
    const { receiver, send, ended, store } = await mountInFile(t);
    const { inputs, listen } = recorder();
    receiver.on("push", { name: "deploy" }, listen).on("issues.opened", { name: "triage" }, listen);
    const body = pushPayload();
    const answer = await send({ body, guid: "one", webhookId: "7" });
    assert.deepEqual([answer.status, answer.json], [202, { delivery: 1, runs: [1] }]);
    const { hook, status, attempt, reason } = await ended(1);
    assert.deepEqual([hook, status, attempt, reason], ["deploy", "succeeded", 1, null]);
    const [input] = inputs;
    assert.equal(inputs.length, 1);
    assert.deepEqual(input?.payload, body);
    assert.deepEqual([input?.delivery.guid, input?.delivery.webhookId], ["one", 7]);
    assert.deepEqual([input?.delivery.ref, input?.delivery.sender], ["refs/heads/main", "alice"]);
    assert.ok(input?.delivery.receivedAt instanceof Date);
    const { signal, ...run } = input?.run ?? {};
    assert.deepEqual([run, signal?.aborted], [{ id: 1, name: "deploy", attempt: 1 }, false]);
    assert.equal((await findDelivery(store.db, 1))?.secret, "secret-1");
  });

  it("answers as the server does: pong, nothing to do, a duplicate, a refusal", async (t) => {
    const { receiver, send, fetch, store, ended } = await mountInFile(t);
    receiver.on(["push", "issues.opened"], { name: "all" }, () => {});
    assert.deepEqual(
      [(await send({ event: "ping" })).text, (await send({ event: "star" })).status],
      ["pong", 204],
    );
    const closed = await send({ event: "issues", body: { action: "closed" } });
    assert.equal(closed.status, 204);
    const sent = delivery();
    await ended(runsIn(await fetch(sent))[0]);
    const again = await send(sent);
    assert.deepEqual([again.status, again.json], [200, { delivery: 4, duplicate: true, runs: [] }]);
    assert.equal((await send({ secret: "another" })).status, 403);
    assert.deepEqual((await findDelivery(store.db, 3))?.runs, []);
  });

  it("makes one run of fifty copies that come at once", async (t) => {
    const { receiver, send, ended } = await mountInFile(t);
    const { inputs, listen } = recorder();
    receiver.on("push", { name: "deploy" }, listen);
    const sent = delivery();
    const answers = await Promise.all(Array.from({ length: 50 }, () => send(sent)));
    await ended(1);
    assert.deepEqual(new Set(answers.flatMap(runsIn)), new Set([1]));
    assert.equal(inputs.length, 1);
  });

  it("takes a body that is examined on a thread of its own", async (t) => {
    const { receiver, send, ended } = await mountInFile(t);
    const { inputs, listen } = recorder();
    receiver.on("push", { name: "deploy" }, listen);
    const [run] = runsIn(await send({ body: pushOfSize(2 * 1024 ** 2) }));
    assert.equal((await ended(run)).status, "succeeded");
    assert.equal(inputs.length, 1);
  });

  it("tries a listener again that has thrown, as often as it says, and tells `onError` each time", async (t) => {
    const told: [error: unknown, context: ErrorContext][] = [];
    const { receiver, send, ended, store } = await mountInFile(t, {
      onError: (...what) => told.push(what),
    });
    const attempts: unknown[] = [];
    receiver.on("push", { name: "deploy", retry: { maxAttempts: 3, ...AT_ONCE } }, ({ run }) => {
      attempts.push(run?.attempt);
      if (run?.attempt !== 3) throw new Error(`no luck with ${SECRET}`);
    });
    const [run] = runsIn(await send());
    const { status, attempt } = await ended(run);
    assert.deepEqual([status, attempt, attempts], ["succeeded", 3, [1, 2, 3]]);
    assert.deepEqual(
      told.map(([error, { run: of, delivery: about }]) => [String(error), of?.attempt, about?.event]),
      [1, 2].map((n) => [`Error: no luck with ${SECRET}`, n, "push"]),
    );
    const output = Buffer.concat((await readOutput(store.db, run ?? 0, 1)).map(({ bytes }) => bytes));
    assert.match(output.toString(), /^Error: no luck with \*\*\*\n {4}at /);
  });

  it("lets a redelivery run only those again that have failed", async (t) => {
    const { receiver, send, ended, errors } = await mountInFile(t);
    const calls: string[] = [];
    receiver
      .on("push", { name: "good" }, () => void calls.push("good"))
      .on("push", { name: "bad", retry: { maxAttempts: 1 } }, async () => {
        calls.push("bad");
        throw calls.filter((name) => name === "bad").length === 1 ? new Error("not yet") : "a text";
      });
    const sent = delivery();
    const [good, bad] = runsIn(await send(sent));
    assert.equal((await ended(good)).status, "succeeded");
    const { status, reason, attempt } = await ended(bad);
    assert.deepEqual([status, reason, attempt], ["failed", "not yet", 1]);
    const again = await send(sent);
    assert.deepEqual([again.status, again.json], [202, { delivery: 1, duplicate: true, runs: [3] }]);
    assert.equal((await ended(3)).reason, "a text");
    assert.deepEqual(calls.sort(), ["bad", "bad", "good"]);
    assert.equal(errors.length, 2);
  });

  it("holds a body back that came before under another GUID, from whoever is not known to be GitHub", async (t) => {
    const body = pushPayload();
    for (const [replayProtection, answer] of [
      ["auto", { delivery: 2, replayed: true, runs: [] }],
      ["off", { delivery: 2, runs: [2] }],
    ] as const) {
      const { receiver, send } = await mountInFile(t, { replayProtection });
      receiver.on("push", { name: "deploy" }, () => {});
      await send({ body });
      assert.deepEqual((await send({ body })).json, answer);
    }
  });

  it("performs as many at once as it may", async (t) => {
    const { receiver, send, ended } = await mountInFile(t, { workers: 2 });
    const gate = Promise.withResolvers<void>();
    let [atOnce, most] = [0, 0];
    receiver.on("push", { name: "deploy" }, async () => {
      most = Math.max(most, ++atOnce);
      await gate.promise;
      atOnce--;
    });
    const runs = (await Promise.all(Array.from({ length: 5 }, () => send()))).flatMap(runsIn);
    await until("two are at work", () => atOnce === 2);
    gate.resolve();
    for (const run of runs) await ended(run);
    assert.equal(most, 2);
  });

  it("performs what an earlier process has left, also for a listener that is added late", async (t) => {
    const first = await mountInFile(t, { stopGrace: 0 });
    let aborted: AbortSignal | undefined;
    first.receiver.on("push", { name: "deploy" }, ({ run }) => {
      aborted = run?.signal;
      return new Promise(() => {});
    });
    const [run] = runsIn(await first.send());
    await until("it is at work", () => aborted);
    await first.receiver.close();
    assert.equal(aborted?.aborted, true);
    const { status, reason } = (await findRun(first.store.db, run ?? 0)) ?? {};
    assert.deepEqual([status, reason], ["queued", "handed back by a stopping server"]);

    const next = await mountStored(t, `sqlite:${first.database}`);
    next.receiver.on("issues", { name: "triage" }, () => {});
    await next.send({ event: "star" });
    next.receiver.on("push", { name: "deploy" }, () => {});
    assert.deepEqual([(await first.ended(run)).status, (await first.ended(run)).attempt], ["succeeded", 2]);
  });

  it("is one of several in a process that share a database, and takes no run from another's hands", async (t) => {
    const one = await mountInFile(t);
    const other = await mountStored(t, `sqlite:${one.database}`);
    const gate = Promise.withResolvers<void>();
    let calls = 0;
    one.receiver.on("push", { name: "slow" }, () => {
      calls++;
      return gate.promise;
    });
    other.receiver.on("issues", { name: "triage" }, () => {});
    const [slow] = runsIn(await one.send());
    await until("it is at work", () => calls > 0);
    const third = await mountStored(t, `sqlite:${one.database}`);
    third.receiver.on("issues", { name: "triage" }, () => {});
    const [triage] = runsIn(await third.send({ event: "issues" }));
    assert.equal((await one.ended(triage)).status, "succeeded");
    gate.resolve();
    assert.equal((await one.ended(slow)).attempt, 1);
    assert.equal(calls, 1);
  });

  it("starts and answers 503 while its database cannot be opened", async (t) => {
    const file = join(temporaryFolder(t), "no-folder");
    writeFileSync(file, "");
    const { receiver, send, errors, refused } = await mount(t, { store: `sqlite:${file}/app.db` });
    receiver.on("push", { name: "deploy" }, () => {});
    const answer = await send();
    assert.deepEqual([answer.status, refused[0]?.code], [503, "store_unavailable"]);
    assert.match(String(errors[0]), /ENOTDIR|EEXIST/);
    rmSync(file);
    await until("it is open", async () => (await send()).status === 202);
  });
});

describe("receiver.close with a store", () => {
  it("lets a listener finish, and refuses what comes meanwhile", async (t) => {
    const { receiver, send, store, errors } = await mountInFile(t);
    const gate = Promise.withResolvers<void>();
    let isAtWork = false;
    receiver.on("push", { name: "deploy" }, () => {
      isAtWork = true;
      return gate.promise;
    });
    const [run] = runsIn(await send());
    await until("it is at work", () => isAtWork);
    const closing = receiver.close();
    const late = await send();
    assert.deepEqual([late.status, late.headers["retry-after"]], [503, "30"]);
    assert.match(late.text, /"store_unavailable".*closing/);
    gate.resolve();
    await closing;
    assert.equal((await findRun(store.db, run ?? 0))?.status, "succeeded");
    assert.deepEqual(errors, []);
  });
});

describe("createReceiver with a store", () => {
  it("refuses a Node that is too old for it, which a receiver without a store is not", (t) => {
    const real = process.versions;
    t.after(() => Object.defineProperty(process, "versions", { value: real, configurable: true }));
    Object.defineProperty(process, "versions", { value: { ...real, node: "20.20.2" }, configurable: true });
    assert.throws(
      () => createReceiver({ secrets: SECRET, store: "sqlite:app.db" }),
      /`store`: Longshore needs Node 24\.6 or newer; this is 20\.20\.2/,
    );
    assert.doesNotThrow(() => createReceiver({ secrets: SECRET }));
  });

  it("refuses what is no database, and what means nothing without one", () => {
    const created = (options: object) => () => createReceiver({ secrets: SECRET, ...options });
    for (const wrong of ["app.db", "sqlite:", "sqlite::memory:", "mysql://host/db", 7])
      assert.throws(created({ store: wrong }), {
        name: UserError.name,
        message: /`store`: expected "sqlite:"/,
      });
    assert.throws(created({ store: "app.db" }), /is "sqlite:app.db" meant\?/);
    assert.throws(
      created({
        store: "x",
        workers: 0,
        retention: "30m",
        minFreeDisk: "much",
        replayProtection: "on",
        stopGrace: "?",
      }),
      /`workers` must be.*\n.*`retention`: "30m".*\n.*`minFreeDisk`: "much".*\n.*`replayProtection` must/,
    );
    assert.throws(
      created({ workers: 2, retention: "1d" }),
      /`workers` means nothing without `store`.*\n.*`retention` means/,
    );
  });
});
