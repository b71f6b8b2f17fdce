/**
 * What GitHub's payloads look like: the only file that knows where in a body a branch, a commit or a sender stands.
 * Every value is checked on the way out, because a sender may put anything anywhere.
 * https://docs.github.com/webhooks/webhook-events-and-payloads
 */

export type Payload = Readonly<Record<string, unknown>>;

/** What a delivery is about, under the names that GitHub Actions gives these facts in its `github` context. */
export interface Facts {
  action: string | null;
  /** `owner/name`. */
  repository: string | null;
  /** The login of whoever caused the event. */
  sender: string | null;
  /** The full ref, such as `refs/heads/main`, `refs/tags/v1` or `refs/pull/7/merge`. */
  ref: string | null;
  sha: string | null;
  /** The branch a pull request wants to go to, short. */
  baseRef: string | null;
  /** The branch a pull request or a workflow run comes from, short. */
  headRef: string | null;
  /** Whether the delivery tells that its ref is gone. */
  deleted: boolean;
}

/** Reads the facts of a delivery. A field that is missing or not of its type is `null`. */
export function readFacts(event: string, payload: Payload): Facts {
  const { ref, sha } = readRef(event, payload);
  const pullRequest = object(payload.pull_request);
  return {
    action: text(payload.action),
    repository: text(object(payload.repository).full_name),
    sender: text(object(payload.sender).login),
    ref: ref || null,
    sha: sha || null,
    baseRef: text(object(pullRequest.base).ref) ?? shortRef(text(object(payload.merge_group).base_ref)),
    headRef: text(object(pullRequest.head).ref) ?? text(object(payload.workflow_run).head_branch),
    deleted: event === "push" && payload.deleted === true,
  };
}

/** `main` of `refs/heads/main`, `v1` of `refs/tags/v1`, `7/merge` of `refs/pull/7/merge`; others as they are. */
export function shortRef(ref: string): string;
export function shortRef(ref: string | null): string | null;
export function shortRef(ref: string | null): string | null {
  return ref === null ? null : ref.replace(/^refs\/(heads|tags|pull)\//, "");
}

/**
 * The ref and commit that Actions would put into `github.ref` and `github.sha`. What only GitHub can know (the
 * last commit of the default branch) stays unknown.
 * https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
function readRef(event: string, payload: Payload): { ref?: string | null; sha?: string | null } {
  switch (event) {
    case "push":
      return { ref: text(payload.ref), sha: text(payload.after) };
    case "create": {
      const kind = payload.ref_type === "tag" ? "tags" : "heads";
      const name = text(payload.ref);
      return { ref: name && `refs/${kind}/${name}` };
    }
    case "release": {
      const tag = text(object(payload.release).tag_name);
      return { ref: tag && `refs/tags/${tag}` };
    }
    case "merge_group": {
      const group = object(payload.merge_group);
      return { ref: text(group.head_ref), sha: text(group.head_sha) };
    }
    case "deployment":
    case "deployment_status": {
      const deployment = object(payload.deployment);
      return { ref: text(deployment.ref), sha: text(deployment.sha) };
    }
    case "status":
      return { ref: defaultBranch(payload), sha: text(payload.sha) };
    case "workflow_dispatch":
      return { ref: text(payload.ref) };
    case "code_scanning_alert":
      return { ref: text(payload.ref), sha: text(payload.commit_oid) };
    default:
      return readPullRequestRef(payload) ?? { ref: defaultBranch(payload) };
  }
}

function readPullRequestRef(payload: Payload): { ref: string; sha: string | null } | undefined {
  const pullRequest = object(payload.pull_request);
  const number = pullRequest.number ?? payload.number;
  if (!Number.isInteger(number)) return;
  const sha = text(pullRequest.merge_commit_sha) ?? text(object(pullRequest.head).sha);
  return { ref: `refs/pull/${number}/merge`, sha };
}

/** The full ref of the default branch of the repository that a payload is about. */
export function defaultBranch(payload: Payload): string | null {
  const branch = text(object(payload.repository).default_branch);
  return branch && `refs/heads/${branch}`;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function object(value: unknown): Payload {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Payload) : {};
}
