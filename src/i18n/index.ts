/** The page's language: i18next with the catalogues of every part of the page. English is at hand; Korean comes when it is chosen. */
import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import { catalogue, type Language, type MessageKey } from "./catalogue.ts";
import { filled } from "./filled.ts";
import type { PacketsKey } from "./packets.ts";
import type { SceneKey } from "./scenes.ts";

export type { Language, MessageKey } from "./catalogue.ts";

/** Says a message in the current language. Keys of other catalogues (the graph's) are added by `addMessages`. */
export type Translate = (
  key: MessageKey | PacketsKey | SceneKey | (string & {}),
  parameters?: Readonly<Record<string, string | number>>,
) => string;

type Messages = Readonly<Record<string, string>>;

const english: Record<string, string> = { ...catalogue };
/** What a filled sentence still needs in Korean, once it is there. */
let withParticles = (sentence: string): string => sentence;
const koreanParts: (() => Promise<Messages>)[] = [
  async () => {
    const ko = await import("./ko/index.ts");
    withParticles = ko.withParticles;
    return ko.catalogue;
  },
];

/** Adds another part's messages, as its module loads. Resolves when the page can say them: at once before it starts. */
export async function addMessages(messages: { readonly en: Messages; readonly ko: () => Promise<Messages> }): Promise<void> {
  Object.assign(english, messages.en);
  koreanParts.push(messages.ko);
  if (!i18next.isInitialized) return;
  const add = (language: Language, part: Messages) => i18next.addResourceBundle(language, "translation", part, true, true);
  add("en", messages.en);
  if (i18next.hasResourceBundle("ko", "translation")) add("ko", await messages.ko().catch(() => messages.en));
}

async function messagesOf(language: Language): Promise<Messages> {
  if (language === "en") return english;
  return Object.assign({}, ...(await Promise.all(koreanParts.map((part) => part())))) as Messages;
}

/** Resolves when the page can speak. */
export async function startLanguage(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    initAsync: false,
    resources: { en: { translation: english }, ...(language === "en" ? {} : { [language]: { translation: await messagesOf(language) } }) },
  });
}

/** Resolves when the page speaks it. What cannot be loaded leaves the language as it is. */
export async function setLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation")) i18next.addResourceBundle(language, "translation", await messagesOf(language));
  await i18next.changeLanguage(language);
}

const speakers = new Map<string, Translate>();

/**
 * Who says messages in a language, one for the whole page. Looks each sentence up once: i18next works out languages, namespaces
 * and plurals anew at every call, and a picture says thousands.
 */
function speaker(language: string): Translate {
  const known = speakers.get(language);
  if (known) return known;
  const t = i18next.getFixedT(language);
  const sentences = new Map<string, string>();
  // What is added later may say in this language what was a fallback before.
  i18next.store.on("added", () => sentences.clear());
  const say: Translate = (key, words) => {
    let sentence = sentences.get(key);
    if (sentence === undefined) {
      sentence = t(key, { skipInterpolation: true }) as string;
      if (sentence !== key) sentences.set(key, sentence);
    }
    if (!words) return sentence;
    return language === "ko" ? withParticles(filled(sentence, words)) : filled(sentence, words);
  };
  speakers.set(language, say);
  return say;
}

export function useTranslate(): Translate {
  const { i18n } = useTranslation();
  return speaker(i18n.language);
}
