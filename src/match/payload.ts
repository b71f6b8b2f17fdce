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
  /** The last commit of that branch, as the pull request knows it. */
  baseSha: string | null;
  /** The branch a pull request or a workflow run comes from, short. */
  headRef: string | null;
  /** The repository a pull request or a workflow run comes from; also `null` when that is gone. */
  headRepository: string | null;
  /** Whether a pull request or workflow run comes from another repository than this one, or from one that is gone. */
  isFromFork: boolean;
  /** Whether the delivery tells that its ref is gone. */
  deleted: boolean;
  /** The name of the workflow that a workflow run is of. */
  workflow: string | null;
  /** Whether a comment is on a pull request, not on an issue. */
  isOnPullRequest: boolean;
  /** What the message of the pushed commit says to skip workflows, such as `[skip ci]`. */
  skipMarker: string | null;
  changedFiles: ChangedFiles;
  /** When GitHub took a push in, in epoch milliseconds. */
  pushedAt: number | null;
  /** The repository's name without its owner. */
  repositoryName: string | null;
  /** What the name of an executable means by the branch; see {@link readNamedBranch}. */
  namedBranch: string | null;
}

/** The paths that have changed, from the root of the repository; or why nobody can say it from the payload. */
export type ChangedFiles = { known: true; files: readonly string[] } | { known: false; why: string };

/** What is told of a delivery wherever it is named. */
export type Gist = Pick<Facts, "action" | "repository" | "ref" | "sha" | "sender">;

/** The facts that everybody wants. A field that is missing or not of its type is `null`. */
export function readGist(event: string, payload: Payload): Gist {
  const { ref, sha } = readRef(event, payload);
  return {
    action: text(payload.action),
    repository: text(object(payload.repository).full_name),
    ref: ref || null,
    sha: sha || null,
    sender: text(object(payload.sender).login),
  };
}

/** Reads all facts of a delivery. A field that is missing or not of its type is `null`. */
export function readFacts(event: string, payload: Payload): Facts {
  const gist = readGist(event, payload);
  const { repository } = gist;
  const pullRequest = object(payload.pull_request);
  const run = object(payload.workflow_run);
  const headRepository = text(object(object(pullRequest.head).repo ?? run.head_repository).full_name);
  const hasHead = event.startsWith("pull_request") || event === "workflow_run";
  return {
    ...gist,
    baseRef: text(object(pullRequest.base).ref) ?? shortRef(text(object(payload.merge_group).base_ref)),
    baseSha: text(object(pullRequest.base).sha),
    headRef: text(object(pullRequest.head).ref) ?? text(run.head_branch),
    headRepository,
    isFromFork: hasHead && !isSameName(headRepository, repository),
    deleted: event === "push" && payload.deleted === true,
    workflow: text(object(payload.workflow).name) ?? text(run.name),
    isOnPullRequest: object(payload.issue).pull_request !== undefined,
    skipMarker: event === "push" ? readSkipMarker(text(object(payload.head_commit).message) ?? "") : null,
    changedFiles: readChangedFiles(event, payload),
    pushedAt: event === "push" ? readPushedAt(payload) : null,
    repositoryName: text(object(payload.repository).name) || null,
    namedBranch: readNamedBranch(event, payload) || null,
  };
}

/** The numbers that GitHub gives to who and what a delivery is about, as texts; empty where it does not say. */
export function readIds(payload: Payload): { sender: string; repository: string; repositoryOwner: string } {
  const repository = object(payload.repository);
  return {
    sender: id(object(payload.sender).id),
    repository: id(repository.id),
    repositoryOwner: id(object(repository.owner).id),
  };
}

/** In a push's payload it is a number of seconds, elsewhere a text. */
function readPushedAt(payload: Payload): number | null {
  const seconds = object(payload.repository).pushed_at;
  const time = typeof seconds === "number" ? seconds * 1_000 : -1;
  return Number.isSafeInteger(time) && time >= 0 ? time : null;
}

/** GitHub's names of repositories do not tell `Acme` from `acme`. */
function isSameName(a: string | null, b: string | null): boolean {
  return a !== null && a.toLowerCase() === b?.toLowerCase();
}

/**
 * What python-github-webhooks takes for the branch: that of a `ref_type`, else the base of a pull request, else what
 * stands behind the second slash of a push's ref, which for a tag is the tag.
 */
function readNamedBranch(event: string, payload: Payload): string | null | undefined {
  if ("ref_type" in payload) return payload.ref_type === "branch" ? text(payload.ref) : null;
  if ("pull_request" in payload) return text(object(object(payload.pull_request).base).ref);
  if (event !== "push") return null;
  return text(payload.ref)?.split("/").slice(2).join("/");
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

const SKIP_MARKERS = ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]"];

/** https://docs.github.com/actions/how-tos/manage-workflow-runs/skip-workflow-runs */
function readSkipMarker(message: string): string | null {
  const marker = SKIP_MARKERS.find((candidate) => message.includes(candidate));
  if (marker) return marker;
  const [first, ...others] = message.trimEnd().split("\n");
  const last = others.at(-1)?.trim();
  return first && last && /^skip-checks: ?true$/.test(last) ? last : null;
}

/** Above it GitHub does not compare either: Actions then runs every workflow. */
const MAX_COMMITS = 1_000;
/** GitHub's limit for each of a commit's lists of files, and ours for the whole push. */
const MAX_FILES = 3_000;
/** Where older Enterprise Servers end the list of commits, without a word about it. */
const OLD_MAX_COMMITS = 20;

/** The files that the commits of a push have touched: more than a comparison of its ends would show, never fewer. */
function readChangedFiles(event: string, payload: Payload): ChangedFiles {
  if (event.startsWith("pull_request"))
    return unknownFiles("the payload of a pull request does not list them");
  if (event !== "push") return unknownFiles("only a push lists them");
  if (payload.deleted === true) return unknownFiles("the push deletes its ref");
  if (payload.created === true) return unknownFiles("the branch is new");
  if (payload.forced === true) return unknownFiles("the push was forced");
  const commits = payload.commits;
  if (!Array.isArray(commits) || commits.length === 0) return unknownFiles("the push lists no commits");
  if (commits.length > MAX_COMMITS) return unknownFiles(`the push has more than ${MAX_COMMITS} commits`);
  if (commits.length === OLD_MAX_COMMITS || !isWhole(commits, payload))
    return unknownFiles(`the list of ${commits.length} commits may have been cut`);
  return filesOf(commits);
}

/** Whether the list reaches the commit that was pushed, and has as many as the sender says (Gitea does). */
function isWhole(commits: readonly unknown[], { after, total_commits: total }: Payload): boolean {
  const isThere = commits.some((commit) => object(commit).id === after);
  return isThere && (typeof total !== "number" || total <= commits.length);
}

function filesOf(commits: readonly unknown[]): ChangedFiles {
  const lists = commits.map(object).flatMap(({ added, removed, modified }) => [added, removed, modified]);
  const files = new Set<string>();
  for (const list of lists) {
    if (!Array.isArray(list)) return unknownFiles("a commit does not list its files");
    for (const file of list) if (typeof file === "string") files.add(file);
    if (list.length >= MAX_FILES || files.size >= MAX_FILES)
      return unknownFiles(`the push changes ${MAX_FILES} files or more`);
  }
  return { known: true, files: [...files] };
}

function unknownFiles(why: string): ChangedFiles {
  return { known: false, why };
}

/** The full ref of the default branch of the repository that a payload is about. */
export function defaultBranch(payload: Payload): string | null {
  const branch = text(object(payload.repository).default_branch);
  return branch && `refs/heads/${branch}`;
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function id(value: unknown): string {
  return typeof value === "number" ? String(value) : "";
}

function object(value: unknown): Payload {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Payload) : {};
}
