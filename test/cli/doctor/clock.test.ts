import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { practice, practiceWithStore } from "../../support/doctor.ts";
import { startMeta } from "../../support/meta.ts";
import { storeDelivery } from "../../support/store-delivery.ts";

describe("the doctor on the clock", { concurrency: 2 }, () => {
  for (const [what, offMs, expected] of [
    ["agrees with GitHub's", 0, /^good: agrees with GitHub's$/],
    ["is a little ahead", -60_000, /^warning: is 1 min \d s ahead of GitHub's$|^warning: is 59\.\d s ahead/],
    ["is hours behind", 7_200_000, /^bad: is (2 h 0 min|1 h 59 min) behind GitHub's$/],
  ] as const)
    it(`says that it ${what}`, async (t) => {
      const github = await startMeta(t);
      github.answer((_, response) =>
        response.writeHead(200, { date: new Date(Date.now() + offMs).toUTCString() }).end(),
      );
      const { askOnce } = practice(t, { environment: { LONGSHORE_GITHUB_API_URL: github.apiUrl } });
      assert.match(await askOnce("clock"), expected);
      assert.deepEqual(
        github.requests.map(({ method, headers }) => [method, headers.authorization]),
        [["HEAD", undefined]],
      );
    });

  it("does not know when nobody answers", async (t) => {
    const { ask } = practice(t);
    assert.deepEqual(await ask("clock"), [
      {
        status: "unknown",
        message: "could not be checked: http://127.0.0.1:9 does not answer",
        remedy: null,
      },
    ]);
  });

  it("finds that it has been set back", async (t) => {
    const { ask, look } = await practiceWithStore(t);
    await storeDelivery(look.store, { receivedAt: Date.now() + 3_600_000 });
    const [, finding] = await ask("clock");
    assert.match(`${finding?.status}: ${finding?.message}`, /^warning: is .+ behind the newest delivery/);
  });
});
