/** All that `longshore doctor` looks at. To add a check: a file beside this one that exports it, and its place here. */
import { accounts } from "./accounts.ts";
import { addresses } from "./addresses.ts";
import type { Check } from "./check.ts";
import { clock } from "./clock.ts";
import { database } from "./database.ts";
import { disk } from "./disk.ts";
import { hookFiles, matches } from "./hooks.ts";
import { node } from "./node.ts";
import { nodes } from "./nodes.ts";
import { refusals } from "./refusals.ts";
import { privacy, writers } from "./rights.ts";
import { failures, queue } from "./runs.ts";
import { secrets } from "./secrets.ts";

/** In the order in which they are told. */
export const CHECKS: readonly Check[] = [
  node,
  clock,
  disk,
  database,
  nodes,
  privacy,
  writers,
  accounts,
  secrets,
  addresses,
  refusals,
  hookFiles,
  matches,
  queue,
  failures,
];
