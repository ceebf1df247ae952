/** Times of files as ls and stat print them. What was there from the start is as old as the world. */
import type { Kernel } from "../../../../kernel/kernel.ts";
import { formatTime } from "../../../wall-clock.ts";

const at = (kernel: Kernel, modified: number): number => kernel.epoch / 1000 + modified / 1e6;

/** "Jan  5 09:00": recent times with the hour. */
export const listDate = (kernel: Kernel, modified: number): string => formatTime(kernel, "%b %e %H:%M", Math.floor(at(kernel, modified)));

/** "2026-01-05 09:00:00.000000000 +0000" */
export const fullDate = (kernel: Kernel, modified: number): string => {
  const seconds = at(kernel, modified);
  const nanoseconds = `${String(Math.round((seconds % 1) * 1e6)).padStart(6, "0")}000`;
  return `${formatTime(kernel, "%F %T", Math.floor(seconds))}.${nanoseconds} +0000`;
};

export const secondsOf = (kernel: Kernel, modified: number): number => Math.floor(at(kernel, modified));
