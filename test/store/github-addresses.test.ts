import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { keepAddresses, readAddresses } from "../../src/store/github-addresses.ts";
import { openTestStore } from "../support/store.ts";

describe("GitHub's addresses", () => {
  it("are kept as each API has said them last", async (t) => {
    const { db } = await openTestStore(t);
    const first = { apiUrl: "https://a", checkedAt: "2026-11-24T08:00:00.000Z", hooks: ["192.0.2.0/24"] };
    const other = { ...first, apiUrl: "https://b", hooks: ["198.51.100.0/24"] };
    assert.equal(await readAddresses(db, "https://a"), undefined);
    await keepAddresses(db, first);
    await keepAddresses(db, other);
    assert.deepEqual(await readAddresses(db, "https://a"), first);
    const next = { ...first, checkedAt: "2026-11-24T09:00:00.000Z", etag: 'W/"2"', hooks: ["2001:db8::/32"] };
    await keepAddresses(db, next);
    assert.deepEqual(await readAddresses(db, "https://a"), next);
    assert.deepEqual(await readAddresses(db, "https://b"), other);
  });
});
