#!/usr/bin/env node
/**
 * The entry point, in plain JavaScript, because the Node that starts it may be too old for the rest. In a clone it then
 * hands over to the Node that `npm ci` has installed from the registry.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED = [24, 6];
const HERE = fileURLToPath(import.meta.url);
/** A clone runs its sources; the published package has what was built of them, and no sources. */
const [MAIN] = ["../src/main.ts", "../dist/main.js"]
  .map((path) => new URL(path, import.meta.url))
  .filter(existsSync);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) await start();
else handOver(findPinnedNode());

/**
 * What Node has made of the source is kept from one start to the next: otherwise most of a command's time would go into
 * reading TypeScript. Beside the packages, not in the folder for temporary files: whoever can write there could have us
 * run theirs.
 */
async function start() {
  // Threads look at nothing else. Set here, because the first file in TypeScript already profits.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(
    new URL("../node_modules/.cache/longshore", import.meta.url),
  );
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  await import(MAIN.href);
}

function findPinnedNode() {
  const name = `node-${process.platform}-${process.arch}`;
  for (const candidate of [name, name.replace("node-", "node-bin-")]) {
    try {
      const found = module.createRequire(import.meta.url).resolve(`${candidate}/package.json`);
      return join(dirname(found), "bin", "node");
    } catch {
      // Not installed: the next name, or the message below.
    }
  }
  console.error(
    `Longshore needs Node ${NEEDED.join(".")} or newer; this is ${process.versions.node}. ` +
      "In a clone `npm ci` installs the right one.",
  );
  process.exit(2);
}

function handOver(node) {
  // The channel tells the other Node when this process is gone, however it went.
  const child = spawn(node, [HERE, ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    console.error(`${node} could not be started: ${error.message}`);
    process.exit(2);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}
