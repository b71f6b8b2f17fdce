import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { UserError } from "../../src/config/problem.ts";
import { loadSettings, type Settings } from "../../src/config/settings.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** What a file says that sets every key, each to something that no row below sets it to. */
const FILE = `
listen: 1
public-url: https://file.example
data: /file/data
database: sqlite:/file/db
hooks: /file/hooks
trust-proxy: 192.0.2.1
trust-proxy-hops: 31
github: { api-url: "https://file.example" }
workers: 31
stop-grace: 31s
log-level: error
max-inflight: 31KiB
min-free-disk: 31KiB
`;

function loadWith(t: TestContext, variables: NodeJS.ProcessEnv): Settings {
  const file = join(temporaryFolder(t), "longshore.yml");
  writeFileSync(file, FILE);
  return loadSettings(variables, file).settings;
}

const ADMIN = {
  listen: { host: "127.0.0.1", port: 8081 },
  publicUrl: undefined,
  userHeader: undefined,
  userRole: "viewer" as const,
};

describe("a variable", () => {
  const table: [variable: string, text: string, expected: Partial<Settings>][] = [
    ["LONGSHORE_LISTEN", "9000", { listen: { host: "0.0.0.0", port: 9000 } }],
    ["LONGSHORE_LISTEN", "[::]:9000", { listen: { host: "::", port: 9000 } }],
    ["LONGSHORE_LISTEN", "localhost:0", { listen: { host: "localhost", port: 0 } }],
    ["LONGSHORE_LISTEN", "unix:/run/longshore.sock", { listen: { path: "/run/longshore.sock" } }],
    ["LONGSHORE_PUBLIC_URL", "http://hooks.example/", { publicUrl: "http://hooks.example" }],
    ["LONGSHORE_ADMIN_LISTEN", "off", { admin: { ...ADMIN, listen: "off" } }],
    ["LONGSHORE_ADMIN_LISTEN", "9001", { admin: { ...ADMIN, listen: { host: "127.0.0.1", port: 9001 } } }],
    [
      "LONGSHORE_ADMIN_URL",
      "https://a.example/x/",
      { admin: { ...ADMIN, publicUrl: "https://a.example/x" } },
    ],
    ["LONGSHORE_DATA", "/srv/data", { dataFolder: "/srv/data" }],
    ["LONGSHORE_DATA", "/srv/a,b", { dataFolder: "/srv/a,b" }],
    ["LONGSHORE_DATABASE", "sqlite:/srv/x.db", { database: "/srv/x.db" }],
    ["LONGSHORE_DATABASE", "postgres://db/x", { database: "postgres://db/x" }],
    ["LONGSHORE_HOOKS", "/srv/hooks", { hooksFolder: "/srv/hooks" }],
    ["LONGSHORE_HOOKS", "/2026", { hooksFolder: "/2026" }],
    ["LONGSHORE_TRUST_PROXY", "10.0.0.0/8", { trustProxy: ["10.0.0.0/8"], trustProxyIsExplicit: true }],
    [
      "LONGSHORE_TRUST_PROXY",
      "loopback, uniquelocal,fd00::/8",
      { trustProxy: ["loopback", "uniquelocal", "fd00::/8"] },
    ],
    ["LONGSHORE_TRUST_PROXY_HOPS", "2", { trustProxyHops: 2 }],
    ["LONGSHORE_WORKERS", "8", { workers: 8 }],
    ["LONGSHORE_STOP_GRACE", "90s", { stopGraceMs: 90_000 }],
    ["LONGSHORE_LOG_LEVEL", "debug", { logLevel: "debug" }],
    ["LONGSHORE_MAX_INFLIGHT", "1MiB", { maxInflightBytes: 1_048_576 }],
    ["LONGSHORE_MIN_FREE_DISK", "0", { minFreeDiskBytes: 0 }],
    ["LONGSHORE_GITHUB_API_URL", "https://ghe.example/", { githubApiUrl: "https://ghe.example" }],
  ];
  for (const [variable, text, expected] of table) {
    it(`wins over the file: ${variable}=${text}`, (t) => {
      const settings = loadWith(t, { [variable]: text });
      assert.deepEqual(settings, { ...loadWith(t, {}), file: settings.file, ...expected });
    });
  }

  it("can come from a file that NAME_FILE names", (t) => {
    const file = join(temporaryFolder(t), "workers");
    writeFileSync(file, "7\n");
    assert.equal(loadWith(t, { LONGSHORE_WORKERS_FILE: file }).workers, 7);
  });

  it("is nothing for the keys that are maps", (t) => {
    const settings = loadWith(t, { LONGSHORE_SOURCES: "x", LONGSHORE_GITHUB: "x", LONGSHORE_VARS: "x" });
    assert.deepEqual(settings, { ...loadWith(t, {}), file: settings.file });
  });

  const mistakes: [variable: string, text: string, messages: string[]][] = [
    [
      "LONGSHORE_LISTEN",
      "nonsense",
      ['"nonsense" is nothing to listen on; write it like "0.0.0.0:8080" or "unix:/run/longshore.sock"'],
    ],
    ["LONGSHORE_PUBLIC_URL", "hooks.example", ['expected a URL such as "https://hooks.example.com"']],
    ["LONGSHORE_DATA", "", ["cannot be empty"]],
    ["LONGSHORE_DATABASE", "x.db", ['expected "sqlite:" and the path of a file, or "postgres://…"']],
    [
      "LONGSHORE_TRUST_PROXY",
      "loopback,proxy",
      ['"proxy" is no address, no range and none of loopback, linklocal, uniquelocal'],
    ],
    ["LONGSHORE_TRUST_PROXY_HOPS", "0", ["expected at least 1"]],
    ["LONGSHORE_WORKERS", "many", ["expected a number"]],
    ["LONGSHORE_WORKERS", "1001", ["expected at most 1000"]],
    ["LONGSHORE_STOP_GRACE", "soon", ['"soon" is no duration; write it like "30s" or "10m"']],
    ["LONGSHORE_LOG_LEVEL", "loud", ["expected one of debug, info, warn, error"]],
    ["LONGSHORE_MAX_INFLIGHT", "lots", ['"lots" is no size; write it like "25MiB" or "1GiB"']],
    ["LONGSHORE_GITHUB_API_URL", "ghe.example", ['expected a URL such as "https://api.github.com"']],
  ];
  for (const [variable, text, messages] of mistakes) {
    it(`is refused by its name: ${variable}=${text}`, (t) => {
      assert.throws(
        () => loadWith(t, { [variable]: text }),
        (error) => {
          assert.ok(error instanceof UserError);
          assert.deepEqual(
            error.problems.map(({ file, line, message }) => ({ file, line, message })),
            messages.map((message) => ({ file: variable, line: null, message })),
          );
          return true;
        },
      );
    });
  }
});
