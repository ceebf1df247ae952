/** A button that is an icon: its name is told to screen readers and shown by pointing at it. */
import type { ComponentProps } from "react";

interface IconButtonProps extends Omit<ComponentProps<"button">, "type" | "title" | "aria-label"> {
  readonly label: string;
  /** Shown instead of the name where there is more to say, such as its key. */
  readonly hint?: string | undefined;
  readonly small?: boolean | undefined;
}

export function IconButton({ label, hint = label, small = false, className = "", ...rest }: IconButtonProps) {
  const classes = `icon-button${small ? " small" : ""} ${className}`.trim();
  return <button type="button" {...rest} className={classes} aria-label={label} title={hint} />;
}
