/** Dialogs: the browser's own, which keep the focus and close at Escape. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Button } from './button.js';

interface DialogProps {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal dialog with a title. */
export function Dialog({ title, open, onClose, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    if (open) element.current?.showModal();
    else element.current?.close();
  }, [open]);
  return (
    <dialog ref={element} aria-labelledby={heading} onClose={onClose}>
      <h2 id={heading}>{title}</h2>
      {open && children}
    </dialog>
  );
}

interface Question {
  title: string;
  text: string;
  /** What the button that says yes does. */
  action: string;
}

const asked = signal<(Question & { answer: (yes: boolean) => void }) | null>(null);

/** Asks before something that cannot be undone. */
export const confirm = (question: Question): Promise<boolean> =>
  new Promise((resolve) => {
    asked.value?.answer(false);
    asked.value = { ...question, answer: resolve };
  });

/** The question that is open; stands once, in the shell. */
export function ConfirmDialog() {
  const question = asked.value;
  const answer = (yes: boolean): void => {
    asked.value = null;
    question?.answer(yes);
  };
  return (
    <Dialog title={question?.title ?? ''} open={question !== null} onClose={() => answer(false)}>
      <p>{question?.text}</p>
      <div class="row end">
        <Button onClick={() => answer(false)}>Go back</Button>
        <Button kind="danger" onClick={() => answer(true)}>
          {question?.action}
        </Button>
      </div>
    </Dialog>
  );
}
