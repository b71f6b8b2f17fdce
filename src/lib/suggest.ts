/** The word that somebody most likely meant. */
import leven from "leven";

/** The nearest of `words`, or `undefined` when none is near enough to be a likely typing mistake. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of words) {
    const distance = leven(word.toLowerCase(), candidate.toLowerCase(), { maxDistance: bestDistance });
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** ` Did you mean "push"?`, or an empty text: to be put behind a sentence. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const best = nearest(word, words);
  return best === undefined ? "" : ` Did you mean "${best}"?`;
}
