/** The first page: what needs somebody, how it goes, and what is left to do until the first delivery. */
import { SegmentedControl } from "@primer/react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useSearchParams } from "wouter";
import { request } from "../../api/request.ts";
import type { Overview as OverviewData } from "../../api/types.ts";
import { Failure } from "../../parts/failure.tsx";
import { Loading } from "../../parts/loading.tsx";
import { PageTitle } from "../../parts/page-title.tsx";
import { Section } from "../../parts/section.tsx";
import { AttentionSection } from "./attention.tsx";
import { BarChart } from "./bar-chart.tsx";
import { DurationsSection } from "./durations.tsx";
import { FailingHooks } from "./failing-hooks.tsx";
import { Figures } from "./figures.tsx";
import { FirstSteps } from "./first-steps.tsx";
import styles from "./overview.module.css";

const PERIODS = [
  ["1h", "Hour"],
  ["24h", "Day"],
  ["7d", "Week"],
  ["30d", "Month"],
] as const;

export default function Overview() {
  const [parameters, setParameters] = useSearchParams();
  const period = parameters.get("period") ?? "24h";
  const { data, error, refetch } = useQuery({
    queryKey: ["overview", period],
    queryFn: ({ signal }) => request<OverviewData>("/overview", { query: { range: period }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  return (
    <>
      <PageTitle
        name="Overview"
        actions={
          <SegmentedControl
            size="small"
            aria-label="Period"
            onChange={(index) => setParameters({ period: PERIODS[index]?.[0] ?? "24h" }, { replace: true })}
          >
            {PERIODS.map(([value, name]) => (
              <SegmentedControl.Button key={value} selected={value === period}>
                {name}
              </SegmentedControl.Button>
            ))}
          </SegmentedControl>
        }
      />
      {data ? <Shown overview={data} /> : error ? <Failure error={error} retry={refetch} /> : <Loading />}
    </>
  );
}

const DELIVERIES = [
  { name: "started runs", className: "matched", of: ({ deliveries }: Bucket) => deliveries.matched },
  { name: "matched no hook", className: "unmatched", of: ({ deliveries }: Bucket) => deliveries.unmatched },
  { name: "held back", className: "heldBack", of: ({ deliveries }: Bucket) => deliveries.replayed },
] as const;

const RUNS = [
  { name: "succeeded", className: "succeeded", of: ({ runs }: Bucket) => runs.succeeded },
  { name: "failed", className: "failed", of: ({ runs }: Bucket) => runs.failed },
  { name: "cancelled", className: "cancelled", of: ({ runs }: Bucket) => runs.cancelled },
  { name: "skipped", className: "skipped", of: ({ runs }: Bucket) => runs.skipped },
] as const;

type Bucket = OverviewData["buckets"][number];

function Shown({ overview }: { overview: OverviewData }) {
  const { buckets, bucketMs, attention, failing, firstSteps } = overview;
  return (
    <>
      {!(firstSteps.hasDelivery && firstSteps.hasRun) && <FirstSteps steps={firstSteps} />}
      {attention.length > 0 && <AttentionSection attention={attention} />}
      <Figures overview={overview} />
      <div className={styles.columns}>
        <Section title="Deliveries">
          <BarChart label="Deliveries over time" buckets={buckets} bucketMs={bucketMs} series={DELIVERIES} />
        </Section>
        <Section title="Runs that ended">
          <BarChart label="Runs over time by outcome" buckets={buckets} bucketMs={bucketMs} series={RUNS} />
        </Section>
      </div>
      <div className={styles.columns}>
        <FailingHooks hooks={failing} />
        <DurationsSection overview={overview} />
      </div>
    </>
  );
}
