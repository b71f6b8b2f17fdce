#!/usr/bin/env node
/**
 * The entry point, in plain JavaScript, because the Node that starts it may be too old for the rest. In a clone it then
 * hands over to the Node that `npm ci` has installed from the registry.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const NEEDED = [24, 6];
/** A clone runs its sources; the published package has what was built of them, and no sources. */
const [MAIN] = ["../src/main.ts", "../dist/main.js"]
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .filter(existsSync);

const [major, minor] = process.versions.node.split(".").map(Number);
if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) await import(pathToFileURL(MAIN).href);
else handOver(findPinnedNode());

function findPinnedNode() {
  const name = `node-${process.platform}-${process.arch}`;
  for (const candidate of [name, name.replace("node-", "node-bin-")]) {
    try {
      const found = createRequire(import.meta.url).resolve(`${candidate}/package.json`);
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
  const child = spawn(node, [MAIN, ...process.argv.slice(2)], {
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
