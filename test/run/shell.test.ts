import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { commandLine, scriptEnding } from "../../src/run/shell.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** A folder, as in `PATH`, with these programs. */
function pathWith(t: TestContext, ...programs: string[]): string {
  const folder = temporaryFolder(t);
  for (const program of programs) {
    writeFileSync(join(folder, program), "");
    chmodSync(join(folder, program), 0o755);
  }
  return folder;
}

describe("the command line of a script", () => {
  it("is that of GitHub Actions for each of its words", (t) => {
    const path = pathWith(t, "bash", "sh", "python");
    const line = (shell?: string) => {
      const { file, args } = commandLine(shell, "SCRIPT", path);
      return [file, ...args].join(" ");
    };
    assert.equal(line(), "bash -e SCRIPT");
    assert.equal(line("bash"), "bash --noprofile --norc -eo pipefail SCRIPT");
    assert.equal(line("sh"), "sh -e SCRIPT");
    assert.equal(line("python"), "python SCRIPT");
    assert.equal(line("pwsh"), "pwsh -command . SCRIPT");
  });

  it("takes sh where there is no bash, and python3 where there is no python", (t) => {
    const path = `${pathWith(t)}:${pathWith(t, "sh", "python3")}`;
    assert.deepEqual(commandLine(undefined, "S", path), { file: "sh", args: ["-e", "S"] });
    assert.equal(commandLine("python", "S", path).file, "python3");
  });

  it("names the program that was asked for where its substitute is missing as well", (t) => {
    const path = pathWith(t);
    assert.equal(commandLine(undefined, "S", path).file, "bash");
    assert.equal(commandLine("python", "S", path).file, "python");
  });

  it("takes no file for a program that cannot be executed", (t) => {
    const path = pathWith(t, "python", "python3");
    chmodSync(join(path, "python"), 0o644);
    // To root every file may look executable; without any execute bit it is not, even to root.
    assert.equal(commandLine("python", "S", path).file, "python3");
  });

  it("is the template otherwise, with the script where {0} stands, or at the end", () => {
    assert.deepEqual(commandLine("perl -w {0} --last", "S", ""), {
      file: "perl",
      args: ["-w", "S", "--last"],
    });
    assert.deepEqual(commandLine("perl -w", "S", ""), { file: "perl", args: ["-w", "S"] });
    assert.deepEqual(commandLine("/opt/x --file={0}", "S", ""), { file: "/opt/x", args: ["--file=S"] });
  });

  it("keeps what is quoted together, and a script's path whatever is in it", () => {
    const { file, args } = commandLine(`"/opt/my tools/x" 'one word' "" it's {0}`, "/a b/$& c", "");
    assert.deepEqual([file, ...args], ["/opt/my tools/x", "one word", "", "it's", "/a b/$& c"]);
  });
});

describe("the ending of a script's file", () => {
  it("is the one that its program insists on", () => {
    assert.deepEqual([undefined, "bash", "sh", "python", "pwsh", "perl {0}"].map(scriptEnding), [
      ".sh",
      ".sh",
      ".sh",
      ".py",
      ".ps1",
      "",
    ]);
  });
});
