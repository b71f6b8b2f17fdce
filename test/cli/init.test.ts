import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { schemaLine } from "../../src/cli/first-files.ts";
import { isMarked } from "../support/editors.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { ROOT } from "../support/sources.ts";

function emptyFolder(t: TestContext) {
  return workplace(t, { environment: { GITHUB_WEBHOOK_SECRET: undefined } });
}

describe("init", { concurrency: 2 }, () => {
  it("writes settings, a hook and a secret with which a server starts", async (t) => {
    const place = emptyFolder(t);
    const { written } = await place.json<{ written: string[] }>("init");
    const files = ["longshore.yml", "hooks/hello.yml", "data/secrets/github"];
    assert.deepEqual(
      written,
      files.map((file) => join(place.folder, file)),
    );
    assert.deepEqual(await place.json("check"), { ok: true, problems: [] });

    const server = await place.serve();
    assert.deepEqual(JSON.parse(server.stdout()).hooks, ["hello"]);
    const [secret = ""] = readFileSync(join(place.folder, "data/secrets/github"), "utf8").split("\t");
    const look = await lookInto(t, place);
    await look.reached(runsOf(await server.send({ secret }))[0], "succeeded");
  });

  it("changes nothing that exists", async (t) => {
    const place = emptyFolder(t);
    await place.cli("init");
    place.write("longshore.yml", "workers: 7\n");
    place.write("hooks/hello.yml", "on: ping\nrun: make\n");
    const secret = readFileSync(join(place.folder, "data/secrets/github"), "utf8");

    const { code, stdout } = await place.cli("init");

    assert.equal(code, 0);
    assert.match(stdout, /^Everything is here already; nothing was written\.$/m);
    const read = (file: string) => readFileSync(join(place.folder, file), "utf8");
    assert.deepEqual(
      [read("longshore.yml"), read("hooks/hello.yml"), read("data/secrets/github")],
      ["workers: 7\n", "on: ping\nrun: make\n", secret],
    );
  });

  it("makes no secret where one is given, and writes where the settings say", async (t) => {
    const place = workplace(t, { files: { "longshore.yml": "hooks: ./what-to-do\n" } });
    const { stdout } = await place.cli("init");
    assert.equal(stdout, "wrote what-to-do/hello.yml\n\nNext: npx longshore serve\n");
    assert.deepEqual(readdirSync(place.folder).sort(), ["longshore.yml", "what-to-do"]);
  });

  it("tells editors in each YAML file where its schema is, which then says nothing", async (t) => {
    const place = emptyFolder(t);
    await place.cli("init");
    for (const [file, schema, kind] of [
      ["longshore.yml", "longshore.schema.json", "settings"],
      ["hooks/hello.yml", "hook.schema.json", "hook"],
    ] as const) {
      const text = readFileSync(join(place.folder, file), "utf8");
      assert.deepEqual(schemaNamedIn(text, join(place.folder, file)), contentOf(schema));
      assert.ok(!isMarked(kind, text), file);
    }
  });
});

describe("the line for editors", () => {
  const cases: [what: string, tree: string, file: string, line: RegExp][] = [
    ["is relative within a clone", ROOT, "longshore.yml", /=hook\.schema\.json$/],
    ["is relative from the hooks, too", ROOT, "hooks/site/deploy.yml", /=\.\.\/\.\.\/hook\.schema\.json$/],
    [
      "is relative where the package is below",
      dirname(dirname(ROOT)),
      "hooks/a.yml",
      /=\.\.\/(?!\.\.).+\/hook\.schema\.json$/,
    ],
    ["is a URL from anywhere else", "/srv/my site", "longshore.yml", /=file:\/\/\S+\/hook\.schema\.json$/],
    ["is a URL where the hooks are elsewhere", ROOT, "../hooks/a.yml", /=file:\/\/\S+\/hook\.schema\.json$/],
  ];
  for (const [what, tree, name, expected] of cases) {
    it(what, () => {
      const file = join(tree, name);
      const line = schemaLine("hook", file, tree);
      assert.match(line, expected);
      assert.deepEqual(schemaNamedIn(line, file), contentOf("hook.schema.json"));
    });
  }
});

/** What an editor finds at the path that the first line names. */
function schemaNamedIn(text: string, file: string): unknown {
  const [, path = ""] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text.split("\n")[0] ?? "") ?? [];
  return JSON.parse(readFileSync(fileURLToPath(new URL(path, pathToFileURL(file))), "utf8"));
}

function contentOf(schema: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, schema), "utf8"));
}
