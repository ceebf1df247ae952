/** How panels reach the workbench and the browser's preferences. */
import { createContext, useContext } from "react";
import { type StoreApi, useStore } from "zustand";
import type { Workbench, WorkbenchState } from "../session/workbench.ts";

export const WorkbenchContext = createContext<Workbench | undefined>(undefined);

export function useWorkbench(): Workbench {
  const workbench = useContext(WorkbenchContext);
  if (!workbench) throw new Error("no workbench around this component");
  return workbench;
}

/** A part of the workbench's state; the component renders again when that part changes. */
export function useWorkbenchState<T>(select: (state: WorkbenchState) => T): T {
  return useStore(useWorkbench().store, select);
}

export const useSlice = <S, T>(store: StoreApi<S>, select: (state: S) => T): T => useStore(store, select);
