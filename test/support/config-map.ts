/** A folder as Kubernetes mounts a ConfigMap. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Fills it, or swaps it for another version: `deploy.yml → ..data/deploy.yml`, `..data → ..1`. */
export function writeConfigMap(mount: string, version: number, files: Record<string, string>): void {
  mkdirSync(join(mount, `..${version}`), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(mount, `..${version}`, name), text);
    rmSync(join(mount, name), { force: true });
    symlinkSync(`..data/${name}`, join(mount, name));
  }
  symlinkSync(`..${version}`, join(mount, "..data_tmp"));
  renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
}
