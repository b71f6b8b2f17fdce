import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { forgetBodies, secretUses } from "../../src/store/secrets.ts";
import type { Database } from "../../src/store/store.ts";
import { openTestStore } from "../support/store.ts";

async function remembered(db: Database): Promise<string[]> {
  const rows = await db.selectFrom("bodies_seen").selectAll().execute();
  return rows.map(({ source, secret }) => `${source} ${secret}`).sort();
}

describe("forgetting bodies", () => {
  it("forgets those that only a removed secret of this source has verified", async (t) => {
    const { db, accept } = await openTestStore(t);
    await accept({ body: "by the old", secret: "old" });
    await accept({ body: "by the new", secret: "new" });
    await accept({ body: "by both", secret: "old" });
    await accept({ body: "by both", secret: "new" });
    await accept({ body: "elsewhere", secret: "old", source: "other" });
    await forgetBodies(db, "github", ["new", "newer"]);
    assert.deepEqual(await remembered(db), ["github new", "github new", "other old"]);
    const again = async (body: string) => (await accept({ body, secret: "new" })).replayed;
    assert.deepEqual(
      [await again("by the old"), await again("by the new"), await again("by both")],
      [false, true, true],
    );
  });

  it("forgets all of a source that has no secret left", async (t) => {
    const { db, accept } = await openTestStore(t);
    await accept({ secret: "old" });
    await accept({ secret: "old", source: "other" });
    await forgetBodies(db, "github", []);
    assert.deepEqual(await remembered(db), ["other old"]);
  });

  it("leaves it known when a secret was last used", async (t) => {
    const { db, accept } = await openTestStore(t);
    await accept({ secret: "old", receivedAt: 7 });
    await forgetBodies(db, "github", []);
    assert.deepEqual(await secretUses(db, "github"), new Map([["old", 7]]));
  });
});
