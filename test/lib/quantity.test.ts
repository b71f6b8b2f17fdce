import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatDuration, formatSize, parseDuration, parseSize } from "../../src/lib/quantity.ts";

describe("parseDuration", () => {
  const good: [text: string, ms: number][] = [
    ["250ms", 250],
    ["30s", 30_000],
    ["1.5s", 1_500],
    ["10m", 600_000],
    ["12h", 43_200_000],
    ["30d", 2_592_000_000],
    [" 5 m ", 300_000],
    ["0s", 0],
  ];
  for (const [text, ms] of good) {
    it(`reads "${text}" as ${ms} ms`, () => assert.equal(parseDuration(text), ms));
  }

  for (const text of [
    "",
    "30",
    "s",
    "-1s",
    "1,5s",
    "1e3s",
    "5 parsecs",
    "5S",
    "5constructor",
    "5__proto__",
  ]) {
    it(`does not read "${text}"`, () => assert.equal(parseDuration(text), undefined));
  }
});

describe("parseSize", () => {
  const good: [text: string, bytes: number][] = [
    ["0", 0],
    ["1000", 1_000],
    ["7B", 7],
    ["2KB", 2_000],
    ["2KiB", 2_048],
    ["1.5MiB", 1_572_864],
    ["1MB", 1_000_000],
    ["25 MiB", 26_214_400],
    ["1GB", 1_000_000_000],
    ["1GiB", 1_073_741_824],
  ];
  for (const [text, bytes] of good) {
    it(`reads "${text}" as ${bytes} bytes`, () => assert.equal(parseSize(text), bytes));
  }

  for (const text of ["", "-1", "1.5", "lots", "5mib", "5 toString", "0x10", "1TiB"]) {
    it(`does not read "${text}"`, () => assert.equal(parseSize(text), undefined));
  }
});

describe("formatDuration", () => {
  const cases: [ms: number, text: string][] = [
    [0, "0 ms"],
    [340, "340 ms"],
    [999.4, "999 ms"],
    [999.5, "1.0 s"],
    [2_400, "2.4 s"],
    [59_949, "59.9 s"],
    [59_950, "1 min 0 s"],
    [185_000, "3 min 5 s"],
    [3_599_499, "59 min 59 s"],
    [3_599_500, "1 h 0 min"],
    [7_800_000, "2 h 10 min"],
    [86_400_000, "1 d 0 h"],
    [273_600_000, "3 d 4 h"],
  ];
  for (const [ms, text] of cases) {
    it(`writes ${ms} ms as "${text}"`, () => assert.equal(formatDuration(ms), text));
  }
});

describe("formatSize", () => {
  const cases: [bytes: number, text: string][] = [
    [0, "0 B"],
    [915, "915 B"],
    [1_024, "1.0 KiB"],
    [7_885, "7.7 KiB"],
    [1_048_575, "1.0 MiB"],
    [26_214_400, "25.0 MiB"],
    [1_073_741_823, "1.0 GiB"],
    [3 * 1024 ** 3, "3.0 GiB"],
  ];
  for (const [bytes, text] of cases) {
    it(`writes ${bytes} bytes as "${text}"`, () => assert.equal(formatSize(bytes), text));
  }

  it("writes nothing that parseSize cannot read back, within a rounding", () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 45 }), (bytes) => {
        const back = parseSize(formatSize(bytes)) ?? Number.NaN;
        assert.ok(Math.abs(back - bytes) <= bytes * 0.06, `${bytes} became ${formatSize(bytes)}`);
      }),
    );
  });
});
