/** Text to take along. */
import { toast, toastError } from '../state/toasts.js';
import { Button } from './button.js';

/** Copies a text; `what` names it in the message. */
export function CopyButton({ text, what, children = 'Copy' }: { text: string; what: string; children?: string }) {
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      toast(`Copied ${what}`);
    } catch (error) {
      toastError(error, 'Could not copy');
    }
  };
  return (
    <Button kind="quiet" label={`Copy ${what}`} onClick={copy}>
      {children}
    </Button>
  );
}

/** A block of code with its button. */
export function CodeBlock({ text, what }: { text: string; what: string }) {
  return (
    <div class="code">
      <CopyButton text={text} what={what} />
      <pre tabIndex={0} role="region" aria-label={what}>
        {text}
      </pre>
    </div>
  );
}
