/** What judged a delivery, so that its verdicts can be computed when somebody looks; and the hooks that are switched off. */
import { type Kysely, sql } from "kysely";
import type { SqlTypes } from "../migrate.ts";
import type { Tables } from "../tables.ts";

export async function up(db: Kysely<Tables>, t: SqlTypes): Promise<void> {
  const statements = [
    // One row for each set of hooks that ever judged: many deliveries share it.
    `create table hook_sets (
      id ${t.id},
      digest ${t.bytes} not null unique check (length(digest) = 32),
      content ${t.bytes} not null
    ) ${t.strict}`,

    // Null where nobody judged: of an older version, or made by hand. Without an index, which every accept would pay
    // for; whoever prunes sets has to find those that no delivery refers to in another way.
    `alter table deliveries add column hook_set_id ${t.integer} references hook_sets (id)`,

    `create table disabled_hooks (
      hook text not null check (hook <> ''),
      disabled_at ${t.integer} not null,
      primary key (hook)
    ) ${t.keyed}`,
  ];
  for (const statement of statements) await sql.raw(statement).execute(db);
}
