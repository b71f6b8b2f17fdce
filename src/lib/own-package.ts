/** Which Longshore this is: what its `package.json` says, in a clone as in the published package. */
import { readFileSync } from "node:fs";

interface OwnPackage {
  version: string;
  description: string;
  engines: { node: string };
}

const FILE = new URL("../../package.json", import.meta.url);

export const OWN_PACKAGE = JSON.parse(readFileSync(FILE, "utf8")) as OwnPackage;
