/** How long a machine has been running, as uptime, top and w print it (procps' sprint_uptime). */
import type { Kernel } from "../../../../kernel/kernel.ts";

const two = (value: number): string => String(value).padStart(2, "0");

/** "2 days,  3:04", "3:04", "12 min". */
export function upText(kernel: Kernel): string {
  const minutes = Math.floor(kernel.clock.now / 60e6);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor(minutes / 60) % 24;
  const day = days > 0 ? `${days} day${days > 1 ? "s" : ""}, ` : "";
  return `${day}${hours > 0 ? `${String(hours).padStart(2)}:${two(minutes % 60)}` : `${minutes % 60} min`}`;
}

/** "up 2 days, 3 hours, 4 minutes" (uptime -p). */
export function prettyUp(kernel: Kernel): string {
  const minutes = Math.floor(kernel.clock.now / 60e6);
  const parts = [
    [Math.floor(minutes / 10_080), "week"],
    [Math.floor(minutes / 1440) % 7, "day"],
    [Math.floor(minutes / 60) % 24, "hour"],
    [minutes % 60, "minute"],
  ] as const;
  const shown = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
  return `up ${shown.length > 0 ? shown.join(", ") : "0 minutes"}`;
}
