/** What a person sees in the dashboard of hooks and their files. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { openBrowser, signIn, visit } from "../support/browser.ts";
import { pushPayload } from "../support/github.ts";
import { workplace } from "../support/server.ts";

const RIGHT = "on:\n  push:\n    branches: [main]\nrun: echo deployed\n";

describe("somebody looks at hooks", async () => {
  const scope = { after };
  const place = workplace(scope, {
    environment: { LONGSHORE_ADMIN_LISTEN: "127.0.0.1:0" },
    files: { "hooks/site/deploy.yml": RIGHT },
  });
  const server = await place.serve();
  const browser = await openBrowser(scope);

  it("sees a mistake at its line as soon as the file has it, and that the last good version is at work", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url, complaints } = visitor;
    await signIn(visitor, place);
    await page.goto(`${url}/hooks`);
    await page.getByRole("link", { name: "site/deploy" }).click();
    await page.getByRole("region", { name: "Source" }).getByText("branches: [main]").waitFor();
    place.write("hooks/site/deploy.yml", RIGHT.replace("branches", "branchs"));
    await page.getByText("Its last good version is at work until it is right.").waitFor();
    const line = page.getByRole("region", { name: "Source" }).getByRole("listitem").nth(2);
    assert.match(
      await line.innerText(),
      /branchs: \[main\][\s\S]*unknown key branchs. Did you mean "branches"\?/,
    );

    await page.goto(url);
    const attention = page.getByRole("region", { name: "Needs attention" });
    await attention.getByRole("link", { name: /site\/deploy, line 3: unknown key/ }).click();
    await page.getByRole("heading", { name: "site/deploy" }).waitFor();
    place.write("hooks/site/deploy.yml", RIGHT);
    await page
      .getByText("Its last good version is at work until it is right.")
      .waitFor({ state: "detached" });
    assert.deepEqual(complaints, []);
  });

  it("tries a change with a stored delivery before it is in the file", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url, complaints } = visitor;
    await signIn(visitor, place);
    await server.send({ body: pushPayload({ ref: "refs/heads/dev" }) });
    await page.goto(`${url}/hooks/site/deploy`);
    const panel = page.getByRole("region", { name: "Try it" });
    await panel.getByText("It does not match.").waitFor();
    const text = panel.getByLabel("Text of the hook");
    await text.fill(RIGHT.replace("main", "main, dev"));
    await panel.getByText("It matches.").waitFor();
    await text.fill(RIGHT.replace("on:", "onn:"));
    await panel
      .getByText(/^Line 1/)
      .first()
      .waitFor();
    await text.fill("on: issues\nrun: echo hello\n");
    await panel.getByLabel("For").selectOption({ label: "issues.opened" });
    await panel
      .getByText(/is one of|the event is/)
      .first()
      .waitFor();
    const { items } = await place.json<{ items: unknown[] }>("runs", "list");
    assert.deepEqual(items, [], "nothing has run");
    assert.deepEqual(complaints, []);
  });

  it("disables a hook and enables it, which is written down with who did it", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url, complaints } = visitor;
    await signIn(visitor, place);
    await page.goto(`${url}/hooks/site/deploy`);
    await page.getByRole("button", { name: "Disable" }).click();
    await page.getByText("The hook is disabled").waitFor();
    await page.getByRole("button", { name: "Enable" }).click();
    await page.getByText("The hook is disabled").waitFor({ state: "detached" });
    await page.goto(`${url}/system/audit`);
    await page.getByText(/disable hook site\/deploy/).waitFor();
    assert.deepEqual(complaints, []);
  });

  it("learns what was refused, and what would admit it", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url } = visitor;
    await signIn(visitor, place);
    await server.send({ secret: "a guess of a stranger" });
    await page.goto(`${url}/system/refused`);
    await page.getByRole("list", { name: "Refused requests" }).getByText("signature_mismatch").waitFor();
    await page
      .getByText(/longshore secret show/)
      .first()
      .waitFor();
  });
});
