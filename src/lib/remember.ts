/** Remembers what a question was answered that is asked again and again. */

const MAX_REMEMBERED = 1_000;

/** The same function for texts, without asking twice; for one whose answers never change. Strangers cannot fill it. */
export function remembering<T>(ask: (text: string) => T): (text: string) => T {
  const answers = new Map<string, { answer: T }>();
  return (text) => {
    const known = answers.get(text);
    if (known) return known.answer;
    const answer = ask(text);
    if (answers.size >= MAX_REMEMBERED) answers.clear();
    answers.set(text, { answer });
    return answer;
  };
}
