/**
 * The summary that a script has left in the file `$GITHUB_STEP_SUMMARY`. What lies there is the script's to choose, so
 * it is read with care: through no link, of nobody else's, and not for longer than it takes.
 */
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";

export interface Summary {
  /** Markdown. */
  markdown: string;
  /** Whether it was too large, and this is its beginning. */
  isCut: boolean;
}

/** As in Actions. */
const MAX_BYTES = 1024 ** 2;
/** Of a link the last is refused; a pipe that nobody writes to is opened at once. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * `undefined` when there is none, or why it is not read: a sentence for the run's output.
 *
 * @param owner the number of the account that the run works under.
 */
export function readSummary(
  path: string,
  owner: number | undefined = process.getuid?.(),
): Summary | { problem: string } | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, FLAGS);
    const stats = fstatSync(file);
    const problem = whyNotRead(stats, owner);
    if (problem !== undefined) return { problem };
    return stats.size === 0 ? undefined : read(file, stats.size);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    return { problem: code === "ELOOP" ? "it is a link" : message };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function whyNotRead(stats: Stats, owner: number | undefined): string | undefined {
  if (!stats.isFile()) return "it is no regular file";
  if (stats.nlink > 1) return "it has another name as well, so it may be somebody else's";
  if (owner !== undefined && stats.uid !== owner) return "it belongs to another account";
}

function read(file: number, size: number): Summary {
  const bytes = Buffer.alloc(Math.min(size, MAX_BYTES));
  let length = 0;
  while (length < bytes.length) {
    const count = readSync(file, bytes, length, bytes.length - length, null);
    if (count === 0) break;
    length += count;
  }
  const isCut = size > MAX_BYTES;
  // Of a character that was cut in two nothing is left.
  const text = new TextDecoder().decode(bytes.subarray(0, length), { stream: isCut });
  return { markdown: text.replaceAll("\0", "\uFFFD"), isCut };
}
