/** Whether there is room: for the database, and for what runs write. */
import { existsSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { isDatabaseServer } from "../../config/database.ts";
import { formatSize } from "../../lib/quantity.ts";
import { bad, type Check, type Finding, good, type Patient, unknown, warning } from "./check.ts";

const LITTLE_FOR_RUNS = 100 * 1024 ** 2;

export const disk: Check = {
  name: "disk",
  examine: (patient) => [...forTheDatabase(patient), ...forRuns()],
};

/** That of a database server is its own business. */
function forTheDatabase({ settings }: Patient): Finding[] {
  return isDatabaseServer(settings.database)
    ? [good("the database is not on this disk")]
    : [forTheFile(settings)];
}

function forTheFile(settings: Patient["settings"]): Finding {
  const { database, minFreeDiskBytes } = settings;
  const folder = dirname(database);
  if (!existsSync(folder)) return unknown("could not be checked: there is no data folder yet");
  const free = freeBytes(folder);
  const message = `${formatSize(free)} free for the database`;
  const remedy = "Make room, or keep less: `retention`. `longshore prune` alone does not shrink the file";
  const limit = `\`min-free-disk\` is ${formatSize(minFreeDiskBytes)}`;
  if (free < minFreeDiskBytes)
    return bad(`${message}, and ${limit}: deliveries are refused with store_unavailable`, remedy);
  return free < 2 * minFreeDiskBytes ? warning(`only ${message}; ${limit}`, remedy) : good(message);
}

function forRuns(): Finding[] {
  const free = freeBytes(tmpdir());
  if (free >= LITTLE_FOR_RUNS) return [];
  return [
    warning(
      `only ${formatSize(free)} free in ${tmpdir()}, where runs have their folders`,
      "Make room there, or name another folder in the variable TMPDIR of the server",
    ),
  ];
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}
