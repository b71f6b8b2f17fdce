/** `longshore send`: a signed sample delivery, exactly as GitHub sends it, to this server or any other. */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { request as requestTls } from "node:https";
import { type Command, Option } from "commander";
import { UserError } from "../config/problem.ts";
import { readSecrets } from "../config/secrets.ts";
import type { Listen } from "../config/settings-parts.ts";
import { findSample, loadSamples } from "../github/samples.ts";
import { didYouMean } from "../lib/suggest.ts";
import { visibleText } from "../lib/visible.ts";
import { asTyped } from "./as-typed.ts";
import { CommandFailed } from "./command-failed.ts";
import { type GlobalOptions, settingsOf, sourceNamed } from "./context.ts";
import { deliveryHeaders, formBody } from "./delivery-headers.ts";
import { print, printJson } from "./print.ts";
import { type Changes, changedSample, withUniqueMember } from "./sample-changes.ts";

type SendOptions = GlobalOptions &
  Changes & {
    file?: string;
    to?: string;
    source?: string;
    secret?: string;
    guid?: string;
    webhook: string;
    form?: boolean;
    list?: boolean;
  };

interface Answer {
  status: number;
  body: string;
}

const TIMEOUT_MS = 30_000;

export function addSend(program: Command): void {
  program
    .command("send")
    .description("send a signed sample delivery, as GitHub would")
    .argument("[event]", "the event, such as push, or with its action, such as issues.opened")
    .option("--list", "print the events and actions that there are samples of")
    .option("--action <action>", "the sample with this action")
    .option("--repo <owner/name>", "as if from this repository")
    .option("--branch <name>", "as if of this branch (of pull requests: the base)")
    .option("--sha <sha>", "as if of this commit")
    .option("--file <path>", "this payload instead of a sample")
    .option("--to <url>", "send it there, not to this server")
    .option("--source <name>", "sign it for this source")
    .addOption(
      new Option("--secret <secret>", "sign it with this secret, not the source's").env(
        "LONGSHORE_SEND_SECRET",
      ),
    )
    .option("--guid <guid>", "with this GUID: the same one twice is a redelivery")
    .option("--webhook <id>", "as if of the webhook with this id", "1")
    .option("--form", "as application/x-www-form-urlencoded")
    .action((event: string | undefined, _, command: Command) => send(event, command.optsWithGlobals()));
}

async function send(name: string | undefined, given: SendOptions): Promise<void> {
  if (given.list) return listSamples(given);
  if (name === undefined)
    throw new UserError(
      "Name the event, such as `longshore send push`. `--list` shows those that there are.",
    );
  const { event, action } = splitName(name, given.action);
  const options = { ...given, action };
  const target = findTarget(options);
  const guid = options.guid ?? randomUUID();
  const json = withUniqueMember(payloadText(event, options), randomUUID());
  const form = options.form === true;
  const body = form ? formBody(json) : json;
  const headers = deliveryHeaders({
    event,
    guid,
    webhook: options.webhook,
    form,
    secret: target.secret,
    body,
  });
  const answer = await post(target.url, target.socketPath, body, headers);
  if (options.json) printJson({ url: target.url.href, guid, ...answer, body: parsed(answer.body) });
  else describe(answer, target.url, guid);
  if (answer.status < 200 || answer.status > 299) throw new CommandFailed();
}

/** `issues.opened` is the event `issues` with `--action opened`. */
function splitName(name: string, option: string | undefined): { event: string; action?: string } {
  const [event = "", action, ...rest] = name.split(".");
  if (action === undefined) return { event, action: option };
  if (rest.length > 0 || event === "" || action === "")
    throw new UserError(`"${name}" is no event: write it like push, or with its action like issues.opened.`);
  if (option !== undefined && option !== action)
    throw new UserError(`"${name}" names the action "${action}" and --action "${option}": leave one out.`);
  return { event, action };
}

function listSamples({ json }: GlobalOptions): void {
  const events = new Map<string, Set<string>>();
  for (const { event, payload } of loadSamples()) {
    const actions = events.get(event) ?? new Set();
    events.set(event, actions);
    if (typeof payload.action === "string") actions.add(payload.action);
  }
  const items = [...events].map(([event, actions]) => ({ event, actions: [...actions] }));
  if (json) return printJson({ items, next: null });
  print(
    items
      .map(({ event, actions }) => `${event}${actions.length > 0 ? `: ${actions.join(", ")}` : ""}`)
      .join("\n"),
  );
}

/** Where it goes, and the secret it is signed with. */
function findTarget(options: SendOptions): { url: URL; socketPath?: string; secret: string | undefined } {
  if (options.to !== undefined && options.secret !== undefined)
    return { url: toUrl(options.to), secret: options.secret };
  const loaded = settingsOf(options);
  const source = sourceNamed(loaded, options.source);
  const secret = options.secret ?? readSecrets(loaded.settings, source, loaded.environment).secrets[0]?.value;
  if (secret === undefined && !source.insecureNoSecret) {
    throw new UserError(
      `Source "${source.name}" has no secret yet: start the server once (\`longshore serve\`), or name one with --secret.`,
    );
  }
  if (options.to !== undefined) return { url: toUrl(options.to), secret };
  const { listen } = loaded.settings;
  return {
    url: new URL(source.path, localUrl(listen)),
    socketPath: "path" in listen ? listen.path : undefined,
    secret,
  };
}

function localUrl(listen: Listen): string {
  if ("path" in listen) return "http://localhost";
  const host = ["0.0.0.0", "::"].includes(listen.host) ? "127.0.0.1" : listen.host;
  return `http://${host.includes(":") ? `[${host}]` : host}:${listen.port}`;
}

function toUrl(text: string): URL {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new UserError(`"${text}" is no http or https URL.`);
  return new URL(text);
}

function payloadText(event: string, options: SendOptions): string {
  if (options.file !== undefined) return readPayload(options.file);
  const ofEvent = loadSamples().filter((sample) => sample.event === event);
  if (ofEvent.length === 0) {
    const events = new Set(loadSamples().map((sample) => sample.event));
    throw new UserError(
      `There is no sample of "${event}".${didYouMean(event, events)} \`longshore send --list\` shows all.`,
    );
  }
  const actions = ofEvent.flatMap(({ payload }) =>
    typeof payload.action === "string" ? payload.action : [],
  );
  const sample = findSample(event, options.action);
  if (!sample) {
    throw new UserError(
      `There is no sample of "${event}" with the action "${options.action}".${didYouMean(options.action ?? "", actions)} There are: ${[...new Set(actions)].join(", ") || "none"}.`,
    );
  }
  return JSON.stringify(changedSample(event, sample.payload, options));
}

function readPayload(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

async function post(
  url: URL,
  socketPath: string | undefined,
  body: string,
  headers: Record<string, string>,
): Promise<Answer> {
  const start = url.protocol === "https:" ? requestTls : request;
  try {
    return await new Promise((resolve, reject) => {
      const sent = start(
        url,
        { method: "POST", headers, socketPath, signal: AbortSignal.timeout(TIMEOUT_MS) },
        async (response) => {
          let text = "";
          for await (const piece of response.setEncoding("utf8")) text += piece;
          resolve({ status: response.statusCode ?? 0, body: text });
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const hint = code === "ECONNREFUSED" ? " Is the server running (`longshore serve`)?" : "";
    throw new UserError(`${url.href} cannot be reached: ${message || code}.${hint}`);
  }
}

function describe({ status, body }: Answer, url: URL, guid: string): void {
  print(`${status} from ${url.href}\n${visibleText(body).trimEnd()}`.trimEnd());
  const answer = parsed(body);
  const [run] =
    typeof answer === "object" && answer !== null && "runs" in answer ? (answer.runs as number[]) : [];
  if (run !== undefined) print(`\nWhat it printed: ${asTyped(`runs logs ${run} --follow`)}`);
  else if (status === 204) print(`Stored; no hook is for it. The hooks there are: ${asTyped("hooks list")}`);
  print(`The same again: ${asTyped(`send … --guid ${guid}`)}`);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
