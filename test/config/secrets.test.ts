import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { hasErrors, UserError } from "../../src/config/problem.ts";
import {
  addSecret,
  checkSecrets,
  generateSecret,
  readSecrets,
  removeSecret,
  secretsFile,
} from "../../src/config/secrets.ts";
import { loadSettings, type SourceSettings } from "../../src/config/settings.ts";
import { temporaryFolder } from "../support/temporary.ts";

const LONG = "long-enough-to-be-a-secret";
const DAY = Date.UTC(2026, 10, 24, 23, 59);

/** Settings from this text, in a folder of their own. */
function setUp(t: TestContext, text = "", variables: NodeJS.ProcessEnv = {}) {
  const folder = temporaryFolder(t);
  const file = join(folder, "longshore.yml");
  writeFileSync(file, text);
  const { settings, environment } = loadSettings(variables, file);
  const source = (name: string): SourceSettings => {
    const found = settings.sources.find((candidate) => candidate.name === name);
    assert.ok(found);
    return found;
  };
  const write = (name: string, content: string) => {
    mkdirSync(dirname(secretsFile(settings, name)), { recursive: true });
    writeFileSync(secretsFile(settings, name), content);
  };
  return {
    folder,
    file,
    settings,
    environment,
    write,
    read: (name = "github") => readSecrets(settings, source(name), environment),
    contents: (name = "github") => readFileSync(secretsFile(settings, name), "utf8"),
  };
}

describe("reading secrets", () => {
  it("finds them in the file, newest first, and then in the environment", (t) => {
    const { read, write } = setUp(t, "", { GITHUB_WEBHOOK_SECRET: `${LONG}-3` });
    write("github", `${LONG}-1\t2026-11-24\n${LONG}-2\t2026-01-01\n`);
    assert.deepEqual(read(), {
      secrets: [
        { name: "2026-11-24", value: `${LONG}-1`, origin: "file" },
        { name: "2026-01-01", value: `${LONG}-2`, origin: "file" },
        { name: "GITHUB_WEBHOOK_SECRET", value: `${LONG}-3`, origin: "environment" },
      ],
      problems: [],
    });
  });

  it("takes a file that somebody wrote by hand: no names, no last line end, blank lines, line ends of Windows", (t) => {
    const { read, write } = setUp(t);
    write("github", `\n${LONG}-1\r\n\r\n${LONG} with spaces \tmine\r\n${LONG}-3`);
    assert.deepEqual(
      read().secrets.map(({ name, value }) => [name, value]),
      [
        ["line-1", `${LONG}-1`],
        ["mine", `${LONG} with spaces `],
        ["line-3", `${LONG}-3`],
      ],
    );
  });

  it("finds none where there is neither a file nor a variable", (t) => {
    assert.deepEqual(setUp(t).read(), { secrets: [], problems: [] });
  });

  it("asks the variables that the source names, in their order", (t) => {
    const text = "sources: { team: { secrets: ['${{ secrets.NEW }}', '${{ secrets.OLD }}'] } }";
    const { read } = setUp(t, text, { OLD: `${LONG}-old`, NEW: `${LONG}-new`, GITHUB_WEBHOOK_SECRET: LONG });
    assert.deepEqual(
      read("team").secrets.map(({ name }) => name),
      ["NEW", "OLD"],
    );
  });

  it("reads a file that NAME_FILE names", (t) => {
    const { folder, read } = setUp(t, "", { GITHUB_WEBHOOK_SECRET_FILE: "secret" });
    writeFileSync(join(folder, "secret"), `${LONG}\n`);
    assert.equal(read().secrets[0]?.value, LONG);
  });

  it("complains of a named variable that is not set", (t) => {
    const { read } = setUp(t, "sources: { team: { secrets: '${{ secrets.TEAM }}' } }");
    assert.deepEqual(
      read("team").problems.map(({ file, severity, message }) => [file, severity, message]),
      [["TEAM", "error", 'is not set, and source "team" names it (`TEAM_FILE` would do as well)']],
    );
  });

  it("warns of a secret that is so short that it can be guessed, and does not show it", (t) => {
    const { settings, read, write } = setUp(t, "", { GITHUB_WEBHOOK_SECRET: "fifteen-letters" });
    write("github", `short\n${"x".repeat(16)}\n`);
    const message = 'the secret of source "github" is shorter than 16 characters; it can be guessed';
    assert.deepEqual(read().problems, [
      { file: secretsFile(settings, "github"), line: null, column: null, severity: "warning", message },
      { file: "GITHUB_WEBHOOK_SECRET", line: null, column: null, severity: "warning", message },
    ]);
    assert.ok(!hasErrors(read().problems));
  });

  it("fails when the file is there and cannot be read: it is not taken for none", (t) => {
    const { settings, read } = setUp(t);
    mkdirSync(secretsFile(settings, "github"), { recursive: true });
    assert.throws(
      read,
      (error) => error instanceof UserError && /secrets\/github cannot be read: EISDIR/.test(error.message),
    );
  });
});

describe("checkSecrets", () => {
  const refusal = ({ settings, environment }: ReturnType<typeof setUp>) => {
    try {
      checkSecrets(settings, environment);
    } catch (error) {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /^Not started, because anybody could send deliveries:\n/);
      return error.problems.map(({ message }) => message);
    }
    return "started";
  };

  it("stops the start where no secret is configured: none is built in (stories 5, 6)", (t) => {
    assert.deepEqual(refusal(setUp(t)), [
      'source "github" has no secret: set the variable GITHUB_WEBHOOK_SECRET, or make one with `longshore secret rotate github`',
    ]);
  });

  it("names every source that lacks one, each with what to set (story 5)", (t) => {
    const place = setUp(t, "sources: { github: , a: { path: /a }, b: { secrets: '${{ secrets.B }}' } }");
    assert.deepEqual(refusal(place), [
      'source "github" has no secret: set the variable GITHUB_WEBHOOK_SECRET, or make one with `longshore secret rotate github`',
      'source "a" has no secret: name one in its `secrets`, or make one with `longshore secret rotate a`',
      'is not set, and source "b" names it (`B_FILE` would do as well)',
    ]);
  });

  it("stops the start on a variable that is set but empty, even beside a good secret (story 5)", (t) => {
    const place = setUp(t, "", { GITHUB_WEBHOOK_SECRET: "" });
    place.write("github", `${LONG}\n`);
    assert.deepEqual(refusal(place), [
      'is set but empty: set it to the secret of source "github", or unset it',
    ]);
  });

  it("stops the start on an empty file that NAME_FILE names (story 5)", (t) => {
    const place = setUp(t, "", { GITHUB_WEBHOOK_SECRET_FILE: "empty" });
    writeFileSync(join(place.folder, "empty"), "\n");
    assert.deepEqual(refusal(place), [
      'is set but empty: set it to the secret of source "github", or unset it',
    ]);
  });

  it("does not take one source's secret for another's", (t) => {
    const place = setUp(t, "sources: { github: , other: }", { GITHUB_WEBHOOK_SECRET: LONG });
    assert.deepEqual(refusal(place), [
      'source "other" has no secret: name one in its `secrets`, or make one with `longshore secret rotate other`',
    ]);
  });

  it("lets a source start without a secret only where it says so in as many words", (t) => {
    const { settings, environment } = setUp(t, "sources: { github: { insecure-no-secret: true } }");
    assert.deepEqual(checkSecrets(settings, environment).bySource.get("github"), []);
  });

  it("returns the live secrets by source, and the warnings", (t) => {
    const { settings, environment } = setUp(t, "", { GITHUB_WEBHOOK_SECRET: "short" });
    const { bySource, warnings } = checkSecrets(settings, environment);
    assert.deepEqual(bySource.get("github"), [
      { name: "GITHUB_WEBHOOK_SECRET", value: "short", origin: "environment" },
    ]);
    assert.equal(warnings.length, 1);
  });
});

describe("changing secrets", () => {
  it("puts a new one first, named for its day, and keeps the others live", (t) => {
    const { settings, read, contents } = setUp(t);
    addSecret(settings, "github", "first-secret-of-all", DAY);
    assert.deepEqual(addSecret(settings, "github", "second-secret-of-all", DAY), {
      name: "2026-11-24-2",
      value: "second-secret-of-all",
      origin: "file",
    });
    addSecret(settings, "github", "third-secret-of-all", DAY);
    addSecret(settings, "github", "fourth-secret-of-all", DAY + 86_400_000);
    assert.equal(
      contents(),
      "fourth-secret-of-all\t2026-11-25\nthird-secret-of-all\t2026-11-24-3\nsecond-secret-of-all\t2026-11-24-2\nfirst-secret-of-all\t2026-11-24\n",
    );
    assert.deepEqual(read().problems, []);
  });

  it("removes one by its name", (t) => {
    const { settings, write, contents } = setUp(t);
    write("github", `${LONG}-1\ta\n${LONG}-2\n${LONG}-3\tc\n`);
    assert.equal(removeSecret(settings, "github", "line-2"), true);
    assert.equal(contents(), `${LONG}-1\ta\n${LONG}-3\tc\n`);
    assert.equal(removeSecret(settings, "github", "b"), false);
    assert.equal(removeSecret(settings, "github", "a"), true);
    assert.equal(removeSecret(settings, "github", "c"), true);
    assert.equal(contents(), "");
  });

  it("does not remove from a source that has no file", (t) => {
    assert.equal(removeSecret(setUp(t).settings, "github", "a"), false);
  });

  it("leaves nothing behind but the file itself", (t) => {
    const { settings } = setUp(t);
    addSecret(settings, "github", LONG, DAY);
    assert.deepEqual(readdirSync(dirname(secretsFile(settings, "github"))), ["github"]);
  });

  for (const umask of [0o000, 0o022, 0o077]) {
    it(`keeps file and folders the owner's alone under the umask 0${umask.toString(8).padStart(3, "0")}`, (t) => {
      const { settings } = setUp(t);
      const before = process.umask(umask);
      t.after(() => process.umask(before));
      addSecret(settings, "github", LONG, DAY);
      const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8);
      const file = secretsFile(settings, "github");
      assert.deepEqual([mode(file), mode(dirname(file)), mode(settings.dataFolder)], ["600", "700", "700"]);
    });
  }

  it("makes a file that somebody opened up private again", (t) => {
    const { settings, write } = setUp(t);
    write("github", `${LONG}\n`);
    addSecret(settings, "github", `${LONG}-2`, DAY);
    assert.equal(statSync(secretsFile(settings, "github")).mode & 0o777, 0o600);
  });
});

describe("generateSecret", () => {
  it("gives 32 random bytes in letters that can be pasted anywhere (story 6)", () => {
    const secrets = new Set(Array.from({ length: 100 }, generateSecret));
    assert.equal(secrets.size, 100);
    for (const secret of secrets) assert.match(secret, /^[A-Za-z0-9_-]{43}$/);
  });
});
