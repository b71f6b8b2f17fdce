/** Whether this Node can do all that is asked of it. */
import { OWN_PACKAGE } from "../../lib/own-package.ts";
import { bad, type Check, good } from "./check.ts";

export const node: Check = {
  name: "node",
  examine: () => [judgeVersion(process.versions.node, OWN_PACKAGE.engines.node)],
};

/**
 * @param version such as `24.6.0`.
 * @param range such as `>=24.6`.
 */
export function judgeVersion(version: string, range: string) {
  const [major = 0, minor = 0] = range.replace(">=", "").split(".").map(Number);
  const [ownMajor = 0, ownMinor = 0] = version.split(".").map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return good(`Node ${version}`);
  return bad(
    `Node ${version} is too old for Longshore, which needs ${range}`,
    "In a clone `npm ci` brings the right one",
  );
}
