import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { data } from "@actions/expressions";
import { EvaluationError, ExpressionMistake, evaluate, parseExpression } from "../../src/match/expression.ts";

const CONTEXTS = {
  github: {
    ref: "refs/heads/Main",
    empty: "",
    event: {
      zero: 0,
      many: 12,
      yes: true,
      no: false,
      nothing: null,
      list: ["a", "B", 3],
      commits: [{ message: "it's", added: ["x", "y"] }, { message: "WIP" }, { other: 1 }],
      people: { one: { login: "alice" }, two: { login: "bob" } },
      "key with blanks": "found",
      Mixed: { CASE: "found" },
    },
  },
  vars: { NAME: "event", WHICH: "list" },
};

/** What an expression gives, as JSON. */
function evaluated(text: string, contexts: object = CONTEXTS): unknown {
  const value = evaluate(parseExpression(text).tree, contexts as Record<string, unknown>);
  return JSON.parse(JSON.stringify(value, data.replacer));
}

/** Why it has no value. */
function failureOf(text: string, contexts: object = CONTEXTS): string {
  try {
    return `a value: ${JSON.stringify(evaluated(text, contexts))}`;
  } catch (error) {
    assert.ok(error instanceof EvaluationError, String(error));
    return error.message;
  }
}

describe("an expression", () => {
  const table: [text: string, value: unknown][] = [
    ["'text'", "text"],
    ["'it''s ''quoted'''", "it's 'quoted'"],
    ["''", ""],
    ["-1.5e1", -15],
    ["0xff", 255],
    ["null", null],
    ["true", true],

    ["github.ref", "refs/heads/Main"],
    ["GITHUB.REF == 'refs/heads/main'", true],
    ["github['ref'] != 'REFS/HEADS/MAIN'", false],
    ["github.event['key with blanks']", "found"],
    ["github.event.mixed.case", "found"],
    ["github[vars.name].yes", true],
    ["github.event[vars.which][1]", "B"],
    ["(github.event).list[format('{0}', 0)]", "a"],

    ["github.event.missing", null],
    ["github.event.missing.deeper.still", null],
    ["github.event.list[99]", null],
    ["github.event.list.name", null],
    ["github.ref.name", null],
    ["github.event.missing == ''", true],
    ["github.event.missing == null", true],
    ["github.event.missing == false", true],
    ["github.event.missing == 0", true],
    ["!github.event.missing", true],
    ["github.event.missing || 'default'", "default"],
    ["github.event.yes && 'value'", "value"],
    ["github.empty || github.event.zero || github.event.no", false],
    ["format('[{0}]', github.event.missing)", "[]"],

    ["github.event.many > 11.5", true],
    ["github.event.many >= '12'", true],
    ["github.event.many == '12'", true],
    ["github.event.many < 'twelve'", false],
    ["'b' > 'A'", true],
    ["github.event.yes == 1", true],
    ["github.event.yes == 'true'", false],
    ["github.event.list == github.event.list", true],
    ["github.event.list == fromJSON('[\"a\"]')", false],
    ["true || false && false", true],
    ["(true || false) && false", false],
    ["!true == false", true],

    ["github.event.commits.*.message", ["it's", "WIP"]],
    ["github.event.commits.*.added.*", ["x", "y"]],
    ["github.event.people.*.login", ["alice", "bob"]],
    ["github.ref.*", []],

    ["contains('Hello World', 'WORLD')", true],
    ["contains(github.event.list, 'b')", true],
    ["contains(github.event.list, 3)", true],
    ["contains(github.event.commits.*.message, 'wip')", true],
    ["contains(github.event.missing, 'x')", false],
    ["contains(github.event.people, 'one')", false],
    ["StartsWith(github.ref, 'REFS/')", true],
    ["endsWith(github.ref, '/main')", true],
    ["endsWith(github.event.list, 'x')", false],
    ["format('{1}{0}{1} {{}}', 1, 'x')", "x1x {}"],
    ["join(github.event.list)", "a,B,3"],
    ["join(github.event.commits.*.message, ' | ')", "it's | WIP"],
    ["join('alone', '-')", "alone"],
    ["toJSON(github.event.list)", '[\n  "a",\n  "B",\n  3\n]'],
    ['fromJSON(\'{"a":[1,{"b":null}]}\').A[0]', 1],
    ["fromJSON(toJSON(github.event)).commits[1].message", "WIP"],
    ["case(github.event.no, 'a', github.event.yes, 'b', 'c')", "b"],
  ];
  for (const [text, value] of table) {
    it(`is ${JSON.stringify(value)}: ${text}`, () => assert.deepEqual(evaluated(text), value));
  }

  it("gives the same value each time", () => {
    const text = "github.ref == 'refs/heads/main'";
    assert.equal(evaluated(text), true);
    assert.equal(evaluated(text, { github: { ref: "refs/heads/other" } }), false);
    assert.equal(evaluated(text), true);
  });
});

describe("an expression that has no value", () => {
  const table: [text: string, reason: string][] = [
    ["fromJSON('[1')", "fromJSON: the text is not JSON"],
    ["fromJSON('')", "fromJSON: the text is not JSON"],
    ["fromJSON(github.event.missing)", "fromJSON: the text is not JSON"],
    ["format('{1}', 'x')", "The following format string references more arguments than were supplied: {1}"],
    ["format('{', 'x')", "The following format string is invalid: {"],
    ["case('yes', 1, 2)", "case predicate must evaluate to a boolean value"],
    [
      "github.event[fromJSON('no')]",
      "could not evaluate index for index access: fromJSON: the text is not JSON",
    ],
  ];
  for (const [text, reason] of table) {
    it(`says why: ${text}`, () => assert.equal(failureOf(text), reason));
  }

  it("has one when its faulty part is not needed", () => {
    assert.equal(evaluated("github.event.yes || fromJSON('[1')"), true);
  });
});

describe("a hostile payload in an expression", () => {
  const nested = (depth: number) => JSON.parse(`${"[".repeat(depth)}1${"]".repeat(depth)}`);
  const withEvent = (event: unknown) => ({ github: { event }, vars: {} });

  it("may have keys that are names of the language itself", () => {
    const event = JSON.parse('{"__proto__":{"x":1},"constructor":"c","toString":"s","hasOwnProperty":2}');
    for (const [text, value] of [
      ["github.event.__proto__.x", 1],
      ["github.event.constructor", "c"],
      ["github.event.toString", "s"],
      ["github.event.hasOwnProperty", 2],
      ["github.event.valueOf", null],
      ["github.event.constructor.constructor", null],
      ["contains(toJSON(github.event), 'hasOwnProperty')", true],
    ] as const)
      assert.equal(evaluated(text, withEvent(event)), value, text);
    assert.equal(({} as { x?: number }).x, undefined);
  });

  it("may have keys that differ in their case: the first counts", () => {
    assert.equal(evaluated("github.event.KEY", withEvent({ Key: 1, key: 2 })), 1);
    assert.deepEqual(evaluated("github.event.*", withEvent({ Key: 1, key: 2, other: 3 })), [1, 3]);
  });

  it("may be as deep as bodies may be", () => {
    assert.equal(evaluated("contains(toJSON(github.event), '1')", withEvent({ deep: nested(990) })), true);
    assert.equal(
      evaluated("github.event.deep[0][0] == github.event.deep", withEvent({ deep: nested(990) })),
      false,
    );
  });

  it("may have lists of any length", { timeout: 20_000 }, () => {
    const event = { list: Array.from({ length: 500_000 }, (_, index) => index) };
    assert.equal(evaluated("github.event.list[499999]", withEvent(event)), 499_999);
    assert.equal(evaluated("contains(github.event.list, 499999)", withEvent(event)), true);
    assert.equal(evaluated("fromJSON(toJSON(github.event.list))[499999]", withEvent(event)), 499_999);
  });

  it("is looked at only as far as the expression names it", () => {
    const event = { ref: "x" };
    Object.defineProperty(event, "commits", { enumerable: true, value: new Proxy([], { get: assert.fail }) });
    assert.equal(evaluated("github.event.ref", withEvent(event)), "x");
  });

  it("has no value where it is more than the evaluator takes", () => {
    const map = Object.fromEntries(Array.from({ length: 300_000 }, (_, index) => [`k${index}`, 1]));
    assert.match(failureOf("github.event.map.*", withEvent({ map })), /stack/);
    const text = "x".repeat(1024 ** 2);
    const twice = `'${"{0}".repeat(600)}'`;
    assert.match(failureOf(`format(${twice}, github.event.text)`, withEvent({ text })), /string length/i);
  });

  it("has no value where a text that is to be JSON is nested too deep", () => {
    const text = "[".repeat(500_000);
    assert.equal(
      failureOf("fromJSON(github.event.text)", withEvent({ text })),
      "fromJSON: the text is nested too deep",
    );
  });
});

describe("reading an expression", () => {
  it("finds what it reads and calls, and where", () => {
    const { references, calls } = parseExpression(
      "github.event.commits.*.message == (github)['event'].x[vars.y] && toJSON(vars) == Format('', VARS.Z)",
    );
    assert.deepEqual(
      references.map(({ node: _, ...reference }) => reference),
      [
        { context: "github", names: ["event", "commits"], isExact: false, offset: 0, nameOffset: 7 },
        { context: "vars", names: ["y"], isExact: true, offset: 54, nameOffset: 59 },
        { context: "github", names: ["event", "x"], isExact: false, offset: 35, nameOffset: 43 },
        { context: "vars", names: [], isExact: true, offset: 72, nameOffset: 72 },
        { context: "vars", names: ["Z"], isExact: true, offset: 92, nameOffset: 97 },
      ],
    );
    assert.deepEqual(calls, [
      { name: "toJSON", offset: 65 },
      { name: "Format", offset: 81 },
    ]);
  });

  it("says where a mistake is, also behind lines", () => {
    const offsetOf = (text: string) => {
      try {
        parseExpression(text);
      } catch (error) {
        if (error instanceof ExpressionMistake) return error.offset;
        throw error;
      }
      return assert.fail();
    };
    assert.equal(offsetOf("'a\nb' == 'c' &&\n  nope"), 18);
    assert.equal(offsetOf("'nope' == nope"), 10);
    assert.equal(offsetOf('github.ref\n== "x"'), 14);
  });
});
