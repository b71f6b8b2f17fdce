import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SecretUses, secretUses } from "../../src/store/secrets.ts";
import { forgetBodies } from "../../src/store/seen-bodies.ts";
import type { Database } from "../../src/store/store.ts";
import { openTestStore } from "../support/store.ts";

const used = (secret: string, receivedAt: number) => ({ source: "github", secret, receivedAt });

describe("noting that secrets are used", () => {
  it("writes each down once a second at most, with the time of its last use", async (t) => {
    const { db } = await openTestStore(t);
    const uses = new SecretUses();
    const note = async (...deliveries: Parameters<SecretUses["due"]>[0]) => {
      const due = uses.due(deliveries);
      await uses.note(db, due);
      uses.noted(due);
      return due.length;
    };
    assert.equal(await note(used("old", 10_000), used("new", 10_001), used("old", 10_002)), 2);
    assert.equal(await note(used("old", 11_001)), 0);
    assert.equal(await note(used("old", 11_002)), 1);
    assert.deepEqual(
      await secretUses(db, "github"),
      new Map([
        ["new", 10_001],
        ["old", 11_002],
      ]),
    );
  });

  it("writes it down again where it was not committed, and after the clock was set back", () => {
    const uses = new SecretUses();
    assert.equal(uses.due([used("only", 10_000)]).length, 1);
    const due = uses.due([used("only", 10_500)]);
    assert.equal(due.length, 1, "nobody has said that the first was committed");
    uses.noted(due);
    assert.equal(uses.due([used("only", 9_000)]).length, 1);
  });
});

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
