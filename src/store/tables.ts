/** The tables as Kysely sees them. What may stand in them is said, and enforced, in `migrations/`. */
import type { Generated } from "kysely";

export type RunStatus = "queued" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";

/** Times are epoch milliseconds; flags are 0 or 1. */
export interface Tables {
  dictionaries: { id: number; bytes: Uint8Array };
  packs: { id: Generated<number>; dictionary: number; bytes: Uint8Array };
  deliveries: {
    id: Generated<number>;
    source: string;
    /** 0 where the sender named none. */
    webhook_id: number;
    /** See `guid.ts`. */
    guid: Uint8Array;
    event: string;
    action: string | null;
    repository: string | null;
    ref: string | null;
    sha: string | null;
    sender: string | null;
    received_at: number;
    /** The address it came from, as far as it is known. */
    client: string | null;
    /** The name of the secret that matched; `null` where the source has none. */
    secret: string | null;
    /** Whether it was held back as a replay. */
    replayed: number;
    /** Bytes of the body as received. */
    size: number;
    /** Where its headers and its body are: see `packing.ts`. */
    pack_id: number;
    pack_index: number;
    /** The hooks that judged it; `null` where none did. */
    hook_set_id: number | null;
  };
  /** See `hook-sets.ts`. */
  hook_sets: { id: Generated<number>; digest: Uint8Array; content: Uint8Array };
  disabled_hooks: { hook: string; disabled_at: number };
  runs: {
    id: Generated<number>;
    delivery_id: number;
    hook: string;
    status: RunStatus;
    reason: string | null;
    attempt: Generated<number>;
    interruptions: Generated<number>;
    exit_code: number | null;
    signal: string | null;
    /** The failed run that a redelivery tries again. */
    retry_of: number | null;
    queued_at: number;
    due_at: number;
    started_at: number | null;
    finished_at: number | null;
    worker: string | null;
    lease_until: number | null;
    /** See `RunGroup`. */
    concurrency_group: string | null;
    queue: "single" | "max" | null;
    pushed_at: number | null;
    /** Whether it is performed although a newer one has succeeded. */
    forced: Generated<number>;
    /** Why whoever performs it is to stop. */
    cancel_reason: string | null;
    /** Attempts that failed by themselves. */
    failures: Generated<number>;
    /** How it will end, when only its hook's `on-failure` is left. */
    ending: "failed" | "cancelled" | null;
    /** The person who wanted it; `null` where a delivery did. */
    asked_by: string | null;
    /** The run that it tells of, and what of it. */
    about_run: number | null;
    about_change: "failed" | "recovered" | null;
  };
  /** Those before the last one, which is in the run itself. */
  attempts: {
    run_id: number;
    attempt: number;
    outcome: "succeeded" | "failed" | "cancelled" | "skipped" | "interrupted" | "handed back";
    reason: string | null;
    exit_code: number | null;
    signal: string | null;
    started_at: number;
    finished_at: number;
  };
  /** What the service that a delivery was forwarded to has said. */
  answers: {
    run_id: number;
    attempt: number;
    status: number;
    /** A list of pairs, as JSON. */
    headers: string;
    body: Uint8Array;
    truncated: number;
  };
  summaries: { run_id: number; attempt: number; markdown: string };
  annotations: {
    run_id: number;
    attempt: number;
    seq: number;
    level: "error" | "warning" | "notice";
    message: string;
    title: string | null;
    file: string | null;
    line: number | null;
    end_line: number | null;
    col: number | null;
    end_column: number | null;
  };
  /** How the last run ended that had an outcome. */
  hook_states: {
    hook: string;
    source: string;
    repository: string;
    ref: string;
    status: "succeeded" | "failed";
    run_id: number;
    /** How the one before it ended. */
    previous: "succeeded" | "failed" | null;
  };
  last_successes: {
    hook: string;
    source: string;
    repository: string;
    ref: string;
    sha: string;
    /** Of the run; `null` when a version stored it that did not keep them. */
    run_id: number | null;
    delivery_id: number | null;
    received_at: number | null;
    pushed_at: number | null;
  };
  output: {
    run_id: number;
    attempt: number;
    seq: number;
    stream: OutputStream;
    at: number;
    bytes: Uint8Array;
  };
  /** See `seen-bodies.ts`. */
  bodies_seen: { id: Generated<number>; source: string; secret: string; digests: Uint8Array };
  secret_uses: { source: string; secret: string; last_used_at: number };
  refusals: {
    id: Generated<number>;
    at: number;
    source: string | null;
    code: string;
    peer: string | null;
    event: string | null;
    guid: string | null;
    webhook_id: string | null;
  };
  /** See `nodes.ts`. */
  nodes: {
    name: string;
    roles: string;
    version: string;
    hooks_folder: string;
    started_at: number;
    seen_at: number;
    stopped_at: number | null;
    hooks_digest: string;
    hooks: string;
    hooks_read_at: number;
  };
  /** See `singletons.ts`. */
  singletons: { name: string; node: string; lease_until: number };
  github_addresses: { api_url: string; etag: string | null; checked_at: number; ranges: string };
  /** See `tokens.ts`. */
  tokens: {
    id: Generated<number>;
    name: string;
    role: AdminRole;
    digest: Uint8Array;
    created_at: number;
    created_by: string;
    last_used_at: number | null;
    revoked_at: number | null;
  };
  /** See `sessions.ts`. */
  sign_in_codes: { id: Generated<number>; digest: Uint8Array; asked_by: string; expires_at: number };
  sessions: {
    id: Generated<number>;
    digest: Uint8Array;
    name: string;
    role: AdminRole;
    token_id: number | null;
    created_at: number;
    expires_at: number;
  };
  /** See `audit.ts`. */
  audit: {
    id: Generated<number>;
    at: number;
    who: string;
    action: string;
    subject: string | null;
    details: string;
  };
  schema_migrations: { name: string; applied_at: number };
}

/** `longshore` is what Longshore itself has to say between the lines of a script. */
export type OutputStream = "stdout" | "stderr" | "longshore";

/** What somebody may do over the admin API: look, or change things as well. */
export type AdminRole = "viewer" | "admin";
