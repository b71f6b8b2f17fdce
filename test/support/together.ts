/** Deliveries that reach the store at one and the same time. */
import { DatabaseSync } from "node:sqlite";
import type { DeliveryOptions } from "./github.ts";
import type { Answer } from "./http.ts";
import type { TestReceiver } from "./receiver.ts";

/** For receivers that are spoken to by {@link sendTogether}: they wait for the lock to go away. */
export const PATIENT = { writer: { busyMs: 20_000 } };

/**
 * Sends deliveries while the database is locked, and lets go of it when all of them wait for it: so they are stored in
 * one go. Two others, which the store takes before it sees that more are waiting, go ahead of them.
 */
export async function sendTogether(
  receiver: TestReceiver,
  deliveries: readonly DeliveryOptions[],
): Promise<Answer[]> {
  const lock = new DatabaseSync(receiver.database, { timeout: 5_000 });
  lock.exec("begin immediate");
  const ahead = [];
  for (let i = 0; i < 2; i++) {
    ahead.push(receiver.send({ event: "ahead" }));
    await answeredWithoutStore(receiver);
  }
  const answers = deliveries.map((options) => receiver.send(options));
  await answeredWithoutStore(receiver);
  lock.close();
  await Promise.all(ahead);
  return Promise.all(answers);
}

/** A request that came later has been answered, so the receiver has seen all that came before. */
async function answeredWithoutStore({ send }: TestReceiver): Promise<void> {
  for (let i = 0; i < 3; i++) await send({ method: "POST", path: "/nowhere" });
}
