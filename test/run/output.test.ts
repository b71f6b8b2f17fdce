import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { readOutput } from "../../src/store/output.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";
import { startWorker } from "../support/worker.ts";

const MIB = 1024 ** 2;
const work = await startWorker({ after });

async function piecesOf(run: number) {
  return readOutput(work.store.db, run, 1);
}

describe("what a script prints", () => {
  it("is kept, each stream for itself", async () => {
    const { stdout, stderr } = await work.run("echo out; echo err >&2; printf 'no line end'");
    assert.deepEqual([stdout, stderr], ["out\nno line end", "err\n"]);
  });

  it("can be read while the script still runs", async (t) => {
    const go = join(temporaryFolder(t), "go");
    const script = `echo first; until [ -e ${go} ]; do sleep 0.02; done; echo second`;
    const id = await work.start(work.hook(script));
    await until("the first line is there", async () => (await work.output(id)) === "first\n");
    assert.equal((await work.find(id)).status, "running");
    writeFileSync(go, "");
    assert.equal((await work.ended(id)).stdout, "first\nsecond\n");
  });

  it("does not block when a megabyte of errors comes before anything else (story 53)", async () => {
    const script = `head -c ${MIB} /dev/zero | tr '\\0' e >&2; echo done`;
    const { status, stdout, stderr } = await work.run(script);
    assert.deepEqual([status, stdout, stderr.length], ["succeeded", "done\n", MIB]);
  });

  it("is kept byte for byte when it is no UTF-8 (story 38)", async () => {
    const { id, status } = await work.run("printf 'caf\\303\\251 \\377\\376\\000 \\303'");
    assert.equal(status, "succeeded");
    const bytes = Buffer.concat((await piecesOf(id)).map((piece) => piece.bytes));
    assert.deepEqual(bytes, Buffer.from("caf\u00e9 \xff\xfe\0 \xc3".replace("\u00e9", "\xc3\xa9"), "latin1"));
  });

  it("is cut in the middle when it is a flood: the beginning, a mark, the end", async () => {
    const flood = 20 * MIB;
    const { id, status, stdout } = await work.run(
      `echo begin; head -c ${flood} /dev/zero | tr '\\0' x; echo; echo end`,
    );
    assert.equal(status, "succeeded");
    assert.equal(stdout.length, 2 * MIB);
    assert.match(stdout.slice(0, 10), /^begin\nx+$/);
    assert.match(stdout.slice(-10), /^x+\nend\n$/);
    const cut = "begin\n".length + flood + "\nend\n".length - 2 * MIB;
    const pieces = await piecesOf(id);
    const marks = pieces.filter(({ stream }) => stream === "longshore");
    assert.deepEqual(
      marks.map(({ bytes }) => Buffer.from(bytes).toString()),
      [`\n[${cut} bytes of output are left out here]\n`],
    );
    const before = pieces.slice(0, pieces.indexOf(marks[0] ?? assert.fail()));
    assert.equal(
      before.reduce((sum, { bytes }) => sum + bytes.length, 0),
      MIB,
    );
  });
});
