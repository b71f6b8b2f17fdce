/**
 * A folder with Longshore as it is published, installed from its tarball beside what the examples need: nothing of the
 * clone is in it. Most of the work is to fetch and unpack, so it can be made ready while something else is done.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface ExamplesFolder {
  /** The package as it would be published. */
  tarball: string;
  /** Where the examples are, with everything installed and Next.js' app built. */
  apps: string;
  remove(): void;
}

const root = join(import.meta.dirname, "..");

/** @throws {Error} with what the command has printed that failed. */
export async function prepareExamples(): Promise<ExamplesFolder> {
  const folder = mkdtempSync(join(tmpdir(), "longshore-examples-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    await run("npm", ["pack", "--pack-destination", folder], root);
    const [tarball = ""] = globSync("*.tgz", { cwd: folder }).map((name) => join(folder, name));
    const apps = join(folder, "apps");
    cpSync(join(root, "examples"), apps, { recursive: true });
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball], apps);
    await run(process.execPath, [join(apps, "node_modules/next/dist/bin/next"), "build"], join(apps, "next"));
    return { tarball, apps, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

async function run(command: string, args: string[], cwd: string): Promise<void> {
  // What the tests preload is not for others' programs.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(command, args, {
    cwd,
    env: { ...env, NEXT_TELEMETRY_DISABLED: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} has failed:\n${printed}`);
}
