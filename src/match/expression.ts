/**
 * The expressions of GitHub Actions, read and evaluated by GitHub's own package. What a name means, and where it may
 * stand, is not decided here: see `contexts.ts` and `config/hook-expressions.ts`.
 * https://docs.github.com/actions/reference/workflows-and-actions/expressions
 */
import { Evaluator, type Expr, Lexer, Parser } from "@actions/expressions";
import {
  Binary,
  ContextAccess,
  FunctionCall,
  Grouping,
  IndexAccess,
  Literal,
  Logical,
  Unary,
} from "@actions/expressions/ast";
import { didYouMean } from "../lib/suggest.ts";
import { isTooDeep } from "./body.ts";
import { type ExpressionData, toData, toDictionary } from "./expression-data.ts";

/** An expression that is none, with the offset (from 0, within its text) of what is wrong. */
export class ExpressionMistake extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** A right expression that has no value for this delivery. */
export class EvaluationError extends Error {}

/** Where an expression reads from a context. */
export interface Reference {
  /** In lower case, as all names are the same in either. */
  context: string;
  /** The names behind it, as written, up to one that only an evaluation can tell. */
  names: readonly string[];
  /** Whether these names are all there is: it ends in no `*` and no computed name. */
  isExact: boolean;
  offset: number;
  /** Of the first name, or of the context where there is none. */
  nameOffset: number;
  node: Expr;
}

export interface Expression {
  text: string;
  tree: Expr;
  references: readonly Reference[];
  calls: readonly { name: string; offset: number }[];
}

/** All that Actions has, so that a name at the wrong place is told from one that is mistyped. */
const CONTEXTS = [
  "github",
  "vars",
  "secrets",
  "env",
  "inputs",
  "job",
  "jobs",
  "matrix",
  "needs",
  "runner",
  "steps",
  "strategy",
];
const NOT_BUILT_IN = ["always", "cancelled", "failure", "hashFiles", "success"];
const BUILT_IN = ["case", "contains", "endsWith", "format", "fromJSON", "join", "startsWith", "toJSON"];

type Tokens = ReturnType<Lexer["lex"]>["tokens"];

/** Every hook's expressions are read again for each delivery; reading one takes longer than evaluating it. */
const known = new Map<string, Expression>();

/**
 * Reads an expression, without the `${{ }}` around it.
 *
 * @throws {ExpressionMistake}
 */
export function parseExpression(text: string): Expression {
  let expression = known.get(text);
  if (!expression) {
    expression = read(text);
    known.set(text, expression);
  }
  return expression;
}

/**
 * @param contexts by name, as plain JSON.
 * @throws {EvaluationError} with the reason, which may quote what the delivery says, at whatever length.
 */
export function evaluate(tree: Expr, contexts: Readonly<Record<string, unknown>>): ExpressionData {
  try {
    return new Evaluator(tree, toDictionary(contexts), FUNCTIONS).evaluate();
  } catch (error) {
    throw new EvaluationError((error as Error).message);
  }
}

const FUNCTIONS = new Map([
  ["fromjson", { name: "fromJSON", minArgs: 1, maxArgs: 1, call: (text: ExpressionData) => fromJson(text) }],
]);

/** As GitHub's, save that what strangers write may be long or deep. */
function fromJson(value: ExpressionData): ExpressionData {
  const text = value.coerceString();
  if (isTooDeep(text)) throw new Error("fromJSON: the text is nested too deep");
  try {
    return toData(JSON.parse(text));
  } catch {
    throw new Error("fromJSON: the text is not JSON");
  }
}

function read(text: string): Expression {
  if (text.trim() === "") throw new ExpressionMistake("an expression cannot be empty", 0);
  const tokens = lex(text);
  const offsets = offsetsOf(tokens, text);
  const extensions = NOT_BUILT_IN.map((name) => ({ name, minArgs: 0, maxArgs: 255 }));
  let tree: Expr;
  try {
    tree = new Parser(tokens, CONTEXTS, extensions).parse();
  } catch (error) {
    throw inOtherWords(error, tokens, offsets);
  }
  const found = new Finds(offsets);
  found.look(tree);
  return { text, tree, references: found.references, calls: found.calls };
}

function lex(text: string): Tokens {
  let tokens: Tokens;
  try {
    ({ tokens } = new Lexer(text).lex());
  } catch (error) {
    throw misread((error as Error).message);
  }
  for (const token of tokens) {
    // The lexer takes only the first of several doubled quotes for one.
    if (token.lexeme.startsWith("'")) token.value = token.lexeme.slice(1, -1).replaceAll("''", "'");
  }
  return tokens;
}

/** The lexer counts columns from a line that it loses within texts, so offsets are found anew. */
function offsetsOf(tokens: Tokens, text: string): Map<object, number> {
  let end = 0;
  return new Map(
    tokens.map((token) => {
      const start = token.lexeme === "" ? text.trimEnd().length : text.indexOf(token.lexeme, end);
      end = start + token.lexeme.length;
      return [token, start];
    }),
  );
}

const MEANT: Record<string, string> = {
  "=": "`=` compares nothing; write `==`",
  "&": "write `&&`",
  "|": "write `||`",
  '"': "a text stands in single quotes: 'text'",
  "'": "this text has no closing `'`",
};

function misread(message: string): ExpressionMistake {
  const [, symbol = "", position = "1"] =
    /^Unexpected symbol: '([\s\S]*?)'\. Located at position (\d+)/.exec(message) ?? [];
  if (symbol === "") return new ExpressionMistake("an expression has at most 21000 characters", 0);
  const meant = MEANT[symbol.charAt(0)] ?? `\`${symbol}\` is nothing that an expression knows`;
  return new ExpressionMistake(meant, Number(position) - 1);
}

function inOtherWords(error: unknown, tokens: Tokens, offsets: Map<object, number>): ExpressionMistake {
  const { message, pos } = error as { message: string; pos?: object };
  const token = tokens.find(({ range }) => range.start === pos);
  const offset = (token && offsets.get(token)) ?? 0;
  const name = token?.lexeme ?? "";
  const [kind] = message.split(/[:,]|(?<=depth)/, 1);
  const sentences: Record<string, string> = {
    "Unrecognized named-value": `there is no \`${name}\`.${didYouMean(name, CONTEXTS)} A text stands in single quotes`,
    "Unrecognized function": `there is no function \`${name}\`.${didYouMean(name, [...BUILT_IN, ...NOT_BUILT_IN])}`,
    "Too few parameters supplied": `\`${name}()\` needs more than it is given`,
    "Too many parameters supplied": `\`${name}()\` is given more than it takes`,
    "Even number of parameters supplied": "`case()` needs a value for the case that no condition is true",
    "Exceeded max expression depth": "it is nested more than 50 levels deep",
  };
  const unexpected =
    name === "" || message.startsWith("Unexpected end")
      ? "the expression ends too early"
      : `\`${name}\` is not expected here`;
  return new ExpressionMistake(sentences[kind ?? ""] ?? unexpected, offset);
}

/** What an expression reads and calls. */
class Finds {
  readonly references: Reference[] = [];
  readonly calls: { name: string; offset: number }[] = [];
  readonly #offsets: Map<object, number>;

  constructor(offsets: Map<object, number>) {
    this.#offsets = offsets;
  }

  look(node: Expr): void {
    if (node instanceof Grouping) this.look(node.group);
    else if (node instanceof Unary) this.look(node.expr);
    else if (node instanceof Binary) this.#lookAtAll([node.left, node.right]);
    else if (node instanceof Logical) this.#lookAtAll(node.args);
    else if (node instanceof FunctionCall) {
      this.calls.push({ name: node.functionName.lexeme, offset: this.#offset(node.functionName) });
      this.#lookAtAll(node.args);
    } else if (node instanceof ContextAccess || node instanceof IndexAccess) this.#lookAtChain(node);
  }

  #lookAtAll(nodes: readonly Expr[]): void {
    for (const node of nodes) this.look(node);
  }

  /** `github.event['commits'].*.message`, from the outside in. */
  #lookAtChain(node: Expr): void {
    const indexes: Expr[] = [];
    let base = node;
    while (base instanceof IndexAccess || base instanceof Grouping) {
      if (base instanceof IndexAccess) indexes.unshift(base.index);
      base = base instanceof IndexAccess ? base.expr : base.group;
    }
    this.#lookAtAll(indexes);
    if (!(base instanceof ContextAccess)) return this.look(base);
    const end = indexes.findIndex((index) => !(index instanceof Literal));
    const literals = indexes.slice(0, end === -1 ? indexes.length : end) as Literal[];
    this.references.push({
      context: base.name.lexeme.toLowerCase(),
      names: literals.map(({ literal }) => literal.coerceString()),
      isExact: end === -1,
      offset: this.#offset(base.name),
      nameOffset: this.#offset(literals[0]?.token ?? base.name),
      node,
    });
  }

  #offset(token: object): number {
    return this.#offsets.get(token) ?? 0;
  }
}
