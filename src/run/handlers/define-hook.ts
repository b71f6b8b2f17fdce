/**
 * What a handler file is written with: {@link defineHook}, which does nothing but lend its types, so that `payload` is
 * what `on` says. No more than types may be imported here: every handler process loads this file.
 */
import type { EmitterWebhookEvent, EmitterWebhookEventName } from "@octokit/webhooks";
import type { Octokit } from "octokit";
import type { Trigger } from "../../match/hook.ts";

/** The events whose payloads are known. GitHub may send others; they can be named as well. */
export type EventName = Exclude<EmitterWebhookEventName, `${string}.${string}`>;

/** Actions' triggers that are another event's webhook under a name of their own. */
interface WebhookOfTrigger {
  pull_request_target: "pull_request";
  pull_request_comment: "issue_comment";
}

/** What can stand in `on` and is known. */
type TriggerName = EventName | keyof WebhookOfTrigger;

/** Offers the known names, and takes every other. */
type OrOther<Name extends string> = Name | (string & {});

type OneOrMore<T> = T | readonly T[];

/** All filters but `types`, as a hook has them once it is loaded, in the forms in which they can be written. */
type FiltersOfAnyEvent = {
  [Filter in keyof Trigger as Exclude<Filter, "event" | "types">]: Trigger[Filter] extends
    | readonly (infer One)[]
    | undefined
    ? OneOrMore<One>
    : Trigger[Filter];
};

/** What narrows an event down, in the words of GitHub Actions. Which filter goes with which event is checked on loading. */
export interface EventFilters<Name extends string = string> extends FiltersOfAnyEvent {
  types?: OneOrMore<OrOther<ActionOf<Name>>>;
}

/** The events that a hook is for: a name, several, or a map from names to filters. */
export type Triggers =
  | OrOther<TriggerName>
  | readonly OrOther<TriggerName>[]
  | ({ readonly [Name in TriggerName]?: EventFilters<Name> | null } & {
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
  : Name extends keyof WebhookOfTrigger
    ? EmitterWebhookEvent<WebhookOfTrigger[Name]>["payload"]
    : string extends Name
      ? AnyPayload
      : Readonly<Record<string, unknown>>;

type ActionOf<Name extends string> = Name extends TriggerName
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
  : Name extends "pull_request" | "pull_request_target"
    ? Narrowed<Name, DefaultTypes>
    : PayloadOf<Name>;

/** The delivery that the run is for. Of `pull_request_target`, `ref` and `sha` are the base's, as a script is told. */
export interface HandlerDelivery {
  id: number;
  /** GitHub's name for the delivery. */
  guid: string;
  source: string;
  /** As `on` says it where that is `pull_request_target`, else as GitHub does. */
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

/** A comment on a pull request is told as what GitHub sends. */
type ToldAs<Name extends string> = Name extends "pull_request_comment" ? WebhookOfTrigger[Name] : Name;

/** What a condition is given: the event's name, its payload, and what is known besides. */
export type HandlerEvent<On = Triggers> = {
  [Name in NameIn<On>]: Common & { event: ToldAs<Name>; payload: PayloadFor<On, Name> };
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
  /** The source whose deliveries it is for; required when the settings have several. */
  source?: string;
  /** Patterns of `owner/name`; all repositories of the source unless said. */
  repositories?: OneOrMore<string>;
  /** Also for what comes from a fork, whose code a stranger may have written. */
  forks?: "run";
  /**
   * Whether the run is to happen: an expression, as in a hook file, of which `false` means that the hook does not
   * match; or a function, of which `false` makes the run `skipped`.
   */
  if?: string | ((event: HandlerEvent<On>) => boolean | Promise<boolean>);
  /** The group of its runs, of which one at most is performed at a time: its name, or a map, as in a hook file. */
  concurrency?:
    | string
    | {
        group: string;
        "cancel-in-progress"?: boolean | string;
        queue?: "single" | "max";
        scope?: "repository" | "server";
      };
  /** Also for a push that is older than one that the hook ran to success for. */
  stale?: "run";
  /** Whether and when a failed attempt is followed by another one: durations are texts such as `30s`. */
  retry?: { "max-attempts"?: number; backoff?: string; "max-backoff"?: string };
  /** What becomes of an attempt whose server was killed: it is made again unless this says `fail`. */
  interrupted?: "retry" | "fail";
  /** A script that runs once after the last attempt failed, timed out or was cancelled, for at most 5 minutes. */
  onFailure?: string;
  /** The account that its runs are performed under: a name or a number. The file itself is read under `runs.user`. */
  user?: string | number;
  /** More variables of the run's environment. */
  env?: Readonly<Record<string, string | number | boolean>>;
  /** Names of variables that are handed on from the server's environment. */
  inheritEnv?: OneOrMore<string>;
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
