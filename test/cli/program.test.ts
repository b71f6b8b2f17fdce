import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import packageJson from "../../package.json" with { type: "json" };
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { storeDelivery } from "../support/store-delivery.ts";

describe("longshore", { concurrency: 2 }, () => {
  it("lists all commands with --help", async (t) => {
    const { code, stdout } = await workplace(t).cli("--help");
    assert.equal(code, 0);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    assert.deepEqual(commands, [
      ...["init", "serve", "check", "send", "explain", "why", "deliveries", "runs", "run", "hooks", "nodes"],
      ...["prune", "backup", "doctor", "secret", "login", "token", "help"],
    ]);
  });

  it("lists a command's own commands and options, and those of all", async (t) => {
    const place = workplace(t);
    const [group, command] = await Promise.all([
      place.cli("deliveries", "--help"),
      place.cli("deliveries", "list", "--help"),
    ]);
    const commands = [...group.stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    assert.deepEqual(commands, ["list", "show", "replay", "refused", "help"]);
    const options = [...command.stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, name]) => name);
    assert.deepEqual(options, [
      ...["--limit", "--after", "--since", "--until", "--source", "--event", "--repo", "--ref"],
      ...["--hook", "--status", "--guid", "--help", "--version", "--config", "--json"],
    ]);
  });

  it("prints its version", async (t) => {
    const { code, stdout } = await workplace(t).cli("--version");
    assert.deepEqual([code, stdout], [0, `${packageJson.version}\n`]);
  });

  const mistakes: [args: string[], said: RegExp][] = [
    [["delivries"], /unknown command 'delivries'\s+\(Did you mean deliveries\?\)/],
    [["runs", "list", "--limt", "3"], /unknown option '--limt'\s+\(Did you mean --limit\?\)/],
    [["runs", "list", "--limit", "0"], /It must be from 1 to 10000/],
    [["runs", "list", "--limit", "10001"], /It must be from 1 to 10000/],
    [["deliveries", "refused", "--limit", "0"], /It must be from 1 to 10000/],
    [["runs", "list", "--after", "x"], /It must be a number/],
    [["deliveries", "list", "--status", "done"], /Allowed choices are queued, running, succeeded/],
    [["deliveries", "list", "--since", "yesterday"], /It must be a time such as 2026-/],
    [["runs", "show"], /missing required argument 'id'/],
    [["deliveries", "show", "1.5"], /It must be a number/],
    [["serve", "--only", "everything"], /Allowed choices are receiver, worker, admin/],
  ];
  for (const [args, said] of mistakes) {
    it(`takes \`longshore ${args.join(" ")}\` for a wrong usage: 2, and a word on what is right`, async (t) => {
      const { code, stdout, stderr } = await workplace(t).cli(...args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, said);
      assert.doesNotMatch(stderr, /^ +at /m);
    });
  }

  it("says where it looked when there is no database, and makes none", async (t) => {
    const place = workplace(t);
    const before = readdirSync(place.folder);
    const plain = await place.cli("runs", "list");
    assert.deepEqual([plain.code, plain.stdout], [2, ""]);
    assert.match(plain.stderr, /^There is no database at (\S+)data\/longshore\.db \(.*working directory\)/);
    assert.deepEqual(readdirSync(place.folder), before);

    place.write("longshore.yml", "data: elsewhere\n");
    const configured = await place.cli("deliveries", "show", "1");
    assert.equal(configured.code, 2);
    assert.match(configured.stderr, /elsewhere\/longshore\.db \(as \S+longshore\.yml says\)/);
    assert.deepEqual(readdirSync(place.folder), ["longshore.yml"]);
  });

  it("looks for its settings where --config says, and fails when they are not there", async (t) => {
    const place = workplace(t, { files: { "etc/other.yml": "data: ../var\n" } });
    const found = await place.cli("runs", "list", "--config", "etc/other.yml");
    assert.match(found.stderr, /no database at \S+\/var\/longshore\.db/);
    const { code, stderr } = await place.cli("runs", "list", "--config", "etc/missing.yml");
    assert.deepEqual([code, stderr], [2, "There is no settings file etc/missing.yml.\n"]);
  });

  it("ends quietly when nobody reads on, as with `| head`", async (t) => {
    const place = workplace(t);
    const { store } = await lookInto(t, place);
    for (let n = 0; n < 1_500; n++) await storeDelivery(store);

    const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
    const child = spawn(process.execPath, [main, "deliveries", "list", "--json", "--limit", "1500"], {
      cwd: place.folder,
      env: place.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    const [code] = await once(child, "close");
    assert.deepEqual([code, stderr], [0, ""]);
  });
});

describe("the database that a command opens", () => {
  it("is the one that the settings of the moment name", async (t) => {
    const place = workplace(t);
    const { store } = await lookInto(t, place);
    await storeDelivery(store, { guid: "the-one" });
    place.environment.LONGSHORE_DATABASE = `sqlite:${join(place.folder, "data", "longshore.db")}`;
    place.environment.LONGSHORE_DATA = "somewhere-else";
    const { items } = await place.json<{ items: { guid: string }[] }>("deliveries", "list");
    assert.deepEqual(
      items.map(({ guid }) => guid),
      ["the-one"],
    );
  });
});
