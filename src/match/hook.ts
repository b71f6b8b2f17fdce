/**
 * A hook as the rest of Longshore sees it: which deliveries, and what to do with them. Plain data, so that it can
 * be handed to another thread and hashed; how it is written down is the business of `config/`.
 */

export interface Hook {
  /** The path of its file below the hooks folder, without the ending, with `/` between folders. */
  name: string;
  /** The path of its file, for messages. */
  file: string;
  on: readonly Trigger[];
  work: Work;
  /** Whether somebody has switched it off: it matches nothing, and what waits for it goes on waiting. */
  disabled?: boolean;
}

/** One event that a hook asks for, with the filters of GitHub Actions that narrow it down. */
export interface Trigger {
  event: string;
  types?: readonly string[];
  branches?: readonly string[];
}

/** What a hook does with a delivery; `kind` tells the ways apart. */
export type Work = Script;

/** A script in the hook file, and how it is run. */
export interface Script {
  kind: "script";
  script: string;
  /** As in Actions: `bash`, `sh`, `python`, `pwsh`, or a command line with `{0}`; absent is `bash -e {0}`. */
  shell?: string;
  /** Absent: an empty folder of the run's own. */
  workingDirectory?: string;
  env: Readonly<Record<string, string>>;
  timeoutMs: number;
}
