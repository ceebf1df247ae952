/** What is said when a gesture comes to nothing, until somebody has read it. */
import { createStore } from "zustand/vanilla";
import type { Refusal } from "./lines.ts";

export const notice = createStore<{ readonly refusal: Refusal | undefined }>(() => ({ refusal: undefined }));
export const tell = (refusal: Refusal | undefined): void => notice.setState({ refusal });
