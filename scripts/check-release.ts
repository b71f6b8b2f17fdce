/**
 * What has to be true before a version is published: npm runs this first (`prepublishOnly`). A release is made on GitHub
 * Actions, where npm can prove which commit and which workflow it was built from (provenance).
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const changelog = readFileSync(join(root, "CHANGELOG.md"), "utf8");
const version: string = manifest.version;

const RULES: [isKept: boolean, remedy: string][] = [
  [git("status", "--porcelain") === "", "commit or remove what has changed: a release is exactly a commit"],
  [
    git("tag", "--points-at", "HEAD").split("\n").includes(`v${version}`),
    `tag the commit: \`git tag v${version}\``,
  ],
  [
    changelog.includes(`\n## [${version}]`),
    `CHANGELOG.md has no section [${version}]: move there what is under [Unreleased]`,
  ],
  [
    manifest.repository !== undefined,
    "package.json does not say in which `repository` it is: provenance names it",
  ],
  [
    process.env.ACTIONS_ID_TOKEN_REQUEST_URL !== undefined,
    "publish from a workflow of GitHub Actions with `permissions: id-token: write`: provenance needs its identity",
  ],
];

const broken = RULES.filter(([isKept]) => !isKept);
for (const [, remedy] of broken) console.error(`Not to be released yet: ${remedy}.`);
process.exitCode = broken.length === 0 ? 0 : 1;

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
}
