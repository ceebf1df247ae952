/** The page's language: i18next with the catalogues of every part of the page. */
import i18next, { type TFunction } from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import { catalogues, type Language, type MessageKey } from "./catalogue.ts";
import { type PacketsKey, packetCatalogues } from "./packets.ts";
import { reasonCatalogues } from "./reasons.ts";
import { type SceneKey, sceneCatalogues } from "./scenes.ts";

export type { Language, MessageKey } from "./catalogue.ts";

/** Says a message in the current language. Keys of other catalogues (the graph's, the lessons') are added by `addMessages`. */
export type Translate = (
  key: MessageKey | PacketsKey | SceneKey | (string & {}),
  parameters?: Readonly<Record<string, string | number>>,
) => string;

type Messages = Readonly<Record<Language, Readonly<Record<string, string>>>>;

const added: Record<Language, Record<string, string>> = { en: {}, ko: {} };

/** Adds another part's catalogue; called as modules load, before the page starts. */
export function addMessages(messages: Messages): void {
  for (const language of ["en", "ko"] as const) Object.assign(added[language], messages[language]);
}

export function startLanguage(language: Language): void {
  const resources = (one: Language) => ({
    translation: { ...catalogues[one], ...reasonCatalogues[one], ...packetCatalogues[one], ...sceneCatalogues[one], ...added[one] },
  });
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    initAsync: false,
    resources: { en: resources("en"), ko: resources("ko") },
  });
}

export const setLanguage = (language: Language): void => void i18next.changeLanguage(language);

export function useTranslate(): Translate {
  const { t } = useTranslation();
  return t as TFunction as unknown as Translate;
}
