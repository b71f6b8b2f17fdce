/** What a person does with runs in the dashboard. */
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { after, describe, it, type TestContext } from "node:test";
import type { Locator } from "playwright-core";
import { openBrowser, signIn, styleOf, visit } from "../support/browser.ts";
import { lookInto, runsOf } from "../support/look.ts";
import { workplace } from "../support/server.ts";
import { until } from "../support/until.ts";

const SLOW = `on: push
repositories: [acme/site]
run: |
  echo "::group::First"
  printf '\\033[31mred\\033[0m and \\033[1mbold\\033[0m\\n'
  echo "::endgroup::"
  echo "::warning file=a.js,line=3::look here"
  echo "## All *well*" >> "$GITHUB_STEP_SUMMARY"
  echo '<img src=x onerror=alert(1)>' >> "$GITHUB_STEP_SUMMARY"
  # More at once than a screen shows.
  for number in $(seq 1 60); do
    echo "line $number"
  done
  for number in $(seq 61 1000); do
    echo "line $number"
    test -e "$OUT/go" && exit 0
    sleep 0.1
  done
`;

/** At the worst moment: a line is there, and the browser has not told of the scrolling to it yet. */
function asALineComes(log: Locator, somebody: "scrolls up" | "stops it"): Promise<void> {
  return log.evaluate(
    (box, does) =>
      new Promise<void>((resolve) => {
        const { MutationObserver, Event } = box.ownerDocument.defaultView;
        const observer = new MutationObserver(() => {
          observer.disconnect();
          if (does === "stops it") box.ownerDocument.querySelector("button[aria-pressed=true]")?.click();
          else {
            box.scrollTo({ top: 0 });
            box.dispatchEvent(new Event("scroll"));
          }
          resolve();
        });
        observer.observe(box, { childList: true, subtree: true });
      }),
    somebody,
  );
}

describe("somebody watches runs", async () => {
  const scope = { after };
  const place = workplace(scope, { environment: { LONGSHORE_ADMIN_LISTEN: "127.0.0.1:0" } });
  place.write("hooks/slow.yml", `${SLOW}env:\n  OUT: ${place.folder}\n`);
  place.write("hooks/fragile.yml", `on: release\nrun: cat "${place.folder}/there"\n`);
  const server = await place.serve();
  const browser = await openBrowser(scope);
  const look = await lookInto(scope, place);

  it("follows what a script prints while it prints it, with its colours and groups", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url, complaints } = visitor;
    await signIn(visitor, place);
    const [id] = runsOf(await server.send());
    await page.goto(`${url}/runs/${id}`);
    const log = page.getByRole("log", { name: "Output" });
    await log.getByText("line 3", { exact: true }).waitFor();
    await log.getByText("line 63", { exact: true }).waitFor();
    const isAtEnd = () => log.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 60);
    await until("it shows the end", isAtEnd);
    assert.match(await log.innerText(), /warning: a\.js:3: look here/i);
    assert.equal(await log.getByText("red").count(), 0, "a group is closed until somebody opens it");
    await log.getByText("First").click();
    const red = log.getByText("red", { exact: true });
    const plain = log.getByText("line 3", { exact: true });
    assert.notEqual(await styleOf(red, "color"), await styleOf(plain, "color"));

    place.write("go", "");
    await look.reached(id, "succeeded");
    await page.getByText("The run is succeeded.").waitFor({ state: "attached" });
    await page.getByRole("heading", { name: "All well" }).waitFor();
    assert.equal(await page.locator("main img").count(), 0, "HTML in a summary is text");
    assert.deepEqual(complaints, []);
  });

  /** Somebody follows a run that prints more and more. */
  const follow = async (t: TestContext) => {
    const visitor = await visit(t, browser, server);
    const { page, url } = visitor;
    await signIn(visitor, place);
    rmSync(`${place.folder}/go`, { force: true });
    const [id] = runsOf(await server.send());
    await page.goto(`${url}/runs/${id}`);
    const log = page.getByRole("log", { name: "Output" });
    const top = () => log.evaluate((box) => box.scrollTop);
    await log.getByText("line 61", { exact: true }).waitFor();
    await until("it shows the end", async () => (await top()) > 0);
    const nextLine = async () => {
      const last = await log.getByText(/^line \d+$/).count();
      await log.getByText(`line ${last + 2}`, { exact: true }).waitFor();
    };
    const end = async () => {
      place.write("go", "");
      await look.reached(id, "succeeded");
    };
    return { page, log, top, nextLine, end };
  };

  it("stays where somebody has scrolled to, and follows again from the end", async (t) => {
    const { page, log, top, nextLine, end } = await follow(t);
    await asALineComes(log, "scrolls up");
    await page.getByRole("button", { name: "Follow", exact: true }).waitFor();
    await nextLine();
    assert.equal(await top(), 0, "nobody is torn away from what they read");
    await until("it follows from the end, which lines that come move on", async () => {
      await log.evaluate((box) => box.scrollTo({ top: box.scrollHeight }));
      return page.getByRole("button", { name: "Following" }).isVisible();
    });
    const before = await top();
    await nextLine();
    await until("it shows what came", async () => (await top()) > before);
    await end();
  });

  it("stays where it is when somebody wants it to follow no longer", async (t) => {
    const { page, log, top, nextLine, end } = await follow(t);
    await asALineComes(log, "stops it");
    await page.getByRole("button", { name: "Follow", exact: true }).waitFor();
    const before = await top();
    await nextLine();
    assert.equal(await top(), before);
    await end();
  });

  it("searches the output, shows its times, and downloads it byte for byte", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url } = visitor;
    await signIn(visitor, place);
    await page.goto(`${url}/runs/1`);
    await page.getByLabel("Search the output").fill("LINE");
    await page.getByText(/^1 of \d+$/).waitFor();
    await page.keyboard.press("Enter");
    await page.getByText(/^2 of \d+$/).waitFor();
    await page.getByLabel("Search the output").fill("bold");
    // It stands in a group, which opens for it.
    await page.getByRole("log").locator("mark", { hasText: "bold" }).waitFor();
    await page.getByRole("button", { name: "Show times" }).click();
    await page
      .getByRole("log")
      .getByText(/^\d\d:\d\d:\d\d\.\d{3}$/)
      .first()
      .waitFor();
    const downloading = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download" }).click();
    const text = readFileSync(await (await downloading).path(), "utf8");
    assert.match(text, /^::group::First\n\u001B\[31mred/);
  });

  it("cancels a run", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url, complaints } = visitor;
    await signIn(visitor, place);
    rmSync(`${place.folder}/go`, { force: true });
    const [id] = runsOf(await server.send());
    await page.goto(`${url}/runs/${id}`);
    await page.getByRole("log").getByText("line 2", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Cancel run" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel run" }).click();
    await page.getByText("The run is cancelled.").waitFor({ state: "attached" });
    await page
      .getByText(/cancelled by/)
      .first()
      .waitFor();
    assert.equal((await look.reached(id, "cancelled")).hook, "slow");
    assert.deepEqual(complaints, []);
  });

  it("retries a failed run once its cause is gone, and sees it succeed", async (t) => {
    const visitor = await visit(t, browser, server);
    const { page, url, complaints } = visitor;
    await signIn(visitor, place);
    const [id] = runsOf(await server.send({ event: "release", body: { action: "published", release: {} } }));
    await page.goto(`${url}/runs/${id}`);
    await page.getByText("The run is failed.").waitFor({ state: "attached" });
    await page.getByText(/No such file/).waitFor();
    place.write("there", "now it is\n");
    await page.getByRole("button", { name: "Retry" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Retry" }).click();
    await page.waitForURL((address) => address.pathname !== `/runs/${id}`);
    await page.getByText("The run is succeeded.").waitFor({ state: "attached" });
    await page.getByText("now it is").waitFor();
    await page.getByRole("link", { name: `run ${id}` }).waitFor();
    assert.deepEqual(complaints, []);
  });
});
