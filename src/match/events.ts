/**
 * The events that are known by name, from `events.json` (`scripts/build-events.ts` writes it): GitHub's webhooks with
 * their actions, and the triggers of Actions with the filters and types that they take. Only knowledge, no rule that
 * a delivery has to keep: GitHub adds events and actions whenever it likes.
 */
import data from "./events.json" with { type: "json" };

export interface EventData {
  /** The actions of every webhook event, in alphabetical order; none where they are free or there is no action. */
  webhooks: Record<string, readonly string[]>;
  triggers: Record<string, TriggerData>;
}

interface TriggerData {
  /** The event that GitHub sends for it; `null` when it sends none, as for `schedule`. */
  webhook: string | null;
  filters: readonly string[];
  /** Actions' activity types; none where they are free or there are none. */
  types: readonly string[];
}

const EVENTS: EventData = data;
const WEBHOOKS = new Map(Object.entries(EVENTS.webhooks));
const TRIGGERS = new Map(Object.entries(EVENTS.triggers));

const PULL_REQUEST_TYPES = ["opened", "synchronize", "reopened"];

/** Every name that can stand in `on`, of a webhook or a trigger. */
export const EVENT_NAMES: readonly string[] = [...new Set([...WEBHOOKS.keys(), ...TRIGGERS.keys()])].sort();

/** The event that GitHub sends for a name in `on`: `pull_request` for `pull_request_target`; `null` when it sends none. */
export function webhookOf(name: string): string | null {
  const trigger = TRIGGERS.get(name);
  return trigger ? trigger.webhook : name;
}

/**
 * The filters that go with a name in `on`: those of Actions, and `types` wherever the webhook has actions.
 * `undefined` when the name is not known.
 */
export function filtersOf(name: string): readonly string[] | undefined {
  const trigger = TRIGGERS.get(name);
  const actions = WEBHOOKS.get(name);
  if (!trigger && !actions) return;
  const filters = trigger?.filters ?? [];
  return actions && actions.length > 0 && !filters.includes("types") ? ["types", ...filters] : filters;
}

/** The types that are known, Actions' and the webhook's. None where they are free, or the name is not known. */
export function typesOf(name: string): readonly string[] {
  const actions = WEBHOOKS.get(webhookOf(name) ?? "") ?? [];
  return [...new Set([...(TRIGGERS.get(name)?.types ?? []), ...actions])];
}

/**
 * The types that a trigger without `types` takes; `undefined` when it takes all. Where GitHub's webhook knows more
 * actions than Actions has types, these are Actions': `on: merge_group` is for `checks_requested`, not `destroyed`.
 * https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
export function defaultTypesOf(name: string): readonly string[] | undefined {
  if (name === "pull_request" || name === "pull_request_target") return PULL_REQUEST_TYPES;
  return MORE_ACTIONS_THAN_TYPES.get(name);
}

/** Classic project columns are left out: Actions says `updated` where the webhook says `edited`. */
const MORE_ACTIONS_THAN_TYPES = new Map(
  [...TRIGGERS].flatMap(([name, { types, webhook }]) => {
    const actions = WEBHOOKS.get(webhook ?? "") ?? [];
    const hasMore = types.length > 0 && actions.some((action) => !types.includes(action));
    return hasMore && name !== "project_column" ? [[name, types] as const] : [];
  }),
);
