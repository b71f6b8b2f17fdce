import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { checkSecrets } from "../../src/config/secrets.ts";
import { secretUses } from "../../src/store/secrets.ts";
import { assertRefused, deliveryOf, storedDeliveries } from "../support/contract.ts";
import { type DeliveryOptions, SECRET } from "../support/github.ts";
import { settingsIn, startReceiver } from "../support/receiver.ts";
import { temporaryFolder } from "../support/temporary.ts";

const NEW = { name: "2026-11-20", value: "the new secret of this source" };
const OLD = { name: "GITHUB_WEBHOOK_SECRET", value: "the old secret of this source" };
const UNSIGNED: DeliveryOptions = {
  headers: { "x-hub-signature": undefined, "x-hub-signature-256": undefined },
};

const withoutSecret = await startReceiver({ after }, { secrets: [] });

describe("several live secrets", () => {
  for (const secrets of [
    [NEW, OLD],
    [OLD, NEW],
  ]) {
    it(`are all good, in the order ${secrets.map(({ name }) => name)} (story 47)`, async (t) => {
      const receiver = await startReceiver(t, { secrets });
      for (const { name, value } of [NEW, OLD, NEW]) {
        const answer = await receiver.send({ secret: value });
        assert.equal(answer.status, 202);
        assert.equal((await deliveryOf(receiver, answer)).secret, name);
      }
      assertRefused(await receiver.send({ secret: "a third one" }), 403, "signature_mismatch");
    });
  }

  it("each tell when they were last used", async (t) => {
    const receiver = await startReceiver(t, { secrets: [NEW, OLD] });
    const before = Date.now();
    await receiver.send({ secret: OLD.value });
    const first = await secretUses(receiver.db, "github");
    assert.deepEqual([...first.keys()], [OLD.name]);
    assert.ok((first.get(OLD.name) ?? 0) >= before);

    await receiver.send({ secret: NEW.value });
    const second = await secretUses(receiver.db, "github");
    assert.deepEqual([...second.keys()].sort(), [NEW.name, OLD.name]);
    assert.equal(second.get(OLD.name), first.get(OLD.name));
  });

  it("are told apart by the algorithm too, where SHA-1 is allowed", async (t) => {
    const receiver = await startReceiver(t, { secrets: [NEW, OLD], source: { allowSha1: true } });
    const answer = await receiver.send({ secret: OLD.value, headers: { "x-hub-signature-256": undefined } });
    assert.equal((await deliveryOf(receiver, answer)).secret, OLD.name);
  });
});

describe("a change of the live secrets", () => {
  it("counts from the next request on", async (t) => {
    const secrets = [OLD];
    const receiver = await startReceiver(t, { secrets });
    assertRefused(await receiver.send({ secret: NEW.value }), 403, "signature_mismatch");
    secrets.unshift(NEW);
    assert.equal((await receiver.send({ secret: NEW.value })).status, 202);
    assert.equal((await receiver.send({ secret: OLD.value })).status, 202);
    secrets.pop();
    assertRefused(await receiver.send({ secret: OLD.value }), 403, "signature_mismatch");
  });

  it("to none lets nothing in, signed or not (story 5)", async (t) => {
    const secrets = [OLD];
    const receiver = await startReceiver(t, { secrets });
    secrets.pop();
    assertRefused(await receiver.send({ secret: OLD.value }), 403, "signature_mismatch");
    assertRefused(await receiver.send(UNSIGNED), 403, "signature_missing");
    assert.deepEqual(await storedDeliveries(receiver), []);
  });
});

describe("a source without a secret", () => {
  for (const secret of ["", "development", "secret", "github", "webhook", "undefined", "null", SECRET]) {
    it(`takes nothing that is signed with "${secret}" (story 6)`, async () => {
      assertRefused(await withoutSecret.send({ secret }), 403, "signature_mismatch");
    });
  }

  it("takes nothing that is not signed (stories 3, 5)", async () => {
    assertRefused(await withoutSecret.send(UNSIGNED), 403, "signature_missing");
  });

  it("with an empty one takes nothing that is signed with an empty one", async (t) => {
    const receiver = await startReceiver(t, { secrets: [{ name: "empty", value: "" }] });
    assertRefused(await receiver.send({ secret: "" }), 403, "signature_mismatch");
    assertRefused(await receiver.send(UNSIGNED), 403, "signature_missing");
  });

  it("stops the start, and so does one with an empty secret (stories 5, 6)", (t) => {
    const folder = temporaryFolder(t);
    for (const variables of [{}, { GITHUB_WEBHOOK_SECRET: "" }]) {
      const { settings, environment } = settingsIn(folder, variables);
      assert.throws(() => checkSecrets(settings, environment), /anybody could send/);
    }
  });
});

describe("insecure-no-secret", () => {
  const insecureNoSecret = { source: { insecureNoSecret: true } };

  it("lets unsigned deliveries in where there is no secret, and stores that none has matched", async (t) => {
    const receiver = await startReceiver(t, { ...insecureNoSecret, secrets: [] });
    const answer = await receiver.send(UNSIGNED);
    assert.equal(answer.status, 202);
    assert.equal((await deliveryOf(receiver, answer)).secret, null);
  });

  it("lets signed ones in as well, unchecked", async (t) => {
    const receiver = await startReceiver(t, { ...insecureNoSecret, secrets: [] });
    assert.equal((await receiver.send({ secret: "whatever" })).status, 202);
  });

  it("changes nothing as long as there is a secret (story 3)", async (t) => {
    const receiver = await startReceiver(t, insecureNoSecret);
    assertRefused(await receiver.send(UNSIGNED), 403, "signature_missing");
    assertRefused(await receiver.send({ secret: "whatever" }), 403, "signature_mismatch");
    assert.equal((await receiver.send()).status, 202);
  });
});

describe("two sources", () => {
  const options = {
    sources: [{ name: "forge", secrets: () => [{ name: "forge", value: "the forge's own secret" }] }],
  };

  it("each take their own secret and not the other's (story 4)", async (t) => {
    const receiver = await startReceiver(t, options);
    const answer = await receiver.send({ path: "/forge", secret: "the forge's own secret" });
    assert.equal((await deliveryOf(receiver, answer)).source, "forge");
    assert.equal((await receiver.send()).status, 202);
    assertRefused(await receiver.send({ path: "/forge" }), 403, "signature_mismatch");
    assertRefused(await receiver.send({ secret: "the forge's own secret" }), 403, "signature_mismatch");
  });

  it("do not share their settings", async (t) => {
    const receiver = await startReceiver(t, {
      ...options,
      source: { insecureNoSecret: true, secrets: () => [], allowSha1: true, maxBodyBytes: 10 },
    });
    const forge = { path: "/forge", secret: "the forge's own secret" };
    assertRefused(await receiver.send({ ...UNSIGNED, path: "/forge" }), 403, "signature_missing");
    assertRefused(
      await receiver.send({ ...forge, headers: { "x-hub-signature-256": undefined } }),
      501,
      "signature_unsupported",
    );
    assert.equal((await receiver.send(forge)).status, 202);
    assertRefused(await receiver.send(UNSIGNED), 413, "body_too_large");
  });
});
