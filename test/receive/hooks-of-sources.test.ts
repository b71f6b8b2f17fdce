import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pushOfSize, pushPayload } from "../support/github.ts";
import { pushHook, startReceiver } from "../support/receiver.ts";

const OURS = pushHook("ours", { source: "github", repositories: ["acme/*"] });
const THEIRS = pushHook("theirs", { source: "contractors" });

describe("a delivery that comes by one of several sources", () => {
  for (const [what, body] of [
    ["a small one", () => pushPayload()],
    ["a large one, which a thread examines", () => pushOfSize(1024 ** 2 + 1)],
  ] as const) {
    it(`starts the hooks of that source, and no others, whatever repository it names: ${what}`, async (t) => {
      const receiver = await startReceiver(t, {
        hooks: [OURS, THEIRS],
        sources: [{ name: "contractors" }],
      });
      for (const [path, hook] of [
        ["/github", "ours"],
        ["/contractors", "theirs"],
      ] as const) {
        const { json } = await receiver.send({ path, body: body() });
        const { delivery } = json as { delivery: number };
        const runs = await receiver.db
          .selectFrom("runs")
          .select("hook")
          .where("delivery_id", "=", delivery)
          .execute();
        assert.deepEqual(
          runs.map((run) => run.hook),
          [hook],
        );
      }
    });
  }
});
