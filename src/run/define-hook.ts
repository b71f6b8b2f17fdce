/**
 * What a handler file is written with: {@link defineHook}, which does nothing but lend its types, so that `payload` is
 * what `on` says. No more than types may be imported here: every handler process loads this file.
 */
import type { EmitterWebhookEvent, EmitterWebhookEventName } from "@octokit/webhooks";
import type { Octokit } from "octokit";

/** The events whose payloads are known. GitHub may send others; they can be named as well. */
export type EventName = Exclude<EmitterWebhookEventName, `${string}.${string}`>;

/** Offers the known names, and takes every other. */
type OrOther<Name extends string> = Name | (string & {});

type OneOrMore<T> = T | readonly T[];

/** What narrows an event down, in the words of GitHub Actions. */
export interface EventFilters<Name extends string = string> {
  types?: OneOrMore<OrOther<ActionOf<Name>>>;
  branches?: OneOrMore<string>;
}

/** The events that a hook is for: a name, several, or a map from names to filters. */
export type Triggers =
  | OrOther<EventName>
  | readonly OrOther<EventName>[]
  | ({ readonly [Name in EventName]?: EventFilters<Name> | null } & {
      readonly [name: string]: EventFilters | null | undefined;
    });

type NameIn<On> = On extends string
  ? On
  : On extends readonly (infer Name extends string)[]
    ? Name
    : keyof On & string;

type AnyPayload = EventName extends infer Name extends EventName
  ? Name extends Name
    ? EmitterWebhookEvent<Name>["payload"]
    : never
  : never;

type PayloadOf<Name extends string> = Name extends EventName
  ? EmitterWebhookEvent<Name>["payload"]
  : string extends Name
    ? AnyPayload
    : Readonly<Record<string, unknown>>;

type ActionOf<Name extends string> = Name extends EventName
  ? Extract<PayloadOf<Name>, { action: string }>["action"]
  : never;

/** Those payloads that can have one of these actions. */
type WithAction<Payload, Action> = Payload extends { action: infer Own }
  ? [Own & Action] extends [never]
    ? never
    : Payload
  : never;

/** An action that is not known says nothing of the payload. */
type Narrowed<Name extends string, Types extends string> = [Types] extends [ActionOf<Name>]
  ? WithAction<PayloadOf<Name>, Types>
  : PayloadOf<Name>;

type TypesIn<Filters> = Filters extends { types: infer Types }
  ? Types extends readonly (infer One extends string)[]
    ? One
    : Types & string
  : never;

type DefaultTypes = "opened" | "synchronize" | "reopened";

type PayloadFor<On, Name extends string> = On extends { readonly [name in Name]: { types: unknown } }
  ? Narrowed<Name, TypesIn<On[Name]>>
  : Name extends "pull_request"
    ? Narrowed<Name, DefaultTypes>
    : PayloadOf<Name>;

/** A delivery as Longshore has stored it. */
export interface HandlerDelivery {
  id: number;
  /** GitHub's name for the delivery. */
  guid: string;
  source: string;
  event: string;
  action: string | null;
  /** `owner/name`. */
  repository: string | null;
  /** The full ref, such as `refs/heads/main`. */
  ref: string | null;
  sha: string | null;
  /** The login of whoever caused the event. */
  sender: string | null;
  receivedAt: Date;
}

/** Prints a line of the run's output, with what stands behind the text shown as `console.log` shows it. */
export type LogLine = (text: unknown, ...more: unknown[]) => void;

export interface HandlerLog {
  debug: LogLine;
  info: LogLine;
  /** On standard error, as `error`. */
  warn: LogLine;
  error: LogLine;
}

interface Common {
  delivery: HandlerDelivery;
  /** The run's environment: what a script would find in its variables. */
  env: Readonly<Record<string, string>>;
  log: HandlerLog;
}

/** What a condition is given: the event's name, its payload, and what is known besides. */
export type HandlerEvent<On = Triggers> = {
  [Name in NameIn<On>]: Common & { event: Name; payload: PayloadFor<On, Name> };
}[NameIn<On>];

/** What `run` is given. */
export type HandlerInput<On = Triggers> = HandlerEvent<On> & {
  /** Aborted when the run's time is over, or the server stops. The process is killed ten seconds later. */
  signal: AbortSignal;
  /** A client of GitHub's API, with the token in `env.GITHUB_TOKEN` if there is one. Made when it is first asked for. */
  octokit: Octokit;
};

/** A hook that calls a function. */
export interface HookDefinition<On extends Triggers = Triggers> {
  on: On;
  /** Whether the run is to happen. `false` makes it `skipped`. */
  if?: (event: HandlerEvent<On>) => boolean | Promise<boolean>;
  /** More variables of the run's environment. */
  env?: Readonly<Record<string, string | number | boolean>>;
  /** 1 to 10080; 60 unless said. */
  timeoutMinutes?: number;
  /** What it returns is ignored; what it throws fails the run. */
  run: (input: HandlerInput<On>) => unknown;
}

/** Found on what {@link defineHook} returns, whichever copy of this file made it. */
export const DEFINED = Symbol.for("longshore.hook");

/**
 * Defines the hook of a handler file, as its default export:
 *
 * ```ts
 * export default defineHook({
 *   on: { issues: { types: ["opened"] } },
 *   async run({ payload, octokit, log }) { … },
 * });
 * ```
 */
export function defineHook<const On extends Triggers>(definition: HookDefinition<On>): HookDefinition<On> {
  return Object.defineProperty({ ...definition }, DEFINED, { value: true });
}
