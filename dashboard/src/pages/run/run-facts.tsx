/** What is to be known of a run beside its output. */
import type { ReactNode } from "react";
import { Link } from "wouter";
import type { DeliveryDetails, RunDetails } from "../../api/types.ts";
import { shortSha } from "../../parts/delivery-words.ts";
import { hookPath } from "../../parts/hook-words.ts";
import { Ref } from "../../parts/list.tsx";
import { Facts, Section } from "../../parts/section.tsx";
import { Status } from "../../parts/status.tsx";
import { Foreign } from "../../parts/text.tsx";
import { duration, Time } from "../../parts/time.tsx";
import styles from "./run-facts.module.css";

interface RunFactsProps {
  run: RunDetails;
  delivery?: DeliveryDetails;
}

export function RunFacts({ run, delivery }: RunFactsProps) {
  return (
    <>
      <Section title="Run">
        <Facts isNarrow facts={{ ...factsOf(run), ...factsOfDelivery(delivery) }} />
      </Section>
      {run.environment.length > 0 && (
        <Section title="Environment">
          <p className={styles.note}>The names that its hook, as it is now, sets; never their values.</p>
          <ul className={styles.names}>
            {run.environment.map((name) => (
              <li key={name}>
                <code>{name}</code>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function factsOf(run: RunDetails): Record<string, ReactNode> {
  const { status, durationMs, exitCode, signal, attempt, retryOf, retriedBy, askedBy, group, worker } = run;
  const isWaiting = status === "queued" && Date.parse(run.dueAt) > Date.now();
  return {
    Status: <Status status={status} withWord />,
    Took: durationMs === null ? null : duration(durationMs),
    Due: isWaiting && <Time at={run.dueAt} />,
    "Exit code": exitCode,
    Signal: signal,
    Attempt: attempt > 0 ? attempt : null,
    "Retry of": retryOf !== null && <RunLink id={retryOf} />,
    "Retried by": retriedBy.length > 0 && retriedBy.map((id) => <RunLink key={id} id={id} />),
    "Asked for by": askedBy && <Foreign text={askedBy} />,
    Group: group && <Foreign text={group} />,
    Worker: worker && <Foreign text={worker} />,
    Hook: (
      <Link href={hookPath(run.hook)}>
        <Foreign text={run.hook} />
      </Link>
    ),
  };
}

function factsOfDelivery(delivery: DeliveryDetails | undefined): Record<string, ReactNode> {
  if (!delivery) return {};
  const { ref, sha, sender } = delivery;
  return {
    "Branch or tag": ref && <Ref name={ref} />,
    Commit: sha && (
      <Link href={`/why?what=${sha}`}>
        <code>{shortSha(sha)}</code>
      </Link>
    ),
    Sender: sender && <Foreign text={sender} />,
  };
}

function RunLink({ id }: { id: number }) {
  return (
    <Link href={`/runs/${id}`} className={styles.run}>
      run {id}
    </Link>
  );
}
