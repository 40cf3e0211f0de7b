/** The list of keys. */
import { activeKeys } from '../state/keys.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';

/** Shows every key that works on this page. */
export function KeysDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" open={open} onClose={onClose}>
      <dl class="keys">
        {activeKeys().map(([key, { does }]) => (
          <div key={key}>
            <dt>
              <kbd>{key === ' ' ? 'Space' : key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <div class="row end">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
