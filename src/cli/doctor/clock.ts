/** Whether the clock is right: retention, leases and what is newer than what go by it. */
import { formatDuration } from "../../lib/quantity.ts";
import { listDeliveries } from "../../store/deliveries.ts";
import { bad, type Check, type Finding, good, type Patient, unknown, warning } from "./check.ts";

const TIMEOUT_MS = 5_000;
/** `Date` has whole seconds, and is as old as the answer's way. */
const SLIGHT_MS = 10_000;
const GREAT_MS = 120_000;
const SET_IT = "Let the system set it: timedatectl set-ntp true";

export const clock: Check = {
  name: "clock",
  async examine(patient) {
    return [await besideGitHubs(patient), ...(await besideTheStores(patient))];
  },
};

async function besideGitHubs({ settings }: Patient): Promise<Finding> {
  const { githubApiUrl } = settings;
  const startedAt = Date.now();
  let answer: Response;
  try {
    answer = await fetch(githubApiUrl, {
      method: "HEAD",
      headers: { "user-agent": "longshore" },
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    return unknown(`could not be checked: ${githubApiUrl} does not answer`);
  }
  const theirs = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return unknown(`could not be checked: ${githubApiUrl} does not say the time`);
  const ours = (startedAt + Date.now()) / 2;
  const differenceMs = Math.abs(ours - theirs);
  if (differenceMs <= SLIGHT_MS) return good("agrees with GitHub's");
  const message = `is ${formatDuration(differenceMs)} ${ours > theirs ? "ahead of" : "behind"} GitHub's`;
  return (differenceMs > GREAT_MS ? bad : warning)(message, SET_IT);
}

async function besideTheStores({ store, now }: Patient): Promise<Finding[]> {
  const [newest] = store ? await listDeliveries(store.db, {}, { limit: 1 }) : [];
  if (!newest || newest.receivedAt - now < SLIGHT_MS) return [];
  const early = formatDuration(newest.receivedAt - now);
  return [
    warning(
      `is ${early} behind the newest delivery: it has been set back, and what was stored in between is dated wrongly`,
      SET_IT,
    ),
  ];
}
