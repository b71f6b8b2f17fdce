import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";

describe("where there are several sources", () => {
  it("each hook runs for what comes by its own, and one that names none is not loaded", async (t) => {
    const place = workplace(t, {
      files: {
        "longshore.yml":
          "sources:\n  github: { path: /github }\n  forge: { path: /forge, insecure-no-secret: true }\n",
        "hooks/ours.yml": "on: push\nsource: github\nrun: echo ours",
        "hooks/theirs.yml": "on: push\nsource: forge\nrun: echo theirs",
        "hooks/nobody.yml": "on: push\nrun: echo nobody",
      },
    });
    const server = await place.serve();
    assert.deepEqual(JSON.parse(server.stdout()).hooks, ["ours", "theirs"]);
    const look = await lookInto(t, place);
    for (const [path, said] of [
      ["/github", "ours"],
      ["/forge", "theirs"],
    ]) {
      const runs = runsOf(await server.send({ path }));
      assert.equal(runs.length, 1);
      assert.equal((await look.ended(runs[0])).status, "succeeded");
      assert.equal(await look.output(runs[0]), `${said}\n`);
    }
  });
});
