import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { sql } from "kysely";
import { bytes } from "../support/database.ts";
import { openTestStore } from "../support/store.ts";

const ZERO = bytes("00");
const ONE = bytes("01");
const LETTER = bytes("61");
const DIGEST = bytes("00".repeat(32));

/** A database with one delivery (1), its queued run (1) and a piece of output, and a way to ask it directly. */
async function setUp(t: TestContext) {
  const { db } = await openTestStore(t);
  const exec = async (statements: string) => {
    for (const statement of statements.split("; ")) await sql.raw(statement).execute(db);
  };
  const get = async (query: string) => ({ ...((await sql.raw(query).execute(db)).rows[0] as object) });
  await exec(`insert into packs (dictionary, bytes) values (1, ${ZERO})`);
  await exec(delivery());
  await exec(run());
  await exec(`insert into output values (1, 1, 0, 'stdout', 1, ${LETTER})`);
  return { exec, get };
}

/** SQL that inserts a row, with these columns changed to other SQL values. */
function insert(table: string, row: Record<string, string>, changes: Record<string, string>): string {
  const values = { ...row, ...changes };
  return `insert into ${table} (${Object.keys(values).join()}) values (${Object.values(values).join()})`;
}

const delivery = (changes: Record<string, string> = {}) =>
  insert(
    "deliveries",
    {
      source: "'github'",
      webhook_id: "1",
      guid: ZERO,
      event: "'push'",
      received_at: "1",
      size: "1",
      pack_id: "1",
      pack_index: "0",
    },
    changes,
  );

const run = (changes: Record<string, string> = {}) =>
  insert(
    "runs",
    { delivery_id: "1", hook: "'deploy'", status: "'queued'", queued_at: "1", due_at: "1" },
    changes,
  );

/** A run of another hook, so that it is not the live one of the first. */
const other = (changes: Record<string, string> = {}) => run({ hook: "'other'", ...changes });

const RUNNING = { status: "'running'", attempt: "1", started_at: "1", worker: "'w'", lease_until: "1" };
const HOOKS = `insert into hook_sets (digest, content) values (${DIGEST}, ${ZERO})`;
const DISABLED = "insert into disabled_hooks values ('deploy', 1)";
const ENDED = { status: "'failed'", finished_at: "1" };

describe("the schema", () => {
  const allowed: [what: string, sql: string][] = [
    ["a delivery of a sender that names no webhook", delivery({ webhook_id: "0" })],
    ["the same GUID from another webhook", delivery({ webhook_id: "2" })],
    ["the same GUID at another source", delivery({ source: "'other'" })],
    ["a running run", other(RUNNING)],
    ["a run that was cancelled before it began", other({ ...ENDED, status: "'cancelled'" })],
    ["many ended runs of one hook", `${run(ENDED)}; ${run(ENDED)}`],
    ["a run that tries another again", other({ retry_of: "1" })],
  ];
  for (const [what, sql] of allowed) {
    it(`allows ${what}`, async (t) => {
      const { exec } = await setUp(t);
      await exec(sql);
    });
  }

  const CHECK = /^error: .*check constraint/i;
  const NOT_NULL = /^error: .*not.null constraint/i;
  const UNIQUE = /^error: .*unique constraint/i;
  const FOREIGN = /^error: .*foreign key constraint/i;
  const TYPE = /^error: (cannot store|invalid input syntax|column "\w+" is of type)/i;
  const forbidden: [what: string, sql: string, message: RegExp][] = [
    ["a delivery twice: same source, webhook and GUID", delivery(), UNIQUE],
    ["a delivery without a source", delivery({ guid: ONE, source: "''" }), CHECK],
    ["a delivery whose source is unknown", delivery({ guid: ONE, source: "null" }), NOT_NULL],
    ["a delivery without an event", delivery({ guid: ONE, event: "''" }), CHECK],
    ["a webhook id of null, which would never conflict", delivery({ webhook_id: "null" }), NOT_NULL],
    ["a negative webhook id", delivery({ webhook_id: "-1" }), CHECK],
    ["a GUID of null, which would never conflict", delivery({ guid: "null" }), NOT_NULL],
    ["a delivery without a time", delivery({ guid: ONE, received_at: "null" }), NOT_NULL],
    ["a time that is a text", delivery({ guid: ONE, received_at: "'today'" }), TYPE],
    ["a negative size", delivery({ guid: ONE, size: "-1" }), CHECK],
    ["a flag that is neither 0 nor 1", delivery({ guid: ONE, replayed: "2" }), CHECK],
    ["a delivery whose pack is not there", delivery({ guid: ONE, pack_id: "9" }), FOREIGN],
    ["a delivery without a pack", delivery({ guid: ONE, pack_id: "null" }), NOT_NULL],
    ["a delivery before the first of a pack", delivery({ guid: ONE, pack_index: "-1" }), CHECK],
    ["the loss of a pack that a delivery needs", "delete from packs", FOREIGN],
    ["a pack without bytes", "insert into packs (dictionary, bytes) values (1, null)", NOT_NULL],
    [
      "a pack of a dictionary that is not there",
      `insert into packs (dictionary, bytes) values (9, ${ZERO})`,
      FOREIGN,
    ],
    ["the loss of a dictionary that a pack needs", "delete from dictionaries", FOREIGN],

    ["a run of no delivery", other({ delivery_id: "9" }), FOREIGN],
    ["a run of no hook", other({ hook: "''" }), CHECK],
    ["a status that there is not", other({ status: "'done'" }), CHECK],
    ["another spelling of a status", other({ ...ENDED, status: "'canceled'" }), CHECK],
    ["a run that is never due", other({ due_at: "null" }), NOT_NULL],
    ["a run that was never queued", other({ queued_at: "null" }), NOT_NULL],
    ["a second queued run of a hook for one delivery", run(), UNIQUE],
    ["a running run of a hook beside its queued one", run(RUNNING), UNIQUE],
    ["a running run without a worker", other({ ...RUNNING, worker: "null" }), CHECK],
    ["a running run without a lease", other({ ...RUNNING, lease_until: "null" }), CHECK],
    ["a running run that has not begun", other({ ...RUNNING, started_at: "null" }), CHECK],
    ["a running run without an attempt", other({ ...RUNNING, attempt: "0" }), CHECK],
    ["a running run that has ended", other({ ...RUNNING, finished_at: "1" }), CHECK],
    ["a queued run with a worker", other({ worker: "'w'" }), CHECK],
    ["a queued run with a lease", other({ lease_until: "1" }), CHECK],
    ["a queued run that has ended", other({ finished_at: "1" }), CHECK],
    ["an ended run without its end", other({ ...ENDED, finished_at: "null" }), CHECK],
    ["an ended run with a worker", other({ ...ENDED, worker: "'w'" }), CHECK],
    ["an ended run with a lease", other({ ...ENDED, lease_until: "1" }), CHECK],
    ["a negative attempt", other({ attempt: "-1" }), CHECK],
    ["fewer than no interruptions", other({ interruptions: "-1" }), CHECK],
    ["a retry of a run that is not there", other({ retry_of: "9" }), FOREIGN],

    ["output of no run", `insert into output values (9, 1, 0, 'stdout', 1, ${LETTER})`, FOREIGN],
    ["output of no attempt", `insert into output values (1, 0, 0, 'stdout', 1, ${LETTER})`, CHECK],
    ["output before the first", `insert into output values (1, 1, -1, 'stdout', 1, ${LETTER})`, CHECK],
    [
      "output on a stream that there is not",
      `insert into output values (1, 1, 1, 'stdin', 1, ${LETTER})`,
      CHECK,
    ],
    ["a piece of output twice", `insert into output values (1, 1, 0, 'stdout', 1, ${LETTER})`, UNIQUE],
    ["a digest that is a number", "insert into bodies_seen values (1, 'github', 'a', 1)", TYPE],
    ["a delivery that hooks judged which are not there", delivery({ guid: ONE, hook_set_id: "9" }), FOREIGN],
    ["the same hooks twice", `${HOOKS}; ${HOOKS}`, UNIQUE],
    ["hooks with half a digest", `insert into hook_sets (digest, content) values (${ZERO}, ${ZERO})`, CHECK],
    [
      "hooks without their content",
      `insert into hook_sets (digest, content) values (${DIGEST}, null)`,
      NOT_NULL,
    ],
    [
      "the loss of hooks that judged a delivery",
      `${HOOKS}; update deliveries set hook_set_id = 1; delete from hook_sets`,
      FOREIGN,
    ],
    ["to disable the same hook twice", `${DISABLED}; ${DISABLED}`, UNIQUE],
    ["to disable a hook without a name", "insert into disabled_hooks values ('', 1)", CHECK],
    ["a refusal without a code", "insert into refusals (at) values (1)", NOT_NULL],
  ];
  for (const [what, sql, message] of forbidden) {
    it(`forbids ${what}`, async (t) => {
      const { exec } = await setUp(t);
      await assert.rejects(exec(sql), message);
    });
  }

  it("lets what belongs to a delivery go with it", async (t) => {
    const { exec, get } = await setUp(t);
    await exec("delete from deliveries");
    const left = await get(
      "select (select count(*) from runs) as runs, (select count(*) from output) as output",
    );
    assert.deepEqual(left, { runs: 0, output: 0 });
  });

  it("lets a run stay when the one that it tries again goes", async (t) => {
    const { exec, get } = await setUp(t);
    await exec(other({ retry_of: "1" }));
    await exec("delete from runs where id = 1");
    assert.deepEqual(await get("select id, retry_of from runs"), { id: 2, retry_of: null });
  });

  it("never gives an id again", async (t) => {
    const { exec, get } = await setUp(t);
    await exec("delete from deliveries");
    await exec(delivery());
    assert.deepEqual(await get("select id from deliveries"), { id: 2 });
  });
});
