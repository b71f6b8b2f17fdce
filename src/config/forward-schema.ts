/** The form of `forward`: where a delivery is sent on to, what more is sent with it, and how it is signed. */
import { z } from "zod";
import type { Forward } from "../match/hook.ts";
import { about, keys } from "./yaml-file.ts";

/** How long an answer is waited for unless the hook says `timeout-minutes`. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Without a user and a fragment. */
const URL_FORM = /^https?:\/\/(?![^/?#\\]*@)[^\s#]+$/;

const address = z
  .string()
  .superRefine((text, context) => {
    const message = mistakeInUrl(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  })
  .meta({ pattern: `^(?![\\s\\S]*\\$\\{\\{)${URL_FORM.source.slice(1)}` });

/** What belongs to the connection or is known only when it is sent. */
const NEVER_SET = [
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** The headers that the two ways of signing set, in lower case. */
const SIGNATURE_HEADERS: Record<Forward["sign"], readonly string[]> = {
  github: ["x-hub-signature", "x-hub-signature-256"],
  "standard-webhooks": ["webhook-id", "webhook-timestamp", "webhook-signature"],
};

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, {
    error: (issue) => `"${issue.input}" is no name for a header`,
  })
  .refine((name) => !NEVER_SET.includes(name.toLowerCase()), {
    error: (issue) =>
      `${issue.input} cannot be set: it belongs to the connection that the delivery is sent over`,
  })
  .meta({ not: { pattern: `^(${NEVER_SET.map(inAnyCase).join("|")})$` } });

const headerValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

/** A secret that stands in a file is known to whoever can read the file, and to its repository for ever. */
const SECRET_FORM = /^source$|\$\{\{[\s\S]*[sS][eE][cC][rR][eE][tT][sS]/;

export const FORWARD = z.union([
  address,
  keys({
    url: address.meta(
      about("Where to. `${{ }}` is not read in it, and no name and password can stand in it"),
    ),
    headers: z
      .record(headerName, headerValue)
      .default({})
      .meta(
        about(
          "More headers, or others in the place of the delivery's. Values may have [expressions](#expressions) in `${{ }}`",
          "none",
        ),
      ),
    secret: z
      .string()
      .regex(SECRET_FORM, {
        error:
          "name a secret, `${{ secrets.NAME }}`, and put it into the variable NAME or the file that NAME_FILE names; or write `source`, for the secret of the delivery's source",
      })
      .optional()
      .meta({
        ...about(
          "What it is signed with: `${{ secrets.NAME }}`, or `source` for the secret that the delivery itself was signed with",
          "none: it is not signed",
        ),
        pattern: SECRET_FORM.source,
      }),
    sign: z
      .enum(["github", "standard-webhooks"])
      .optional()
      .meta(
        about(
          "`github`: as GitHub signs, in `X-Hub-Signature-256`. `standard-webhooks`: with `webhook-id`, `webhook-timestamp` and `webhook-signature`",
          "`github`",
        ),
      ),
  })
    .superRefine((written, context) => {
      for (const [path, message] of mistakesInSigning(written))
        context.addIssue({ code: "custom", path, message });
    })
    .meta({ dependencies: { sign: ["secret"] } }),
]);

type Written = z.output<typeof FORWARD>;
type WrittenMap = Exclude<Written, string>;

/** @param answerTimeoutMs how long an answer is waited for, where the hook says it. */
export function toForward(
  written: Written,
  answerTimeoutMs = ANSWER_TIMEOUT_MS,
): Omit<Forward, "env" | "timeoutMs"> {
  const {
    url,
    headers = {},
    secret,
    sign = "github",
  } = typeof written === "string" ? { url: written } : written;
  return {
    kind: "forward",
    url,
    headers,
    ...(secret === undefined ? {} : { secret }),
    sign,
    answerTimeoutMs,
  };
}

/** The texts in it that can have expressions. */
export function textsOfForward(written: Written | undefined): string[] {
  if (written === undefined || typeof written === "string") return [];
  return [...Object.values(written.headers), ...(written.secret === undefined ? [] : [written.secret])];
}

function mistakesInSigning(written: WrittenMap): [path: string[], message: string][] {
  const { headers, secret, sign } = written;
  if (secret === undefined)
    return sign === undefined
      ? []
      : [[["sign"], "`sign` says nothing without `secret`: then nothing is signed"]];
  return Object.keys(headers)
    .filter((name) => SIGNATURE_HEADERS[sign ?? "github"].includes(name.toLowerCase()))
    .map((name) => [["headers", name], `${name} is set by signing; leave it out, or \`secret\``]);
}

function mistakeInUrl(text: string): string | undefined {
  if (!/^https?:\/\/\S+$/.test(text) || !URL.canParse(text))
    return 'expected a URL such as "https://ci.example.com/hooks"';
  const { username, password, hash } = new URL(text);
  if (username !== "" || password !== "")
    return "a name and a password cannot stand in the URL, which is shown in outputs: put them into `headers`, as `Authorization: Basic ${{ secrets.NAME }}`";
  if (hash !== "" || text.includes("#"))
    return "what stands behind `#` is not sent to any server; leave it out";
  return URL_FORM.test(text) ? undefined : "an `@` before the path must be written `%40`";
}

/** Header names have no case, but the regular expressions of a schema do. */
function inAnyCase(name: string): string {
  return name.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
