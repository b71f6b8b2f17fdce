import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { UserError } from "../../src/config/problem.ts";
import { loadSettings, type Settings } from "../../src/config/settings.ts";
import { Ranges } from "../../src/lib/ranges.ts";
import { isMarked } from "../support/editors.ts";
import { temporaryFolder } from "../support/temporary.ts";

const DAY_MS = 86_400_000;

/** Makes a folder with files the working directory, until the test is over. */
function workIn(t: TestContext, files: Record<string, string> = {}): string {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
    if (name.endsWith(".yml")) assert.ok(!isMarked("settings", text), `an editor takes ${text}`);
  }
  const before = process.cwd();
  process.chdir(folder);
  t.after(() => process.chdir(before));
  return process.cwd();
}

const load = (variables: NodeJS.ProcessEnv = {}, config?: string) => loadSettings(variables, config).settings;

describe("finding the settings", () => {
  const files = {
    "flag.yml": "workers: 11\n",
    "variable.yml": "workers: 12\n",
    "longshore.yml": "workers: 13\n",
  };

  it("begins with what --config says", (t) => {
    const folder = workIn(t, files);
    const settings = load({ LONGSHORE_CONFIG: "variable.yml" }, "flag.yml");
    assert.deepEqual([settings.workers, settings.file], [11, join(folder, "flag.yml")]);
  });

  it("goes on to LONGSHORE_CONFIG", (t) => {
    workIn(t, files);
    assert.equal(load({ LONGSHORE_CONFIG: "variable.yml" }).workers, 12);
  });

  it("goes on to longshore.yml, also when LONGSHORE_CONFIG is empty", (t) => {
    const folder = workIn(t, files);
    assert.equal(load({ LONGSHORE_CONFIG: "" }).file, join(folder, "longshore.yml"));
  });

  it("ends with the defaults", (t) => {
    const folder = workIn(t);
    const expected: Settings = {
      file: undefined,
      listen: { host: "0.0.0.0", port: 8080 },
      publicUrl: undefined,
      admin: {
        listen: { host: "127.0.0.1", port: 8081 },
        publicUrl: undefined,
        userHeader: undefined,
        userRole: "viewer",
      },
      dataFolder: join(folder, "data"),
      database: join(folder, "data/longshore.db"),
      hooksFolder: join(folder, "hooks"),
      trustProxy: ["loopback"],
      trustProxyIsExplicit: false,
      trustProxyHops: 1,
      sources: [
        {
          name: "github",
          path: "/github",
          secretNames: [],
          allowFrom: ["github", "loopback"],
          allowSha1: false,
          replayProtection: "auto",
          insecureNoSecret: false,
          respond: "stored",
          maxBodyBytes: 26_214_400,
        },
      ],
      sourcesAreExplicit: false,
      githubApiUrl: "https://api.github.com",
      inheritEnv: [],
      notifications: [],
      runsUser: undefined,
      allowPrivateForwards: true,
      vars: {},
      workers: 4,
      maxQueued: 10_000,
      retention: { ageMs: 30 * DAY_MS, sizeBytes: null },
      stopGraceMs: 30_000,
      logLevel: "info",
      maxInflightBytes: 268_435_456,
      minFreeDiskBytes: 1_073_741_824,
    };
    assert.deepEqual(load(), expected);
  });

  it("has the same defaults for a file that says nothing", (t) => {
    workIn(t);
    const { file: _, ...defaults } = load();
    writeFileSync("longshore.yml", "# nothing yet\nsources: { github: }\n");
    const { file: __, ...written } = load();
    assert.deepEqual({ ...written, sourcesAreExplicit: false }, defaults);
  });

  for (const [what, variables, config] of [
    ["--config", {}, "nowhere.yml"],
    ["LONGSHORE_CONFIG", { LONGSHORE_CONFIG: "nowhere.yml" }, undefined],
  ] as const) {
    it(`fails when ${what} names no file, and does not look elsewhere`, (t) => {
      workIn(t, files);
      assert.throws(() => load(variables, config), new UserError("There is no settings file nowhere.yml."));
    });
  }

  it("fails with a sentence when the file cannot be read", (t) => {
    const folder = workIn(t, { "folder.yml/x": "" });
    assert.throws(
      () => load({}, "folder.yml"),
      (error) =>
        error instanceof UserError && error.message.startsWith(`${folder}/folder.yml cannot be read: EISDIR`),
    );
  });
});

describe("a file of settings", () => {
  for (const [text, ageMs, sizeBytes] of [
    ["90d", 90 * DAY_MS, null],
    ["forever", null, null],
    ["off", null, null],
    ["{ size: 10MiB }", 30 * DAY_MS, 10 * 1024 ** 2],
    ["{ age: forever, size: 1GB }", null, 1e9],
  ] as const)
    it(`can say \`retention: ${text}\``, (t) => {
      workIn(t, { "longshore.yml": `retention: ${text}` });
      assert.deepEqual(load().retention, { ageMs, sizeBytes });
    });

  it("can say everything", (t) => {
    workIn(t, {
      "longshore.yml": `
listen: "[::1]:9000"
public-url: https://hooks.example.com/in/
admin:
  listen: unix:/run/longshore-admin.sock
  public-url: https://hooks.example.com/admin/
  user-header: X-Forwarded-User
  user-role: admin
data: /var/lib/longshore
database: sqlite:/srv/db
hooks: /srv/hooks
trust-proxy: [loopback, 10.0.0.0/8, "2001:db8::1"]
trust-proxy-hops: 2
sources:
  github:
    secrets: \${{ secrets.MAIN }}
  team-2:
    path: /teams/2/
    secrets: ["\${{ secrets.NEW }}", "\${{secrets.OLD}}"]
    allow-from: any
    allow-sha1: true
    replay-protection: off
    insecure-no-secret: true
    respond: outcome
    max-body: 1MiB
github: { api-url: "https://api.octocorp.ghe.com/" }
runs: { user: deploy, inherit-env: [SSH_AUTH_SOCK, https_proxy] }
forward: { allow-private: false }
vars: { DEPLOY_URL: "https://example.com", retries: 3, Loud: false }
workers: 9
max-queued: 50
retention: { age: 12h, size: 2GiB }
stop-grace: 2m
log-level: debug
max-inflight: 64MiB
min-free-disk: 0
`,
    });
    const { file: _, ...settings } = load();
    assert.deepEqual(settings, {
      listen: { host: "::1", port: 9000 },
      publicUrl: "https://hooks.example.com/in",
      admin: {
        listen: { path: "/run/longshore-admin.sock" },
        publicUrl: "https://hooks.example.com/admin",
        userHeader: "x-forwarded-user",
        userRole: "admin",
      },
      dataFolder: "/var/lib/longshore",
      database: "/srv/db",
      hooksFolder: "/srv/hooks",
      trustProxy: ["loopback", "10.0.0.0/8", "2001:db8::1"],
      trustProxyIsExplicit: true,
      trustProxyHops: 2,
      sources: [
        {
          name: "github",
          path: "/github",
          secretNames: ["MAIN"],
          allowFrom: ["github", "loopback"],
          allowSha1: false,
          replayProtection: "auto",
          insecureNoSecret: false,
          respond: "stored",
          maxBodyBytes: 26_214_400,
        },
        {
          name: "team-2",
          path: "/teams/2",
          secretNames: ["NEW", "OLD"],
          allowFrom: ["any"],
          allowSha1: true,
          replayProtection: "off",
          insecureNoSecret: true,
          respond: "outcome",
          maxBodyBytes: 1_048_576,
        },
      ],
      sourcesAreExplicit: true,
      githubApiUrl: "https://api.octocorp.ghe.com",
      notifications: [],
      inheritEnv: ["SSH_AUTH_SOCK", "https_proxy"],
      runsUser: "deploy",
      allowPrivateForwards: false,
      vars: { DEPLOY_URL: "https://example.com", retries: "3", Loud: "false" },
      workers: 9,
      maxQueued: 50,
      retention: { ageMs: DAY_MS / 2, sizeBytes: 2 * 1024 ** 3 },
      stopGraceMs: 120_000,
      logLevel: "debug",
      maxInflightBytes: 67_108_864,
      minFreeDiskBytes: 0,
    });
  });

  it("is what its relative paths are relative to, wherever the program was started", (t) => {
    const folder = workIn(t, {
      "etc/longshore.yml":
        "data: state\nhooks: ../hooks\ndatabase: sqlite:state/x.db\nlisten: unix:run/socket\n",
    });
    const { dataFolder, hooksFolder, database, listen } = load({}, "etc/longshore.yml");
    assert.deepEqual(
      { dataFolder, hooksFolder, database, listen },
      {
        dataFolder: join(folder, "etc/state"),
        hooksFolder: join(folder, "hooks"),
        database: join(folder, "etc/state/x.db"),
        listen: { path: join(folder, "etc/run/socket") },
      },
    );
  });

  it("has its .env beside it, and only there", (t) => {
    workIn(t, {
      ".env": "LONGSHORE_WORKERS=1\n",
      "etc/longshore.yml": "workers: 2\n",
      "etc/.env": "LONGSHORE_HOOKS=here\n",
    });
    const { settings, environment } = loadSettings({}, "etc/longshore.yml");
    assert.equal(settings.workers, 2);
    assert.match(settings.hooksFolder, /\/etc\/here$/);
    assert.equal(environment.get("LONGSHORE_HOOKS"), "here");
    assert.equal(load().workers, 1, "without a file the .env of the working directory counts");
  });
});

describe("a range in `allow-from`", () => {
  it("is that one address where it has no prefix length, in IPv6 too (story 17)", (t) => {
    workIn(t, { "longshore.yml": 'sources: { github: { allow-from: ["2001:db8::1", "10.0.0.1"] } }\n' });
    const ranges = new Ranges(load().sources[0]?.allowFrom ?? []);
    const addresses = ["2001:db8::1", "2001:db8::2", "2001:db8:1::1", "10.0.0.1", "10.0.0.2"];
    assert.deepEqual(
      addresses.filter((address) => ranges.has(address)),
      ["2001:db8::1", "10.0.0.1"],
    );
  });
});
