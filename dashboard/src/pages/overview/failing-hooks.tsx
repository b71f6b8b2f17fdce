/** How the hooks went, those that fail first. */
import { Link } from "wouter";
import type { Overview } from "../../api/types.ts";
import { Section } from "../../parts/section.tsx";
import { Status } from "../../parts/status.tsx";
import { Foreign } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./failing-hooks.module.css";

export function FailingHooks({ hooks }: { hooks: Overview["failing"] }) {
  return (
    <Section title="Hooks, failing first" flush>
      {hooks.length === 0 && <p className={styles.none}>No run has failed in this time.</p>}
      <ul>
        {hooks.map(({ hook, failed, succeeded, last }) => (
          <li key={hook} className={styles.row}>
            <Status status={last.status} />
            <Link href={`/runs?hook=${encodeURIComponent(hook)}`} className={styles.name} data-row>
              <Foreign text={hook} />
            </Link>
            <span className={styles.meter}>
              {failed} of {failed + succeeded} failed
            </span>
            <span className={styles.when}>
              <Link href={`/runs/${last.id}`}>run {last.id}</Link>{" "}
              <Time at={last.finishedAt ?? last.queuedAt} />
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
