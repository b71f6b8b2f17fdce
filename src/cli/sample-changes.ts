/** Sample payloads made to look as if they came from another repository, branch or commit. */
import { UserError } from "../config/problem.ts";

export interface Changes {
  action?: string;
  /** `owner/name`. */
  repo?: string;
  branch?: string;
  sha?: string;
}

type Json = Record<string, unknown>;

/** @throws {UserError} when a change makes no sense for this event. */
export function changedSample(event: string, sample: Json, { repo, branch, sha }: Changes): Json {
  let payload = structuredClone(sample);
  if (repo !== undefined) payload = withRepository(payload, repo);
  if (branch !== undefined) setBranch(event, payload, branch);
  if (sha !== undefined) setSha(event, payload, sha);
  return payload;
}

/**
 * Adds one member, so that no two bodies are alike: equal bytes from an unknown sender under another GUID are taken for
 * a replay. Every other byte stays as it is.
 */
export function withUniqueMember(json: string, value: string): string {
  const end = json.trimEnd().lastIndexOf("}");
  const start = json.indexOf("{");
  if (start === -1 || end <= start) return json;
  const separator = json.slice(start + 1, end).trim() === "" ? "" : ",";
  return `${json.slice(0, end)}${separator}"longshore_send":${JSON.stringify(value)}${json.slice(end)}`;
}

/** The name stands in dozens of URLs, so all texts are changed. */
function withRepository(payload: Json, repo: string): Json {
  const [owner, name, ...more] = repo.split("/");
  if (!owner || !name || more.length > 0)
    throw new UserError(`"${repo}" is no repository; write it as owner/name.`);
  const repository = payload.repository as Json | undefined;
  const before = String(repository?.full_name ?? "");
  if (!repository || !before) throw new UserError("This sample has no repository.");
  const changed = JSON.parse(JSON.stringify(payload).replaceAll(before, repo)) as Json;
  Object.assign(changed.repository as Json, { name });
  Object.assign((changed.repository as Json).owner as Json, { login: owner });
  return changed;
}

function setBranch(event: string, payload: Json, branch: string): void {
  if (event === "push") Object.assign(payload, { ref: `refs/heads/${branch}`, deleted: false });
  else if (event === "create" || event === "delete")
    Object.assign(payload, { ref: branch, ref_type: "branch" });
  else if (payload.pull_request) (member(payload, "pull_request").base as Json).ref = branch;
  else if (event === "workflow_run") member(payload, "workflow_run").head_branch = branch;
  else if (event === "deployment") member(payload, "deployment").ref = branch;
  else throw new UserError(`A sample of "${event}" has no branch; leave out --branch.`);
}

function setSha(event: string, payload: Json, sha: string): void {
  if (event === "push") {
    payload.after = sha;
    if (payload.head_commit) member(payload, "head_commit").id = sha;
  } else if (payload.pull_request) {
    Object.assign(member(payload, "pull_request"), { merge_commit_sha: sha });
    (member(payload, "pull_request").head as Json).sha = sha;
  } else if (event === "workflow_run") member(payload, "workflow_run").head_sha = sha;
  else if (event === "status") payload.sha = sha;
  else throw new UserError(`A sample of "${event}" has no commit; leave out --sha.`);
}

function member(payload: Json, name: string): Json {
  return payload[name] as Json;
}
