/**
 * What may stand in `longshore.yml` and in the variables that can stand for its keys: one schema for types, defaults and
 * errors.
 *
 * To add a setting: a line in `SHAPE` with what it is `about`, and its field in `settings.ts`. The reference page is
 * written from here.
 */
import { z } from "zod";
import { ADMIN } from "./admin-schema.ts";
import { INHERIT_ENV } from "./inherit-env.ts";
import { NOTIFY } from "./notify-schema.ts";
import { RETENTION } from "./retention-schema.ts";
import { NO_EXPRESSION } from "./schema-parts.ts";
import { duration, listen, oneOrMore, rangeOr, secretReference, size, url } from "./settings-parts.ts";
import { USER } from "./user-schema.ts";
import { about, keys } from "./yaml-file.ts";

const NOT_YET = (key: string) => `\`${key}\` is not in this version`;

export const SOURCE = keys({
  path: z
    .string()
    .regex(/^\/[A-Za-z0-9._~/-]*$/, 'expected a path such as "/github"')
    .optional()
    .meta(
      about(
        "The path of the payload URL. A slash at its end is the same path; every other spelling is another one",
        "`/<name>`",
      ),
    ),
  secrets: oneOrMore(secretReference)
    .optional()
    .meta(
      about(
        "One reference or a list of them: `${{ secrets.NAME }}` is the variable `NAME` or the file that `NAME_FILE` names. A secret itself cannot be written here. Those that `longshore secret` manages are live as well, and for the source `github` the variable `GITHUB_WEBHOOK_SECRET` without being named; see [Secrets](../guides/secrets.md)",
        "none",
      ),
    ),
  "allow-from": oneOrMore(rangeOr("github", "loopback", "any"))
    .prefault(["github", "loopback"])
    .meta(
      about(
        "Who may send: addresses and ranges, `github` (the list that GitHub publishes, asked for every hour), `loopback` (this machine, when nothing was forwarded), `any`",
      ),
    ),
  "allow-sha1": z
    .boolean()
    .default(false)
    .meta(about("Whether `X-Hub-Signature` (SHA-1) counts when there is no `X-Hub-Signature-256`")),
  "replay-protection": z
    .enum(["auto", "off"])
    .default("auto")
    .meta(
      about(
        "`auto`: a body that came before under another GUID or webhook id starts nothing when its sender is not known to be GitHub. `off`: it does",
      ),
    ),
  "insecure-no-secret": z
    .boolean()
    .default(false)
    .meta(
      about("Whether the source may be without a secret. Anybody who can connect can then start its hooks"),
    ),
  respond: z
    .enum(["stored", "outcome"])
    .default("stored")
    .meta(
      about(
        "`stored`: the answer comes when the delivery is stored. `outcome`: it waits up to 8 seconds for the delivery's runs, and has their exit codes and output; see [HTTP](http.md#answers)",
      ),
    ),
  "max-body": size("25MiB").meta(
    about(
      "The largest body, which is also the largest that GitHub sends. With the content type `application/x-www-form-urlencoded` a body is larger than its payload",
    ),
  ),
});

export const apiUrl = url("https://api.github.com");

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of a variable is of a–z, A–Z, 0–9 and _")
  .refine((name) => !/^GITHUB_/i.test(name), "names that begin with GITHUB_ are GitHub's")
  .meta({ not: { pattern: "^GITHUB_" } });

const variableValue = z
  .union([z.string(), z.number(), z.boolean()])
  .transform(String)
  .refine(
    (text) => !text.includes("${{"),
    "`${{ }}` is not read here; `vars` are read by the hooks' expressions",
  )
  .meta({ pattern: NO_EXPRESSION.source });

export const SHAPE = {
  listen: listen("0.0.0.0:8080").meta(
    about(
      "Where the receiver listens: `HOST:PORT`, `PORT`, or `unix:PATH`. IPv6 addresses stand in brackets: `[::]:8080`",
    ),
  ),
  "public-url": url("https://hooks.example.com")
    .optional()
    .meta(
      about(
        "The receiver as GitHub sees it, such as `https://hooks.example.com`. Only shown to you: `serve` prints the payload URL with it",
        "none",
      ),
    ),
  admin: ADMIN.prefault({}).meta(about("The admin API and the dashboard; see [Admin API](api.md)")),
  data: z
    .string()
    .min(1)
    .default("./data")
    .meta(
      about("The folder for the database, generated secrets and the last good list of GitHub's addresses"),
    ),
  database: z
    .string()
    .regex(/^(sqlite:.|postgres(ql)?:\/\/)/, 'expected "sqlite:" and the path of a file, or "postgres://…"')
    .refine((text) => !text.startsWith("postgres") || URL.canParse(text), {
      error: "this is no URL; write it like `postgres://user@host:5432/database`",
    })
    .optional()
    .meta({
      ...about(
        "The database: `sqlite:PATH`, or `postgres://user@host/database`; see [PostgreSQL](../operations/postgresql.md)",
        "`sqlite:<data>/longshore.db`",
      ),
      pattern: "^(sqlite:.|postgres(ql)?://)",
    }),
  hooks: z.string().min(1).default("./hooks").meta(about("The folder with the [hook files](hooks.md)")),
  "trust-proxy": oneOrMore(rangeOr("loopback", "linklocal", "uniquelocal"))
    .optional()
    .meta(
      about(
        "Proxies whose `X-Forwarded-For` counts: addresses, ranges, `loopback`, `linklocal`, `uniquelocal`. Naming them here also lets their word make a sender *known*; see [Behind a proxy](../guides/behind-a-proxy.md)",
        "`loopback`",
      ),
    ),
  "trust-proxy-hops": z
    .int()
    .min(1)
    .max(32)
    .default(1)
    .meta(about("How many trusted proxies stand one behind the other, at most")),
  sources: z
    .record(
      z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "a source's name is of a–z, 0–9, - and _"),
      SOURCE.nullable(),
    )
    .superRefine(checkPaths)
    .optional()
    .meta({
      ...about("Where deliveries come from; see [Sources](#sources)", "one, `github`"),
      minProperties: 1,
    }),
  github: keys(
    {
      "api-url": apiUrl
        .default("https://api.github.com")
        .meta(
          about(
            "GitHub's API. On Enterprise Server `https://HOST/api/v3`. Nothing that a delivery says can change it",
          ),
        ),
    },
    { token: NOT_YET("token"), app: NOT_YET("app") },
  )
    .prefault({})
    .meta(about("GitHub's side")),
  runs: keys({
    user: USER.optional().meta(
      about(
        "The account that runs are performed under, a name or a number, unless their hook names another: see [Running as another account](../guides/running-as-another-account.md)",
        "the server's own",
      ),
    ),
    "inherit-env": INHERIT_ENV.meta(
      about(
        "Names of variables that every run is given from the server's environment (not from `.env`), one or a list. Refused: names that begin with `LONGSHORE_` or `PG`, and those that hold the secret of a source",
        "none",
      ),
    ),
  })
    .prefault({})
    .meta(about("What all runs have in common")),
  forward: keys({
    "allow-private": z
      .boolean()
      .default(true)
      .meta(
        about(
          "Whether hooks may [forward](hooks.md#forward) to this machine and to private networks. Link-local addresses, and those of clouds' metadata, are refused in any case",
        ),
      ),
  })
    .prefault({})
    .meta(about("What all forwards have in common")),
  vars: z
    .record(variableName, variableValue)
    .superRefine(checkCase)
    .default({})
    .meta(
      about(
        "A map of names to texts, numbers or true and false, which hooks read as `vars.NAME` in [expressions](hooks.md#expressions), always as text. Not for secrets: what stands here can be seen in verdicts",
        "none",
      ),
    ),
  notify: NOTIFY.optional().meta(
    about(
      "A list of who is told when a hook begins to fail and when it succeeds again; see [Notifications](../guides/notifications.md)",
      "nobody",
    ),
  ),
  workers: z.int().min(1).max(1_000).default(4).meta(about("How many runs are performed at once")),
  "max-queued": z
    .int()
    .min(1)
    .max(1_000_000_000)
    .default(10_000)
    .meta(
      about(
        "How many runs of one hook may wait. Beyond it a delivery is stored all the same, and its run of this hook is cancelled with that reason",
      ),
    ),
  retention: RETENTION.meta(
    about(
      "How long deliveries are kept, with their runs and output: a duration such as `30d`, or `forever`. Or a map of `age` (the same) and `size`: while the database has more than this in use, its oldest deliveries are removed. See [Pruning](../operations/running.md#pruning)",
    ),
  ),
  "stop-grace": duration("30s").meta(
    about("How long running scripts may go on when the server stops, before they are ended and handed back"),
  ),
  "log-level": z
    .enum(["debug", "info", "warn", "error"])
    .default("info")
    .meta(about("`debug`, `info`, `warn` or `error`")),
  "max-inflight": size("256MiB").meta(
    about("Memory for all bodies that have no answer yet; beyond it a request is refused with `overloaded`"),
  ),
  "min-free-disk": size("1GiB").meta(
    about(
      "Under this much free space nothing is stored, and deliveries are refused with `store_unavailable`",
    ),
  ),
};

export const SETTINGS = keys(SHAPE);

/** The settings as they are written, defaults filled in. */
export type WrittenSettings = z.output<typeof SETTINGS>;
export type WrittenSource = z.output<typeof SOURCE>;

export function pathOf(name: string, values: WrittenSource | null): string {
  return (values?.path ?? `/${name}`).replace(/(?<=.)\/+$/, "");
}

function checkPaths(sources: Record<string, WrittenSource | null>, context: z.RefinementCtx): void {
  const owners = new Map<string, string>([["/healthz", "the health check"]]);
  for (const [name, values] of Object.entries(sources)) {
    const path = pathOf(name, values);
    const owner = owners.get(path);
    const message = `source "${name}" has the path ${path}, which is ${owner}'s`;
    if (owner) context.addIssue({ code: "custom", path: [name, "path"], message });
    owners.set(path, `source "${name}"`);
  }
  if (Object.keys(sources).length === 0) context.addIssue({ code: "custom", message: "names no source" });
}

/** Names have no case in expressions. */
function checkCase(vars: Record<string, string>, context: z.RefinementCtx): void {
  const seen = new Map<string, string>();
  for (const name of Object.keys(vars)) {
    const other = seen.get(name.toLowerCase());
    if (other)
      context.addIssue({
        code: "custom",
        path: [name],
        message: `\`${name}\` and \`${other}\` are the same name`,
      });
    seen.set(name.toLowerCase(), name);
  }
}
