/** What every hook said of the delivery, filter by filter, and what it did. */
import { AlertIcon, CheckCircleIcon, CircleSlashIcon } from "@primer/octicons-react";
import { Button } from "@primer/react";
import { Link } from "wouter";
import type { DeliveryDetails, RunOfDelivery, Verdict } from "../../api/types.ts";
import { hookPath } from "../../parts/hook-words.ts";
import { Section } from "../../parts/section.tsx";
import { Status } from "../../parts/status.tsx";
import { Foreign } from "../../parts/text.tsx";
import { CheckList } from "./check-list.tsx";
import type { ReplayOf } from "./delivery.tsx";
import styles from "./verdicts.module.css";

interface VerdictsProps {
  delivery: DeliveryDetails;
  onReplay?: (of: ReplayOf) => void;
}

export function Verdicts({ delivery: { verdicts, runs }, onReplay }: VerdictsProps) {
  const judged = new Set(verdicts?.map(({ hook }) => hook));
  const others = [...new Set(runs.map(({ hook }) => hook))].filter((hook) => !judged.has(hook));
  // What matched first: that is what people come for.
  const inOrder = [...(verdicts ?? [])].sort((a, b) => Number(b.matches) - Number(a.matches));
  return (
    <Section title="Hooks and their runs" flush>
      <ul>
        {others.map((hook) => (
          <HookOf key={hook} hook={hook} runs={runs} onReplay={onReplay} />
        ))}
        {inOrder.map((verdict) => (
          <HookOf key={verdict.hook} hook={verdict.hook} verdict={verdict} runs={runs} onReplay={onReplay} />
        ))}
      </ul>
      {inOrder.length + others.length === 0 && <p className={styles.none}>{whyNone(verdicts)}</p>}
    </Section>
  );
}

function whyNone(verdicts: Verdict[] | null): string {
  return verdicts === null
    ? "No hooks were asked, or the delivery is of a version that did not keep them."
    : "There were no hooks when it came. The hooks folder is where they go.";
}

interface HookOfProps {
  hook: string;
  verdict?: Verdict;
  runs: readonly RunOfDelivery[];
  onReplay?: (of: ReplayOf) => void;
}

function HookOf({ hook, verdict, runs, onReplay }: HookOfProps) {
  const own = runs.filter((run) => run.hook === hook);
  return (
    <li className={styles.hook}>
      <div className={styles.head}>
        <VerdictIcon verdict={verdict} />
        <Link href={hookPath(hook)} className={styles.name} data-row>
          <Foreign text={hook} />
        </Link>
        <span className={styles.word}>{wordOf(verdict)}</span>
        <span className={styles.runs}>
          {own.map(({ id, status }) => (
            <Link key={id} href={`/runs/${id}`} className={styles.run}>
              <Status status={status} withWord size={14} /> run {id}
            </Link>
          ))}
        </span>
        {onReplay && (
          <Button size="small" aria-label={`Replay only ${hook}`} onClick={() => onReplay({ hook })}>
            Replay
          </Button>
        )}
      </div>
      {verdict && <CheckList checks={verdict.checks} label={`What ${hook} says`} />}
    </li>
  );
}

function wordOf(verdict: Verdict | undefined): string {
  if (!verdict) return "was started by hand";
  if (verdict.error) return "could not be told";
  return verdict.matches ? "matches" : "does not match";
}

function VerdictIcon({ verdict }: { verdict?: Verdict }) {
  if (verdict?.error) return <AlertIcon className={styles.unknown} />;
  if (verdict?.matches) return <CheckCircleIcon className={styles.passed} />;
  return <CircleSlashIcon className={styles.quiet} />;
}
