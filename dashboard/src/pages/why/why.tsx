/** What is known of a GUID, a commit, a branch or a repository: from its arrival to the last line of its runs. */
import { SearchIcon } from "@primer/octicons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { request } from "../../api/request.ts";
import type { Story } from "../../api/types.ts";
import { DeliveryState } from "../../parts/delivery-state.tsx";
import { eventOf, stateOf } from "../../parts/delivery-words.ts";
import { Empty } from "../../parts/empty.tsx";
import { Failure } from "../../parts/failure.tsx";
import { hookPath } from "../../parts/hook-words.ts";
import { Loading } from "../../parts/loading.tsx";
import { PageTitle } from "../../parts/page-title.tsx";
import { Section } from "../../parts/section.tsx";
import { Status } from "../../parts/status.tsx";
import { Foreign, Sentence } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import styles from "./why.module.css";

type ToldDelivery = Story["deliveries"][number];
type ToldHook = ToldDelivery["hooks"][number];

export default function Why() {
  const [parameters] = useSearchParams();
  const what = parameters.get("what") ?? "";
  const { data, error, refetch, isLoading } = useQuery({
    // Begins like the lists, so that it is told anew when one of them changes.
    queryKey: ["deliveries", "why", what],
    queryFn: ({ signal }) => request<Story>("/search", { query: { q: what }, signal }),
    enabled: what !== "",
  });
  return (
    <>
      <PageTitle
        name={what === "" ? "Search" : `Why ${what}`}
        about="What arrived, what the hooks said, what became of it"
      >
        <SearchIcon size={20} /> <Foreign text={what === "" ? "Search" : what} />
      </PageTitle>
      {what === "" && (
        <Empty title="What are you looking for?">
          Press <kbd>/</kbd> and type a GUID, a commit, a branch or a repository.
        </Empty>
      )}
      {isLoading && <Loading />}
      {error && <Failure error={error} retry={refetch} />}
      {data && (data.deliveries.length > 0 ? <Found story={data} /> : <NotFound story={data} />)}
    </>
  );
}

function Found({ story: { deliveries, kind, asked } }: { story: Story }) {
  return (
    <>
      {deliveries.map((delivery) => (
        <Told key={delivery.id} delivery={delivery} />
      ))}
      {(kind === "repository" || kind === "branch") && (
        <p>
          <Link href={`/deliveries?${kind === "repository" ? "repo" : "ref"}=${encodeURIComponent(asked)}`}>
            All deliveries of this {kind}
          </Link>
        </p>
      )}
    </>
  );
}

function NotFound({ story: { sentences, refused } }: { story: Story }) {
  return (
    <>
      <Empty icon={SearchIcon} title={sentences[0] ?? "Nothing was found"}>
        {sentences.slice(1).map((sentence) => (
          <p key={sentence}>
            <Sentence text={sentence} />
          </p>
        ))}
      </Empty>
      {refused.length > 0 && (
        <p>
          <Link href="/system/refused">What was refused, and what would admit it</Link>
        </p>
      )}
    </>
  );
}

function Told({ delivery }: { delivery: ToldDelivery }) {
  return (
    <Section
      title={`${eventOf(delivery)} · delivery ${delivery.id}`}
      actions={
        <span className={styles.when}>
          <Time at={delivery.receivedAt} />
        </span>
      }
      flush
    >
      <div className={styles.step}>
        <DeliveryState state={stateOf(delivery)} />
        <div>
          <Link href={`/deliveries/${delivery.id}`} data-row>
            {delivery.byHand ? "Made by hand" : "It arrived"}
          </Link>
          {delivery.repository !== null && (
            <>
              {" "}
              for <Foreign text={delivery.repository} />
            </>
          )}
          {delivery.ref !== null && (
            <>
              , <Foreign text={delivery.ref} />
            </>
          )}
          {delivery.sha !== null && (
            <>
              , <code>{delivery.sha.slice(0, 7)}</code>
            </>
          )}
          {delivery.sender !== null && (
            <>
              , by <Foreign text={delivery.sender} />
            </>
          )}
          .{delivery.replayed && " It is held back as a replay, and starts nothing."}
          {delivery.judged &&
            delivery.hooks.length === 0 &&
            " There was no hook then, so it started nothing."}
        </div>
      </div>
      {delivery.hooks.map((hook) => (
        <ToldOfHook key={hook.hook} told={hook} />
      ))}
    </Section>
  );
}

function ToldOfHook({ told: { hook, matches, checks, runs } }: { told: ToldHook }) {
  const reasons = checks?.filter(({ passed }) => !passed) ?? [];
  return (
    <div className={styles.hook}>
      <Link href={hookPath(hook)} className={styles.name}>
        <Foreign text={hook} />
      </Link>{" "}
      {matches === false ? "does not match" : matches ? "matches" : "was started by hand"}
      {matches === false &&
        reasons.map(({ filter, reason }) => (
          <p key={`${filter} ${reason}`} className={styles.reason}>
            <code>{filter}</code>: <Sentence text={reason} />
          </p>
        ))}
      {runs.map((run) => (
        <div key={run.id} className={styles.run}>
          <Status status={run.status} withWord />
          <Link href={`/runs/${run.id}`}>run {run.id}</Link>
          <span className={styles.when}>
            <Time at={run.finishedAt ?? run.startedAt ?? run.queuedAt} />
          </span>
          {run.reason !== null && <Foreign text={run.reason} />}
          {run.lastLines.length > 0 && (
            <pre className={styles.lines}>
              {run.lastLines.map((line, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one text do not change places
                <div key={index}>
                  <Foreign text={line} />
                </div>
              ))}
            </pre>
          )}
        </div>
      ))}
    </div>
  );
}
