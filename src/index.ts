/** The library's face: what `import … from "longshore"` gives. */
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
