/** One hook: as it is loaded, its text with the mistakes where they are, its last runs, and a place to try it. */
import { AlertIcon, WebhookIcon } from "@primer/octicons-react";
import { Banner, Button, Label } from "@primer/react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { useChange } from "../../api/changes.ts";
import { request } from "../../api/request.ts";
import { useIsAdmin } from "../../api/session.ts";
import type { HookDetails } from "../../api/types.ts";
import { Failure } from "../../parts/failure.tsx";
import { mistakes, triggerText } from "../../parts/hook-words.ts";
import { Loading } from "../../parts/loading.tsx";
import { PageTitle } from "../../parts/page-title.tsx";
import { Facts, Section } from "../../parts/section.tsx";
import { Status } from "../../parts/status.tsx";
import { Foreign, Sentence } from "../../parts/text.tsx";
import { duration, Time } from "../../parts/time.tsx";
import styles from "./hook.module.css";
import { SourceText } from "./source-text.tsx";
import { TryPanel } from "./try-panel.tsx";

const LOOK_EVERY_MS = 10_000;

export default function HookPage({ name }: { name: string }) {
  const path = `/hooks/${encodeURIComponent(name)}`;
  const { data, error, refetch } = useQuery({
    queryKey: ["hooks", name],
    queryFn: () => request<HookDetails>(path),
    refetchInterval: LOOK_EVERY_MS,
  });
  if (data) return <Shown hook={data} />;
  if (error) return <Failure error={error} retry={refetch} />;
  return <Loading />;
}

function Shown({ hook }: { hook: HookDetails }) {
  const { name, kind, disabled, problems, text, loaded, queuedRuns, recent } = hook;
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const hasErrors = errors > 0;
  return (
    <>
      <PageTitle
        name={`${name} · hook`}
        about={<Foreign text={hook.file} />}
        actions={<Switch hook={hook} />}
      >
        {hasErrors ? <AlertIcon size={20} className={styles.broken} /> : <WebhookIcon size={20} />}
        <Foreign text={name} />
        {kind !== null && <Label>{kind}</Label>}
        {disabled && <Label variant="attention">disabled</Label>}
      </PageTitle>
      {hasErrors && (
        <Banner
          variant="critical"
          title={`The file has ${mistakes(errors)}`}
          description={
            loaded
              ? "Its last good version is at work until it is right."
              : "It matches nothing until it is right."
          }
          className={styles.banner}
        />
      )}
      {disabled && (
        <Banner
          variant="warning"
          title="The hook is disabled"
          description={`It matches nothing.${queuedRuns > 0 ? ` ${queuedRuns} queued runs wait until it is enabled.` : ""}`}
          className={styles.banner}
        />
      )}
      {loaded && (
        <Section title="Hook">
          <Facts facts={factsOf(hook)} />
        </Section>
      )}
      {text !== null && (
        <Section title="Source" flush>
          <SourceText text={text} problems={problems} />
        </Section>
      )}
      <TryPanel hook={hook} />
      <Section
        title="Last runs"
        flush
        actions={<Link href={`/runs?hook=${encodeURIComponent(name)}`}>All runs</Link>}
      >
        {recent.length === 0 && <p className={styles.none}>It has not run yet.</p>}
        <ul>
          {recent.map((run) => (
            <li key={run.id} className={styles.run}>
              <Status status={run.status} withWord />
              <Link href={`/runs/${run.id}`} data-row>
                run {run.id}
              </Link>
              <span className={styles.when}>
                <Time at={run.queuedAt} />
                {run.durationMs !== null && ` · ${duration(run.durationMs)}`}
              </span>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}

function Switch({ hook: { name, disabled, loaded } }: { hook: HookDetails }) {
  const isAdmin = useIsAdmin();
  const change = useChange((to: "enable" | "disable") =>
    request(`/hooks/${encodeURIComponent(name)}/${to}`, { method: "POST", body: {} }),
  );
  // What is not loaded matches nothing anyway; a hook that was disabled before can be enabled all the same.
  if (!isAdmin || !(loaded || disabled)) return null;
  return (
    <>
      {change.error && (
        <span role="alert">
          <Sentence text={change.error.message} />
        </span>
      )}
      <Button
        variant={disabled ? "primary" : "default"}
        loading={change.isPending}
        onClick={() => change.mutate(disabled ? "enable" : "disable")}
      >
        {disabled ? "Enable" : "Disable"}
      </Button>
    </>
  );
}

function factsOf({ on, source, repositories, forks, if: condition, ...hook }: HookDetails) {
  return {
    On: on.map(triggerText).join(", "),
    Source: source,
    Repositories: repositories?.join(", "),
    Forks: forks,
    If: condition && <code>{condition}</code>,
    Group: hook.concurrency && <code>{hook.concurrency.group}</code>,
    "Time limit": hook.timeoutMs !== null && duration(hook.timeoutMs),
    Environment: hook.environment.join(", "),
  };
}
