/** A stored delivery as a command needs it: what it says, and that it is there. */
import { UserError } from "../config/problem.ts";
import { contentTypeOf, jsonText, parsePayload } from "../match/body.ts";
import type { Incoming } from "../match/match.ts";
import { type Facts, readFacts } from "../match/payload.ts";
import { type Delivery, findDelivery, readContents } from "./deliveries.ts";
import type { HeaderList } from "./packing.ts";
import type { Database } from "./store.ts";

export interface StoredDelivery {
  delivery: Delivery;
  headers: HeaderList;
  body: Buffer;
}

/** @throws {UserError} when there is no such delivery. */
export async function requireDelivery(db: Database, id: number): Promise<StoredDelivery> {
  const delivery = await findDelivery(db, id);
  const contents = await readContents(db, id);
  if (delivery && contents) return { delivery, ...contents };
  throw new UserError(
    `There is no delivery ${id}. \`longshore deliveries list\` shows those that there are.`,
  );
}

/** As the hooks of today are asked for it. */
export function toIncoming({ delivery, headers, body }: StoredDelivery): {
  incoming: Incoming;
  facts: Facts;
} {
  const { source, event } = delivery;
  const payload = parsePayload(jsonText(contentTypeOf(headers), body));
  return { incoming: { source, event, payload }, facts: readFacts(event, payload) };
}
