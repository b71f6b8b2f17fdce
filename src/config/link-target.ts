/** Where a file of the hooks folder really lies, and whether that place is as safe as the folder. */
import { realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, relative, sep } from "node:path";

/**
 * Why a program that a link leads to is not to be run, or `undefined`. What lies in the folder is the folder's owner's
 * business. What lies elsewhere must be as hard to change: it belongs to root, to the folder's owner or to the server's
 * account, and neither it nor a folder above it can be written by everybody.
 *
 * @param folder the hooks folder.
 * @throws when one of the two is not there.
 */
export function whyNotTrusted(path: string, folder: string): string | undefined {
  const target = realpathSync(path);
  const home = realpathSync(folder);
  if (isBelow(target, home)) return;
  const { uid, mode } = statSync(target);
  if (![0, process.getuid?.(), statSync(home).uid].includes(uid))
    return `${path} leads to ${target}, which belongs to another account: put it into the hooks folder, or give it to the owner of that`;
  if (mode & 0o002) return `${path} leads to ${target}, which everybody can write: \`chmod o-w\``;
  const open = above(target).find(canBeEmptiedByAll);
  return open && `${path} leads to ${target}, and everybody can write in ${open}: \`chmod o-w\` it`;
}

/** By segments: `hooks-secret` is not below `hooks`. */
function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way.split(sep)[0] !== "..";
}

function above(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...above(parent)];
}

/** In a folder with the sticky bit, as `/tmp` is, everybody can add and only the owner can replace. */
function canBeEmptiedByAll(folder: string): boolean {
  const { mode } = statSync(folder);
  return (mode & 0o002) !== 0 && (mode & 0o1000) === 0;
}
