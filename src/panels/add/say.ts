/** The forms' own messages: they come with the forms. */
import { type FormsKey, forms } from "../../i18n/forms.ts";
import { addMessages, useTranslate } from "../../i18n/index.ts";

await addMessages({ en: forms, ko: async () => (await import("../../i18n/ko/forms.ts")).forms });

export const useSay = (): ((key: FormsKey, parameters?: Readonly<Record<string, string | number>>) => string) => useTranslate();
