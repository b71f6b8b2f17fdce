import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { openStore } from "../../src/store/store.ts";
import { findToken } from "../../src/store/tokens.ts";
import { workplace } from "../support/server.ts";

const place = workplace({ after }, { environment: { LONGSHORE_ADMIN_LISTEN: "127.0.0.1:18081" } });
const path = join(place.folder, "data/longshore.db");
const store = await openStore(path);
after(() => store.close());

describe("longshore token", () => {
  it("makes tokens with a role, which are shown once and kept as digests", async () => {
    const { token, role } = await place.json<{ token: string; role: string }>("token", "add", "grafana");
    assert.equal(role, "viewer");
    assert.match(token, /^[\w-]{43}$/);
    assert.deepEqual((await findToken(store.db, token, 1))?.name, "grafana");
    const { stdout } = await place.cli("token", "add", "olga", "--role", "admin");
    assert.match(stdout, /^[\w-]{43}\n/);
    const { items } = await place.json<{ items: Record<string, unknown>[] }>("token");
    assert.deepEqual(
      items.map(({ name, role: its, revokedAt }) => [name, its, revokedAt]),
      [
        ["grafana", "viewer", null],
        ["olga", "admin", null],
      ],
    );
    assert.ok(!JSON.stringify(items).includes(token));
  });

  it("ends one by its name, which can then be given again", async () => {
    const { token } = await place.json<{ token: string }>("token", "add", "short");
    assert.equal((await place.cli("token", "add", "short")).code, 2);
    await place.json("token", "revoke", "short");
    assert.equal(await findToken(store.db, token, 1), undefined);
    const { code, stderr } = await place.cli("token", "revoke", "shrt");
    assert.equal(code, 2);
    assert.match(stderr, /There is no live token "shrt"/);
    await place.json("token", "add", "short");
  });
});

describe("longshore login", () => {
  it("prints a link whose code stands in the fragment, and no token", async () => {
    const { url, code } = await place.json<{ url: string; code: string }>("login");
    assert.equal(url, `http://127.0.0.1:18081/sign-in#${code}`);
    const { stdout } = await place.cli("login");
    assert.match(stdout, /^http:\/\/127\.0\.0\.1:18081\/sign-in#[\w-]{43}\n/);
  });

  it("says so where there is no dashboard", async (t) => {
    const off = workplace(t);
    await (await openStore(join(off.folder, "data/longshore.db"))).close();
    const { code, stderr } = await off.cli("login");
    assert.equal(code, 2);
    assert.match(stderr, /`admin\.listen` is `off`/);
  });
});
