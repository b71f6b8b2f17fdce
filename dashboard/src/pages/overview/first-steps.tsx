/** What is left to do until the first delivery has come and its hook has run. It goes when all is done. */
import { CheckCircleFillIcon, CircleIcon } from "@primer/octicons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { request } from "../../api/request.ts";
import type { Overview, SourceList } from "../../api/types.ts";
import { Section } from "../../parts/section.tsx";
import styles from "./first-steps.module.css";

type Steps = Overview["firstSteps"];

export function FirstSteps({ steps }: { steps: Steps }) {
  const { data } = useQuery({ queryKey: ["sources"], queryFn: () => request<SourceList>("/sources") });
  const [source] = data?.items ?? [];
  const shown: [isDone: boolean, title: string, how: ReactNode][] = [
    [
      steps.hasReceiver && steps.hasWorker,
      "A receiver and a worker are up",
      <>
        <code>npx longshore serve</code> starts both; <Link href="/system/nodes">Nodes</Link> shows who is
        there.
      </>,
    ],
    [
      steps.hasSecret,
      "Every source has a secret",
      <>
        <code>npx longshore secret show {source?.name ?? "github"}</code> prints it.
      </>,
    ],
    [
      steps.hasHook,
      "There is a hook",
      <>
        A file in the hooks folder; <code>npx longshore init</code> writes a first one.{" "}
        <Link href="/hooks">Hooks</Link>
      </>,
    ],
    [
      steps.hasPublicUrl,
      "GitHub can reach it",
      <>
        <code>public-url</code> in longshore.yml says how GitHub sees this server.
      </>,
    ],
    [
      steps.hasDelivery,
      "The first delivery has arrived",
      <>
        On GitHub: Settings › Webhooks › Add webhook, with the payload URL{" "}
        <code>{source?.payloadUrl ?? `https://YOUR-HOST${source?.path ?? "/github"}`}</code>, content type{" "}
        <code>application/json</code> and the secret. Without GitHub: <code>npx longshore send push</code>
      </>,
    ],
    [steps.hasRun, "A hook has run for it", "Where it did not match, the delivery's page says why."],
  ];
  return (
    <Section title="First steps">
      <ol className={styles.steps}>
        {shown.map(([isDone, title, how]) => (
          <li key={title} className={styles.step}>
            {isDone ? (
              <CheckCircleFillIcon className={styles.done} aria-label="done" />
            ) : (
              <CircleIcon className={styles.open} aria-label="to do" />
            )}
            <div>
              <strong>{title}</strong>
              {!isDone && <p className={styles.how}>{how}</p>}
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}
