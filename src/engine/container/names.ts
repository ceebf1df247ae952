/** Names of containers: which are allowed, and what one gets that was given none (internal/namesgenerator). */
import type { Random } from "../../kernel/random.ts";

/** names.RestrictedNamePattern. */
export const isContainerName = (name: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name);

const ADJECTIVES =
  "amiable bold brave bright busy calm candid cheerful clever cosy crisp curious daring eager earnest easy elegant fair fearless festive fond frosty gallant gentle gifted glad graceful happy hardy honest hopeful humble inventive jolly keen kind lively loving loyal lucid merry modest nimble noble open patient peaceful placid polite proud quick quiet quirky radiant relaxed serene sharp sincere steady stoic sunny sweet tender thrifty tranquil upbeat vibrant vigilant wise witty wonderful zealous".split(
    " ",
  );

const SCIENTISTS =
  "archimedes babbage banach bell bernoulli bohr bose boyle brahmagupta cantor carson cauchy cerf chandrasekhar copernicus curie darwin descartes dijkstra einstein engelbart erdos euclid euler faraday fermat fermi feynman fourier franklin galileo galois gauss germain godel goodall hamilton hawking heisenberg herschel hertz hilbert hopper hubble huygens hypatia kalam kepler khwarizmi knuth kovalevskaya lamarr laplace lavoisier leibniz lovelace maxwell mayer meitner mendel mendeleev mirzakhani morse newton nightingale nobel noether pascal pasteur pauling payne perlman planck poincare ptolemy raman ramanujan ride ritchie rosalind rubin sagan shannon shockley swirles tesla thompson torvalds turing volta wiles wing wozniak yalow yonath".split(
    " ",
  );

/** "brave_noether"; from the second try on with a digit. */
export function randomName(random: Random, attempt: number): string {
  const name = `${ADJECTIVES[random.below(ADJECTIVES.length)]}_${SCIENTISTS[random.below(SCIENTISTS.length)]}`;
  return attempt === 0 ? name : `${name}${random.below(10)}`;
}
