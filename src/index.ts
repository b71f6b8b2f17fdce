/**
 * The library's face: what `import … from "longshore"` gives. Loading it loads neither database nor dashboard, and no
 * schema: what needs them is loaded when it is first called.
 */
export { UserError } from "./config/problem.ts";
export { sign, verifySignature } from "./lib/signature.ts";
export { createReceiver, type Receiver } from "./library/create-receiver.ts";
export { type GitHubAddresses, githubAddresses } from "./library/github-addresses.ts";
export type { ListenerOptions, ListenerRetry } from "./library/listener-options.ts";
export type {
  Listener,
  ListenerDelivery,
  ListenerInput,
  ListenerName,
  ListenerRun,
} from "./library/listeners.ts";
export { type HookFilters, type HookMatch, type MatchedDelivery, matchHook } from "./library/match-hook.ts";
export type { ErrorContext, ReceiverOptions, Refused } from "./library/options.ts";
export type { StoreOptions } from "./library/store-options.ts";
export type { Connection } from "./library/web-request.ts";
export type { Check } from "./match/filters.ts";
export {
  defineHook,
  type EventFilters,
  type EventName,
  type HandlerDelivery,
  type HandlerEvent,
  type HandlerInput,
  type HandlerLog,
  type HookDefinition,
  type Triggers,
} from "./run/handlers/define-hook.ts";
