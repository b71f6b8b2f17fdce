/** What a person does with deliveries in the dashboard. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { openBrowser, signIn, visit } from "../support/browser.ts";
import { pushPayload } from "../support/github.ts";
import { lookInto } from "../support/look.ts";
import { workplace } from "../support/server.ts";

describe("somebody watches deliveries", async () => {
  const scope = { after };
  const place = workplace(scope, {
    environment: { LONGSHORE_ADMIN_LISTEN: "127.0.0.1:0" },
    files: {
      "hooks/deploy.yml": 'on:\n  push:\n    branches: [main]\nrun: echo "deployed $GITHUB_REF_NAME"\n',
      "hooks/check.yml": "on: pull_request\nrun: echo checked\n",
    },
  });
  const server = await place.serve();
  const browser = await openBrowser(scope);
  const look = await lookInto(scope, place);

  it("sees one arrive, and its run end, without loading the page again", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url, complaints } = visitor;
    await signIn(visitor, place);
    await page.goto(`${url}/deliveries`);
    await page.getByRole("heading", { name: "Nothing has arrived yet" }).waitFor();
    await page.getByRole("status", { name: /^Live/ }).waitFor();

    await server.send({ body: pushPayload({ after: "c0ffee".repeat(6).padEnd(40, "0") }) });
    const row = page.getByRole("list", { name: "Deliveries" }).getByRole("listitem").first();
    await row.getByRole("link", { name: "push acme/site" }).waitFor();
    await row.getByRole("link", { name: "succeeded deploy" }).waitFor();
    assert.deepEqual(complaints, []);
  });

  it("reads why a hook did not match", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url } = visitor;
    await signIn(visitor, place);
    await server.send({ body: pushPayload({ ref: "refs/heads/dev" }) });
    await page.goto(`${url}/deliveries?ref=dev`);
    await page.getByRole("link", { name: "push acme/site" }).click();
    const said = page.getByRole("list", { name: "What deploy says" });
    await said.getByText("push.branches").waitFor();
    assert.match(await said.innerText(), /dev matches none of \[main\]/);
    await page
      .getByRole("list", { name: "What check says" })
      .getByText(/push is not among/)
      .waitFor();
  });

  it("replays it for the one hook, and sees that run", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url, complaints } = visitor;
    await signIn(visitor, place);
    const { items } = await place.json<{ items: { id: number }[] }>("deliveries", "list", "--ref", "dev");
    await page.goto(`${url}/deliveries/${items[0]?.id}`);
    await page.getByRole("button", { name: "Replay only deploy" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/whatever its filters say/).waitFor();
    await dialog.getByRole("button", { name: "Replay", exact: true }).click();
    await page.getByRole("heading", { name: /deploy/ }).waitFor();
    await page.getByText("deployed dev").waitFor();
    const id = Number(new URL(page.url()).pathname.split("/").at(-1));
    assert.equal((await look.reached(id, "succeeded")).hook, "deploy");
    assert.deepEqual(complaints, []);
  });

  it("finds the whole story of a commit with the search, and of what never came", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page } = visitor;
    await signIn(visitor, place);
    await page.keyboard.press("/");
    await page.keyboard.type("c0ffeec\n");
    await page.getByText("It arrived").waitFor();
    await page.getByRole("link", { name: "run 1" }).waitFor();
    await page.keyboard.press("/");
    await page.getByLabel(/^Search by GUID/).fill("no-such-branch");
    await page.keyboard.press("Enter");
    await page.getByText(/Nothing of the branch or tag no-such-branch has arrived/).waitFor();
  });

  it("narrows the list down by what stands in the address, and goes back with it", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url } = visitor;
    await signIn(visitor, place);
    await page.goto(`${url}/deliveries`);
    await page.getByLabel("Branch or tag").fill("main");
    await page.keyboard.press("Enter");
    await page.waitForURL(/ref=main/);
    await page.getByLabel("Outcome").selectOption("failed");
    await page.waitForURL(/status=failed/);
    await page.getByRole("heading", { name: "No delivery fits" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "No delivery fits" }).waitFor();
    assert.equal(await page.getByLabel("Branch or tag").inputValue(), "main");
    await page.getByRole("button", { name: "Clear the filters" }).click();
    await page.getByRole("link", { name: "push acme/site" }).first().waitFor();
  });

  it("is told when the server is gone, and sees what it missed once it is back", async (t) => {
    const own = workplace(t, {
      environment: { LONGSHORE_ADMIN_LISTEN: "127.0.0.1:0" },
      files: { "hooks/deploy.yml": "on: push\nrun: echo deployed\n" },
    });
    const first = await own.serve();
    const visitor = await visit(t, browser, first);
    const { page, url } = visitor;
    await signIn(visitor, own);
    await page.goto(`${url}/deliveries`);
    await page.getByRole("status", { name: /^Live/ }).waitFor();
    await first.end("SIGTERM");
    await page.getByRole("status", { name: /connection is lost/ }).waitFor();
    own.environment.LONGSHORE_ADMIN_LISTEN = new URL(url).host;
    const second = await own.serve();
    await second.send();
    await page.getByRole("status", { name: /^Live/ }).waitFor();
    await page.getByRole("link", { name: "push acme/site" }).waitFor();
  });
});
