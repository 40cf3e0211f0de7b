/** Buttons, and links that look like them. */
import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import { withTicket } from '../state/address.js';
import { apiKey } from '../state/key.js';
import { toastError } from '../state/toasts.js';

/** How much weight it has. */
type Kind = 'primary' | 'plain' | 'danger' | 'quiet';

interface ButtonProps {
  children: ComponentChildren;
  /** A promise keeps it disabled until it is settled. */
  onClick?: () => unknown;
  kind?: Kind;
  type?: 'button' | 'submit';
  disabled?: boolean;
  /** Where the children are no words. */
  label?: string;
  title?: string;
  pressed?: boolean;
}

/** A button; one press at a time. */
export function Button({ children, onClick, kind = 'plain', type = 'button', label, title, ...props }: ButtonProps) {
  const busy = useSignal(false);
  const press = async (): Promise<void> => {
    busy.value = true;
    try {
      await onClick?.();
    } finally {
      busy.value = false;
    }
  };
  return (
    <button
      type={type}
      class={`button ${kind}`}
      disabled={props.disabled === true || busy.value}
      aria-busy={busy.value}
      aria-label={label}
      aria-pressed={props.pressed}
      title={title ?? label}
      onClick={onClick && (() => void press())}
    >
      {children}
    </button>
  );
}

/** Fetches a file of the API: with a key, its address needs a ticket first. */
function follow(event: MouseEvent, path: string, download: boolean | undefined): void {
  if (apiKey === undefined) return;
  event.preventDefault();
  withTicket(path).then(
    (address) => {
      const link = Object.assign(document.createElement('a'), { href: address });
      if (download) link.download = '';
      link.click();
    },
    (error: unknown) => toastError(error, 'Could not load the file'),
  );
}

/** A link to a file of the API, or to a page, as a button. */
export function ButtonLink({
  href,
  children,
  kind = 'plain',
  download,
}: {
  href: string;
  children: ComponentChildren;
  kind?: Kind;
  /** A file to save, not a page to go to. */
  download?: boolean;
}) {
  return (
    <a
      class={`button ${kind}`}
      href={href}
      download={download}
      onClick={href.startsWith('/') ? (event) => follow(event, href, download) : undefined}
    >
      {children}
    </a>
  );
}
