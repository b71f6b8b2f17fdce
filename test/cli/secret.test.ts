import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { SECRET } from "../support/github.ts";
import { lookInto } from "../support/look.ts";
import { type WorkplaceOptions, workplace } from "../support/server.ts";
import { storeDelivery } from "../support/store-delivery.ts";

interface ShowJson {
  source: string;
  items: { name: string; value: string; origin: string; lastUsedAt: string | null }[];
}

function withoutSecret(t: TestContext, options: WorkplaceOptions = {}) {
  return workplace(t, { ...options, environment: { GITHUB_WEBHOOK_SECRET: undefined } });
}

describe("secret show", { concurrency: 2 }, () => {
  it("prints the secrets, where they are from, and when each was last used", async (t) => {
    const place = workplace(t);
    const { store } = await lookInto(t, place);
    const used = Date.parse("2026-01-02T08:00:00.000Z");
    await storeDelivery(store, { secret: "GITHUB_WEBHOOK_SECRET", receivedAt: used });
    assert.deepEqual(await place.json("secret", "show"), {
      source: "github",
      items: [
        {
          name: "GITHUB_WEBHOOK_SECRET",
          value: SECRET,
          origin: "environment",
          lastUsedAt: "2026-01-02T08:00:00.000Z",
        },
      ],
    });
    const { stdout } = await place.cli("secret", "show", "github");
    const [value, about] = stdout.split("\n");
    assert.equal(value, SECRET);
    assert.match(
      about ?? "",
      /^ {2}GITHUB_WEBHOOK_SECRET, from variable GITHUB_WEBHOOK_SECRET, last used .* ago$/,
    );
  });

  it("fails when there is none, and needs no database", async (t) => {
    const place = withoutSecret(t);
    const { code, stderr } = await place.cli("secret", "show");
    assert.equal(code, 2);
    assert.equal(stderr, 'Source "github" has no secret. `longshore secret rotate github` makes one.\n');
    assert.equal(existsSync(join(place.folder, "data")), false);
  });

  it("wants to know which source when there are several, and suggests one for a typo", async (t) => {
    const sources = "sources:\n  github:\n  partner:\n";
    const place = workplace(t, { files: { "longshore.yml": sources } });
    assert.equal((await place.cli("secret", "show")).stderr, "Name the source: github, partner.\n");
    const { code, stderr } = await place.cli("secret", "show", "partnr");
    assert.deepEqual([code, stderr], [2, 'There is no source "partnr". Did you mean "partner"?\n']);
  });
});

describe("secret rotate", { concurrency: 2 }, () => {
  it("makes a secret that only its owner can read, before the others, and keeps those", async (t) => {
    const place = withoutSecret(t);
    const first = await place.json<Record<string, string>>("secret", "rotate");
    const second = await place.json<Record<string, string>>("secret", "rotate");
    assert.deepEqual(Object.keys(second), ["source", "name", "value"]);
    for (const { value } of [first, second]) assert.match(value ?? "", /^[A-Za-z0-9_-]{43}$/);
    assert.notEqual(first.value, second.value);
    assert.match(first.name ?? "", /^\d{4}-\d\d-\d\d$/);
    assert.match(second.name ?? "", /^\d{4}-\d\d-\d\d(-2)?$/);
    assert.notEqual(first.name, second.name);

    const { items } = await place.json<ShowJson>("secret", "show");
    assert.deepEqual(
      items.map(({ name, value, origin }) => [name, value, origin]),
      [
        [second.name, second.value, "file"],
        [first.name, first.value, "file"],
      ],
    );
    const file = join(place.folder, "data/secrets/github");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(
      readFileSync(file, "utf8"),
      `${second.value}\t${second.name}\n${first.value}\t${first.name}\n`,
    );
  });

  it("tells people what to do next", async (t) => {
    const place = withoutSecret(t);
    const { name } = await place.json("secret", "rotate");
    const { stdout } = await place.cli("secret", "rotate");
    assert.match(stdout, /^[A-Za-z0-9_-]{43}\n\nEnter it as the secret of GitHub's webhook\./);
    assert.match(
      stdout,
      new RegExp(`^Then end the older one: npx longshore secret remove ${name} github$`, "m"),
    );
  });
});

describe("secret remove", { concurrency: 2 }, () => {
  it("ends the life of one", async (t) => {
    const place = withoutSecret(t);
    const first = await place.json<Record<string, string>>("secret", "rotate");
    const second = await place.json<Record<string, string>>("secret", "rotate");
    const removed = await place.json("secret", "remove", first.name ?? "");
    assert.deepEqual(removed, { source: "github", removed: first.name });
    const { items } = await place.json<ShowJson>("secret", "show");
    assert.deepEqual(
      items.map(({ name }) => name),
      [second.name],
    );
  });

  it("never removes the last one, one of the environment, or one that is not there", async (t) => {
    const place = withoutSecret(t);
    const { name } = await place.json<Record<string, string>>("secret", "rotate");
    const last = await place.cli("secret", "remove", name ?? "");
    assert.equal(last.code, 2);
    assert.match(last.stderr, /is the only secret of source "github"\. Make a new one first/);

    place.environment.GITHUB_WEBHOOK_SECRET = SECRET;
    const ofEnvironment = await place.cli("secret", "remove", "GITHUB_WEBHOOK_SECRET");
    assert.equal(ofEnvironment.code, 2);
    assert.match(ofEnvironment.stderr, /comes from the environment/);
    const unknown = await place.cli("secret", "remove", "2020-01-01");
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /has no secret "2020-01-01"\. There are: \S+, GITHUB_WEBHOOK_SECRET\./);
    assert.equal((await place.json<ShowJson>("secret", "show")).items.length, 2);
  });
});
