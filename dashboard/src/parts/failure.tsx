/** What stands where something went wrong: what, and what to do. */
import { AlertIcon } from "@primer/octicons-react";
import { Button } from "@primer/react";
import { RequestError } from "../api/request.ts";
import { Empty } from "./empty.tsx";
import { Sentence } from "./text.tsx";

export function Failure({ error, retry }: { error: Error; retry?: () => unknown }) {
  return (
    <div role="alert">
      <Empty icon={AlertIcon} title={titleOf(error)}>
        <p>
          <Sentence text={remedyOf(error)} />
        </p>
        {retry && (
          <Button onClick={() => void retry()} style={{ margin: "16px auto 0" }}>
            Try again
          </Button>
        )}
      </Empty>
    </div>
  );
}

function titleOf(error: Error): string {
  if (!(error instanceof RequestError)) return "This page broke";
  if (error.status === 0) return "The server does not answer";
  if (error.status === 404) return "It is not there";
  if (error.status === 403) return "You may not do that";
  return "That did not work";
}

function remedyOf(error: Error): string {
  if (error instanceof RequestError && error.status === 0)
    return "Is it running? “npx longshore serve” starts it, and its log says why it stopped.";
  if (error instanceof RequestError && error.status === 404)
    return `${error.message} It may be older than what is kept (“retention”).`;
  return error.message;
}
