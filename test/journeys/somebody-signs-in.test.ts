/** Signing in to the dashboard with the link that is printed. */
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { openBrowser, signIn, signInLink, styleOf, visit } from "../support/browser.ts";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

describe("somebody opens the dashboard", async () => {
  const scope = { after };
  const place = workplace(scope, { environment: { LONGSHORE_ADMIN_LISTEN: "127.0.0.1:0" } });
  const server = await place.serve();
  const browser = await openBrowser(scope);

  it("signs in with a link, once, and the code stands in no address afterwards", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url } = visitor;
    const link = await signInLink(place, url);
    await page.goto(link);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    assert.equal(page.url(), `${url}/`);

    const other = await visit(t, browser, server);
    await other.page.goto(link);
    await other.page.getByText(/has been used, or is older than ten minutes/).waitFor();
    await other.page.getByText("npx longshore login", { exact: true }).waitFor();
    assert.equal(other.page.url(), `${url}/sign-in`);
    assert.deepEqual([...visitor.complaints, ...other.complaints], []);
  });

  it("stays signed in when the page is loaded again, until they sign out", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url } = visitor;
    await signIn(visitor, place);
    await page.goto(`${url}/runs`);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await page.getByRole("button", { name: "Account and appearance" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to Longshore" }).waitFor();
    await page.goto(`${url}/runs`);
    await page.getByRole("heading", { name: "Sign in to Longshore" }).waitFor();
  });

  it("signs in with a personal token, and a viewer is offered no changes", async (t) => {
    const { token } = await place.json<{ token: string }>("token", "add", "ann", "--role", "viewer");
    const { page, url } = await visit(t, browser, server);
    await server.send();
    await page.goto(`${url}/deliveries/1`);
    await page.getByLabel("Or with a personal token").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: /push/ }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Replay" }).count(), 0);
    await page.getByRole("link", { name: "System" }).click();
    await page.getByRole("link", { name: "Nodes" }).waitFor();
    assert.equal(await page.getByRole("link", { name: "Tokens" }).count(), 0);
  });

  it("sees it light or dark as the system says, and as they choose", async (t) => {
    const visitor = await visit(t, browser, server, { scheme: "dark" });
    const { page } = visitor;
    await signIn(visitor, place);
    const background = () => styleOf(page.locator("html"), "background-color");
    const dark = await background();
    await page.getByRole("button", { name: "Account and appearance" }).click();
    await page.getByRole("menuitemradio", { name: "Light" }).click();
    await until("the page is light", async () => (await background()) !== dark);
    await page.reload();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    assert.equal(await background(), "rgb(255, 255, 255)");
  });

  it("is told what to do first, and the list goes with the first delivery that has run", async (t) => {
    const fresh = workplace(t, { environment: { LONGSHORE_ADMIN_LISTEN: "127.0.0.1:0" } });
    const empty = await fresh.serve();
    const visitor = await visit(t, browser, empty);
    const { page } = visitor;
    await signIn(visitor, fresh);
    const steps = page.getByRole("region", { name: "First steps" });
    await steps.getByText("The first delivery has arrived").waitFor();
    await steps.getByText("npx longshore send push").waitFor();
    // The first start has written a hook that is for every push.
    await empty.send();
    await steps.waitFor({ state: "detached" });
    assert.deepEqual(visitor.complaints, []);
  });
});
