import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { assertRefused, storedDeliveries } from "../support/contract.ts";
import { pushOfSize } from "../support/github.ts";
import type { Answer } from "../support/http.ts";
import { startReceiver, type TestReceiver } from "../support/receiver.ts";
import { countBodies } from "../support/store.ts";
import { PATIENT, sendTogether } from "../support/together.ts";

function assertUnavailable(answer: Answer): void {
  assertRefused(answer, 503, "store_unavailable");
  assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/);
}

/** Fails unless nothing at all is stored of the deliveries. */
async function assertNothingStored({ db }: TestReceiver): Promise<void> {
  for (const table of ["deliveries", "runs", "bodies_seen", "secret_uses"] as const)
    assert.deepEqual(await db.selectFrom(table).selectAll().execute(), [], table);
}

describe("a database that somebody else has locked", () => {
  it("is answered with 503 and nothing stored, and with 202 once it is free (story 27)", async (t) => {
    const receiver = await startReceiver(t);
    const other = new DatabaseSync(receiver.database, { timeout: 5_000 });
    t.after(() => other.close());
    other.exec("begin immediate");
    const guid = "the-same";
    assertUnavailable(await receiver.send({ guid }));
    const crowd = await Promise.all(Array.from({ length: 10 }, () => receiver.send()));
    for (const answer of crowd) assertUnavailable(answer);
    await assertNothingStored(receiver);

    other.exec("rollback");
    assert.equal((await receiver.send({ guid })).status, 202);
    assert.equal((await storedDeliveries(receiver)).length, 1);
  });

  it("is waited for where the lock is short (story 27)", async (t) => {
    const receiver = await startReceiver(t, { writer: { busyMs: 20_000 } });
    const other = new DatabaseSync(receiver.database, { timeout: 5_000 });
    t.after(() => other.close());
    other.exec("begin immediate");
    const answers = Array.from({ length: 10 }, () => receiver.send());
    // Whoever does not need the store is answered meanwhile.
    assertRefused(await receiver.send({ secret: "wrong" }), 403, "signature_mismatch");
    other.exec("commit");
    for (const { status } of await Promise.all(answers)) assert.equal(status, 202);
    assert.equal((await storedDeliveries(receiver)).length, 10);
  });

  it("tells the log, and the sender no more than that nothing is kept", async (t) => {
    const receiver = await startReceiver(t);
    const other = new DatabaseSync(receiver.database, { timeout: 5_000 });
    t.after(() => other.close());
    other.exec("begin immediate");
    const answer = await receiver.send();
    assert.doesNotMatch(answer.text, /sqlite|locked|database|longshore-test/i);
    const errors = receiver.log.filter(({ level }) => level === "error");
    assert.match(JSON.stringify(errors.map(({ fields }) => fields.reason)), /locked/);
  });
});

describe("a disk with less room than min-free-disk", () => {
  it("is answered with 503 and nothing stored (story 27)", async (t) => {
    const receiver = await startReceiver(t, { writer: { minFreeDiskBytes: Number.MAX_SAFE_INTEGER } });
    assertUnavailable(await receiver.send());
    assertUnavailable(await receiver.send({ event: "ping" }));
    assertUnavailable(await receiver.send({ body: pushOfSize(2 * 1024 ** 2) }));
    await assertNothingStored(receiver);
    const reasons = receiver.log.map(({ fields }) => fields.reason);
    assert.match(JSON.stringify(reasons), /min-free-disk/);
  });
});

describe("a database that is gone", () => {
  it("is answered with 503, and with 202 once it is back (story 27)", async (t) => {
    const receiver = await startReceiver(t);
    const folder = dirname(receiver.database);
    assert.equal((await receiver.send()).status, 202);
    renameSync(folder, `${folder}.elsewhere`);
    assertUnavailable(await receiver.send());
    renameSync(`${folder}.elsewhere`, folder);
    assert.equal((await receiver.send()).status, 202);
    assert.equal((await storedDeliveries(receiver)).length, 2);
  });
});

describe("a database whose tables refuse what is to be stored", () => {
  it("keeps the delivery out whole, and lets the others of its group in (story 27)", async (t) => {
    const receiver = await startReceiver(t, PATIENT);
    const other = new DatabaseSync(receiver.database, { timeout: 5_000 });
    t.after(() => other.close());
    other.exec(
      "create trigger no_run before insert on runs when (select ref from deliveries where id = new.delivery_id) = 'refs/heads/bad' begin select raise(abort, 'not this one'); end",
    );
    const answers = await sendTogether(
      receiver,
      Array.from({ length: 20 }, (_, index) => ({
        body: { ref: index % 5 === 0 ? "refs/heads/bad" : "refs/heads/main", unique: Math.random() },
      })),
    );
    for (const [index, answer] of answers.entries()) {
      if (index % 5 === 0) assertUnavailable(answer);
      else assert.equal(answer.status, 202);
    }
    const stored = (await storedDeliveries(receiver)).filter(({ event }) => event === "push");
    assert.equal(stored.length, 16);
    assert.ok(stored.every(({ ref, runs }) => ref === "refs/heads/main" && runs.length === 1));
    // The two that went ahead are among them.
    assert.equal(await countBodies(receiver.db), 18);
  });
});
