/** `-m comment`: words for people, which match always (libxt_comment). */
import { type MatchExtension, required, saveString } from "../extension.ts";

/** XT_MAX_COMMENT_LEN, less the final zero. */
const MAX_LENGTH = 255;

export const comment: MatchExtension = {
  options: { comment: 1 },
  build(uses) {
    const text = required("comment", uses, "comment").value.slice(0, MAX_LENGTH);
    return { text: `--comment ${saveString(text)}`, print: () => `/* ${text} */`, test: () => true };
  },
};
