/** Which Node is new enough. Reads no file: an app's bundle has no `package.json` beside it. */

/** The same as `engines` in `package.json`. */
export const NEEDED_NODE = "24.6";

/**
 * @param version such as `24.6.0`.
 * @param needed such as `24.6`.
 */
export function isNewEnough(version: string, needed: string): boolean {
  const [major = 0, minor = 0] = needed.split(".").map(Number);
  const [ownMajor = 0, ownMinor = 0] = version.split(".").map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

/**
 * What to say of a Node that is too old; `undefined` when it is not. Bun and Deno are never too old: what they say of
 * Node is only what they resemble.
 */
export function tooOld(versions: NodeJS.ProcessVersions): string | undefined {
  if (versions.bun !== undefined || versions.deno !== undefined) return;
  if (isNewEnough(versions.node, NEEDED_NODE)) return;
  return `Longshore needs Node ${NEEDED_NODE} or newer; this is ${versions.node}`;
}
