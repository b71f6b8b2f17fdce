/** The verdicts on a stored delivery: nobody has written them down, they are computed when somebody looks. */
import { contentTypeOf } from "../match/body.ts";
import type { Hook } from "../match/hook.ts";
import { judgeBody } from "../match/judge-body.ts";
import type { Verdict } from "../match/match.ts";
import { type Delivery, readContents } from "./deliveries.ts";
import { findJudges } from "./hook-sets.ts";
import type { Database } from "./store.ts";

/**
 * What the hooks of its time said of a delivery, every one of them, in their order. `undefined` where none were asked: it
 * was made by hand, or stored by a version that did not keep the hooks.
 */
export async function verdictsOf(db: Database, delivery: Delivery): Promise<Verdict[] | undefined> {
  const hooks = await findJudges(db, delivery.id);
  return hooks && judgeStored(db, delivery, hooks);
}

/** What these hooks say of a stored delivery. `undefined` when it is gone. */
export async function judgeStored(
  db: Database,
  { id, event, source }: Delivery,
  hooks: readonly Hook[],
): Promise<Verdict[] | undefined> {
  const contents = await readContents(db, id);
  if (!contents) return;
  const { headers, body } = contents;
  return judgeBody({ event, source, contentType: contentTypeOf(headers), body }, hooks).verdicts;
}
