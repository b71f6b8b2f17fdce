import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { BodyInvalid } from "../../src/match/body.ts";
import { type Body, Examiner } from "../../src/receive/examine.ts";
import { unpack } from "../../src/store/packing.ts";
import { openStore } from "../../src/store/store.ts";
import { pushOfSize } from "../support/github.ts";
import { pushHook } from "../support/receiver.ts";
import { type Scope, temporaryFolder } from "../support/temporary.ts";

const LARGE = 1024 ** 2 + 1;
const HEADERS = [["x-github-event", "push"]] as const;

const { dictionary, close } = await openStore(join(temporaryFolder({ after }), "longshore.db"));
after(close);

function startExaminer(t: Scope): Examiner {
  const examiner = new Examiner(dictionary);
  t.after(() => examiner.close());
  return examiner;
}

function bodyOf(bytes: Buffer): Body {
  return { source: "github", event: "push", contentType: "json", headers: HEADERS, bytes };
}

const large = () => bodyOf(pushOfSize(LARGE));

describe("examining a body", () => {
  for (const [what, size] of [
    ["a small one, at once", 1_000],
    ["a large one, elsewhere", LARGE],
  ] as const) {
    it(`finds its facts and its hooks: ${what}`, async (t) => {
      const hooks = [pushHook("a"), pushHook("b", { on: [{ event: "issues" }] }), pushHook("c")];
      const { examined } = await startExaminer(t).examine(bodyOf(pushOfSize(size)), hooks);
      assert.deepEqual(examined.hooks, ["a", "c"]);
      assert.equal(examined.facts.repository, "acme/site");
      assert.equal(examined.facts.ref, "refs/heads/main");
    });

    it(`refuses what is no payload: ${what}`, async (t) => {
      await assert.rejects(startExaminer(t).examine(bodyOf(Buffer.alloc(size, "x")), []), BodyInvalid);
    });
  }

  it("packs a large one with its digest", async (t) => {
    const bytes = pushOfSize(LARGE);
    const copy = Buffer.from(bytes);
    const { contents } = await startExaminer(t).examine(bodyOf(bytes), []);
    assert.ok("pack" in contents);
    assert.deepEqual(Buffer.from(contents.digest), hash("sha256", copy, "buffer"));
    const { headers, body } = unpack(dictionary, contents.pack.bytes, 0);
    assert.deepEqual(headers, HEADERS);
    assert.ok(body.equals(copy));
  });

  it("judges each large one by the hooks of its moment", async (t) => {
    const examiner = startExaminer(t);
    const sets = [[pushHook("a")], [pushHook("b")], []];
    const found = await Promise.all(sets.map((hooks) => examiner.examine(large(), hooks)));
    assert.deepEqual(
      found.map(({ examined }) => examined.hooks),
      [["a"], ["b"], []],
    );
  });

  it("goes on after large ones that are no payload", async (t) => {
    const examiner = startExaminer(t);
    const [bad, good] = await Promise.allSettled([
      examiner.examine(bodyOf(Buffer.alloc(LARGE, "[")), []),
      examiner.examine(large(), [pushHook("a")]),
    ]);
    assert.equal(bad?.status, "rejected");
    assert.ok(good?.status === "fulfilled");
    assert.deepEqual(good.value.examined.hooks, ["a"]);
  });
});

describe("an examiner that has had nothing to do", () => {
  it("lets its thread go, and takes the next large body all the same, whenever it comes", async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const examiner = startExaminer(t);
    const hooks = [pushHook("a")];
    for (let i = 0; i < 3; i++) {
      const { examined } = await examiner.examine(large(), hooks);
      assert.deepEqual(examined.hooks, ["a"]);
      t.mock.timers.tick(60_000);
    }
  });
});

describe("closing an examiner", () => {
  it("ends what is still examined", async () => {
    const examiner = new Examiner(dictionary);
    const examined = assert.rejects(examiner.examine(large(), []), /ended/);
    await examiner.close();
    await examined;
  });
});
