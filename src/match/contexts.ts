/**
 * The `github` context: Actions' own names for what a delivery says. What it does not say is an empty text, as in the
 * variables of a script.
 * https://docs.github.com/actions/reference/workflows-and-actions/contexts#github-context
 */
import { type Facts, type Payload, readFacts, readIds, shortRef } from "./payload.ts";

/** A delivery, as expressions can ask for it. */
export interface Subject {
  event: string;
  facts: Facts;
  payload: Payload;
}

/** @param hook the hook's name, which is what Actions would call the workflow. */
export function githubContext({ event, facts, payload }: Subject, hook: string) {
  const { ref, repository, sender } = facts;
  const ids = readIds(payload);
  const isPullRequest = event.startsWith("pull_request");
  return {
    actor: sender ?? "",
    actor_id: ids.sender,
    base_ref: (isPullRequest && facts.baseRef) || "",
    event: payload,
    event_name: event,
    head_ref: (isPullRequest && facts.headRef) || "",
    ref: ref ?? "",
    ref_name: shortRef(ref) ?? "",
    ref_type: ref === null ? "" : ref.startsWith("refs/tags/") ? "tag" : "branch",
    repository: repository ?? "",
    repository_id: ids.repository,
    repository_owner: repository?.split("/")[0] ?? "",
    repository_owner_id: ids.repositoryOwner,
    sha: facts.sha ?? "",
    triggering_actor: sender ?? "",
    workflow: hook,
  };
}

/** What `github` has when a hook is chosen. */
export const GITHUB_PROPERTIES: readonly string[] = Object.keys(
  githubContext({ event: "", facts: readFacts("", {}), payload: {} }, ""),
);

/** What it has besides when a run starts. */
export const RUN_PROPERTIES = ["api_url", "run_attempt", "run_id", "server_url"] as const;
