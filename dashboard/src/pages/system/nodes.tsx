/** Who receives and who performs runs, and whether all have the same hooks. */
import { Banner, Label } from "@primer/react";
import type { NodeList } from "../../api/types.ts";
import { Section } from "../../parts/section.tsx";
import { Foreign, Sentence } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { Answer } from "./answer.tsx";
import styles from "./system.module.css";
import { useSystem } from "./use-system.ts";

const VARIANTS = { up: "success", gone: "danger", stopped: "secondary" } as const;

export function Nodes() {
  const list = useSystem<NodeList>("nodes");
  return (
    <Answer of={list}>
      {({ items, differences }) => (
        <>
          {differences.map(({ message, isFault }) => (
            <Banner
              key={message}
              variant={isFault ? "critical" : "warning"}
              title="Not all have the same hooks"
              description={<Sentence text={message} />}
              className={styles.parts}
            />
          ))}
          <Section title="Nodes" flush>
            <div className={styles.scroll}>
              <table className={styles.table}>
                <thead>
                  <tr>
                    <th scope="col">Node</th>
                    <th scope="col">State</th>
                    <th scope="col">Roles</th>
                    <th scope="col">Version</th>
                    <th scope="col">Started</th>
                    <th scope="col">Last seen</th>
                    <th scope="col">Hooks</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((node) => (
                    <tr key={node.name}>
                      <th scope="row">
                        <Foreign text={node.name} />
                      </th>
                      <td>
                        <Label variant={VARIANTS[node.state]}>{node.state}</Label>
                      </td>
                      <td>{node.roles.join(", ")}</td>
                      <td>{node.version}</td>
                      <td>
                        <Time at={node.startedAt} />
                      </td>
                      <td>
                        <Time at={node.seenAt} />
                      </td>
                      <td title={node.hooksFolder}>
                        {node.hooks.filter(({ version }) => version !== null).length}{" "}
                        <code>{node.hooksDigest}</code>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            {items.length === 0 && <p className={styles.none}>No node is known.</p>}
          </Section>
        </>
      )}
    </Answer>
  );
}
