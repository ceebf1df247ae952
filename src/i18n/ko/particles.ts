/**
 * Korean particles after words that are filled in: "이(가)" becomes "이" or "가" by how the word before it ends when it is read
 * aloud. Digits are read as Sino-Korean numbers, letters as Korean speakers read the names of programs and networks.
 */

/** How a word ends: in a vowel, in ㄹ, or in another consonant. */
type Ending = "vowel" | "rieul" | "consonant";

/** After a consonant, after a vowel. */
const PARTICLES: Readonly<Record<string, readonly [string, string]>> = {
  "은(는)": ["은", "는"],
  "이(가)": ["이", "가"],
  "을(를)": ["을", "를"],
  "과(와)": ["과", "와"],
  "와(과)": ["과", "와"],
  "(으)로": ["으로", "로"],
};
const MARKED = /은\(는\)|이\(가\)|을\(를\)|과\(와\)|와\(과\)|\(으\)로/g;

const FIRST_SYLLABLE = 0xac00;
const LAST_SYLLABLE = 0xd7a3;
const FINALS = 28;
const FINAL_RIEUL = 8;
/** 영 일 이 삼 사 오 육 칠 팔 구. */
const DIGITS: readonly Ending[] = ["consonant", "rieul", "vowel", "consonant", "vowel", "vowel", "consonant", "rieul", "rieul", "vowel"];
/** Short words that end in a stop are read with it: web 웹, net 넷, back 백. */
const SHORT_STOP = /(^|[^a-z0-9:])[a-z]{0,2}[aeiou](b|p|t|c|k|ck)$/i;

function endingOf(text: string): Ending {
  const word = text.replace(/[^\p{L}\p{N}]+$/u, "");
  const last = word.at(-1) ?? "";
  const code = last.codePointAt(0) ?? 0;
  if (code >= FIRST_SYLLABLE && code <= LAST_SYLLABLE) {
    const final = (code - FIRST_SYLLABLE) % FINALS;
    return final === 0 ? "vowel" : final === FINAL_RIEUL ? "rieul" : "consonant";
  }
  if (/\d/.test(last)) return DIGITS[Number(last)] ?? "vowel";
  if (/[lr]$/i.test(word)) return /l$/i.test(word) ? "rieul" : "vowel";
  return /([mn]|ng)$/i.test(word) || SHORT_STOP.test(word) ? "consonant" : "vowel";
}

/** A sentence with each marked particle in the form that its word wants. */
export const withParticles = (sentence: string): string =>
  sentence.replace(MARKED, (mark, at: number) => {
    const [afterConsonant, afterVowel] = PARTICLES[mark] as readonly [string, string];
    const ending = endingOf(sentence.slice(0, at));
    return ending === "vowel" || (ending === "rieul" && mark === "(으)로") ? afterVowel : afterConsonant;
  });
