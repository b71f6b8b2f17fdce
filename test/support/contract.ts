/** What the public listener promises to its senders, as assertions. */
import assert from "node:assert/strict";
import { sign } from "../../src/lib/signature.ts";
import { type Delivery, findDelivery, listDeliveries } from "../../src/store/deliveries.ts";
import { SECRET } from "./github.ts";
import type { Answer } from "./http.ts";
import type { TestReceiver } from "./receiver.ts";

/** Fails unless the answer is this refusal: its status, and a JSON object with its code and a sentence. */
export function assertRefused(answer: Answer, status: number, code: string): void {
  const { error } = (answer.json ?? {}) as { error?: { code?: unknown; message?: unknown } };
  assert.deepEqual({ status: answer.status, code: error?.code }, { status, code }, answer.text);
  assert.equal(answer.headers["content-type"], "application/json");
  assert.deepEqual(answer.json, { error: { code, message: error?.message } });
  assert.match(String(error?.message), /\w+ \w+/);
}

/** Fails when an answer or a line of the log has the secret, or the signature that these bytes should have had. */
export function assertTellsNothing({ log }: TestReceiver, answer: Answer, body: Uint8Array): void {
  const told = JSON.stringify([answer.headers, answer.text, log]);
  assert.ok(!told.includes(SECRET), "the secret is told");
  for (const algorithm of ["sha256", "sha1"] as const) {
    const digest = sign(SECRET, body, algorithm).slice(algorithm.length + 1);
    assert.ok(!told.toLowerCase().includes(digest), `${algorithm} of the body is told`);
  }
}

/** The delivery that an answer speaks of. */
export async function deliveryOf({ db }: TestReceiver, { json, text }: Answer): Promise<Delivery> {
  const id = (json as { delivery?: number } | undefined)?.delivery;
  const found = id === undefined ? undefined : await findDelivery(db, id);
  if (!found) throw new Error(`no delivery is stored under what was answered: ${text}`);
  return found;
}

/** All that is stored, the oldest first. */
export async function storedDeliveries({ db }: TestReceiver): Promise<Delivery[]> {
  return (await listDeliveries(db, {}, { limit: 10_000 })).reverse();
}
