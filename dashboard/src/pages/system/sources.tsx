/** Where deliveries come from: which secrets are in use, who may send, how old the list of GitHub's addresses is. */
import { Banner, Label } from "@primer/react";
import { Link } from "wouter";
import type { Source, SourceList } from "../../api/types.ts";
import { Facts, Section } from "../../parts/section.tsx";
import { size, Time } from "../../parts/time.tsx";
import { Answer } from "./answer.tsx";
import styles from "./system.module.css";
import { useSystem } from "./use-system.ts";

export function Sources() {
  const list = useSystem<SourceList>("sources");
  return (
    <Answer of={list}>
      {({ items, addresses }) => (
        <>
          {items.map((source) => (
            <SourceSection key={source.name} source={source} />
          ))}
          <Section title="GitHub's addresses">
            <Facts
              facts={{
                "Asked at": addresses.apiUrl,
                "Last answer":
                  addresses.checkedAt === null ? (
                    "GitHub has not answered yet: the list that came with this version counts"
                  ) : (
                    <Time at={addresses.checkedAt} />
                  ),
                Ranges: addresses.ranges.join(", "),
              }}
            />
          </Section>
        </>
      )}
    </Answer>
  );
}

function SourceSection({ source }: { source: Source }) {
  const { name, path, payloadUrl, allowFrom, allowSha1, replayProtection, insecureNoSecret } = source;
  const refused = Object.entries(source.refusedByCode);
  return (
    <Section
      title={name}
      flush
      actions={
        <>
          {insecureNoSecret && <Label variant="danger">no secret: anybody can send</Label>}
          {allowSha1 && <Label variant="attention">SHA-1 allowed</Label>}
          {replayProtection === "off" && <Label variant="attention">no replay protection</Label>}
        </>
      }
    >
      {source.secretsProblem !== null && (
        <Banner
          variant="critical"
          title="Its secrets cannot be read"
          description={source.secretsProblem}
          flush
        />
      )}
      <div className={styles.facts}>
        <Facts
          facts={{
            "Payload URL": payloadUrl ?? `${path} (set public-url to see it whole)`,
            "May send": allowFrom.join(", "),
            Answers: source.respond === "outcome" ? "with the outcome" : "when it is stored",
            "Largest body": size(source.maxBodyBytes),
            "Last delivery": source.lastDeliveryAt ? <Time at={source.lastDeliveryAt} /> : "none yet",
            Refused:
              refused.length === 0 ? (
                "nothing"
              ) : (
                <Link href={`/system/refused?source=${encodeURIComponent(name)}`}>
                  {refused.map(([code, count]) => `${count} × ${code}`).join(", ")}
                </Link>
              ),
          }}
        />
      </div>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Secret</th>
            <th scope="col">From</th>
            <th scope="col">Last used</th>
          </tr>
        </thead>
        <tbody>
          {source.secrets.map(({ name: secret, origin, lastUsedAt }) => (
            <tr key={secret}>
              <th scope="row">{secret}</th>
              <td>{origin}</td>
              <td>{lastUsedAt === null ? "never" : <Time at={lastUsedAt} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
