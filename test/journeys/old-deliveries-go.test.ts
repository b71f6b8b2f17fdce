import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { storeDelivery } from "../support/store-delivery.ts";
import { until } from "../support/until.ts";

const DAY_MS = 86_400_000;

describe("what is older than `retention`", () => {
  it("is removed by the running server, and what waits still is not", async (t) => {
    const place = workplace(t, {
      files: { "longshore.yml": "retention: 7d", "hooks/deploy.yml": "on: push\nrun: echo deployed" },
    });
    const look = await lookInto(t, place);
    const old = { receivedAt: Date.now() - 8 * DAY_MS };
    for (let n = 0; n < 300; n++) await storeDelivery(look.store, { ...old, event: "issues" });
    await storeDelivery(look.store, { ...old, hooks: ["waits"] });
    const { delivery } = await storeDelivery(look.store, { receivedAt: Date.now() - 6 * DAY_MS });
    await place.cli("hooks", "list");
    place.write("hooks/waits.yml", "on: push\nrun: echo late");
    assert.equal((await place.cli("hooks", "disable", "waits")).code, 0);

    const server = await place.serve();
    await until("the old ones are gone", async () => (await look.deliveries()).length === 2);
    const left = (await look.deliveries()).map(({ id }) => id);
    assert.deepEqual(left, [301, delivery]);
    assert.equal((await server.send()).status, 202);
    await until("the log says so", () => /"deliveries":300,.*are removed/.test(server.stderr()));
    assert.deepEqual(await server.end("SIGTERM"), { code: 0, signal: null });
  });
});
