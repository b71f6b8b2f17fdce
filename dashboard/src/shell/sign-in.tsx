/** For whom the server does not know: the link's code is handed in, or it is said how to get one. */
import { Banner, Button, FormControl, TextInput } from "@primer/react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { RequestError } from "../api/request.ts";
import { useSignIn } from "../api/session.ts";
import { Loading } from "../parts/loading.tsx";
import styles from "./sign-in.module.css";

/** Read once: from then on it stands nowhere any more. */
function takeCode(): string | null {
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  if (code !== null) history.replaceState(history.state, "", location.pathname + location.search);
  return code;
}

export default function SignIn() {
  const signIn = useSignIn();
  const [token, setToken] = useState("");
  const isTaken = useRef(false);
  useEffect(() => {
    if (isTaken.current) return;
    isTaken.current = true;
    const code = takeCode();
    if (code !== null) signIn.mutate({ code });
  });
  if (signIn.isPending) return <Loading />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() !== "") signIn.mutate({ token: token.trim() });
  };
  return (
    <main className={styles.page}>
      <img src="./icon.svg" alt="" width={48} height={48} />
      <h1 className={styles.title}>Sign in to Longshore</h1>
      {signIn.error && (
        <Banner variant="critical" title="That did not work" description={messageOf(signIn.error)} />
      )}
      <div className={styles.box}>
        <p>On the machine where Longshore runs, in its folder:</p>
        <pre className={styles.command}>npx longshore login</pre>
        <p className={styles.note}>
          It prints a link that works once, for ten minutes. Open it in this browser.
        </p>
      </div>
      <form className={styles.box} onSubmit={submit}>
        <FormControl>
          <FormControl.Label>Or with a personal token</FormControl.Label>
          <TextInput
            block
            type="password"
            autoComplete="current-password"
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
          <FormControl.Caption>
            <code>npx longshore token add NAME --role viewer</code> makes one.
          </FormControl.Caption>
        </FormControl>
        <Button type="submit" block variant="primary" className={styles.submit}>
          Sign in
        </Button>
      </form>
    </main>
  );
}

function messageOf(error: Error): string {
  if (error instanceof RequestError && error.code === "invalid")
    return "That is no token, and no code of a link: “npx longshore login” prints a new link.";
  return error.message;
}
