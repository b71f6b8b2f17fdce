/** An app of somebody's own with `createReceiver({ store })`: what it has answered with 202 is done, whatever happens to it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { runCommand } from "../support/cli.ts";
import { delivery, SECRET } from "../support/github.ts";
import { type Answer, fetchRaw } from "../support/http.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { until } from "../support/until.ts";

const INDEX = pathToFileURL(join(import.meta.dirname, "../../src/index.ts")).href;

/** Writes down that it was called; while there is no file `open`, it does not come to its end. */
const APP = `
  import { appendFileSync, existsSync } from "node:fs";
  import { createServer } from "node:http";
  import { createReceiver } from "${INDEX}";

  const receiver = createReceiver({
    secrets: "${SECRET}",
    store: "sqlite:app.db",
    minFreeDisk: 0,
    stopGrace: "20s",
    githubApiUrl: "http://127.0.0.1:9",
  });
  receiver.on("push", { name: "deploy" }, async ({ delivery, run }) => {
    appendFileSync("calls", \`\${delivery.guid} \${run.attempt}\\n\`);
    while (!existsSync("open")) await new Promise((resolve) => setTimeout(resolve, 5));
    appendFileSync("done", \`\${delivery.guid}\\n\`);
  });
  const server = createServer(receiver.node).listen(0, "127.0.0.1", () => console.log(server.address().port));
  process.on("SIGTERM", async () => {
    server.close();
    await receiver.close();
  });`;

interface App {
  url: string;
  send(guid?: string): Promise<Answer>;
  end(signal: NodeJS.Signals): Promise<unknown>;
}

async function startApp(t: TestContext, folder: string): Promise<App> {
  writeFileSync(join(folder, "app.js"), APP);
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  const child = spawn(process.execPath, ["app.js"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  t.after(() => child.kill("SIGKILL"));
  const [port] = await once(child.stdout, "data");
  const url = `http://127.0.0.1:${String(port).trim()}`;
  return {
    url,
    send: (guid) =>
      until("it takes deliveries", async () => {
        const answer = await fetchRaw(
          `http://127.0.0.1:${String(port).trim()}`,
          delivery(guid ? { guid } : {}),
        );
        return !answer.text.includes("the store is not open") && answer;
      }),
    async end(signal) {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}

function linesOf(folder: string, file: string): string[] {
  const path = join(folder, file);
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
}

describe("an app with a store that is killed", { concurrency: true }, () => {
  it("has its listener called again by the next process, without another request", async (t) => {
    const folder = temporaryFolder(t);
    const app = await startApp(t, folder);
    const guids = Array.from({ length: 8 }, (_, n) => `guid-${n}`);
    const answers = await Promise.all(guids.map((guid) => app.send(guid)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
    // Four are at work, as many wait.
    await until("some are at work", () => linesOf(folder, "calls").length >= 4);
    await app.end("SIGKILL");
    assert.deepEqual(linesOf(folder, "done"), []);

    appendFileSync(join(folder, "open"), "");
    await startApp(t, folder);
    await until("all are done", () => linesOf(folder, "done").length >= guids.length);
    assert.deepEqual(linesOf(folder, "done").sort(), guids);
    const attempts = linesOf(folder, "calls").map((line) => line.split(" ")[1]);
    assert.deepEqual(attempts.sort().join(" "), "1 1 1 1 1 1 1 1 2 2 2 2");
  });

  it("shows its runs to the command line", async (t) => {
    const folder = temporaryFolder(t);
    appendFileSync(join(folder, "open"), "");
    const app = await startApp(t, folder);
    await app.send("guid-one");
    await until("it is done", () => linesOf(folder, "done").length > 0);
    const environment = { LONGSHORE_DATABASE: "sqlite:app.db" };
    const longshore = (...args: string[]) => runCommand({ args, folder, environment });
    const [run] = await until("it is written down", async () => {
      const { items } = JSON.parse((await longshore("runs", "list", "--json")).stdout);
      return items[0]?.status === "succeeded" && items;
    });
    assert.deepEqual([run.hook, run.deliveryId, run.attempt], ["deploy", 1, 1]);
    const why = await longshore("why", "guid-one");
    assert.match(why.stdout, /^ {2}deploy matches\.\n {2}Run 1 of deploy succeeded at /m);
  });

  it("stops when it is asked to, once its listener has finished", async (t) => {
    const folder = temporaryFolder(t);
    const app = await startApp(t, folder);
    await app.send("guid-one");
    await until("it is at work", () => linesOf(folder, "calls").length > 0);
    const ending = app.end("SIGTERM");
    const isReached = () =>
      fetch(app.url).then(
        () => true,
        () => false,
      );
    await until("it takes nothing more", async () => !(await isReached()));
    appendFileSync(join(folder, "open"), "");
    assert.equal(await ending, 0);
    assert.deepEqual(linesOf(folder, "done"), ["guid-one"]);
  });
});
