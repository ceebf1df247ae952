/** A sentence with its {{words}} filled in. */
export const filled = (sentence: string, words: Readonly<Record<string, string | number>>): string =>
  sentence.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(words[name] ?? ""));
