/**
 * A payload made here, for a hook that is run by hand: of the form that GitHub gives to `workflow_dispatch`, which is what
 * Actions calls a start by hand.
 * https://docs.github.com/webhooks/webhook-events-and-payloads#workflow_dispatch
 */
import type { Payload } from "./payload.ts";

export interface Dispatch {
  /** `owner/name`. */
  repository: string;
  /** Full. */
  ref: string;
  /** The account that asks for it. */
  sender: string;
  /** The hook's file. */
  workflow: string;
}

/** @param earlier what GitHub has sent of this repository before: it knows more of it than its name. */
export function dispatchPayload(
  { repository, ref, sender, workflow }: Dispatch,
  earlier: Payload = {},
): Payload {
  const [login, name] = repository.split("/");
  const { repository: known = { full_name: repository, name, owner: { login } }, organization } = earlier;
  return {
    inputs: {},
    ref,
    repository: known,
    ...(organization !== undefined && { organization }),
    sender: { login: sender },
    workflow,
  };
}
