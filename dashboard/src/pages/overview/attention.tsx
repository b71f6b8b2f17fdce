/** What needs somebody: each with the way to where it can be looked at. */
import { AlertFillIcon, XCircleFillIcon } from "@primer/octicons-react";
import { Link } from "wouter";
import type { Attention } from "../../api/types.ts";
import { hookPath } from "../../parts/hook-words.ts";
import { Section } from "../../parts/section.tsx";
import { Sentence } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./attention.module.css";

export function AttentionSection({ attention }: { attention: readonly Attention[] }) {
  return (
    <Section title="Needs attention" flush>
      <ul>
        {attention.map((one) => (
          <li key={`${one.kind} ${one.hook} ${one.run} ${one.message}`} className={styles.row}>
            {one.severity === "error" ? (
              <XCircleFillIcon className={styles.error} aria-label="error" />
            ) : (
              <AlertFillIcon className={styles.warning} aria-label="warning" />
            )}
            <Link href={placeOf(one)} className={styles.message} data-row>
              <Sentence text={one.message} />
            </Link>
            {one.at !== null && (
              <span className={styles.when}>
                <Time at={one.at} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function placeOf({ kind, hook, run, delivery }: Attention): string {
  if (run !== null) return `/runs/${run}`;
  if (delivery !== null) return `/deliveries/${delivery}`;
  if (hook !== null) return hookPath(hook);
  const places: Partial<Record<Attention["kind"], string>> = {
    refused: "/system/refused",
    "addresses old": "/system",
    "nodes differ": "/system/nodes",
    "no worker": "/system/nodes",
  };
  return places[kind] ?? "/hooks";
}
