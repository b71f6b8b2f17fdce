/** GitHub's events that people ask for most; any other can be typed. */
export const EVENTS = [
  "push",
  "pull_request",
  "release",
  "issues",
  "issue_comment",
  "workflow_run",
  "check_run",
  "create",
  "delete",
  "ping",
] as const;
