/** The functions of an app that are called with deliveries: which are for one, and what comes of calling them. */
import type { EmitterWebhookEvent, EmitterWebhookEventName } from "@octokit/webhooks";
import { UserError } from "../config/problem.ts";
import { nearest } from "../lib/suggest.ts";
import { EVENT_NAMES, typesOf, webhookOf } from "../match/events.ts";
import type { Hook, Trigger } from "../match/hook.ts";
import type { EventName, HandlerDelivery } from "../run/handlers/define-hook.ts";
import {
  type CheckedListenerOptions,
  checkListenerOptions,
  type ListenerOptions,
} from "./listener-options.ts";

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

/** The run that a listener is called for, where deliveries are stored. */
export interface ListenerRun {
  /** Its number, the same in each of its attempts: what was done under it once need not be done again. */
  id: number;
  /** The listener's. */
  name: string;
  /** From 1. */
  attempt: number;
  /** Aborted when the attempt is over before the function is: its time, or somebody cancelled it, or the app stops. */
  signal: AbortSignal;
}

/** What a listener is given: for several names a union that `event` tells apart. */
export type ListenerInput<Name extends ListenerName = ListenerName> = Name extends string
  ? EventOf<Name> & {
      delivery: ListenerDelivery;
      /** Only where the receiver has a `store`. */
      run?: ListenerRun;
    }
  : never;

/** What it returns is ignored, but waited for. */
export type Listener<Name extends ListenerName = ListenerName> = (input: ListenerInput<Name>) => unknown;

/** As it is called, whatever its types. */
export interface Call {
  event: string;
  payload: Readonly<Record<string, unknown>>;
  delivery: ListenerDelivery;
  run?: ListenerRun;
}

export type Callable = (call: Call) => unknown;

interface Registered extends CheckedListenerOptions {
  names: ReadonlySet<string>;
  call: Callable;
}

const NAME = /^([a-z0-9_]{1,64})(?:\.([a-z0-9_]{1,64}))?$/;

export class Listeners {
  readonly #registered: Registered[] = [];
  readonly #areStored: boolean;
  #hooks: readonly Hook[] = [];

  /** @param areStored whether their runs are, so that each needs a name to be found again by. */
  constructor(areStored = false) {
    this.#areStored = areStored;
  }

  /**
   * @param rest the function, or options and the function.
   * @throws {UserError} when a name cannot be that of an event, there is nothing to call, or the options are wrong.
   */
  add(events: string | readonly string[], ...rest: readonly unknown[]): void {
    const all = typeof events === "string" ? [events] : [...events];
    if (all.length === 0) throw new UserError("`on` needs the name of an event, such as `push`.");
    for (const name of all) checkName(name);
    const listener = rest.at(-1);
    if (typeof listener !== "function")
      throw new UserError(`\`on("${all.join(", ")}")\` needs a function to call.`);
    const call = `on("${all.join(", ")}", …)`;
    const options = checkListenerOptions((rest.length > 1 ? rest[0] : {}) as ListenerOptions, call);
    this.#checkOwnName(options.name, call);
    this.#registered.push({ ...options, names: new Set(all), call: listener as Callable });
    this.#hooks = this.#registered.map(toHook);
  }

  /** All of them, as far as that can be written down. The same list until another one is added. */
  get hooks(): readonly Hook[] {
    return this.#hooks;
  }

  /** The function of a listener's name. */
  named(name: string): Callable | undefined {
    return this.#registered.find((listener) => listener.name === name)?.call;
  }

  /** In the order in which they were added, each once. */
  of(event: string, action: string | null): Callable[] {
    const withAction = `${event}.${action}`;
    return this.#registered
      .filter(({ names }) => names.has(event) || names.has("*") || names.has(withAction))
      .map(({ call }) => call);
  }

  #checkOwnName(name: string | undefined, call: string): void {
    if (name === undefined && this.#areStored)
      throw new UserError(
        `\`${call}\` needs a name, because the receiver has a \`store\`: write \`${call.replace("…", '{ name: "…" }, …')}\`. Its runs are found again by it, so it has to stay the same when the code changes.`,
      );
    if (name !== undefined && this.named(name))
      throw new UserError(
        `\`${call}\`: there is a listener called "${name}" already; one name can be only one listener's.`,
      );
  }
}

function toHook({ name = "", names, retry, timeoutMs }: Registered): Hook {
  const on = [...names].map(toTrigger);
  return { name, file: "createReceiver", on, retry, work: { kind: "listener", timeoutMs } };
}

function toTrigger(name: string): Trigger {
  const [event = "", action] = name.split(".");
  return action === undefined ? { event } : { event, types: [action] };
}

/**
 * Calls all of them at once.
 *
 * @param onError is told what each throws, also long after.
 * @returns whether none has thrown: at once where none has to be waited for, else when all have ended.
 */
export function callAll(
  listeners: readonly Callable[],
  call: Call,
  onError: (error: unknown) => void,
): boolean | Promise<boolean> {
  const fail = (error: unknown) => {
    onError(error);
    return false;
  };
  const ends = listeners.map((listener) => {
    try {
      const result = listener(call);
      return isThenable(result) ? Promise.resolve(result).then(() => true, fail) : true;
    } catch (error) {
      return fail(error);
    }
  });
  if (ends.every((end) => typeof end === "boolean")) return !ends.includes(false);
  return Promise.all(ends).then((results) => !results.includes(false));
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** GitHub adds events whenever it likes, so one that is not known is only a likely mistake. */
function checkName(name: unknown): void {
  if (name === "*") return;
  const [, event, action] = typeof name === "string" ? (NAME.exec(name) ?? []) : [];
  if (event === undefined)
    throw new UserError(
      `"${String(name)}" is no event: write it like \`push\`, with its action like \`issues.opened\`, or \`*\`.`,
    );
  if (webhookOf(event) !== event)
    throw new UserError(
      `GitHub sends no event \`${event}\`: it is a trigger of Actions. Listen to \`${webhookOf(event) ?? "*"}\`.`,
    );
  if (!EVENT_NAMES.includes(event)) return warn(`\`${event}\` is no event`, nearest(event, EVENT_NAMES));
  const actions = typesOf(event);
  // None: they are free, as those of `repository_dispatch`, or there are none.
  if (action === undefined || actions.length === 0 || actions.includes(action)) return;
  const likely = nearest(action, actions);
  warn(`\`${event}.${action}\` is no action`, likely && `${event}.${likely}`);
}

function warn(what: string, likely: string | undefined): void {
  process.emitWarning(
    `${what} that GitHub documents.${likely === undefined ? "" : ` Did you mean \`${likely}\`?`}`,
  );
}
