import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { SECRET } from "../support/github.ts";
import { type Program, type WorkplaceOptions, workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

const WELCOME_ENDS = /Try it: .*\n/;

async function welcomeOf({ stdout }: Program): Promise<string> {
  await until("the welcome is there", () => WELCOME_ENDS.test(stdout()));
  return stdout();
}

describe("serve", { concurrency: 2 }, () => {
  it("says where everything is, as GitHub's form asks for it, and never the secret", async (t) => {
    const options: WorkplaceOptions = {
      files: {
        "hooks/deploy.yml": "on: pull_request_target\nrun: make",
        "hooks/later.yml": "on: of_tomorrow\nrun: make",
        "hooks/broken.yml": "on: push",
        "longshore.yml": "public-url: https://hooks.example.com/x/\n",
      },
    };
    const welcome = await welcomeOf(workplace(t, options).start("serve"));
    assert.match(welcome, /^Longshore is running\n/);
    assert.match(welcome, /^receiver +http:\/\/127\.0\.0\.1:\d+$/m);
    assert.match(welcome, /^database +data\/longshore\.db$/m);
    assert.match(
      welcome,
      /^hooks +2 in hooks: deploy, later\n +1 mistakes, 1 warnings; see `npx longshore check`$/m,
    );
    assert.match(welcome, /^ {2}Payload URL +https:\/\/hooks\.example\.com\/x\/github$/m);
    assert.match(welcome, /^ {2}Content type +application\/json$/m);
    assert.match(welcome, /^ {2}Secret +npx longshore secret show github {2}\(prints it\)$/m);
    assert.match(welcome, /^Try it: npx longshore send pull_request$/m);
    assert.equal(welcome.includes(SECRET), false);
  });

  it("says on a first start what it has made", async (t) => {
    const place = workplace(t, {
      environment: { GITHUB_WEBHOOK_SECRET: undefined, LONGSHORE_LISTEN: "0.0.0.0:0" },
    });
    const welcome = await welcomeOf(place.start("serve"));
    assert.match(welcome, /^receiver +http:\/\/127\.0\.0\.1:\d+ {2}\(on all addresses of this machine\)$/m);
    const [secret = ""] = readFileSync(join(place.folder, "data/secrets/github"), "utf8").split("\t");
    assert.match(welcome, /^ +hooks\/hello\.yml was written as a first example$/m);
    assert.match(welcome, /\(prints it, made just now and kept in data\/secrets\/github\)$/m);
    assert.match(welcome, /^ {2}Payload URL .* \(as GitHub reaches it: set `public-url`\)$/m);
    assert.equal(welcome.includes(secret), false);
  });

  it("prints one JSON document with --json", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: make" } });
    const server = await place.serve();
    assert.deepEqual(JSON.parse(server.stdout()), {
      url: server.url,
      adminUrl: null,
      database: join(place.folder, "data/longshore.db"),
      hooksFolder: join(place.folder, "hooks"),
      hooks: ["deploy"],
      sources: [{ name: "github", payloadUrl: `${server.url}/github` }],
    });
  });

  it("warns of a short secret, and writes its log as lines of JSON", async (t) => {
    const place = workplace(t, { environment: { GITHUB_WEBHOOK_SECRET: "short" } });
    const server = await place.serve();
    const lines = server
      .stderr()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { msg: string });
    assert.match(lines.map(({ msg }) => msg).join("\n"), /shorter than 16 characters; it can be guessed/);
  });

  it("ends with 0 when it is asked to before it has done anything", async (t) => {
    const server = await workplace(t).serve();
    assert.deepEqual(await server.end("SIGINT"), { code: 0, signal: null });
  });
});
