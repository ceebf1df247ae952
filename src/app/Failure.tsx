/** What failed, in place of a blank page, with the two ways on. The session itself is not touched by either. */
import { Component, type ReactNode } from "react";
import { useTranslate } from "../i18n/index.ts";

interface FailureProps {
  readonly message: string;
  /** Puts the session aside and begins anew. */
  readonly onStartOver: () => void;
}

export function Failure({ message, onStartOver }: FailureProps) {
  const t = useTranslate();
  return (
    <main className="failure" role="alert">
      <p>{t("app.error", { message })}</p>
      <p className="row failure-ways">
        <button type="button" className="button primary" onClick={() => location.reload()}>
          {t("app.reload")}
        </button>
        <button
          type="button"
          className="button"
          onClick={() => {
            onStartOver();
            location.reload();
          }}
        >
          {t("app.startOver")}
        </button>
      </p>
    </main>
  );
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

interface BoundaryProps {
  readonly children: ReactNode;
  readonly onStartOver: () => void;
}

/** Catches what React could not draw. */
export class Boundary extends Component<BoundaryProps, { readonly message: string | undefined }> {
  override state: { readonly message: string | undefined } = { message: undefined };

  static getDerivedStateFromError(error: unknown): { message: string } {
    return { message: messageOf(error) };
  }

  override render(): ReactNode {
    const { message } = this.state;
    return message === undefined ? this.props.children : <Failure message={message} onStartOver={this.props.onStartOver} />;
  }
}
