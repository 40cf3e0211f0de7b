/** All scripts by name, as `Client` has them. */
import { access } from './access.js';
import { checkpoints } from './checkpoints.js';
import { control } from './control.js';
import { creating } from './creating.js';
import { datasets } from './datasets.js';
import { indexes } from './indexes.js';
import { models } from './models.js';
import { pushes } from './pushes.js';
import { removing } from './removing.js';
import { running } from './running.js';
import { waiting } from './waiting.js';
import { webhooks } from './webhooks.js';
import { workers } from './workers.js';

/** Lua, by the name of the command. */
export const scripts = {
  ...access,
  ...checkpoints,
  ...control,
  ...creating,
  ...datasets,
  ...indexes,
  ...models,
  ...pushes,
  ...removing,
  ...running,
  ...waiting,
  ...webhooks,
  ...workers,
} as const;
