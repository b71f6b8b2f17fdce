/** Whatever a payload or an output contains, the dashboard shows it as text, and goes on working. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { openBrowser, signIn, visit } from "../support/browser.ts";
import { pushPayload } from "../support/github.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";

const SCRIPT = `<script>document.title = "taken over"</script><img src=x onerror="document.title='taken over'">`;
const TURNED = "\u202Eesrever\u202C";
const COLOURED = "\u001B[31mred\u001B[0m\u001B[2J\u001B[1A";

describe("somebody looks at what a stranger has sent", async () => {
  const scope = { after };
  const place = workplace(scope, {
    environment: { LONGSHORE_ADMIN_LISTEN: "127.0.0.1:0" },
    files: {
      "hooks/echo.yml":
        'on: push\nenv:\n  MESSAGE: ${{ github.event.head_commit.message }}\nrun: |\n  printf \'%s\\n\' "$MESSAGE"\n  printf \'%s\\n\' "$MESSAGE" >> "$GITHUB_STEP_SUMMARY"\n  echo "::error title=$MESSAGE::$MESSAGE"\n',
    },
  });
  const server = await place.serve();
  const browser = await openBrowser(scope);
  const look = await lookInto(scope, place);

  it("executes nothing, turns nothing around, and shows all of it", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url, complaints } = visitor;
    await signIn(visitor, place);
    const message = `${SCRIPT} ${TURNED} ${COLOURED}`;
    const [id] = runsOf(
      await server.send({
        body: pushPayload({
          ref: `refs/heads/${TURNED}<b>`,
          head_commit: { id: "a".repeat(40), message },
          [SCRIPT]: message,
        }),
      }),
    );
    const { deliveryId } = await look.ended(id);
    for (const path of ["/deliveries", `/deliveries/${deliveryId}`, "/runs", `/runs/${id}`]) {
      await page.goto(url + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page
        .locator("main")
        .getByText(/esrever|echo/)
        .filter({ visible: true })
        .first()
        .waitFor();
      assert.ok(!(await page.title()).includes("taken over"));
      const { html, text } = {
        html: await page.locator("body").innerHTML(),
        text: await page.locator("body").innerText(),
      };
      assert.doesNotMatch(html, /<script|<img src="x"|<b>/, path);
      assert.doesNotMatch(text, /[\u202A-\u202E\u2066-\u2069\u001B]/, path);
    }
    const log = page.getByRole("log");
    await log.getByText(SCRIPT.slice(0, 40)).first().waitFor();
    assert.match(await log.innerText(), /␛\[2J␛\[1A/);

    await page.goto(`${url}/deliveries/${deliveryId}`);
    await page.getByRole("button", { name: "head_commit" }).click();
    assert.match(
      await page.getByRole("region", { name: "Payload as a tree" }).innerText(),
      /<U\+202E>esrever/,
    );
    await page.getByRole("button", { name: "Raw" }).click();
    await page
      .getByText(/taken over/)
      .first()
      .waitFor();
    assert.deepEqual(complaints, []);
  });

  it("reads a payload of 5 MB as fluently: only what is looked at is drawn", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url, complaints } = visitor;
    await signIn(visitor, place);
    const commits = Array.from({ length: 25_000 }, (_, index) => ({
      id: index.toString(16).padStart(40, "0"),
      message: index === 20_123 ? "the needle" : `commit ${index} ${"x".repeat(120)}`,
    }));
    const body = pushPayload({ commits, long: "y".repeat(400_000) });
    const [id] = runsOf(await server.send({ body }));
    const { deliveryId } = await look.ended(id);
    assert.ok(JSON.stringify(body).length > 5_000_000);

    await page.goto(`${url}/deliveries/${deliveryId}`);
    const tree = page.getByRole("region", { name: "Payload as a tree" });
    await tree.getByRole("button", { name: "commits [25000]" }).click();
    await tree.getByRole("button", { name: "0 … 9999" }).waitFor();
    await page.getByLabel("Search the payload").fill("the needle");
    await page.getByRole("button", { name: "commits[20123].message the needle" }).click();
    await tree.getByText('"the needle"').waitFor();
    const drawn = await page.locator("main *").count();
    assert.ok(drawn < 3_000, `${drawn} elements`);

    await page.getByRole("button", { name: "Raw" }).click();
    await page.getByRole("button", { name: /Show more/ }).waitFor();
    await page.getByRole("button", { name: "Tree" }).click();
    await tree.getByRole("button", { name: "show all 400000 characters" }).waitFor();
    assert.deepEqual(complaints, []);
  });
});
