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
  /** The source whose deliveries it is for; absent: of the only one. */
  source?: string;
  /** Patterns of `owner/name`; absent: all repositories of the source. */
  repositories?: readonly string[];
  /** Whether it also runs for what comes from a fork. */
  forks?: "run";
  work: Work;
}

/** One name in `on`, with the filters of GitHub Actions that narrow it down, under the names that Actions gives them. */
export interface Trigger {
  /** The event, or another trigger of Actions such as `pull_request_target`. */
  event: string;
  types?: readonly string[];
  branches?: readonly string[];
  "branches-ignore"?: readonly string[];
  tags?: readonly string[];
  "tags-ignore"?: readonly string[];
  paths?: readonly string[];
  "paths-ignore"?: readonly string[];
  workflows?: readonly string[];
  /** Ours: whether pushes that delete a branch or tag are asked for as well. */
  deleted?: boolean;
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
