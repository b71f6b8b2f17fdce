import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LogText } from "../../src/cli/log-text.ts";
import type { OutputStream } from "../../src/store/tables.ts";

/** Each of these pieces as it is shown when it comes, and then what is left. */
function shown(...pieces: readonly (readonly [OutputStream, string])[]): string[] {
  const text = new LogText();
  return [...pieces.map(([stream, piece]) => text.add({ stream, bytes: Buffer.from(piece) })), text.end()];
}

describe("output in a terminal", () => {
  it("has workflow commands in words", () => {
    const lines = [
      ...["::group::Install", "one", "::endgroup::", "::error file=a.js,line=3,title=T::It broke%0Aand more"],
      ...["::warning file=b.js::Hm", "::notice line=3::So", "::debug::x", "::add-mask::***", "::Endgroup::"],
    ];
    const words = [
      ...["▼ Install", "one", "▲", "Error: a.js:3: It broke", "and more", "Warning: b.js: Hm", "Notice: So"],
      ...["Debug: x", "::add-mask::***", "▲"],
    ];
    assert.equal(shown(["stdout", lines.join("\n")]).join(""), words.join("\n"));
    assert.equal(shown(["stderr", lines.join("\r\n")]).join(""), words.join("\n"));
  });

  it("is what was printed where the script has stopped commands, or there are none", () => {
    const text = [
      ...["::stop-commands::tok", "::error::not", "::group::nor this", "::tok::", " ::error::nor this"],
      ...["::set-output name=a::b", "##[error]old", ""],
    ].join("\n");
    assert.equal(shown(["stdout", text]).join(""), text);
  });

  it("comes as it was printed, and only the beginning of a command is waited for", () => {
    const pieces = shown(
      ["stdout", "one\n::err"],
      ["stderr", "two "],
      ["longshore", "\n[a note]\n"],
      ["stdout", "or::three"],
      ["stdout", "\n::notice::four"],
    );
    assert.deepEqual(pieces, ["one\n", "two ", "\n[a note]\n", "", "Error: three\n", "Notice: four"]);
  });

  it("shows what a command brings with its control characters as symbols (story 42)", () => {
    const command = "::error file=a\u202E.js::\u001B[2Jx%0D%0A\u0007";
    assert.equal(shown(["stdout", command]).join(""), "Error: a<U+202E>.js: ␛[2Jx\n␇");
  });
});
