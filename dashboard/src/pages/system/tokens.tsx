/** Personal tokens: who can sign in or use the API, since when, and an end to it. */
import { Banner, Button, ConfirmationDialog, Label } from "@primer/react";
import { useState } from "react";
import { useChange } from "../../api/changes.ts";
import { request } from "../../api/request.ts";
import type { List, Token } from "../../api/types.ts";
import { Section } from "../../parts/section.tsx";
import { Foreign, Sentence } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { Answer } from "./answer.tsx";
import styles from "./system.module.css";
import { useSystem } from "./use-system.ts";

export default function Tokens() {
  const list = useSystem<List<Token>>("tokens");
  const [revoked, setRevoked] = useState<Token>();
  const revoke = useChange((id: number) => request(`/tokens/${id}`, { method: "DELETE" }));
  const onClose = (gesture: string) => {
    if (gesture === "confirm" && revoked) revoke.mutate(revoked.id);
    setRevoked(undefined);
  };
  return (
    <>
      <p className={styles.hint}>
        A token is for one person or program: <code>npx longshore token add NAME --role viewer</code> makes
        one and prints it, once.
      </p>
      {revoke.error && (
        <Banner
          variant="critical"
          title="It is not revoked"
          description={<Sentence text={revoke.error.message} />}
        />
      )}
      <Section title="Tokens" flush>
        <Answer of={list}>{({ items }) => <TokenTable tokens={items} onRevoke={setRevoked} />}</Answer>
      </Section>
      {revoked && (
        <ConfirmationDialog
          title={`Revoke ${revoked.name}?`}
          confirmButtonContent="Revoke"
          confirmButtonType="danger"
          onClose={onClose}
        >
          Whoever uses it is signed out at once. It cannot be undone.
        </ConfirmationDialog>
      )}
    </>
  );
}

function TokenTable({ tokens, onRevoke }: { tokens: readonly Token[]; onRevoke: (token: Token) => void }) {
  if (tokens.length === 0)
    return <p className={styles.none}>There is none yet. One is for one person or program.</p>;
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Made</th>
            <th scope="col">Last used</th>
            <th scope="col">
              <span className={styles.muted}>Revoke</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map((token) => (
            <tr key={token.id}>
              <th scope="row">
                <Foreign text={token.name} />
              </th>
              <td>
                <Label>{token.role}</Label>
              </td>
              <td>
                <Time at={token.createdAt} /> by <Foreign text={token.createdBy} />
              </td>
              <td>{token.lastUsedAt === null ? "never" : <Time at={token.lastUsedAt} />}</td>
              <td>
                {token.revokedAt === null ? (
                  <Button
                    size="small"
                    variant="danger"
                    aria-label={`Revoke ${token.name}`}
                    onClick={() => onRevoke(token)}
                  >
                    Revoke
                  </Button>
                ) : (
                  <span className={styles.muted}>
                    revoked <Time at={token.revokedAt} />
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
