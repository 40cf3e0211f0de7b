/** A picture that the service has. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { withTicket } from '../state/address.js';
import { toastError } from '../state/toasts.js';

/** Shown once its address is known. */
export function ApiImage({ path, alt }: { path: string; alt: string }) {
  const address = useSignal<string | undefined>(undefined);
  useEffect(() => {
    withTicket(path).then(
      (found) => (address.value = found),
      (error: unknown) => toastError(error, 'Could not load the picture'),
    );
  }, [path]);
  return <img src={address.value} alt={alt} loading="lazy" />;
}
