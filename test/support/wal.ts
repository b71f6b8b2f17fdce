/** What is written in SQLite's write-ahead log. https://sqlite.org/fileformat2.html#the_write_ahead_log */
import { readFileSync } from "node:fs";

const HEADER = 32;
const FRAME_HEADER = 24;

/** How many commits the log has that were not taken over into the database and overwritten since. */
export function commitsInLog(database: string): number {
  const log = readFileSync(`${database}-wal`);
  if (log.length === 0) return 0;
  const frame = FRAME_HEADER + log.readUInt32BE(8);
  const salt = log.subarray(16, 24);
  let commits = 0;
  for (let at = HEADER; at + frame <= log.length; at += frame) {
    if (!log.subarray(at + 8, at + 16).equals(salt)) break;
    // The last frame of a transaction says how large the database is after it, the others 0.
    if (log.readUInt32BE(at + 4) > 0) commits++;
  }
  return commits;
}
