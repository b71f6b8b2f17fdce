/** The typed client that the dashboard uses: what the types say is what comes. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { hc } from "hono/client";
import type { AdminApi } from "../../src/admin/app.ts";
import { startAdmin } from "../support/admin.ts";

const admin = await startAdmin({ after });
const client = hc<AdminApi>(admin.url, { headers: { authorization: `Bearer ${admin.tokens.admin}` } });

describe("the typed client", () => {
  it("lists, looks, changes and tries", async () => {
    const { delivery, runs } = await admin.deliver({ hooks: ["deploy"] });
    const list = await (
      await client.api.deliveries.$get({ query: { repo: "acme/site", limit: "5" } })
    ).json();
    assert.deepEqual(
      list.items.map(({ id }) => id),
      [delivery],
    );
    const param = { id: String(delivery) };
    const one = await (await client.api.deliveries[":id"].$get({ param, query: {} })).json();
    assert.equal(one.verdicts?.[0]?.checks[0]?.filter, "on");
    const run = { param: { id: String(runs[0]) } };
    const cancelled = await (await client.api.runs[":id"].cancel.$post(run)).json();
    assert.equal(cancelled.result, "cancelled");
    const tried = await client.api.try.$post({ json: { delivery, text: "on: issues\nrun: echo\n" } });
    const { verdicts } = await tried.json();
    assert.deepEqual(
      verdicts.map(({ matches }) => matches),
      [false],
    );
    const name = { param: { name: "deploy" } };
    assert.equal((await (await client.api.hooks[":name"].disable.$post(name)).json()).changed, true);
  });
});
