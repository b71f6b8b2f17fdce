import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { keepRefusals } from "../../../src/store/refusals.ts";
import { practiceWithStore } from "../../support/doctor.ts";
import { storeDelivery } from "../../support/store-delivery.ts";
import { until } from "../../support/until.ts";

const HOUR_MS = 3_600_000;

async function setUp(t: TestContext) {
  const found = await practiceWithStore(t);
  return {
    ...found,
    /** So many requests were refused with this code, an hour ago. */
    refuse: (
      code: string,
      count = 1,
      { event = "push", hoursAgo = 1 }: { event?: string | null; hoursAgo?: number } = {},
    ) =>
      keepRefusals(
        found.look.store.db,
        Array.from({ length: count }, () => ({
          at: Date.now() - hoursAgo * HOUR_MS,
          source: "github",
          code,
          peer: "203.0.113.9",
          event,
          guid: null,
          webhookId: null,
        })),
      ),
    /** A delivery that was accepted so long ago. */
    accept: (hoursAgo: number) =>
      storeDelivery(found.look.store, { receivedAt: Date.now() - hoursAgo * HOUR_MS }),
  };
}

describe("the doctor on refused requests", { concurrency: 2 }, () => {
  it("is content where there are none", async (t) => {
    const { askOnce } = await setUp(t);
    assert.equal(await askOnce("refusals"), "good: nobody is refused who ought to get in");
  });

  it("finds a proxy that hides who is speaking, and names the line for nginx", async (t) => {
    const { place, ask } = await setUp(t);
    const server = await place.serve();
    const { status } = await server.send({ headers: { "user-agent": "GitHub-Hookshot/044aadd" } });
    assert.equal(status, 403);
    const finding = await until("the refusal is stored", async () => {
      const [first] = await ask("refusals");
      return first?.status === "bad" && first;
    });
    assert.match(finding.message, /^a request was refused with sender_hidden, .+: a proxy on this machine/);
    assert.match(finding.remedy ?? "", /proxy_set_header X-Forwarded-For \$remote_addr;/);
  });

  it("finds that the secret is another one, until a delivery gets in", async (t) => {
    const { refuse, accept, ask, askOnce } = await setUp(t);
    await accept(5);
    await refuse("signature_mismatch", 3);
    const [finding] = await ask("refusals");
    assert.equal(finding?.status, "bad");
    assert.match(
      finding?.message ?? "",
      /^3 requests were refused with signature_mismatch, the last 1 h 0 min ago/,
    );
    assert.match(finding?.remedy ?? "", /longshore secret show/);
    await accept(0);
    assert.match(await askOnce("refusals"), /^good/);
  });

  it("only warns where many are refused while others get in", async (t) => {
    const { refuse, accept, askOnce } = await setUp(t);
    await refuse("signature_mismatch", 10);
    await accept(0);
    assert.match(await askOnce("refusals"), /^warning: 10 requests were refused/);
  });

  it("does not mind strangers who try doors, once something has got in", async (t) => {
    const { refuse, accept, askOnce } = await setUp(t);
    await refuse("address_not_allowed");
    assert.match(await askOnce("refusals"), /^bad: .+`allow-from`/);
    await accept(5);
    assert.match(await askOnce("refusals"), /^good/);
  });

  it("does not look at what claims no event, nor at what was long ago", async (t) => {
    const { refuse, askOnce } = await setUp(t);
    await refuse("not_found", 50, { event: null });
    await refuse("sender_hidden", 5, { hoursAgo: 24 * 8 });
    assert.match(await askOnce("refusals"), /^good/);
  });

  for (const code of [
    "signature_missing",
    "unsupported_media_type",
    "body_too_large",
    "overloaded",
    "store_unavailable",
  ])
    it(`knows what ${code} means`, async (t) => {
      const { refuse, ask } = await setUp(t);
      await refuse(code);
      const [finding] = await ask("refusals");
      assert.equal(finding?.status, "bad");
      assert.ok((finding?.remedy ?? "").length > 20);
    });

  it("counts the others when there are many", async (t) => {
    const { refuse, askOnce } = await setUp(t);
    await refuse("body_invalid", 9);
    assert.match(await askOnce("refusals"), /^good/);
    await refuse("body_invalid");
    assert.equal(await askOnce("refusals"), "warning: 10 requests were refused with body_invalid");
  });
});
