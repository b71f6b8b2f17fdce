/** One delivery: what came, what every hook said of it, what they did, and one click to do it again. */
import { InboxIcon } from "@primer/octicons-react";
import { Banner, Button, Label } from "@primer/react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { request } from "../../api/request.ts";
import { useIsAdmin } from "../../api/session.ts";
import type { DeliveryDetails } from "../../api/types.ts";
import { DeliveryState } from "../../parts/delivery-state.tsx";
import { eventOf, stateOf } from "../../parts/delivery-words.ts";
import { Failure } from "../../parts/failure.tsx";
import { Ref } from "../../parts/list.tsx";
import { Loading } from "../../parts/loading.tsx";
import { PageTitle } from "../../parts/page-title.tsx";
import { Facts, Section } from "../../parts/section.tsx";
import { Foreign } from "../../parts/text.tsx";
import { size, Time } from "../../parts/time.tsx";
import { useKeys } from "../../shell/use-keys.ts";
import { Headers } from "./headers.tsx";
import { PayloadSection } from "./payload.tsx";
import { ReplayDialog } from "./replay-dialog.tsx";
import { Verdicts } from "./verdicts.tsx";

export default function DeliveryPage({ id }: { id: number }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["delivery", id],
    queryFn: () => request<DeliveryDetails>(`/deliveries/${id}`, { query: { payload: "none" } }),
  });
  if (data) return <Shown delivery={data} />;
  if (error) return <Failure error={error} retry={refetch} />;
  return <Loading />;
}

/** Which hook is asked to run again; `all` for every one that matches. */
export type ReplayOf = { hook?: string };

function Shown({ delivery }: { delivery: DeliveryDetails }) {
  const [, navigate] = useLocation();
  const [replay, setReplay] = useState<ReplayOf>();
  const isAdmin = useIsAdmin();
  const { id, repository, receivedAt, replayed, byHand, headers } = delivery;
  useKeys({
    ...(isAdmin && { r: () => setReplay({}) }),
    u: () => navigate("/deliveries"),
  });
  return (
    <>
      <PageTitle
        name={`${eventOf(delivery)} · delivery ${id}`}
        about={
          <>
            {repository !== null && (
              <>
                on <Foreign text={repository} />{" "}
              </>
            )}
            <Time at={receivedAt} />
          </>
        }
        actions={
          isAdmin && (
            <Button variant="primary" onClick={() => setReplay({})}>
              Replay
            </Button>
          )
        }
      >
        <DeliveryState state={stateOf(delivery)} size={20} />
        {eventOf(delivery)} <span className="muted">#{id}</span>
        {byHand && <Label>made by hand</Label>}
        {replayed && <Label variant="attention">held back</Label>}
      </PageTitle>
      {replayed && (
        <Banner
          variant="warning"
          title="It starts nothing until somebody says so"
          description="The same body came before under another GUID or webhook, and its sender is not known to be GitHub. Replaying it is the approval."
          style={{ marginBottom: 16 }}
        />
      )}
      <Section title="Delivery">
        <Facts facts={factsOf(delivery)} />
      </Section>
      <Verdicts delivery={delivery} onReplay={isAdmin ? setReplay : undefined} />
      <Headers headers={headers} />
      <PayloadSection delivery={delivery} />
      {replay && <ReplayDialog delivery={delivery} hook={replay.hook} onClose={() => setReplay(undefined)} />}
      <p>
        <Link href="/deliveries">
          <InboxIcon /> All deliveries
        </Link>
      </p>
    </>
  );
}

function factsOf({
  source,
  webhookId,
  guid,
  ref,
  sha,
  sender,
  client,
  secret,
  ...delivery
}: DeliveryDetails) {
  return {
    Source: <Foreign text={source} />,
    GUID: <code>{guid}</code>,
    Webhook: webhookId,
    "Branch or tag": ref && <Ref name={ref} />,
    Commit: sha && (
      <Link href={`/why?what=${sha}`}>
        <code>{sha}</code>
      </Link>
    ),
    Sender: sender && <Foreign text={sender} />,
    From: client,
    "Verified with secret": secret,
    Size: size(delivery.size),
  };
}
