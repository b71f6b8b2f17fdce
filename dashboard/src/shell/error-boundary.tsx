/** A page that breaks says so, and leaves the rest of the app alive. */
import { Component, type ReactNode } from "react";
import { Failure } from "../parts/failure.tsx";

interface State {
  error?: Error;
}

export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = {};

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    // A part of the app that was loaded before an update is not there any more after it.
    return <Failure error={error} retry={() => location.reload()} />;
  }
}
