/** For whom the server does not know: the link's code is handed in, or it is said how to get one. */
import { Banner, Button, FormControl, TextInput } from "@primer/react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { RequestError } from "../api/request.ts";
import { useSignIn } from "../api/session.ts";
import { Loading } from "../parts/loading.tsx";
import { Sentence } from "../parts/text.tsx";
import styles from "./sign-in.module.css";
import { SIGN_IN_PATH } from "./sign-in-path.ts";

/** Read once: from then on it stands nowhere any more. */
function takeCode(): string {
  const code = location.hash.slice(1);
  if (code !== "") history.replaceState(history.state, "", location.pathname + location.search);
  return code;
}

export default function SignIn() {
  const signIn = useSignIn();
  const [path, navigate] = useLocation();
  const [token, setToken] = useState("");
  const begin = (by: { code: string } | { token: string }) =>
    signIn.mutate(by, {
      // Whoever was sent here from another page stays there.
      onSuccess: () => path === SIGN_IN_PATH && navigate("/", { replace: true }),
    });
  // The latest one: the address can change while the page stays, by a link that is pasted into it.
  const current = useRef(begin);
  current.current = begin;
  useEffect(() => {
    const take = () => {
      const code = takeCode();
      if (code !== "") current.current({ code });
    };
    take();
    addEventListener("hashchange", take);
    return () => removeEventListener("hashchange", take);
  }, []);
  if (signIn.isPending) return <Loading />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() !== "") begin({ token: token.trim() });
  };
  return (
    <main className={styles.page}>
      <img src="./icon.svg" alt="" width={48} height={48} />
      <h1 className={styles.title}>Sign in to Longshore</h1>
      {signIn.error && (
        <Banner
          variant="critical"
          title="That did not work"
          description={<Sentence text={messageOf(signIn.error)} />}
        />
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
    return "That is no token, and no code of a link: `npx longshore login` prints a new link.";
  return error.message;
}
