/** What an app pays that only receives: the modules that come with the library's entry. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The modules that a program loads, as paths from the root; those of packages as the packages' names. */
function loadedBy(program: string): string[] {
  const watching = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await (async () => { ${program} })();
    console.log(JSON.stringify(loaded));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", watching], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const urls = JSON.parse(stdout || `["${stderr}"]`) as string[];
  const root = pathToFileURL(ROOT).href;
  return urls
    .filter((url) => url.startsWith("file:") || url.startsWith("node:"))
    .map((url) => url.replace(root, "").replace(/^.*node_modules\/((@[^/]+\/)?[^/]+).*$/, "$1"));
}

const receiving = `
  const { createReceiver, defineHook, sign, verifySignature } = await import("./src/index.ts");
  const receiver = createReceiver({ secrets: "0123456789abcdef", allowFrom: "any" });
  receiver.on("push", () => {});
  await receiver.fetch(new Request("http://localhost/"));`;

describe("import { createReceiver } from longshore", () => {
  const loaded = new Set(loadedBy(receiving));

  it("loads neither database nor dashboard, no schemas and nothing that performs runs", () => {
    const wrong = [...loaded].filter((path) =>
      /^src\/(store|run|admin|cli|server)\b|^src\/config\/(?!problem)|sqlite|worker_threads|child_process/.test(
        path,
      ),
    );
    assert.deepEqual(wrong, ["src/run/handlers/define-hook.ts"]);
  });

  it("loads these packages and no others", () => {
    const packages = [...loaded].filter((path) => !/^(src\/|node:)/.test(path)).sort();
    assert.deepEqual(packages, ["forwarded", "ipaddr.js", "leven", "proxy-addr"]);
  });
});
