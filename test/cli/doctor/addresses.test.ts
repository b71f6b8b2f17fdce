import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { practice } from "../../support/doctor.ts";

const API = "http://127.0.0.1:9";
const DAY_MS = 86_400_000;

/** With a list that GitHub has confirmed so many days ago. */
function listOf(t: TestContext, days: number) {
  const checkedAt = new Date(Date.now() - days * DAY_MS).toISOString();
  const list = JSON.stringify({ apiUrl: API, checkedAt, hooks: ["192.0.2.0/24"] });
  return practice(t, { files: { "data/github-addresses.json": list } });
}

describe("the doctor on GitHub's addresses", { concurrency: 2 }, () => {
  it("judges the list by its age", async (t) => {
    assert.match(await listOf(t, 0).askOnce("addresses"), /^good: GitHub's list of addresses is of \d{4}-/);
    assert.match(await listOf(t, 5).askOnce("addresses"), /^warning: .+, 5 d 0 h ago$/);
    const [finding] = await listOf(t, 120).ask("addresses");
    assert.equal(finding?.status, "bad");
    assert.match(finding?.remedy ?? "", /^A running server asks .+\/meta every hour; .+ `allow-from`$/);
  });

  it("finds a list that is of no use", async (t) => {
    const { askOnce } = practice(t, { files: { "data/github-addresses.json": "{" } });
    assert.match(await askOnce("addresses"), /^warning: .+github-addresses\.json is of no use/);
  });

  it("does not mind where no source uses it", async (t) => {
    const files = { "longshore.yml": "sources: { github: { allow-from: 10.0.0.0/8 } }" };
    assert.match(await practice(t, { files }).askOnce("addresses"), /^good: .+ is not used$/);
  });
});
