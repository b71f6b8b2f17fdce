import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { AttemptHighlights } from "../../src/run/highlights.ts";
import { MaskedOutput } from "../../src/run/masked-output.ts";
import { Masker } from "../../src/run/masker.ts";
import { secretForms } from "../../src/run/secret-forms.ts";

interface Script {
  /** Prints a text on standard output, or on standard error. */
  print(text: string, stream?: "stdout" | "stderr"): void;
  end(): void;
  printed(): string;
  notes: string[];
}

/** A script of an attempt, and what has become of what it printed. */
function scriptOf(highlights: AttemptHighlights, secrets: readonly string[] = []): Script {
  const masker = new Masker(secrets);
  const notes: string[] = [];
  const target = {
    add: (_: string, bytes: Uint8Array) => void parts.push(bytes),
    note: (text: string) => void notes.push(text),
  };
  const parts: Uint8Array[] = [];
  const output = new MaskedOutput(
    masker,
    highlights.commands(masker, (text) => notes.push(text)),
    target,
  );
  return {
    print: (text, stream = "stdout") => output.add(stream, Buffer.from(text), 0),
    end() {
      output.end(0);
      highlights.settle(masker);
    },
    printed: () => Buffer.concat(parts).toString(),
    notes,
  };
}

function messages(highlights: AttemptHighlights): string[] {
  return (highlights.found()?.annotations ?? []).map(({ message }) => message);
}

describe("masks that a script adds", () => {
  it("hold from their line on, over both streams, and the line shows nothing", () => {
    const script = scriptOf(new AttemptHighlights());
    script.print("hunter2 before\n::add-mask::hunter2\nhunter2\n");
    script.print("on the other: hunt", "stderr");
    script.print("er2, aHVudGVyMg==\n", "stderr");
    script.end();
    assert.equal(script.printed(), "hunter2 before\n::add-mask::***\n***\non the other: ***, ***\n");
    assert.deepEqual(script.notes, []);
  });

  it("are found when their line comes in pieces, and when it is the last one", () => {
    const script = scriptOf(new AttemptHighlights());
    for (const piece of ["::add", "-mask::hun", "ter2", "\r\nhun", "ter2 ", "abcd", "\n::add-mask::abcd"])
      script.print(piece);
    script.end();
    assert.equal(script.printed(), "::add-mask::***\r\n*** abcd\n::add-mask::***");
  });

  it("can have several lines", () => {
    const script = scriptOf(new AttemptHighlights());
    script.print("::add-mask::first line%0Asecond%25 line%0A}\nsecond% line\n}\n");
    script.end();
    assert.equal(script.printed(), "::add-mask::***\n***\n}\n");
  });

  it("hold for annotations and the summary, also for those that came before", () => {
    const highlights = new AttemptHighlights();
    const script = scriptOf(highlights, ["known-secret"]);
    script.print("::error title=hunter2,file=hunter2.js::known-secret, hunter2\n::add-mask::hunter2\n");
    highlights.summarize({ markdown: "# hunter2 known-secret", isCut: false });
    script.end();
    const { annotations, summary } = highlights.found() ?? assert.fail();
    const [{ message, title, file } = assert.fail()] = annotations;
    assert.deepEqual([message, title, file, summary], ["***, ***", "***", "***.js", "# *** ***"]);
  });

  it("hold for the next script of the attempt", () => {
    const highlights = new AttemptHighlights();
    const first = scriptOf(highlights);
    first.print("::add-mask::hunter2\n::stop-commands::never-ends\n");
    first.end();
    const second = scriptOf(highlights);
    second.print("hunter2\n::error::hunter2\n");
    second.end();
    assert.equal(second.printed(), "***\n::error::***\n");
    assert.deepEqual(messages(highlights), ["***"]);
  });

  it("have four characters at least, and are 100 at most; a note says each once", () => {
    const script = scriptOf(new AttemptHighlights());
    script.print("::add-mask::abc\n::add-mask::   x  \n::add-mask::\n abc x\n");
    for (let count = 0; count < 102; count++)
      script.print(`::add-mask::value-${count}-\n::add-mask::value-0-\n`);
    script.print("[value-0-] [value-99-] [value-100-] [value-101-]\n");
    script.end();
    const lines = script.printed().split("\n");
    assert.equal(lines.at(-2), "[***] [***] [value-100-] [value-101-]");
    assert.deepEqual(lines.slice(0, 5), [...Array(3).fill("::add-mask::***"), " abc x", "::add-mask::***"]);
    assert.equal(script.notes.length, 2);
    assert.match(script.notes[0] ?? "", /4 characters at least/);
    assert.match(script.notes[1] ?? "", /100 masks of 32 KiB altogether/);
  });

  it("are 32 KiB at most, and less than a line of commands", () => {
    const script = scriptOf(new AttemptHighlights());
    const value = (letter: string) => `${letter.repeat(16 * 1024 - 1)}!`;
    for (const letter of ["a", "b", "c"]) script.print(`::add-mask::${value(letter)}\n`);
    script.print(`::add-mask::${"d".repeat(70_000)}\n${value("b")}\n${value("c")}\n`);
    script.end();
    const lines = script.printed().split("\n");
    assert.deepEqual(lines.slice(0, 5), [...Array(4).fill("::add-mask::***"), "***"]);
    assert.equal(lines[5], value("c"));
    assert.equal(script.notes.length, 1);
  });

  it("cost little, whatever they are", { timeout: 10_000 }, async () => {
    const script = scriptOf(new AttemptHighlights());
    const lines = (from: number, count: number) =>
      Array.from({ length: count }, (_, line) => `é! /${from + line}`);
    // Whoever builds everything anew for each of them builds the first one a hundred times.
    script.print(`::add-mask::${lines(0, 2_000).join("%0A")}\nprinted between them\n`);
    for (let count = 1; count < 100; count++) {
      script.print(`::add-mask::${lines(count * 10_000, 2).join("%0A")}\nprinted between them\n`);
      await turn();
    }
    for (let count = 0; count < 10_000; count++) script.print("::add-mask::one too many\nprinted\n");
    script.end();
    assert.equal(script.notes.length, 1);
    assert.ok(secretForms(lines(0, 2_000).join("\n")).length > 20_000, "it has many forms");
  });
});

describe("annotations of an attempt", () => {
  it("come from both streams, in order, and their lines stay in the output", () => {
    const highlights = new AttemptHighlights();
    const script = scriptOf(highlights);
    script.print("::error::one\n::group::not me\n");
    script.print("::warning::two\n", "stderr");
    script.print("::notice::three\n::debug::nor me\n::endgroup::\n");
    script.end();
    const found = highlights.found()?.annotations.map(({ level, message }) => [level, message]);
    assert.deepEqual(found, [
      ["error", "one"],
      ["warning", "two"],
      ["notice", "three"],
    ]);
    assert.equal(
      script.printed(),
      "::error::one\n::group::not me\n::warning::two\n::notice::three\n::debug::nor me\n::endgroup::\n",
    );
  });

  it("are 50 at most, for all of its scripts, and a note says it once", () => {
    const highlights = new AttemptHighlights();
    const [first, second] = [scriptOf(highlights), scriptOf(highlights)];
    first.print("::error::x\n".repeat(40));
    second.print("::error::y\n".repeat(40));
    first.end();
    second.end();
    assert.deepEqual(messages(highlights), [...Array(40).fill("x"), ...Array(10).fill("y")]);
    assert.equal(second.printed(), "::error::y\n".repeat(40));
    assert.deepEqual([first.notes.length, second.notes.length], [0, 1]);
    assert.match(second.notes[0] ?? "", /50 annotations at most/);
  });
});

describe("the summary of an attempt", () => {
  it("is that of its scripts, one below the other", () => {
    const highlights = new AttemptHighlights();
    for (const markdown of ["# One", "# Two"]) {
      const script = scriptOf(highlights);
      highlights.summarize({ markdown, isCut: false });
      script.end();
    }
    assert.deepEqual(highlights.found(), { annotations: [], summary: "# One\n\n# Two" });
  });

  it("says that it was cut, and does not end in half a secret", () => {
    const highlights = new AttemptHighlights();
    const script = scriptOf(highlights, ["hunter2"]);
    highlights.summarize({ markdown: "text hunter", isCut: true });
    script.end();
    assert.equal(
      highlights.found()?.summary,
      "text \n\n*The summary was larger than 1 MiB. The rest is left out.*",
    );
  });

  it("is none when there is nothing in it", () => {
    const highlights = new AttemptHighlights();
    const script = scriptOf(highlights);
    highlights.summarize({ markdown: " \n", isCut: false });
    script.end();
    assert.equal(highlights.found(), undefined);
  });
});
