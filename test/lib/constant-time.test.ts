import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const SRC = fileURLToPath(new URL("../../src", import.meta.url));
const files = globSync("**/*.ts", { cwd: SRC });
const read = (file: string) => readFileSync(`${SRC}/${file}`, "utf8");

/** An operand that a stranger must not be able to guess piece by piece, such as `hmac.digest("hex")`. */
const PRIVATE =
  /(digest|hmac|signature|secret|token|password)s?(\.value|\.digest\([^)]*\)|\([^)]*\))?[^\w.]*$/i;
/** Constants, and what the owner wrote compared with what the owner wrote before. */
const HARMLESS = /^[^\w"'`]*(undefined|null|["'`\d]|JSON\.stringify\()/;

/** The lines with a comparison of something private that ends at the first difference. */
function quickComparisons(text: string): string[] {
  return text.split("\n").filter((line) => {
    if (/\.(equals|compare|localeCompare)\(/.test(line)) return true;
    return [...line.matchAll(/(\S+) [=!]==? (\S+)/g)].some(
      ([, left = "", right = ""]) =>
        (PRIVATE.test(left) || PRIVATE.test(right)) && !HARMLESS.test(left) && !HARMLESS.test(right),
    );
  });
}

describe("comparing what is secret", () => {
  it("is recognised by this test, however it is written", () => {
    const bad = [
      'if (hmac.digest("hex") === claimed) return true;',
      "return header !== signature ? reject() : accept();",
      "if (secret.value == given) accept();",
      "const same = claimed === expectedDigest;",
      "digest.equals(claimed)",
      "Buffer.compare(given, token)",
    ];
    assert.deepEqual(quickComparisons(bad.join("\n")), bad);
    const good = [
      "if (secret === undefined) return;",
      "secret !== null && secret",
      'typeof secrets === "string" ? secrets : []',
      "secret.name !== name",
      "secrets.length === 0",
      "timingSafeEqual(hmac.digest(), claimed)",
    ];
    assert.deepEqual(quickComparisons(good.join("\n")), []);
  });

  it("never ends at the first difference, anywhere in the source (story 2)", () => {
    assert.ok(files.length > 40, "the source was not found");
    const found = files.flatMap((file) =>
      quickComparisons(read(file)).map((line) => `${file}: ${line.trim()}`),
    );
    assert.deepEqual(found, []);
  });

  it("happens in one file, which uses timingSafeEqual (story 2)", () => {
    const using = (call: string) => files.filter((file) => read(file).includes(call));
    assert.deepEqual(using("timingSafeEqual("), ["lib/signature.ts"]);
    assert.deepEqual(using("createHmac("), ["lib/signature.ts"]);
  });
});
