import assert from "node:assert/strict";
import { describe, it } from "node:test";
import snapshot from "../../src/github/addresses.json" with { type: "json" };
import { githubAddresses } from "../../src/index.ts";
import { NEW_RANGES, startMeta } from "../support/meta.ts";
import { mount } from "../support/mounted.ts";
import { until } from "../support/until.ts";

describe("githubAddresses", () => {
  it("gives the list that came along when GitHub cannot be asked, with its date", async () => {
    const { ranges, checkedAt, has } = await githubAddresses({ apiUrl: "http://127.0.0.1:9" });
    assert.deepEqual(ranges, snapshot.hooks);
    assert.equal(checkedAt.toISOString().slice(0, 10), snapshot.date);
    assert.ok(has("140.82.112.1") && has("::ffff:140.82.112.1"));
    assert.ok(!has("203.0.113.9") && !has("nonsense"));
  });
});

describe("githubAddresses, when GitHub answers", () => {
  it("gives its list, and asks no second time within the hour", async (t) => {
    const { apiUrl, requests } = await startMeta(t);
    const [first] = await Promise.all([
      githubAddresses({ apiUrl }),
      githubAddresses({ apiUrl: `${apiUrl}/` }),
    ]);
    assert.deepEqual(first.ranges, NEW_RANGES);
    assert.ok(first.has("203.0.113.9"));
    await githubAddresses({ apiUrl });
    assert.equal(requests.length, 1);
  });
});

describe("a receiver", () => {
  it("asks GitHub with its first request, and lets in who is in the new list", async (t) => {
    const { apiUrl, requests } = await startMeta(t);
    const { send, receiver } = await mount(t, { allowFrom: ["github"], githubApiUrl: apiUrl });
    const sent = { headers: { "x-forwarded-for": "203.0.113.9" } };
    assert.equal(requests.length, 0);
    await until("the new list counts", async () => (await send(sent)).status === 204);
    assert.equal(requests.length, 1);
    await receiver.close();
    assert.equal((await send(sent)).status, 204);
  });
});
