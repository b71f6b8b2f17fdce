import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Annotation, findHighlights, saveHighlights } from "../../src/store/highlights.ts";
import { openTestStore } from "../support/store.ts";

const annotation = (changes: Partial<Annotation> = {}): Annotation => ({
  level: "error",
  message: "It broke",
  title: null,
  file: null,
  line: null,
  endLine: null,
  column: null,
  endColumn: null,
  ...changes,
});
const NONE = { annotations: [], summary: null };

describe("what an attempt points out", () => {
  it("comes back as it was stored, in order", async (t) => {
    const { db, queueRun } = await openTestStore(t);
    await queueRun();
    const place = { title: "T", file: "a.js", line: 1, endLine: 2, column: 3, endColumn: 4 };
    const highlights = {
      annotations: [annotation(place), annotation({ level: "notice" }), annotation({ level: "warning" })],
      summary: "# Ä\n",
    };
    await saveHighlights(db, { id: 1, attempt: 1 }, highlights);
    assert.deepEqual(await findHighlights(db, 1, 1), highlights);
  });

  it("belongs to one attempt of one run", async (t) => {
    const { db, queueRun } = await openTestStore(t);
    await queueRun();
    await queueRun();
    const summaryOnly = { annotations: [], summary: "one" };
    const annotationOnly = { annotations: [annotation()], summary: null };
    await saveHighlights(db, { id: 1, attempt: 1 }, summaryOnly);
    await saveHighlights(db, { id: 1, attempt: 2 }, annotationOnly);
    assert.deepEqual(await findHighlights(db, 1, 1), summaryOnly);
    assert.deepEqual(await findHighlights(db, 1, 2), annotationOnly);
    assert.deepEqual(await findHighlights(db, 2, 1), NONE);
  });

  it("is stored once, also when it is sent twice", async (t) => {
    const { db, queueRun } = await openTestStore(t);
    await queueRun();
    const highlights = { annotations: [annotation(), annotation()], summary: "one" };
    for (const _ of [1, 2]) await saveHighlights(db, { id: 1, attempt: 1 }, highlights);
    assert.deepEqual(await findHighlights(db, 1, 1), highlights);
  });

  it("is stored as a whole or not at all", async (t) => {
    const { db, queueRun } = await openTestStore(t);
    await queueRun();
    const bad = { annotations: [annotation(), annotation({ level: "fatal" as "error" })], summary: "one" };
    await assert.rejects(saveHighlights(db, { id: 1, attempt: 1 }, bad), /check constraint/i);
    assert.deepEqual(await findHighlights(db, 1, 1), NONE);
  });
});
