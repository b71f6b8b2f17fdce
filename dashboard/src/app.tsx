/** The pages and their addresses. Each is loaded when somebody goes there. */
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Route, Router, Switch, useLocation } from "wouter";
import { useLiveUpdates } from "./api/live.ts";
import { BASE, RequestError } from "./api/request.ts";
import { useSession } from "./api/session.ts";
import { Failure } from "./parts/failure.tsx";
import { Loading } from "./parts/loading.tsx";
import { ErrorBoundary } from "./shell/error-boundary.tsx";
import { NotFound } from "./shell/not-found.tsx";
import { Shell } from "./shell/shell.tsx";
import { SIGN_IN_PATH } from "./shell/sign-in-path.ts";

const SignIn = lazy(() => import("./shell/sign-in.tsx"));
const loadOverview = () => import("./pages/overview/overview.tsx");
const Overview = lazy(loadOverview);
const Deliveries = lazy(() => import("./pages/deliveries/deliveries.tsx"));
const DeliveryPage = lazy(() => import("./pages/delivery/delivery.tsx"));
const Runs = lazy(() => import("./pages/runs/runs.tsx"));
const RunPage = lazy(() => import("./pages/run/run.tsx"));
const Hooks = lazy(() => import("./pages/hooks/hooks.tsx"));
const HookPage = lazy(() => import("./pages/hooks/hook.tsx"));
const Try = lazy(() => import("./pages/hooks/try.tsx"));
const System = lazy(() => import("./pages/system/system.tsx"));
const Why = lazy(() => import("./pages/why/why.tsx"));

// Asked for while the server is asked who this is, not after it.
if (location.pathname === `${BASE}/`) void loadOverview();

const client: QueryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && !(error instanceof RequestError && error.status >= 400),
    },
  },
  queryCache: new QueryCache({
    onError: (error) => {
      if (error instanceof RequestError && error.status === 401) client.setQueryData(["session"], null);
    },
  }),
});

export function App() {
  return (
    <QueryClientProvider client={client}>
      <Router base={BASE}>
        <ErrorBoundary>
          <Suspense fallback={<Loading />}>
            <Gate />
          </Suspense>
        </ErrorBoundary>
      </Router>
    </QueryClientProvider>
  );
}

/** Nothing but the sign-in page for whom the server does not know. */
function Gate() {
  const { data: session, error, isPending, refetch } = useSession();
  const [path] = useLocation();
  if (isPending) return <Loading />;
  // A link counts also where somebody is signed in: as somebody else, or for longer.
  if (session && path !== SIGN_IN_PATH) return <SignedIn />;
  if (error) return <Failure error={error} retry={refetch} />;
  return <SignIn />;
}

function SignedIn() {
  useLiveUpdates();
  return (
    <Shell>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/" component={Overview} />
          <Route path="/deliveries" component={Deliveries} />
          <Route path="/deliveries/:id">{({ id }) => <DeliveryPage key={id} id={Number(id)} />}</Route>
          <Route path="/runs" component={Runs} />
          <Route path="/runs/:id">{({ id }) => <RunPage key={id} id={Number(id)} />}</Route>
          <Route path="/hooks" component={Hooks} />
          <Route path="/hooks/*">{({ "*": name }) => <HookPage key={name} name={name} />}</Route>
          <Route path="/try" component={Try} />
          <Route path="/system">{() => <System />}</Route>
          <Route path="/system/:part">{({ part }) => <System part={part} />}</Route>
          <Route path="/why" component={Why} />
          <Route component={NotFound} />
        </Switch>
      </Suspense>
    </Shell>
  );
}
