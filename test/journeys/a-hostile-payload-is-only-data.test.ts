import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";

describe("a hostile delivery", () => {
  it("cannot name a program to be run (story 21)", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nrun: echo deployed" } });
    const server = await place.serve();
    const look = await lookInto(t, place);

    for (const event of ["/bin/sh", "../../../../usr/bin/env", "push/../deploy", "deploy.yml", "PUSH"]) {
      const answer = await server.send({ event });
      const { error } = answer.json as { error: { code: string } };
      assert.deepEqual([answer.status, error.code], [400, "header_invalid"]);
    }
    assert.equal((await server.send({ event: "deploy" })).status, 204);
    assert.deepEqual(await look.runs(), []);
  });

  it("cannot run a command by the name of a branch (stories 21, 24)", async (t) => {
    const place = workplace(t);
    const hook = `on: push\nworking-directory: ${place.folder}\nrun: echo $GITHUB_REF_NAME`;
    place.write("hooks/deploy.yml", hook);
    const server = await place.serve();
    const look = await lookInto(t, place);
    const before = readdirSync(place.folder).sort();

    for (const branch of ["$(touch${IFS}pwned)", "`touch pwned`", ";touch pwned;", "x\ntouch pwned\n"]) {
      const [run] = runsOf(await server.send({ body: pushPayload({ ref: `refs/heads/${branch}` }) }));
      await look.reached(run, "succeeded");
      assert.equal((await look.output(run)).trim(), branch.trim().replaceAll("\n", " "));
    }
    assert.deepEqual(readdirSync(place.folder).sort(), before);
  });

  it("cannot bring variables, nor choose where a token would be sent (stories 25, 40)", async (t) => {
    const place = workplace(t, { files: { "hooks/deploy.yml": "on: push\nshell: sh\nrun: env" } });
    const server = await place.serve();
    const look = await lookInto(t, place);

    const headers = {
      "x-github-enterprise-host": "evil.example",
      "x-github-enterprise-version": "3.20.0",
      "x-github-node-options": "--require=/evil.js",
      "ld-preload": "/evil.so",
      node_options: "--require=/evil.js",
    };
    const [run] = runsOf(await server.send({ headers, path: "/github?BASH_ENV=/evil.sh" }));
    await look.reached(run, "succeeded");
    const output = await look.output(run);
    assert.doesNotMatch(output, /evil|enterprise|BASH_ENV/i);
    assert.match(output, new RegExp(`^GITHUB_API_URL=${place.environment.LONGSHORE_GITHUB_API_URL}$`, "m"));
  });
});
