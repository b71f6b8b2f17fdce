import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

interface SecretJson {
  name: string;
  value: string;
  lastUsedAt: string | null;
}

describe("a secret", () => {
  it("is changed without a restart: old and new both count until the old one is removed (story 47)", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: echo deployed" } });
    delete place.environment.GITHUB_WEBHOOK_SECRET;
    const server = await place.serve();
    const look = await lookInto(t, place);
    const secrets = async () => (await place.json<{ items: SecretJson[] }>("secret", "show")).items;
    const statusWith = async (secret: string) => (await server.send({ secret })).status;

    const [old] = await secrets();
    assert.ok(old);
    assert.equal(old.lastUsedAt, null);
    const body = pushPayload();
    assert.equal((await server.send({ secret: old.value, body })).status, 202);

    const fresh = await place.json<SecretJson>("secret", "rotate");
    assert.notEqual(fresh.value, old.value);
    await until("the new secret is live", async () => (await statusWith(fresh.value)) === 202);
    assert.equal(await statusWith(old.value), 202);
    assert.deepEqual(
      (await secrets()).map(({ name, lastUsedAt }) => [name, typeof lastUsedAt]),
      [
        [fresh.name, "string"],
        [old.name, "string"],
      ],
    );

    await place.json("secret", "remove", old.name);
    await until("the old secret is dead", async () => (await statusWith(old.value)) === 403);
    assert.equal(await statusWith(fresh.value), 202);

    // Nobody can send again what the old secret has signed, so nothing needs to be remembered of it.
    const remembered = async () => await look.store.db.selectFrom("bodies_seen").select("secret").execute();
    await until("what it has vouched for is forgotten", async () =>
      (await remembered()).every(({ secret }) => secret === fresh.name),
    );
    assert.equal(runsOf(await server.send({ secret: fresh.value, body })).length, 1);
  });
});
