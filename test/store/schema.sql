CREATE TABLE annotations (
  run_id integer not null references runs (id) on delete cascade,
  attempt integer not null check (attempt > 0),
  seq integer not null check (seq >= 0),
  level text not null check (level in ('error', 'warning', 'notice')),
  message text not null,
  title text,
  file text,
  line integer,
  end_line integer,
  col integer,
  end_column integer,
  primary key (run_id, attempt, seq)
) strict;

CREATE TABLE answers (
  run_id integer not null references runs (id) on delete cascade,
  attempt integer not null check (attempt > 0),
  status integer not null check (status between 100 and 999),
  -- A list of pairs, as JSON.
  headers text not null,
  body blob not null,
  truncated integer not null check (truncated in (0, 1)),
  primary key (run_id, attempt)
) strict;

CREATE TABLE attempts (
  run_id integer not null references runs (id) on delete cascade,
  attempt integer not null check (attempt > 0),
  outcome text not null
    check (outcome in ('succeeded', 'failed', 'cancelled', 'skipped', 'interrupted', 'handed back')),
  reason text,
  exit_code integer,
  signal text,
  started_at integer not null,
  finished_at integer not null,
  primary key (run_id, attempt)
) strict, without rowid;

CREATE TABLE audit (
  id integer primary key autoincrement,
  at integer not null,
  who text not null,
  action text not null,
  -- What was changed: the number of a run, the name of a hook.
  subject text,
  -- As JSON.
  details text not null
) strict;

CREATE TABLE bodies_seen (
  id integer primary key autoincrement,
  source text not null,
  secret text not null,
  -- The first 8 bytes of the SHA-256 of each, one behind the other.
  digests blob not null
) strict;

CREATE TABLE deliveries (
  id integer primary key autoincrement,
  source text not null check (source <> ''),
  -- Not null, because a key that holds a null never conflicts.
  webhook_id integer not null default 0 check (webhook_id >= 0),
  guid blob not null,
  event text not null check (event <> ''),
  action text,
  repository text,
  ref text,
  sha text,
  sender text,
  received_at integer not null,
  client text,
  secret text,
  replayed integer not null default 0 check (replayed in (0, 1)),
  size integer not null check (size >= 0),
  pack_id integer not null references packs (id),
  pack_index integer not null check (pack_index >= 0), hook_set_id integer references hook_sets (id),
  -- The GUID first, because people look for it alone.
  unique (guid, webhook_id, source)
) strict;

CREATE INDEX deliveries_by_hook_set on deliveries (hook_set_id);

CREATE INDEX deliveries_by_pack on deliveries (pack_id);

CREATE TABLE dictionaries (id integer primary key, bytes blob not null) strict;

CREATE TABLE disabled_hooks (
  hook text not null check (hook <> ''),
  disabled_at integer not null,
  primary key (hook)
) strict, without rowid;

CREATE TABLE github_addresses (
  api_url text not null primary key,
  etag text,
  checked_at integer not null,
  ranges text not null
) strict;

CREATE TABLE hook_sets (
  id integer primary key autoincrement,
  digest blob not null unique check (length(digest) = 32),
  content blob not null
) strict;

CREATE TABLE hook_states (
  hook text not null,
  source text not null,
  repository text not null,
  ref text not null,
  status text not null check (status in ('succeeded', 'failed')),
  run_id integer not null, previous text check (previous in ('succeeded', 'failed')),
  primary key (hook, source, repository, ref)
) strict, without rowid;

CREATE TABLE last_successes (
  hook text not null,
  source text not null,
  repository text not null,
  ref text not null,
  sha text not null, run_id integer, delivery_id integer, received_at integer, pushed_at integer,
  primary key (hook, source, repository, ref)
) strict, without rowid;

CREATE TABLE nodes (
  name text not null primary key check (name <> ''),
  -- With a blank between them.
  roles text not null check (roles <> ''),
  version text not null,
  hooks_folder text not null,
  started_at integer not null,
  seen_at integer not null,
  stopped_at integer,
  -- Of all its hooks together; each with its own is in the list, as JSON.
  hooks_digest text not null,
  hooks text not null,
  hooks_read_at integer not null
) strict;

CREATE TABLE output (
  run_id integer not null references runs (id) on delete cascade,
  attempt integer not null check (attempt > 0),
  seq integer not null check (seq >= 0),
  stream text not null check (stream in ('stdout', 'stderr', 'longshore')),
  at integer not null,
  bytes blob not null,
  primary key (run_id, attempt, seq)
) strict;

CREATE TABLE packs (
  id integer primary key autoincrement,
  dictionary integer not null references dictionaries (id),
  bytes blob not null
) strict;

CREATE TABLE refusals (
  id integer primary key autoincrement,
  at integer not null,
  source text,
  code text not null,
  peer text,
  event text,
  guid text,
  webhook_id text
) strict;

CREATE TABLE runs (
  id integer primary key autoincrement,
  delivery_id integer not null references deliveries (id) on delete cascade,
  hook text not null check (hook <> ''),
  status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'skipped')),
  reason text,
  attempt integer not null default 0 check (attempt >= 0),
  interruptions integer not null default 0 check (interruptions >= 0),
  exit_code integer,
  signal text,
  retry_of integer references runs (id) on delete set null,
  queued_at integer not null,
  -- Set from the moment of insertion: a run without a due time would never be found.
  due_at integer not null,
  started_at integer,
  finished_at integer,
  worker text,
  lease_until integer, concurrency_group text, queue text check (queue in ('single', 'max')), pushed_at integer, forced integer not null default 0 check (forced in (0, 1)), cancel_reason text, failures integer not null default 0 check (failures >= 0), ending text check (ending in ('failed', 'cancelled')), asked_by text, about_run integer references runs (id) on delete cascade, about_change text check (about_change in ('failed', 'recovered')),
  check ((status = 'running') = (worker is not null)),
  check ((status = 'running') = (lease_until is not null)),
  check ((status in ('queued', 'running')) = (finished_at is null)),
  check (status <> 'running' or (attempt > 0 and started_at is not null))
) strict;

CREATE INDEX failed_runs on runs (id) where status = 'failed';

CREATE INDEX live_in_group on runs (concurrency_group, id)
  where status in ('queued', 'running') and concurrency_group is not null;

CREATE UNIQUE INDEX one_live_run on runs (delivery_id, hook, coalesce(about_run, 0))
  where status in ('queued', 'running');

CREATE UNIQUE INDEX one_running on runs (concurrency_group)
  where status = 'running' and concurrency_group is not null;

CREATE INDEX queued_lane on runs (hook, due_at, id, concurrency_group, delivery_id) where status = 'queued';

CREATE INDEX running_lease on runs (lease_until) where status = 'running';

CREATE INDEX runs_about on runs (about_run) where about_run is not null;

CREATE INDEX runs_by_delivery on runs (delivery_id, hook, id);

CREATE INDEX runs_by_hook on runs (hook, id);

CREATE INDEX runs_finished on runs (finished_at, status, hook, started_at, queued_at)
  where finished_at is not null;

CREATE INDEX runs_retried on runs (retry_of) where retry_of is not null;

CREATE TABLE schema_migrations (name text primary key, applied_at integer not null) strict;

CREATE TABLE secret_uses (
  source text not null,
  secret text not null,
  last_used_at integer not null,
  primary key (source, secret)
) strict, without rowid;

CREATE TABLE sessions (
  id integer primary key autoincrement,
  digest blob not null unique check (length(digest) = 32),
  name text not null,
  role text not null check (role in ('viewer', 'admin')),
  -- The token that it began with, whose end is its own.
  token_id integer references tokens (id) on delete cascade,
  created_at integer not null,
  expires_at integer not null
) strict;

CREATE INDEX sessions_of_token on sessions (token_id) where token_id is not null;

CREATE TABLE sign_in_codes (
  id integer primary key autoincrement,
  digest blob not null unique check (length(digest) = 32),
  -- The person who asked for it.
  asked_by text not null,
  expires_at integer not null
) strict;

CREATE TABLE singletons (
  name text not null primary key check (name <> ''),
  node text not null check (node <> ''),
  lease_until integer not null
) strict;

CREATE TABLE summaries (
  run_id integer not null references runs (id) on delete cascade,
  attempt integer not null check (attempt > 0),
  markdown text not null,
  primary key (run_id, attempt)
) strict;

CREATE TABLE tokens (
  id integer primary key autoincrement,
  name text not null check (name <> ''),
  role text not null check (role in ('viewer', 'admin')),
  digest blob not null unique check (length(digest) = 32),
  created_at integer not null,
  created_by text not null,
  last_used_at integer,
  revoked_at integer
) strict;

CREATE UNIQUE INDEX live_token on tokens (name) where revoked_at is null;
