/** The secrets of all sources, read again while the server runs, so that a rotation needs no restart. */
import type { Environment } from "../config/environment.ts";
import { readSecrets, type Secret } from "../config/secrets.ts";
import type { Settings } from "../config/settings.ts";
import type { Log } from "../lib/log.ts";
import type { DeliveryWriter } from "../store/delivery-writer.ts";

export class LiveSecrets {
  readonly #settings: Settings;
  readonly #environment: Environment;
  readonly #writer: DeliveryWriter;
  readonly #log: Log;
  #bySource: Map<string, Secret[]>;

  constructor(
    settings: Settings,
    environment: Environment,
    first: Map<string, Secret[]>,
    writer: DeliveryWriter,
    log: Log,
  ) {
    this.#settings = settings;
    this.#environment = environment;
    this.#writer = writer;
    this.#log = log;
    this.#bySource = first;
    for (const [source, secrets] of first)
      writer.forgetBodies(
        source,
        secrets.map(({ name }) => name),
      );
  }

  of(source: string): readonly Secret[] {
    return this.#bySource.get(source) ?? [];
  }

  reload(): void {
    for (const source of this.#settings.sources) {
      const { secrets } = readSecrets(this.#settings, source, this.#environment);
      if (JSON.stringify(secrets) === JSON.stringify(this.of(source.name))) continue;
      const names = secrets.map(({ name }) => name);
      this.#bySource.set(source.name, secrets);
      this.#writer.forgetBodies(source.name, names);
      this.#log.info({ source: source.name, secrets: names }, "the live secrets have changed");
    }
  }
}
