/** What a run by hand is about: a payload made from what the store knows of the repository, or one that a person has. */
import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { relative } from "node:path";
import { UserError } from "../config/problem.ts";
import type { LoadedSettings } from "../config/settings.ts";
import { BodyInvalid, contentTypeOf, jsonText, parsePayload } from "../match/body.ts";
import { dispatchPayload } from "../match/dispatch-payload.ts";
import { webhookOf } from "../match/events.ts";
import { EVERY_EVENT, type Hook } from "../match/hook.ts";
import { defaultBranch, type Facts, type Payload, readFacts } from "../match/payload.ts";
import { isByHand } from "../store/by-hand.ts";
import { lastDeliveriesOf, listDeliveries, readContents } from "../store/deliveries.ts";
import type { Database } from "../store/store.ts";
import { sourceNamed } from "./context.ts";

export interface HandMadeOptions {
  repo?: string;
  ref?: string;
  source?: string;
  event?: string;
  payload?: string;
}

export interface HandMade {
  source: string;
  event: string;
  facts: Facts;
  body: Buffer;
}

/** Actions' own event for what a person starts. */
const DISPATCH = "workflow_dispatch";
/** So many of a hook's earlier deliveries are looked at for the repository that it is for. */
const EARLIER = 50;

/** @throws {UserError} when it takes more to know what the run is about. */
export async function makeByHand(
  db: Database,
  hook: Hook,
  loaded: LoadedSettings,
  options: HandMadeOptions,
): Promise<HandMade> {
  if (options.payload !== undefined) return readByHand(options.payload, hook, loaded, options);
  if (options.event !== undefined && options.event !== DISPATCH)
    throw new UserError(
      `What is made here is a ${DISPATCH}. For a run on "${options.event}" give its payload with --payload.`,
    );
  return makeDispatch(db, hook, loaded, options);
}

async function makeDispatch(
  db: Database,
  hook: Hook,
  loaded: LoadedSettings,
  options: HandMadeOptions,
): Promise<HandMade> {
  const source = sourceOf(hook, loaded, options);
  const repository = options.repo ?? onlyRepository(hook) ?? (await repositoryOf(db, hook.name));
  if (!/^[^/\s]+\/[^/\s]+$/.test(repository))
    throw new UserError(`"${repository}" is no repository; write it as owner/name.`);
  const earlier = await lastOf(db, source, repository);
  const branch = earlier && defaultBranch(earlier);
  const ref = options.ref === undefined ? branch : fullRef(options.ref);
  if (!ref)
    throw new UserError(
      `Nothing has come of ${repository} yet that tells its default branch: name a branch with --ref.`,
    );
  const made = dispatchPayload(
    {
      repository,
      ref,
      sender: userInfo().username,
      workflow: relative(loaded.settings.hooksFolder, hook.file),
    },
    earlier,
  );
  return {
    source,
    event: DISPATCH,
    facts: readFacts(DISPATCH, made),
    body: Buffer.from(JSON.stringify(made)),
  };
}

function readByHand(file: string, hook: Hook, loaded: LoadedSettings, options: HandMadeOptions): HandMade {
  if (options.ref !== undefined || options.repo !== undefined)
    throw new UserError("With --payload the payload says repository and ref: leave out --repo and --ref.");
  const names = options.event === undefined ? hook.on.map((trigger) => trigger.event) : [options.event];
  // `pull_request_target` comes as a `pull_request`.
  const [event, ...others] = new Set(names.map((name) => webhookOf(name) ?? name));
  const isForAll = event === EVERY_EVENT;
  if (event === undefined || isForAll || others.length > 0)
    throw new UserError(
      `Name the event that the payload is of with --event: ${hook.name} is for ${isForAll ? "every event" : names.join(", ")}.`,
    );
  if (!/^[a-z0-9_]{1,64}$/.test(event)) throw new UserError(`"${event}" is no event name.`);
  const body = readBytes(file);
  try {
    const facts = readFacts(event, parsePayload(body));
    return { source: sourceOf(hook, loaded, options), event, facts, body };
  } catch (error) {
    if (!(error instanceof BodyInvalid)) throw error;
    throw new UserError(`${file} is no payload: ${error.message}.`);
  }
}

/** The source that the hook is for, unless a person says another one. */
function sourceOf(hook: Hook, loaded: LoadedSettings, { source = hook.source }: HandMadeOptions): string {
  return sourceNamed(loaded, source).name;
}

/** The repository that the hook is for, where it names just one, without a pattern. */
function onlyRepository({ repositories = [] }: Hook): string | undefined {
  const [only, ...others] = repositories;
  return only !== undefined && others.length === 0 && /^[\w.-]+\/[\w.-]+$/.test(only) ? only : undefined;
}

/** The repository of the hook's deliveries, where they are all of one. */
async function repositoryOf(db: Database, hook: string): Promise<string> {
  const earlier = await lastDeliveriesOf(db, hook, EARLIER);
  const [only, ...others] = new Set(earlier.flatMap(({ repository }) => repository ?? []));
  if (only !== undefined && others.length === 0) return only;
  throw new UserError(
    only === undefined
      ? `${hook} has not run for any repository yet: name one with --repo.`
      : `${hook} has run for several repositories: name one with --repo (${[only, ...others].join(", ")}).`,
  );
}

/**
 * What came last of a repository by a source: another source's sender can name any repository. What a person made here
 * knows no more than what came before it.
 */
async function lastOf(db: Database, source: string, repository: string): Promise<Payload | undefined> {
  const deliveries = await listDeliveries(db, { source, repository }, { limit: EARLIER });
  const delivery = deliveries.find((candidate) => !isByHand(candidate));
  const contents = delivery && (await readContents(db, delivery.id));
  if (!contents) return;
  const { headers, body } = contents;
  return parsePayload(jsonText(contentTypeOf(headers), body));
}

/** A branch's short name stands for the branch, as it does for `gh workflow run`. */
function fullRef(ref: string): string {
  return ref.startsWith("refs/") ? ref : `refs/heads/${ref}`;
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file === "-" ? 0 : file);
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
