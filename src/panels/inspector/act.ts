/** Carries an act out where everybody can see it. */
import { createContext, useContext } from "react";
import type { Act } from "./read/place.ts";

export const ActContext = createContext<(act: Act) => void>(() => {});
export const useRunAct = (): ((act: Act) => void) => useContext(ActContext);
