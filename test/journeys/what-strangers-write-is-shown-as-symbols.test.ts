import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pushPayload } from "../support/github.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";

/** Clears the screen, in eight bits, turns the text around, and goes back to the start of the line. */
const TRICKS = "\u001B[2J\u009B2J\u202Eevil\r";
/** The same as a header can have it. */
const HEADER_TRICKS = "\u009B2Jevil";
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/;

describe("what strangers write", () => {
  it("moves no cursor, wherever it is shown: in lists, in output, in the log (story 42)", async (t) => {
    const hook = 'on: push\nrun: echo "$GITHUB_REF_NAME by $GITHUB_ACTOR"';
    const place = workplace(t, { files: { "hooks/deploy.yml": hook } });
    place.environment.LONGSHORE_LOG_LEVEL = "debug";
    const server = await place.serve();
    const look = await lookInto(t, place);

    const body = pushPayload({ ref: `refs/heads/${TRICKS}`, sender: { login: TRICKS } });
    const [run] = runsOf(await server.send({ body }));
    await look.reached(run, "succeeded");
    assert.equal((await server.send({ headers: { "x-github-event": HEADER_TRICKS } })).status, 400);
    const forwarded = { "x-forwarded-for": HEADER_TRICKS };
    assert.equal((await server.send({ headers: forwarded })).status, 403);
    await server.end("SIGTERM");

    const shown = await Promise.all(
      [
        ["deliveries", "list"],
        ["deliveries", "show", "1"],
        ["deliveries", "refused"],
        ["runs", "list"],
        ["runs", "show", String(run)],
        ["runs", "logs", String(run)],
      ].map((command) => place.cli(...command)),
    );
    for (const text of [...shown.map(({ stdout }) => stdout), server.stdout(), server.stderr()])
      assert.doesNotMatch(text, CONTROLS);
    const [list, , refused, , , logs] = shown;
    assert.match(list?.stdout ?? "", /refs\/heads\/␛\[2J<U\+009B>2J<U\+202E>evil␍ /);
    assert.match(refused?.stdout ?? "", /<U\+009B>2Jevil/);
    assert.match(logs?.stdout ?? "", /^␛\[2J<U\+009B>2J<U\+202E>evil␍ by /);
    assert.match(server.stderr(), /evil/);
  });
});
