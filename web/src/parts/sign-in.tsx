/** Asks for a key where the service needs one. */
import { useSignal } from '@preact/signals';
import { apiKey, keyNeeded, signIn } from '../state/key.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';

/** The question for a key; stands once, in the shell. */
export function SignInDialog() {
  const key = useSignal('');
  return (
    <Dialog title="Sign in" open={keyNeeded.value} onClose={() => (keyNeeded.value = false)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn(key.value);
        }}
      >
        <p>{apiKey === undefined ? 'This service requires an API key.' : 'The key is invalid, expired or revoked.'}</p>
        <label>
          Key
          <input
            type="password"
            autocomplete="current-password"
            required
            pattern="\s*oc_[0-9A-Za-z]{40,}\s*"
            title="oc_ and at least 40 letters and digits"
            value={key.value}
            onInput={({ currentTarget }) => (key.value = currentTarget.value)}
          />
        </label>
        <div class="row end">
          <Button type="submit" kind="primary">
            Sign in
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
