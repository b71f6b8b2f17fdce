import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sign } from "../../src/lib/signature.ts";
import { type DeliveryOptions, SECRET } from "../support/github.ts";
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";

const HOOK = "on: push\nrun: echo forged";
const UNSIGNED = { "x-hub-signature": undefined, "x-hub-signature-256": undefined };

describe("a forged delivery", () => {
  it("is refused, and nothing of it is stored or run", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": HOOK } });
    const server = await place.serve();
    const look = await lookInto(t, place);

    const forgeries: [DeliveryOptions, status: number, code: string][] = [
      [{ headers: UNSIGNED }, 403, "signature_missing"],
      [{ secret: "a guess at what the secret is" }, 403, "signature_mismatch"],
      [{ headers: { "x-hub-signature-256": sign(SECRET, "another body") } }, 403, "signature_mismatch"],
      [{ headers: { "x-hub-signature-256": "sha256=" } }, 403, "signature_malformed"],
      [{ headers: { "x-hub-signature-256": undefined } }, 501, "signature_unsupported"],
      [{ headers: { "x-forwarded-for": "203.0.113.9" } }, 403, "address_not_allowed"],
      [{ headers: { "user-agent": "GitHub-Hookshot/044aadd" } }, 403, "sender_hidden"],
    ];
    for (const [forgery, status, code] of forgeries) {
      const answer = await server.send(forgery);
      const { error } = answer.json as { error: { code: string } };
      assert.deepEqual([answer.status, error.code], [status, code]);
    }
    assert.deepEqual(await look.deliveries(), []);
    assert.deepEqual(await look.runs(), []);

    await server.end("SIGTERM");
    const { items } = await place.json<{ items: { code: string }[] }>("deliveries", "refused");
    assert.deepEqual(
      items.map(({ code }) => code).reverse(),
      forgeries.map(([, , code]) => code),
    );
  });
});
