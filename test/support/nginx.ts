/** The real nginx, where this machine has it. */
import { spawn } from "node:child_process";
import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";
import { fetchRaw } from "./http.ts";
import { temporaryFolder } from "./temporary.ts";
import { until } from "./until.ts";

/** The path of nginx, or `undefined` where there is none. */
export function findNginx(): string | undefined {
  const folders = [
    ...(process.env.PATH ?? "").split(delimiter),
    "/usr/sbin",
    "/usr/local/sbin",
    "/opt/homebrew/bin",
  ];
  return folders.map((folder) => join(folder, "nginx")).find(isExecutable);
}

/**
 * Starts nginx before `target` in one process of its own that this account owns.
 *
 * @param location what stands in the `location` beside `proxy_pass`.
 * @returns where it can be reached.
 */
export async function startNginx(
  t: TestContext,
  program: string,
  target: string,
  location: string,
): Promise<string> {
  const folder = temporaryFolder(t);
  const port = await freePort();
  for (const name of ["body", "proxy", "fastcgi", "uwsgi", "scgi"]) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; master_process off; pid nginx.pid; error_log stderr;
     events {}
     http {
       access_log off;
       client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
       server { listen 127.0.0.1:${port}; location / { proxy_pass ${target}; ${location} } }
     }`,
  );
  const child = spawn(program, ["-p", folder, "-c", "nginx.conf", "-e", "stderr"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  t.after(async () => {
    child.kill("SIGQUIT");
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  await until("nginx is ready", async () => {
    if (child.exitCode !== null) throw new Error(`nginx did not start: ${said}`);
    const answer = await fetchRaw(url, { method: "GET", path: "/healthz" }).catch(() => undefined);
    return answer?.status === 200;
  });
  return url;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
