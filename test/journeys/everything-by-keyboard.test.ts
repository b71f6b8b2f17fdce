/** The dashboard without a mouse, without eyes, and on a small screen. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { openBrowser, signIn, visit } from "../support/browser.ts";
import { pushPayload } from "../support/github.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";

const FAILING = `on: push
run: |
  echo "::group::Build"
  printf '\\033[31mred\\033[0m \\033[33myellow\\033[0m \\033[2mdim\\033[0m\\n'
  echo "::endgroup::"
  echo "::error file=a.js,line=1::broken"
  echo "| a | b |\\n|---|---|\\n| 1 | 2 |" >> "$GITHUB_STEP_SUMMARY"
  exit 3
`;

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

describe("the dashboard", async () => {
  const scope = { after };
  const place = workplace(scope, {
    environment: { LONGSHORE_ADMIN_LISTEN: "127.0.0.1:0" },
    files: {
      "hooks/deploy.yml": FAILING,
      "hooks/other.yml": "on:\n  push:\n    branches: [release]\nrun: echo never\n",
      "hooks/broken.yml": "on: push\nrunn: echo\n",
    },
  });
  const server = await place.serve();
  const browser = await openBrowser(scope);
  const look = await lookInto(scope, place);
  await server.send({ secret: "a guess of a stranger" });
  await place.json("token", "add", "ann", "--role", "viewer");
  const [run] = runsOf(await server.send());
  await server.send({ body: pushPayload({ ref: "refs/heads/dev" }) });
  const { deliveryId } = await look.ended(run);

  const places = [
    ["/", "Durations"],
    ["/deliveries", "push acme/site"],
    [`/deliveries/${deliveryId}`, "sender"],
    ["/runs", "deploy"],
    [`/runs/${run}`, "a.js:1"],
    ["/hooks", "broken"],
    ["/hooks/broken", "unknown key"],
    ["/try", "It does not match."],
    ["/why?what=main", "It arrived"],
    ["/system", "GitHub's addresses"],
    ["/system/refused", "signature_mismatch"],
    ["/system/nodes", "receiver, worker, admin"],
    ["/system/tokens", "ann"],
    ["/system/audit", "sign in"],
    ["/nowhere", "There is no such page"],
  ] as const;

  // Every page is opened once, and looked at in every way: to open one takes longer than to look.
  const faults = { light: [], dark: [], narrow: [], long: [] } as Record<
    "light" | "dark" | "narrow" | "long",
    string[]
  >;
  const complaints: string[] = [];
  before(async () => {
    const visitor = await visit(scope, browser, server);
    const { page, url } = visitor;
    await page.goto(`${url}/sign-in`);
    await page.getByRole("heading", { name: "Sign in to Longshore" }).waitFor();
    await lookAt(page, "/sign-in");
    await signIn(visitor, place);
    for (const [path, text] of places) {
      await page.goto(url + path);
      await page.locator("main").getByText(text).filter({ visible: true }).first().waitFor();
      await lookAt(page, path);
    }
    complaints.push(...visitor.complaints);
  });

  async function lookAt(page: Page, path: string): Promise<void> {
    faults.light.push(...(await seriousIn(page, path)));
    await page.emulateMedia({ colorScheme: "dark" });
    faults.dark.push(...(await seriousIn(page, path, ["color-contrast", "link-in-text-block"])));
    await page.emulateMedia({ colorScheme: "light" });
    const { width = 0, height = 0 } = page.viewportSize() ?? {};
    await page.setViewportSize({ width: 380, height });
    const isWide = await page
      .locator("html")
      .evaluate((element) => element.scrollWidth > element.clientWidth);
    if (isWide) faults.narrow.push(path);
    const emptyPixels = await page
      .locator("main")
      .evaluate(
        (main) =>
          main.ownerDocument.documentElement.scrollHeight -
          Math.max(
            main.getBoundingClientRect().bottom + (main.ownerDocument.defaultView?.scrollY ?? 0),
            main.ownerDocument.documentElement.clientHeight,
          ),
      );
    if (emptyPixels > 1) faults.long.push(`${path}: ${emptyPixels} pixels`);
    await page.setViewportSize({ width, height });
  }

  /** @param rules all of them, unless some are named. */
  async function seriousIn(page: Page, path: string, rules?: string[]): Promise<string[]> {
    // A button whose colour is on its way from one theme to the other cannot be read yet.
    await page.evaluate(`document.getAnimations()
      .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
      .forEach((animation) => animation.finish())`);
    // Not as a script of the page: that is what the content security policy forbids.
    await page.evaluate(axe.source);
    const options = { resultTypes: ["violations"], ...(rules && { runOnly: rules }) };
    const { violations } = await page.evaluate<{ violations: Violation[] }>(
      `axe.run(${JSON.stringify(options)})`,
    );
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${path}: ${id}: ${html}\n${failureSummary}`),
      );
  }

  it("has no serious fault that axe knows of on any page", () => {
    assert.deepEqual(faults.light, []);
    assert.deepEqual(complaints, []);
  });

  it("can be read in the dark as well", () => assert.deepEqual(faults.dark, []));

  it("fits into 380 pixels on every page", () => assert.deepEqual(faults.narrow, []));

  it("ends where its content ends on every page", () => assert.deepEqual(faults.long, []));

  it("has the age of each delivery at one place on a small screen", async (t) => {
    const visitor = await visit(t, browser, server, { width: 390 });
    await signIn(visitor, place);
    await visitor.page.goto(`${visitor.url}/deliveries`);
    const rows = visitor.page.getByRole("list", { name: "Deliveries" }).getByRole("listitem");
    await rows.nth(1).waitFor();
    const corners = await Promise.all(
      (await rows.all()).map(async (row) => {
        const [whole, age] = [await row.boundingBox(), await row.locator("relative-time").boundingBox()];
        assert.ok(whole && age);
        return [age.x + age.width, whole.y + whole.height - age.y - age.height].map(Math.round).join();
      }),
    );
    assert.ok(corners.length >= 2);
    assert.equal(new Set(corners).size, 1, corners.join(" "));
  });

  it("tells a viewer what an administrator is needed for", async (t) => {
    const { page, url } = await visit(t, browser, server);
    const { token } = await place.json("token", "add", "vera", "--role", "viewer");
    await page.goto(`${url}/system/audit`);
    await page.getByLabel("Or with a personal token").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("This token is not known, or was revoked.").waitFor();
    await page.getByLabel("Or with a personal token").fill(String(token));
    await page.getByRole("button", { name: "Sign in" }).click();
    for (const path of ["/system/audit", "/system/tokens"]) {
      await page.goto(url + path);
      await page.getByRole("heading", { name: "An administrator is needed" }).waitFor();
    }
  });

  it("is gone through by keys alone: from the list of keys to a delivery, its run, and a retry", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url } = visitor;
    const { keyboard } = page;
    await signIn(visitor, place);
    await keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await keyboard.type("gd");
    await page.getByRole("link", { name: "push acme/site" }).first().waitFor();
    await keyboard.press("j");
    await keyboard.press("j");
    await keyboard.press("k");
    await keyboard.press("Enter");
    await page.waitForURL(`${url}/deliveries/${deliveryId + 1}`);
    await page.getByRole("heading", { name: /push/ }).waitFor();
    await keyboard.press("u");
    await page.waitForURL(`${url}/deliveries`);
    await keyboard.type("gr");
    await page.getByRole("link", { name: "deploy" }).first().waitFor();
    await keyboard.press("j");
    await keyboard.press("Enter");
    await page.getByText("The run is failed.").waitFor({ state: "attached" });
    const before = page.url();
    await keyboard.press("r");
    await page.getByRole("dialog").getByRole("button", { name: "Retry" }).waitFor();
    await keyboard.press("Enter");
    await page.waitForURL((address) => address.href !== before);
    await keyboard.type("gs");
    await page.getByRole("heading", { name: "System", exact: true }).waitFor();
    await keyboard.type("gh");
    await page.getByRole("link", { name: "broken" }).waitFor();
    await keyboard.type("go");
    await page.getByRole("heading", { name: "Overview", exact: true }).waitFor();
    assert.deepEqual(visitor.complaints, []);
  });
});
