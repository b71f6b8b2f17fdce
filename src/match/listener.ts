/** Which deliveries a listener of an app is for: all of an event, those with an action, or all there are. No more filters. */
import { type Check, listOf } from "./filters.ts";
import { EVERY_EVENT, type Trigger } from "./hook.ts";
import type { Facts } from "./payload.ts";

export function checkListener(on: readonly Trigger[], event: string, { action }: Facts): Check {
  const passed = on.some(
    (trigger) =>
      trigger.event === EVERY_EVENT ||
      (trigger.event === event && (!trigger.types || (action !== null && trigger.types.includes(action)))),
  );
  const what = action === null ? event : `${event}.${action}`;
  const reason = `\`${what}\` is ${passed ? "" : "not "}among ${listOf(namesOf(on))}`;
  return { filter: "on", passed, reason };
}

function namesOf(on: readonly Trigger[]): string[] {
  return on.flatMap(({ event, types }) => types?.map((type) => `${event}.${type}`) ?? event);
}
