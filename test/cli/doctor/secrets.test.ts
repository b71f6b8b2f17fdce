import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SecretUses } from "../../../src/store/secrets.ts";
import { practice, practiceWithStore } from "../../support/doctor.ts";
import { SECRET } from "../../support/github.ts";

const DAY_MS = 86_400_000;

describe("the doctor on secrets", { concurrency: 2 }, () => {
  it("is content with one that is long enough", async (t) => {
    assert.equal(await practice(t).askOnce("secrets"), "good: 1 for one source, long enough");
  });

  it("warns of one that can be guessed", async (t) => {
    const { ask } = practice(t, { environment: { GITHUB_WEBHOOK_SECRET: "fifteen letters" } });
    const [finding] = await ask("secrets");
    assert.equal(finding?.status, "warning");
    assert.match(finding?.message ?? "", /shorter than 16 characters/);
    assert.match(finding?.remedy ?? "", /^longshore secret rotate github/);
  });

  it("finds a source without one, and one that may be without", async (t) => {
    const { ask } = practice(t, {
      files: { "longshore.yml": "sources: { a: , b: { insecure-no-secret: true } }" },
    });
    const found = (await ask("secrets")).map(({ status, message }) => `${status}: ${message}`);
    assert.equal(found[0], 'bad: source "a" has no secret: the server does not start');
    assert.match(found[1] ?? "", /^warning: source "b" has no secret and says `insecure-no-secret`/);
  });

  it("finds one that is named and not set", async (t) => {
    const files = { "longshore.yml": "sources: { a: { secrets: '${{ secrets.MISSING }}' } }" };
    assert.match(await practice(t, { files }).askOnce("secrets"), /^bad: MISSING: is not set/);
  });

  it("finds the same one in several sources", async (t) => {
    const { ask } = practice(t, {
      files: { "longshore.yml": "sources: { github: , team: { secrets: '${{ secrets.TEAM }}' } }" },
      environment: { TEAM: SECRET },
    });
    const [finding] = await ask("secrets");
    assert.equal(finding?.status, "bad");
    assert.match(finding?.message ?? "", /^the sources github and team have the same secret/);
    assert.equal(finding?.remedy, "Give each its own: longshore secret rotate team");
  });

  it("says which older ones are safe to remove, once a newer one has been in use for a week", async (t) => {
    const { place, ask, askOnce, look } = await practiceWithStore(t);
    await place.cli("secret", "rotate");
    const [{ name }] = (await place.json<{ items: [{ name: string }] }>("secret", "show")).items;
    const use = (secret: string, daysAgo: number) =>
      new SecretUses().note(look.store.db, [
        { source: "github", secret, last_used_at: Date.now() - daysAgo * DAY_MS },
      ]);
    await use("GITHUB_WEBHOOK_SECRET", 9);
    assert.match(await askOnce("secrets"), /^good/);
    await use(name, 1);
    const [finding] = await ask("secrets");
    assert.equal(finding?.status, "warning");
    assert.match(
      finding?.message ?? "",
      /GITHUB_WEBHOOK_SECRET of source "github" was last used 9 d 0 h ago/,
    );
    assert.match(finding?.remedy ?? "", /^It is safe to remove: unset the variable GITHUB_WEBHOOK_SECRET/);
    await use("GITHUB_WEBHOOK_SECRET", 2);
    assert.match(await askOnce("secrets"), /^good/);
  });
});
