/** A handler's client of GitHub's API. */
import { createRequire } from "node:module";
import type { Octokit } from "octokit";
import type { HandlerLog } from "./define-hook.ts";

export type { Octokit } from "octokit";

/** Required when it is first wanted: it takes a fifth of a second, which most handlers need not spend. */
const require = createRequire(import.meta.url);

/** Speaks to the API that the settings name, with the token of the run's environment, until the run is to end. */
export function createOctokit(
  env: Readonly<Record<string, string>>,
  log: HandlerLog,
  signal: AbortSignal,
): Octokit {
  const octokit: typeof import("octokit") = require("octokit");
  const { debug: _, info: __, ...loud } = log;
  return new octokit.Octokit({
    auth: env.GITHUB_TOKEN || undefined,
    baseUrl: env.GITHUB_API_URL,
    userAgent: "longshore",
    log: { debug: () => {}, info: () => {}, ...loud },
    request: { signal },
  });
}
