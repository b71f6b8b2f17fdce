/** One run: how it stands, what it prints, what it pointed out, and how it came about. */
import { Banner, Button, Label } from "@primer/react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Link, useLocation } from "wouter";
import { request } from "../../api/request.ts";
import { useIsAdmin } from "../../api/session.ts";
import type { DeliveryDetails, RunDetails } from "../../api/types.ts";
import { Failure } from "../../parts/failure.tsx";
import { Loading } from "../../parts/loading.tsx";
import { PageTitle } from "../../parts/page-title.tsx";
import { Section } from "../../parts/section.tsx";
import { Status } from "../../parts/status.tsx";
import { Foreign } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { useKeys } from "../../shell/use-keys.ts";
import { Annotations } from "./annotations.tsx";
import { CancelDialog, RetryDialog } from "./change-dialogs.tsx";
import { ForwardAnswerSection } from "./forward-answer.tsx";
import { OutputSection } from "./output-section.tsx";
import styles from "./run.module.css";
import { RunFacts } from "./run-facts.tsx";
import { Timeline } from "./timeline.tsx";

const Markdown = lazy(() => import("./markdown.tsx"));

export default function RunPage({ id }: { id: number }) {
  const run = useQuery({ queryKey: ["run", id], queryFn: () => request<RunDetails>(`/runs/${id}`) });
  const deliveryId = run.data?.deliveryId;
  const delivery = useQuery({
    queryKey: ["delivery", deliveryId],
    queryFn: () => request<DeliveryDetails>(`/deliveries/${deliveryId}`, { query: { payload: "none" } }),
    enabled: deliveryId !== undefined,
  });
  if (run.data) return <Shown run={run.data} delivery={delivery.data} />;
  if (run.error) return <Failure error={run.error} retry={run.refetch} />;
  return <Loading />;
}

function Shown({ run, delivery }: { run: RunDetails; delivery?: DeliveryDetails }) {
  const [, navigate] = useLocation();
  const [asks, setAsks] = useState<"cancel" | "retry">();
  const isAdmin = useIsAdmin();
  const { id, hook, status, reason, finishedAt, cancelRequested } = run;
  const canCancel = isAdmin && finishedAt === null && cancelRequested === null;
  const canRetry = isAdmin && finishedAt !== null;
  useKeys({
    ...(canCancel && { c: () => setAsks("cancel") }),
    ...(canRetry && { r: () => setAsks("retry") }),
    u: () => navigate("/runs"),
  });
  return (
    <>
      <PageTitle
        name={`${hook} · run ${id}`}
        about={<About run={run} delivery={delivery} />}
        actions={
          <>
            {canCancel && (
              <Button variant="danger" onClick={() => setAsks("cancel")}>
                Cancel run
              </Button>
            )}
            {canRetry && (
              <Button variant={status === "failed" ? "primary" : "default"} onClick={() => setAsks("retry")}>
                Retry
              </Button>
            )}
          </>
        }
      >
        <Status status={status} size={20} />
        <Foreign text={hook} /> <span className="muted">#{id}</span>
        {cancelRequested !== null && finishedAt === null && <Label variant="attention">stopping</Label>}
      </PageTitle>
      <div role="status" className={styles.said}>{`The run is ${status}.`}</div>
      {reason !== null && (
        <Banner
          variant={status === "failed" ? "critical" : "info"}
          title={status}
          hideTitle
          description={<Foreign text={reason} />}
          className={styles.reason}
        />
      )}
      <div className={styles.columns}>
        <div className={styles.wide}>
          {run.annotations.length > 0 && <Annotations annotations={run.annotations} />}
          <OutputSection run={run} />
          {run.summary !== null && (
            <Section title="Summary">
              <Suspense fallback={<Loading />}>
                <Markdown text={run.summary} />
              </Suspense>
            </Section>
          )}
          {run.answer && <ForwardAnswerSection answer={run.answer} />}
        </div>
        <div className={styles.narrow}>
          <RunFacts run={run} delivery={delivery} />
          <Timeline steps={run.timeline} />
        </div>
      </div>
      {asks === "cancel" && <CancelDialog run={run} onClose={() => setAsks(undefined)} />}
      {asks === "retry" && <RetryDialog run={run} onClose={() => setAsks(undefined)} />}
    </>
  );
}

function About({ run, delivery }: { run: RunDetails; delivery?: DeliveryDetails }) {
  return (
    <>
      <Link href={`/deliveries/${run.deliveryId}`}>Delivery {run.deliveryId}</Link>
      {delivery && (
        <>
          : {delivery.action === null ? delivery.event : `${delivery.event}.${delivery.action}`}
          {delivery.repository !== null && (
            <>
              {" "}
              on <Foreign text={delivery.repository} />
            </>
          )}
        </>
      )}{" "}
      · <Time at={run.queuedAt} />
    </>
  );
}
