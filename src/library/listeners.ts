/** The functions of an app that are called with deliveries: which are for one, and what comes of calling them. */
import type { EmitterWebhookEvent, EmitterWebhookEventName } from "@octokit/webhooks";
import { UserError } from "../config/problem.ts";
import { nearest } from "../lib/suggest.ts";
import { EVENT_NAMES, webhookOf } from "../match/events.ts";
import type { EventName, HandlerDelivery } from "../run/handlers/define-hook.ts";

/** An event (`push`), an event with its action (`issues.opened`), or `*` for all. Others than the known ones can be named. */
export type ListenerName = EmitterWebhookEventName | "*" | (string & {});

/** What a listener is told of the delivery besides its payload. */
export interface ListenerDelivery extends Omit<HandlerDelivery, "id" | "source"> {
  /** The webhook's number; 0 where the sender named none. */
  webhookId: number;
}

type AnyEvent = {
  [Name in EventName]: { event: Name; payload: EmitterWebhookEvent<Name>["payload"] };
}[EventName];

type EventOf<Name extends string> = Name extends "*"
  ? AnyEvent
  : Name extends EmitterWebhookEventName
    ? { event: EmitterWebhookEvent<Name>["name"]; payload: EmitterWebhookEvent<Name>["payload"] }
    : string extends Name
      ? AnyEvent
      : { event: string; payload: Readonly<Record<string, unknown>> };

/** What a listener is given: for several names a union that `event` tells apart. */
export type ListenerInput<Name extends ListenerName = ListenerName> = Name extends string
  ? EventOf<Name> & { delivery: ListenerDelivery }
  : never;

/** What it returns is ignored, but waited for. */
export type Listener<Name extends ListenerName = ListenerName> = (input: ListenerInput<Name>) => unknown;

/** As it is called, whatever its types. */
export interface Call {
  event: string;
  payload: Readonly<Record<string, unknown>>;
  delivery: ListenerDelivery;
}

type Callable = (call: Call) => unknown;

interface Registered {
  names: ReadonlySet<string>;
  call: Callable;
}

const NAME = /^([a-z0-9_]{1,64})(\.[a-z0-9_]{1,64})?$/;

export class Listeners {
  readonly #registered: Registered[] = [];

  /** @throws {UserError} when a name cannot be that of an event, or there is nothing to call. */
  add(names: string | readonly string[], listener: unknown): void {
    const all = typeof names === "string" ? [names] : [...names];
    if (all.length === 0) throw new UserError("`on` needs the name of an event, such as `push`.");
    for (const name of all) checkName(name);
    if (typeof listener !== "function")
      throw new UserError(`\`on("${all.join(", ")}")\` needs a function to call.`);
    this.#registered.push({ names: new Set(all), call: listener as Callable });
  }

  /** In the order in which they were added, each once. */
  of(event: string, action: string | null): Callable[] {
    const withAction = `${event}.${action}`;
    return this.#registered
      .filter(({ names }) => names.has(event) || names.has("*") || names.has(withAction))
      .map(({ call }) => call);
  }
}

/**
 * Calls all of them at once.
 *
 * @param onError is told what each throws, also long after.
 * @returns whether none has thrown, once all have ended.
 */
export async function callAll(
  listeners: readonly Callable[],
  call: Call,
  onError: (error: unknown) => void,
): Promise<boolean> {
  const results = await Promise.all(
    listeners.map(async (listener) => {
      try {
        await listener(call);
        return true;
      } catch (error) {
        onError(error);
        return false;
      }
    }),
  );
  return !results.includes(false);
}

/** GitHub adds events whenever it likes, so one that is not known is only a likely mistake. */
function checkName(name: unknown): void {
  if (name === "*") return;
  const [, event] = typeof name === "string" ? (NAME.exec(name) ?? []) : [];
  if (event === undefined)
    throw new UserError(
      `"${String(name)}" is no event: write it like \`push\`, with its action like \`issues.opened\`, or \`*\`.`,
    );
  if (webhookOf(event) !== event)
    throw new UserError(
      `GitHub sends no event \`${event}\`: it is a trigger of Actions. Listen to \`${webhookOf(event) ?? "*"}\`.`,
    );
  if (EVENT_NAMES.includes(event)) return;
  const likely = nearest(event, EVENT_NAMES);
  process.emitWarning(
    `\`${event}\` is no event that GitHub documents.${likely === undefined ? "" : ` Did you mean \`${likely}\`?`}`,
  );
}
