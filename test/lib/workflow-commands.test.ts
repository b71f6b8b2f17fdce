import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  MAX_COMMAND_BYTES,
  type WorkflowCommand,
  WorkflowCommands,
} from "../../src/lib/workflow-commands.ts";

interface Read {
  commands: WorkflowCommand[];
  /** What was passed on. */
  printed: string;
}

/** Reads a stream in pieces of these lengths, over and over, and puts `<name>` in the place of each command. */
function read(text: string | Buffer, lengths: readonly number[] = [Number.MAX_SAFE_INTEGER]): Read {
  const bytes = Buffer.from(text);
  const commands: WorkflowCommand[] = [];
  const parts: Uint8Array[] = [];
  const stream = new WorkflowCommands((command) => {
    commands.push(command);
    return `<${command.name}>`;
  }).stream((piece) => parts.push(piece));
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1;
    stream.add(bytes.subarray(at, at + length));
    at += length;
  }
  stream.end();
  return { commands, printed: Buffer.concat(parts).toString("latin1") };
}

/** The only command in a text. */
function only(text: string): { name: string; properties: Record<string, string>; data: string } {
  const { commands } = read(text);
  assert.equal(commands.length, 1, JSON.stringify(commands));
  const { name, properties, data } = commands[0] ?? assert.fail();
  return { name, properties: Object.fromEntries(properties), data };
}

describe("a workflow command", () => {
  it("has a name, properties and data", () => {
    assert.deepEqual(only("::error file=app.js,line=1,endLine=2,title=Oh no::It broke\n"), {
      name: "error",
      properties: { file: "app.js", line: "1", endline: "2", title: "Oh no" },
      data: "It broke",
    });
    assert.deepEqual(only("::group::Install\n"), { name: "group", properties: {}, data: "Install" });
    assert.deepEqual(only("::endgroup::\n"), { name: "endgroup", properties: {}, data: "" });
  });

  it("is written in capital or small letters, the names of its properties too", () => {
    const found = { name: "warning", properties: { file: "App.js" }, data: "Hm" };
    assert.deepEqual(only("::WARNING FILE=App.js::Hm"), found);
    assert.deepEqual(only("::Warning File=App.js::Hm"), found);
  });

  it("has escapes, those for colon and comma in properties only", () => {
    const { properties, data } = only("::error title=a%3Ab%2Cc%25%0D%0Ad::a%3Ab%2Cc%25%0D%0Ad%250A");
    assert.deepEqual(properties, { title: "a:b,c%\r\nd" });
    assert.equal(data, "a%3Ab%2Cc%\r\nd%0A");
  });

  it("may have further colons in its data and equal signs in a property", () => {
    const found = only("::notice title=a=b::see ::error::x");
    assert.deepEqual(found, { name: "notice", properties: { title: "a=b" }, data: "see ::error::x" });
  });

  it("goes without properties that are empty or have no name", () => {
    assert.deepEqual(only("::error file=,=x,nothing,,line=3::x").properties, { line: "3" });
    assert.deepEqual(only("::error ::x").properties, {});
  });

  for (const line of [
    " ::error::x",
    "    ::add-mask::a stranger's commit, in git's log",
    "\t::error::x",
    "x::error::x",
    "##[error]x",
    ":error::x",
    "::error:x",
    "::error x",
    "::errors::x",
    "::set-output name=a::b",
    "::set-env name=PATH::b",
    "::add-path::b",
    "::echo::on",
    "::::",
    "::",
    ":",
    "",
    "\u001B[31m::error::x",
  ])
    it(`is not ${JSON.stringify(line)}`, () => {
      for (const text of [line, `${line}\n`, `before\n${line}\nafter\n`]) {
        const bytes = Buffer.from(text).toString("latin1");
        assert.deepEqual(read(text), { commands: [], printed: bytes });
        assert.deepEqual(read(text, [1]), { commands: [], printed: bytes });
      }
    });

  it("stands on a line of its own, whatever ends the lines", () => {
    const { commands, printed } = read("::debug::a\n::debug::b\r\n50%\r::debug::c\r\n\n::debug::d");
    assert.deepEqual(
      commands.map(({ data }) => data),
      ["a", "b", "c", "d"],
    );
    assert.equal(printed, "<debug>\n<debug>\r\n50%\r<debug>\r\n\n<debug>");
  });

  it("is held back until its line has ended; everything else is passed on at once", () => {
    let printed = "";
    const stream = new WorkflowCommands(() => "<command>").stream((bytes) => {
      printed += Buffer.from(bytes).toString();
    });
    const after = (text: string) => {
      stream.add(Buffer.from(text));
      return printed;
    };
    assert.equal(after("Password: "), "Password: ");
    assert.equal(after("::error::"), "Password: ::error::");
    assert.equal(after("\n::err"), "Password: ::error::\n");
    assert.equal(after("and"), "Password: ::error::\n::errand");
    assert.equal(after("\n:"), "Password: ::error::\n::errand\n");
    assert.equal(after(":error file=x"), "Password: ::error::\n::errand\n");
    assert.equal(after("::y\r"), "Password: ::error::\n::errand\n<command>\r");
  });

  it("is none when its line is longer than 64 KiB, and then nothing is lost", () => {
    const long = `::error::${"x".repeat(MAX_COMMAND_BYTES)}`;
    const text = `${long}\n::error::y\n${long}`;
    for (const lengths of [[1e9], [1_000], [65_536]]) {
      const { commands, printed } = read(text, lengths);
      assert.equal(commands.length, 1);
      assert.equal(printed, `${long}\n<error>\n${long}`);
    }
    assert.equal(only(`::error::${"x".repeat(MAX_COMMAND_BYTES - 9)}`).data.length, MAX_COMMAND_BYTES - 9);
  });

  it("is still not shown when it is an `add-mask` that long", () => {
    const text = `a\n::Add-Mask::${"secret".repeat(MAX_COMMAND_BYTES)}\nb\n`;
    for (const lengths of [[1e9], [1_000], [65_537]]) {
      const { commands, printed } = read(text, lengths);
      assert.deepEqual([commands.length, commands[0]?.isTooLong, commands[0]?.data], [1, true, ""]);
      assert.equal(printed, "a\n<add-mask>\nb\n");
    }
  });
});

describe("`stop-commands`", () => {
  it("lets nothing be understood until its token comes", () => {
    const text = "::stop-commands::aB 1%0A\n::error::x\n";
    const { commands, printed } = read(`${text}::debug::y\n`);
    assert.deepEqual([commands, printed], [[], `${text}::debug::y\n`]);

    const again = read(
      "::stop-commands::aB1\n::error::x\n::stop-commands::b\n ::ab1::\n::Ab1::\n::error::y\n",
    );
    assert.equal(
      again.printed,
      "::stop-commands::aB1\n::error::x\n::stop-commands::b\n ::ab1::\n::Ab1::\n<error>\n",
    );
    assert.deepEqual(read("::stop-commands::t\n::t::\n::t::\n::error::y\n").commands.length, 1);
  });

  it("holds for all streams of a script", () => {
    let count = 0;
    const commands = new WorkflowCommands(() => void count++);
    const [one, other] = [commands.stream(() => {}), commands.stream(() => {})];
    one.add(Buffer.from("::stop-commands::token\n"));
    other.add(Buffer.from("::error::x\n"));
    assert.equal(count, 0);
    other.add(Buffer.from("::token::\n"));
    one.add(Buffer.from("::error::x\n"));
    assert.equal(count, 1);
  });

  it("is none with a token that is empty or a command", () => {
    for (const token of ["", "error", "Add-Mask", "stop-commands"])
      assert.equal(read(`::stop-commands::${token}\n::debug::x\n`).commands.length, 1, token);
  });

  it("takes a token that is no ASCII", () => {
    const { commands } = read("::stop-commands::Ünd\n::error::x\n::Ünd::\n::error::y\n", [1]);
    assert.deepEqual(
      commands.map(({ data }) => data),
      ["y"],
    );
  });
});

describe("any output", () => {
  const line = fc.oneof(
    fc.string({ unit: fc.constantFrom(":", "::", "error", "e", " ", "\r", "x"), maxLength: 6 }),
    fc.constantFrom(
      "::error::x",
      "::add-mask::secret",
      "::group title=x::",
      "::stop-commands::tok",
      "::tok::",
      "::endgroup",
    ),
  );
  const output = fc.array(line, { maxLength: 10 }).map((lines) => lines.join("\n"));
  const pieces = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });

  it("is understood alike, however it is split", () => {
    fc.assert(
      fc.property(output, pieces, (text, lengths) => {
        assert.deepEqual(read(text, lengths), read(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it("is passed on byte for byte when nothing stands in the place of its commands", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          output.map((text) => Buffer.from(text)),
          fc.uint8Array(),
        ),
        pieces,
        (raw, lengths) => {
          const parts: Uint8Array[] = [];
          const stream = new WorkflowCommands(() => undefined).stream((bytes) => parts.push(bytes));
          for (let at = 0, turn = 0; at < raw.length; turn++) {
            const length = lengths[turn % lengths.length] ?? 1;
            stream.add(raw.subarray(at, at + length));
            at += length;
          }
          stream.end();
          assert.deepEqual(Buffer.concat(parts), Buffer.from(raw));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("is never held back by more than a line of 64 KiB", () => {
    let printed = 0;
    const stream = new WorkflowCommands(() => undefined).stream((bytes) => {
      printed += bytes.length;
    });
    const chunk = Buffer.alloc(10_000, "x");
    stream.add(Buffer.from("::error::"));
    for (let sent = 9; sent < 1e6; sent += chunk.length) {
      stream.add(chunk);
      assert.ok(sent + chunk.length - printed <= MAX_COMMAND_BYTES);
    }
  });
});
