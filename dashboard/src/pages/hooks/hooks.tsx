/** The hooks as they are loaded: what they are for, what is wrong with them, how their last runs went. */
import { AlertIcon, WebhookIcon } from "@primer/octicons-react";
import { Banner, Label, LinkButton } from "@primer/react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { request } from "../../api/request.ts";
import type { Hook, HookList } from "../../api/types.ts";
import { Empty } from "../../parts/empty.tsx";
import { Failure } from "../../parts/failure.tsx";
import { hookPath, mistakes, triggerText } from "../../parts/hook-words.ts";
import { Row, Rows } from "../../parts/list.tsx";
import { Loading } from "../../parts/loading.tsx";
import { PageTitle } from "../../parts/page-title.tsx";
import { Status } from "../../parts/status.tsx";
import { Foreign } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./hooks.module.css";

const LOOK_EVERY_MS = 10_000;

export default function Hooks() {
  const { data, error, refetch } = useQuery({
    queryKey: ["hooks"],
    queryFn: () => request<HookList>("/hooks"),
    // Beside what the server tells by itself.
    refetchInterval: LOOK_EVERY_MS,
  });
  return (
    <>
      <PageTitle
        name="Hooks"
        actions={
          <LinkButton as={Link} href="/try">
            Try one
          </LinkButton>
        }
      />
      {data ? <Shown list={data} /> : error ? <Failure error={error} retry={refetch} /> : <Loading />}
    </>
  );
}

function Shown({ list: { items, problems } }: { list: HookList }) {
  const files = new Set(items.map(({ file }) => file));
  const others = problems.filter(({ file }) => !files.has(file));
  return (
    <>
      {others.map(({ file, line, message }) => (
        <Banner
          key={`${file} ${line} ${message}`}
          variant="warning"
          title={line === null ? file : `${file}:${line}`}
          description={<Foreign text={message} />}
          className={styles.problem}
        />
      ))}
      <Rows label="Hooks">
        {items.map((hook) => (
          <li key={hook.name}>
            <HookRow hook={hook} />
          </li>
        ))}
        {items.length === 0 && (
          <li>
            <Empty icon={WebhookIcon} title="No hooks yet">
              A hook is a file in the hooks folder. <code>npx longshore init</code> writes a first one;{" "}
              <Link href="/try">try one here</Link> before it is a file.
            </Empty>
          </li>
        )}
      </Rows>
    </>
  );
}

function HookRow({ hook }: { hook: Hook }) {
  const { name, kind, on, disabled, problems, queuedRuns, recent, repositories, loaded } = hook;
  const errors = problems.filter(({ severity }) => severity === "error");
  const [last] = recent;
  return (
    <Row
      icon={
        errors.length > 0 ? (
          <AlertIcon className={styles.broken} aria-label="has mistakes" />
        ) : (
          <WebhookIcon />
        )
      }
      href={hookPath(name)}
      title={
        <>
          <Foreign text={name} /> {disabled && <Label variant="attention">disabled</Label>}{" "}
          {errors.length > 0 && (
            <Label variant="danger">
              {mistakes(errors.length)}
              {loaded && "; its last good version is at work"}
            </Label>
          )}
        </>
      }
      meta={
        <>
          {kind ?? "not loaded"}
          {on.length > 0 && <> · {on.map(triggerText).join(", ")}</>}
          {repositories && <> · {repositories.join(", ")}</>}
          {queuedRuns > 0 && <> · {queuedRuns} queued</>}
        </>
      }
      labels={
        <span className={styles.recent}>
          {recent
            .slice(0, 10)
            .reverse()
            .map((run) => (
              <Link key={run.id} href={`/runs/${run.id}`} aria-label={`run ${run.id}: ${run.status}`}>
                <Status status={run.status} size={14} />
              </Link>
            ))}
        </span>
      }
      end={last ? <Time at={last.queuedAt} /> : "no run yet"}
    />
  );
}
