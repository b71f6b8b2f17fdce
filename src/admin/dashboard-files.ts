/** The dashboard's files, as `dashboard/` builds them. They are public; what they show is not. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Context } from "hono";
import { ApiError } from "./api-error.ts";
import type { AdminEnv } from "./parts.ts";

const FOLDER = fileURLToPath(new URL("../../dashboard/dist", import.meta.url));
/** Vite puts what it names by its content there. */
const HASHED = /^\/assets\//;
const YEAR_S = 31_536_000;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".txt": "text/plain; charset=utf-8",
  ".map": "application/json",
};

/** Their names end like this when they are there compressed as well, the best first. */
const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;

const NOT_BUILT = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Longshore</title>
<h1>Longshore is running</h1>
<p>The dashboard has not been built here. In a clone, <code>npm ci</code> builds it.</p>
<p>The admin API is there: <a href="api/openapi.json">its description</a>. All that the dashboard shows is told by
commands as well: <code>longshore deliveries list</code>, <code>longshore runs list</code>, <code>longshore why</code>.</p>
</html>
`;

interface File {
  bytes: Buffer<ArrayBuffer>;
  encodings: ReadonlyMap<string, Buffer<ArrayBuffer>>;
}

export class DashboardFiles {
  /** Where everything lies below, with a slash at its end. */
  readonly #base: string;
  readonly #folder: string;
  #files?: ReadonlyMap<string, File>;

  /**
   * @param prefix what stands before every path as browsers see it.
   * @param folder another one than the dashboard's own.
   */
  constructor(prefix: string, folder = FOLDER) {
    this.#base = `${prefix}/`;
    this.#folder = folder;
  }

  answer(c: Context<AdminEnv>): Response {
    // Read once, and nothing but what was found then is ever served: no path of a request reaches the disk.
    this.#files ??= readFiles(this.#folder);
    const page = this.#files.get("/index.html");
    if (!page) return c.html(NOT_BUILT, 200, { "Cache-Control": "no-store" });
    const { path } = c.req;
    const file = path === "/index.html" ? undefined : this.#files.get(path);
    if (file) return this.#send(c, path, file);
    if (extname(path) !== "" && HASHED.test(path))
      throw new ApiError("not_found", "There is no such file: the dashboard may be a newer one. Reload it.");
    return c.html(this.#withBase(page.bytes.toString("utf8")), 200, { "Cache-Control": "no-cache" });
  }

  #send(c: Context<AdminEnv>, path: string, { bytes, encodings }: File): Response {
    const accepted = (c.req.header("accept-encoding") ?? "")
      .split(",")
      .map((one) => one.trim().split(";")[0]);
    const [encoding] = ENCODINGS.map(([name]) => name).filter(
      (name) => accepted.includes(name) && encodings.has(name),
    );
    return c.body((encoding && encodings.get(encoding)) || bytes, 200, {
      "Content-Type": TYPES[extname(path)] ?? "application/octet-stream",
      "Cache-Control": HASHED.test(path) ? `public, max-age=${YEAR_S}, immutable` : "no-cache",
      Vary: "Accept-Encoding",
      ...(encoding === undefined ? {} : { "Content-Encoding": encoding }),
    });
  }

  /** The app asks for everything relative to this, whatever page it is on. */
  #withBase(html: string): string {
    return html.replace(/<head>/i, `<head>\n    <base href="${this.#base}">`);
  }
}

function readFiles(folder: string): Map<string, File> {
  const files = new Map<string, File>();
  if (!existsSync(folder)) return files;
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  const read = (name: string) => Buffer.from(readFileSync(join(folder, name)));
  for (const name of names) {
    if (ENCODINGS.some(([, ending]) => name.endsWith(ending))) continue;
    const encodings = ENCODINGS.filter(([, ending]) => names.includes(`${name}${ending}`));
    files.set(`/${name.replaceAll("\\", "/")}`, {
      bytes: read(name),
      encodings: new Map(encodings.map(([encoding, ending]) => [encoding, read(`${name}${ending}`)])),
    });
  }
  return files;
}
